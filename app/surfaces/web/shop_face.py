"""The shop as letters show it: secret links that work without a request, and the bank account."""

from __future__ import annotations

from typing import Final

from flask import current_app, has_request_context, request

from app.domain.notifications.types import Account
from app.surfaces.web import order_link

LOCAL: Final = "http://localhost:8000"
"""Address of a demo that was not told where it stands."""


class Face:
    """What stands behind ``notifications.ports.ShopFace``."""

    def order_address(self, number: str) -> str:
        """Return the secret link of an order; made in a worker, where no request is."""
        base = current_app.config["KARYABINA"].base_url
        if not base:
            base = request.url_root.rstrip("/") if has_request_context() else LOCAL
        addresses = current_app.url_map.bind("")
        values = {"number": number, "kunci": order_link.key_of(number)}
        return str(base) + addresses.build("storefront.orders.order", values)

    def account(self) -> Account:
        """Return the account of the settings."""
        found = current_app.config["KARYABINA"].transfer_account
        return Account(found.bank, found.number, found.holder)
