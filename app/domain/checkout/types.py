"""What a checkout page shows, and what placing an order returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.domain.payments.types import AttemptRecord, PayRequest
from app.domain.shipping.types import Quote, Refusal, Slot
from app.domain.upt.types import UptBrief

CARD_PATIENCE: Final = timedelta(hours=2)
"""How long after placing an order new pay pages still lengthen the promise on its stock."""

GRACE_WORKING_DAYS: Final = 1
"""Working days after the deadline for which unpaid stock stays held, since banks report late."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stands in the way of placing the order.

    Attributes:
        code: Message code, for example ``checkout.item_short``.
        variant_id: The variant it is about, if any.
        upt_id: The UPT it is about, if any.
        name: Name of the item for the message.
        wanted: Pieces in the cart, where stock is short.
        available: Pieces that can be had, where stock is short.
    """

    code: str
    variant_id: int | None = None
    upt_id: int | None = None
    name: str = ""
    wanted: int = 0
    available: int = 0


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One line of the cart with today's name, price and stock."""

    variant_id: int
    product_id: int
    product_slug: str
    product_name: str
    variant_name: str
    sku: str
    cover_asset_id: int | None
    unit_price_idr: int
    weight_g: int
    quantity: int
    line_total_idr: int
    available: int
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class PreviewGroup:
    """The part of a cart that comes from one UPT.

    Attributes:
        quotes: Ways of delivery; pick-up alone while the destination is unknown.
        chosen: The quote in force; None when a courier is wanted and the address is missing.
        field: Name of the form field that picks the delivery.
        refusals: Services that go there and do not take these goods, with the reason.
        is_by_hand: Too big for every service: only the UPT itself can name a price.
        slots: Times of pick-up to choose from; None when the gallery needs none.
    """

    upt_id: int
    upt: UptBrief
    lines: tuple[PreviewLine, ...]
    quotes: tuple[Quote, ...]
    chosen: Quote | None
    weight_g: int
    goods_total_idr: int
    shipping_fee_idr: int
    total_idr: int
    refusals: tuple[Refusal, ...] = ()
    is_by_hand: bool = False
    slots: tuple[Slot, ...] | None = None

    @property
    def field(self) -> str:
        """Return the name of the delivery field."""
        return f"delivery_{self.upt_id}"

    @property
    def slot_field(self) -> str:
        """Return the name of the field for the time of pick-up."""
        return f"slot_{self.upt_id}"


@dataclass(frozen=True, slots=True)
class CheckoutPreview:
    """The whole cart as it would be ordered now.

    Attributes:
        total_idr: What would be paid; to be sent back as ``confirmed_total_idr``.
        is_complete: Nothing stands in the way and every UPT has a delivery.
    """

    groups: tuple[PreviewGroup, ...]
    goods_total_idr: int
    shipping_total_idr: int
    total_idr: int
    quantity_total: int
    problems: tuple[Problem, ...]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The order that came of a placement key.

    Attributes:
        is_repeat: The key had led to this order before; nothing new was written.
    """

    group_id: int
    number: str
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class ShortItem:
    """An item of which there is less than wanted."""

    variant_id: int
    name: str
    wanted: int
    available: int


@dataclass(frozen=True, slots=True)
class CardStart:
    """An open try to pay by card, and what a pay page is asked with."""

    attempt: AttemptRecord
    request: PayRequest
