"""Carriers, boxes, rates, quotes, rules of free delivery and times of pick-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

PERMISSION_VIEW: Final = "order.view"
PERMISSION_RATES: Final = "stock.approve"
"""Held by the head of a UPT, who answers for what the UPT asks of buyers."""

PERMISSION_NATIONAL: Final = "upt.manage"

ANY_UPT: Final = 0
"""Origin of a rate that holds for every UPT of a province."""

DEFAULT_CARRIER: Final = "kurir"
FRESH_MARGIN_DAYS: Final = 2
"""Days that food must still keep when it arrives at the latest."""

FEE_IDR_MAX: Final = 100_000_000
DAYS_MAX: Final = 120
TIERS_MAX: Final = 8
RATE_ROWS_MAX: Final = 5_000
RATE_BYTES_MAX: Final = 2 * 1024 * 1024
RATE_BYTES_UNPACKED_MAX: Final = 20 * 1024 * 1024


class DeliveryMethod(StrEnum):
    """How goods reach the buyer."""

    COURIER = "courier"
    PICKUP = "pickup"


class Rounding(StrEnum):
    """What a carrier makes of grams over a whole kilogram."""

    TOLERANCE = "tolerance"
    HALF = "half"
    UP = "up"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Carrier:
    """How one carrier weighs, and what it takes.

    Attributes:
        divisor: Cubic centimetres that count as one kilogram; 0 when only weight counts.
        tolerance_g: Grams over a whole kilogram that are not charged, under ``TOLERANCE``.
        minimum_g: Weight that every box pays for.
        weight_g_max: Heaviest box.
        side_mm_max: Longest side of a box.
        tracking_url: Page of the carrier where a number is looked up; ``{number}`` is filled in.
        aliases: Folded names under which staff write it.
    """

    code: str
    name: str
    divisor: int
    rounding: Rounding
    tolerance_g: int
    minimum_g: int
    weight_g_max: int
    side_mm_max: int
    tracking_url: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """Pieces of one variant that are to be packed; a size of 0 is not known."""

    weight_g: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    quantity: int = 1
    shelf_life_days: int | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one UPT sends in one order, before it is put into boxes.

    Attributes:
        weight_g: Actual weight of everything.
        items: What is in it; without any, the weight alone counts.
        goods_total_idr: Price of the goods, for rules of free delivery.
    """

    origin_province_code: str
    weight_g: int
    items: tuple[Item, ...] = ()
    goods_total_idr: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """One packed box.

    Attributes:
        volume_mm3: What it is charged for: never less than what is in it.
    """

    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    volume_mm3: int
    pieces: int


@dataclass(frozen=True, slots=True, order=True)
class Tier:
    """From the kilogram after ``above_kg`` on, each further kilogram costs this."""

    above_kg: int
    per_kg_idr: int


@dataclass(frozen=True, slots=True)
class RateRow:
    """One line of a rate table, as typed or imported.

    Attributes:
        origin_province_code: Province of the UPT; empty for a rate of one UPT.
        destination_regency_code: Empty when the rate holds for the whole province.
        first_kg: Kilograms that the first price covers.
        tiers: Other prices per kilogram further up, rising by weight.
        origin_upt_id: The one UPT it holds for, or ``ANY_UPT``.
    """

    origin_province_code: str
    destination_province_code: str
    service: str
    first_kg_idr: int
    next_kg_idr: int
    days_min: int
    days_max: int
    carrier: str = DEFAULT_CARRIER
    origin_upt_id: int = ANY_UPT
    destination_regency_code: str = ""
    first_kg: int = 1
    tiers: tuple[Tier, ...] = ()

    @property
    def key(self) -> str:
        """Return the name by which a buyer picks it, e.g. ``reguler`` or ``jne-reguler``."""
        if self.carrier in (DEFAULT_CARRIER, self.service):
            return self.service
        return f"{self.carrier}-{self.service}"

    @property
    def way(self) -> tuple[int, str, str, str, str, str]:
        """Return what tells it apart from every other rate of the same first day."""
        return (
            self.origin_upt_id, self.origin_province_code, self.destination_province_code,
            self.destination_regency_code, self.carrier, self.service,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RateRecord:
    """A stored rate."""

    rate_id: int
    rate: RateRow
    valid_from: date
    valid_to: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Quote:
    """One way to get a parcel to the buyer, with its price.

    Attributes:
        service: Key of the rate, for example ``reguler``; empty for pick-up.
        fee_idr: Price of all boxes in rupiah; always 0 for pick-up.
        weight_g: Actual weight of everything.
        label: Short name shown to people.
        carrier: Code of the carrier; empty for pick-up.
        charged_g: Weight that the price was made for, over all boxes.
        boxes: How many boxes there are.
        waived_idr: What the UPT pays instead of the buyer.
    """

    upt_id: int
    method: DeliveryMethod
    service: str
    fee_idr: int
    weight_g: int
    days_min: int
    days_max: int
    label: str
    carrier: str = ""
    charged_g: int = 0
    boxes: int = 1
    waived_idr: int = 0

    @property
    def choice(self) -> str:
        """Return the value of the form field that picks this quote, e.g. ``courier:reguler``."""
        if self.method is DeliveryMethod.PICKUP:
            return str(DeliveryMethod.PICKUP)
        return f"{self.method}:{self.service}"


class RefusalReason(StrEnum):
    """Why a service that goes there is not offered; each is the code of a sentence."""

    TOO_BIG = "shipping.too_big"
    TOO_SLOW = "shipping.too_slow"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A service that goes there and is not offered all the same."""

    label: str
    reason: RefusalReason
    days_max: int
    shelf_life_days: int = 0


@dataclass(frozen=True, slots=True)
class Ways:
    """How one UPT's parcel can reach the buyer; pick-up last, refusals with their reason."""

    quotes: tuple[Quote, ...]
    refusals: tuple[Refusal, ...] = ()

    @property
    def is_by_hand(self) -> bool:
        """Say whether only the UPT itself can name a price: too big for every service."""
        return len(self.quotes) == 1 and any(
            refusal.reason is RefusalReason.TOO_BIG for refusal in self.refusals
        )


@dataclass(frozen=True, slots=True)
class RatePeriod:
    """When and whence a set of rates is valid.

    Attributes:
        valid_from: First day, in the UPT's calendar.
        source: Where the figures come from.
        valid_to: Last day; None while it is open.
    """

    valid_from: date
    source: str
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class FreeRule:
    """From an amount of goods on, the UPT pays for the cheapest courier.

    Attributes:
        province_code: Where it holds; empty for everywhere.
        valid_to: Last day; None while it is open.
    """

    rule_id: int
    upt_id: int
    from_idr: int
    province_code: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class PickupPlan:
    """When goods can be fetched at a gallery.

    Attributes:
        weekdays: 1 (Monday) to 7.
        opens_minute: Minutes after midnight, in the UPT's zone.
        slot_minutes: Length of one time.
        capacity: How many orders one time takes.
        lead_hours: Hours between ordering and the earliest time.
        days_ahead: How many days can be chosen from.
    """

    upt_id: int
    weekdays: tuple[int, ...]
    opens_minute: int
    closes_minute: int
    slot_minutes: int
    capacity: int
    lead_hours: int
    days_ahead: int
    version: int
    timezone: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One time at a gallery, and for how many orders there is still room."""

    starts_at: datetime
    ends_at: datetime
    left: int

    @property
    def key(self) -> str:
        """Return the value of the form field, e.g. ``20261124T0200Z``."""
        return f"{self.starts_at:%Y%m%dT%H%MZ}"


@dataclass(frozen=True, slots=True)
class Booking:
    """The time at which one child order will be fetched."""

    number: str
    upt_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one cell of a rate table.

    Attributes:
        row_number: Line in the file as a spreadsheet counts it; the heading is row 1.
        column: Heading of the column; empty when the whole row is meant.
    """

    row_number: int
    column: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class SheetRate:
    """One good row of a rate table."""

    row_number: int
    rate: RateRow
    period: RatePeriod
    is_known: bool


@dataclass(frozen=True, slots=True)
class RatePreview:
    """What a rate table would do, or everything that is wrong with it."""

    rows: tuple[SheetRate, ...]
    errors: tuple[RowError, ...]

    @property
    def count_new(self) -> int:
        """Return how many rates would be added."""
        return sum(not row.is_known for row in self.rows)

    @property
    def count_known(self) -> int:
        """Return how many are there already, exactly so."""
        return sum(row.is_known for row in self.rows)
