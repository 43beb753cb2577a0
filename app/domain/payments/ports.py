"""What we ask of a provider that takes card money for us.

A new provider is one adapter of this port; ``tests/contracts/card_gateway.py`` says what it must do.
Amounts are whole rupiah here; whatever factor a provider wants belongs to its adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from app.domain.payments.types import (
    GatewayPayment,
    GatewayRefund,
    PayPage,
    PayRequest,
    SignedEvent,
)


class CardGateway(Protocol):
    """A provider with a pay page of its own, refunds and signed events."""

    name: str
    is_live: bool

    def open_page(self, request: PayRequest) -> PayPage:
        """Open a pay page; the same key gives the same page again.

        Raises:
            GatewayRefused: The provider does not want this request.
            GatewayUnavailable: It did not answer in time; asking again with the key is safe.
        """

    def close_page(self, *, page_id: str) -> GatewayPayment:
        """Make sure nobody can pay there any more; return what had been paid before.

        Raises:
            GatewayRefused, GatewayUnavailable: As for ``open_page``.
        """

    def fetch(self, *, page_id: str) -> GatewayPayment:
        """Return what the provider knows about a pay page now.

        Raises:
            GatewayRefused, GatewayUnavailable: As for ``open_page``.
        """

    def refund(self, *, key: str, intent_id: str, amount_idr: int) -> GatewayRefund:
        """Send money back; the same key never sends twice.

        Raises:
            GatewayRefused, GatewayUnavailable: As for ``open_page``.
        """

    def list_payments(self, *, since: datetime) -> Iterator[GatewayPayment]:
        """Yield every pay page opened since an instant, newest first.

        Raises:
            GatewayRefused, GatewayUnavailable: As for ``open_page``.
        """

    def read_event(self, *, body: bytes, signature: str, at: datetime) -> SignedEvent:
        """Return the event in a notice of the provider, when its signature and age are right.

        Raises:
            EventRefused: The signature, its age in either direction, or the body is wrong.
        """
