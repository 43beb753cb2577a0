"""What letters need from the shop's face: addresses that people can open, and the bank account."""

from __future__ import annotations

from typing import Final, Protocol

from app.domain.notifications.types import Account

SHOP: Final = "shop_face"
"""Name under which bootstrap plugs it in."""


class ShopFace(Protocol):
    """The shop as a reader of a letter finds it."""

    def order_address(self, number: str) -> str:
        """Return the secret link of an order."""

    def account(self) -> Account:
        """Return where buyers transfer money."""
