"""The shop as letters show it: secret links that work without a request, and the bank account."""

from __future__ import annotations

from typing import Final

from flask import current_app, has_request_context, request

from app.domain.notifications.types import Account
from app.surfaces.web import order_link

LOCAL: Final = "http://localhost:8000"
"""Address of a demo that was not told where it stands."""


class Face:
    """What stands behind ``notifications.ports`` and ``documents.ports``."""

    def order_address(self, number: str) -> str:
        """Return the secret link of an order; made in a worker, where no request is."""
        return _address("storefront.orders.order", number=number, kunci=order_link.key_of(number))

    def paper_address(self, token: str) -> str:
        """Return the public address of a paper."""
        return _address("storefront.papers.check", token=token)

    def account(self) -> Account:
        """Return the account of the settings."""
        found = current_app.config["KARYABINA"].transfer_account
        return Account(found.bank, found.number, found.holder)


def _address(endpoint: str, **values: str) -> str:
    base = str(current_app.config["KARYABINA"].base_url)
    if not base:
        base = request.url_root.rstrip("/") if has_request_context() else LOCAL
    return base + current_app.url_map.bind("").build(endpoint, values)
