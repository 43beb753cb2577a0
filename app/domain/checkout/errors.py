"""Why an order cannot be placed."""

from __future__ import annotations

from app.domain.checkout.types import ShortItem
from app.kernel.errors import Conflict, Unavailable


class EmptyCart(Conflict):
    """There is nothing to order."""

    code = "checkout.empty_cart"


class TotalChanged(Conflict):
    """A price or a fee changed since the buyer saw the total."""

    code = "checkout.total_changed"

    def __init__(self, *, before_idr: int, after_idr: int) -> None:
        super().__init__(before_idr, after_idr)
        self.before_idr = before_idr
        self.after_idr = after_idr

    def details(self) -> dict[str, object]:
        """Return the total seen and the total now."""
        return {"before_idr": self.before_idr, "after_idr": self.after_idr}


class ItemsShort(Conflict):
    """Of some items there is less than wanted; all of them are named."""

    code = "checkout.items_short"

    def __init__(self, *, items: tuple[ShortItem, ...]) -> None:
        super().__init__(items)
        self.items = items

    @property
    def names(self) -> str:
        """Return the names of the items, for the message."""
        return ", ".join(item.name for item in self.items)

    def details(self) -> dict[str, object]:
        """Return every short item."""
        return {"items": self.items, "names": self.names}


class ItemsWithdrawn(Conflict):
    """Some items are no longer offered; all of them are named."""

    code = "checkout.items_withdrawn"

    def __init__(self, *, names: tuple[str, ...], variant_ids: tuple[int, ...]) -> None:
        super().__init__(names)
        self.names = ", ".join(names)
        self.variant_ids = variant_ids

    def details(self) -> dict[str, object]:
        """Return the names and the variants."""
        return {"names": self.names, "variant_ids": self.variant_ids}


class PlacementUnderWay(Unavailable):
    """The same placement key is being worked on in this moment; another try finds the order."""

    code = "checkout.under_way"
