"""Why something cannot go into the cart."""

from __future__ import annotations

from app.kernel.errors import Conflict


class CartQuantityTooLarge(Conflict):
    """One variant would pass the most pieces that a cart takes."""

    code = "cart.quantity_too_large"

    def __init__(self, *, variant_id: int, quantity_max: int) -> None:
        super().__init__(variant_id, quantity_max)
        self.variant_id = variant_id
        self.quantity_max = quantity_max

    def details(self) -> dict[str, object]:
        """Return the variant and the limit."""
        return {"variant_id": self.variant_id, "quantity_max": self.quantity_max}


class CartFull(Conflict):
    """The cart already holds as many different variants as it may."""

    code = "cart.full"

    def __init__(self, *, lines_max: int) -> None:
        super().__init__(lines_max)
        self.lines_max = lines_max

    def details(self) -> dict[str, object]:
        """Return the limit."""
        return {"lines_max": self.lines_max}


class NotSoldOnline(Conflict):
    """A service, such as the car wash, is shown but cannot be put into a cart."""

    code = "cart.not_sold_online"

    def __init__(self, *, product_name: str) -> None:
        super().__init__(product_name)
        self.product_name = product_name

    def details(self) -> dict[str, object]:
        """Return the name of the service."""
        return {"product_name": self.product_name}
