"""What a visitor may ask of a cart."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.kernel.commands import Command, Whole
from app.kernel.quantity import CART_QUANTITY_MAX

VariantId = Annotated[Whole, Field(ge=1, le=2**62)]


class AddToCart(Command):
    """Put further pieces of one variant into the cart."""

    variant_id: VariantId
    quantity: Annotated[Whole, Field(ge=1, le=CART_QUANTITY_MAX)] = 1


class ChangeCartLine(Command):
    """Set the pieces of one variant; zero takes it out."""

    variant_id: VariantId
    quantity: Annotated[Whole, Field(ge=0, le=CART_QUANTITY_MAX)]
