"""The frozen records of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from app.domain.orders.types.parcels import HeldPieces, ParcelRecord
from app.domain.orders.types.words import FINAL_STATES, UptOrderState
from app.domain.shipping.types import DeliveryMethod


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom we write to about an order."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where a courier goes, with the names of places as they were at the time of ordering."""

    recipient: str
    phone: str
    street: str
    village_code: str
    village: str
    district: str
    regency: str
    province: str
    province_code: str
    postcode: str

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the address as on a parcel, without recipient and telephone."""
        return (
            self.street,
            f"{self.village}, Kec. {self.district}",
            f"{self.regency}, {self.province} {self.postcode}",
        )


@dataclass(frozen=True, slots=True)
class LineHold:
    """Pieces of one stock hold that stand behind a line."""

    hold_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line to be ordered, with everything as it is at this moment."""

    variant_id: int
    product_id: int
    product_version_id: int
    sku: str
    product_name: str
    variant_name: str
    unit_price_idr: int
    weight_g: int
    quantity: int
    cover_asset_id: int | None
    holds: tuple[LineHold, ...]

    @property
    def line_total_idr(self) -> int:
        """Return price times pieces."""
        return self.unit_price_idr * self.quantity


@dataclass(frozen=True, slots=True)
class UptOrderDraft:
    """The part of an order that one UPT will fulfil."""

    upt_id: int
    delivery_method: DeliveryMethod
    delivery_service: str
    delivery_days_max: int
    shipping_fee_idr: int
    weight_g: int
    lines: tuple[LineDraft, ...]

    @property
    def goods_total_idr(self) -> int:
        """Return the sum of the lines."""
        return sum(line.line_total_idr for line in self.lines)

    @property
    def total_idr(self) -> int:
        """Return goods and shipping."""
        return self.goods_total_idr + self.shipping_fee_idr


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """A whole order, ready to be written.

    Attributes:
        address: None when everything is fetched at the galleries.
        pay_by_at: Deadline shown to the buyer.
        holds_until: End of the grace, when unpaid stock goes back; never before ``pay_by_at``.
    """

    number: str
    buyer_user_id: int | None
    contact: Contact
    address: Address | None
    note: str
    pay_by_at: datetime
    holds_until: datetime
    upt_orders: tuple[UptOrderDraft, ...]

    @property
    def goods_total_idr(self) -> int:
        """Return the sum of all goods."""
        return sum(draft.goods_total_idr for draft in self.upt_orders)

    @property
    def shipping_total_idr(self) -> int:
        """Return the sum of all shipping fees."""
        return sum(draft.shipping_fee_idr for draft in self.upt_orders)

    @property
    def total_idr(self) -> int:
        """Return what the buyer pays."""
        return self.goods_total_idr + self.shipping_total_idr


@dataclass(frozen=True, slots=True)
class CreatedOrder:
    """Keys of a freshly written order; totals by id of the child order."""

    group_id: int
    totals_idr: dict[int, int]


@dataclass(frozen=True, slots=True)
class LockedUptOrder:
    """A child order whose row is held until the end of the unit of work."""

    upt_order_id: int
    group_id: int
    number: str
    upt_id: int
    state: UptOrderState
    version: int
    total_idr: int
    delivery_method: DeliveryMethod
    delivery_days_max: int
    act_by_at: datetime | None


@dataclass(frozen=True, slots=True)
class LockedGroup:
    """An order group and its children, held until the end of the unit of work."""

    group_id: int
    number: str
    total_idr: int
    holds_until: datetime
    children: tuple[LockedUptOrder, ...]


@dataclass(frozen=True, slots=True)
class OrderLineRecord:
    """One line as sold; later changes of the catalogue do not show here."""

    line_id: int
    variant_id: int
    product_id: int
    product_version_id: int
    sku: str
    product_name: str
    variant_name: str
    unit_price_idr: int
    weight_g: int
    quantity: int
    line_total_idr: int
    cover_asset_id: int | None
    quantity_cancelled: int = 0
    quantity_shipped: int = 0
    quantity_lost: int = 0
    quantity_returned: int = 0

    @property
    def quantity_held(self) -> int:
        """Return the pieces that still wait to leave."""
        return self.quantity - self.quantity_cancelled - self.quantity_shipped

    @property
    def quantity_with_buyer(self) -> int:
        """Return the pieces that left and neither got lost nor came back."""
        return self.quantity_shipped - self.quantity_lost - self.quantity_returned


@dataclass(frozen=True, slots=True)
class UptOrderRecord:
    """The part of an order that one UPT fulfils.

    Attributes:
        act_by_at: When the clock of the present state runs out; None in final states.
        promised_on: Day by which the UPT said it would send the goods, in its own calendar.
    """

    upt_order_id: int
    number: str
    upt_id: int
    state: UptOrderState
    version: int
    delivery_method: DeliveryMethod
    delivery_service: str
    shipping_fee_idr: int
    weight_g: int
    goods_total_idr: int
    total_idr: int
    act_by_at: datetime | None
    carrier: str
    tracking_number: str
    reason_code: str
    promised_on: date | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    lines: tuple[OrderLineRecord, ...]

    @property
    def quantity_total(self) -> int:
        """Return the pieces over all lines."""
        return sum(line.quantity for line in self.lines)

    @property
    def quantity_held(self) -> int:
        """Return the pieces that still wait to leave."""
        return sum(line.quantity_held for line in self.lines)


@dataclass(frozen=True, slots=True)
class OrderGroupRecord:
    """What the buyer bought, as one thing."""

    group_id: int
    number: str
    buyer_user_id: int | None
    contact: Contact
    address: Address | None
    note: str
    goods_total_idr: int
    shipping_total_idr: int
    total_idr: int
    placed_at: datetime
    pay_by_at: datetime
    holds_until: datetime


@dataclass(frozen=True, slots=True)
class GroupBrief:
    """Enough of an order to recognise it in a list of payments."""

    number: str
    contact_name: str
    contact_phone: str


@dataclass(frozen=True, slots=True)
class OrderEventRecord:
    """One step of history."""

    event_id: int
    upt_order_id: int | None
    event: str
    from_state: str
    to_state: str
    actor_kind: str
    actor_label: str
    at: datetime
    note: str
    is_public: bool


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order as its buyer sees it; events are the public ones, oldest first."""

    group: OrderGroupRecord
    upt_orders: tuple[UptOrderRecord, ...]
    events: tuple[OrderEventRecord, ...]
    parcels: tuple[ParcelRecord, ...] = ()

    @property
    def state(self) -> UptOrderState:
        """Return the least advanced state among the children that are still open."""
        return summary_state(tuple(order.state for order in self.upt_orders))

    @property
    def can_be_cancelled(self) -> bool:
        """Say whether the buyer may still cancel: nothing has been paid."""
        return all(order.state is UptOrderState.HELD for order in self.upt_orders)


@dataclass(frozen=True, slots=True)
class UptOrderPage:
    """A child order as its UPT sees it; all events, oldest first."""

    order: UptOrderRecord
    group: OrderGroupRecord
    events: tuple[OrderEventRecord, ...]
    parcels: tuple[ParcelRecord, ...] = ()
    held: tuple[HeldPieces, ...] = ()


@dataclass(frozen=True, slots=True)
class UptOrderRow:
    """One row of the desk's list of orders."""

    number: str
    group_number: str
    upt_id: int
    state: UptOrderState
    version: int
    placed_at: datetime
    contact_name: str
    regency: str
    delivery_method: DeliveryMethod
    total_idr: int
    quantity_total: int
    line_count: int
    first_product_name: str
    act_by_at: datetime | None
    promised_on: date | None


@dataclass(frozen=True, slots=True)
class BuyerOrderRow:
    """One row of a buyer's list of orders."""

    number: str
    placed_at: datetime
    total_idr: int
    state: UptOrderState
    upt_ids: tuple[int, ...]
    quantity_total: int
    product_names: tuple[str, ...]
    cover_asset_ids: tuple[int, ...]


_ADVANCE: Final = tuple(UptOrderState)


def summary_state(states: tuple[UptOrderState, ...]) -> UptOrderState:
    """Return the least advanced open state; when none is open, the first final one there is."""
    open_states = [state for state in states if state not in FINAL_STATES]
    return min(open_states or states, key=_ADVANCE.index)
