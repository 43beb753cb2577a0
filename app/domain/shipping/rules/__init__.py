"""Pure arithmetic of delivery: boxes, chargeable weight, fees, times of pick-up, rate tables.

Whole grams, millimetres and rupiah only; nothing here is ever a float.
"""

from app.domain.shipping.rules.carriers import (
    CARRIERS,
    carrier_of,
    find_carrier,
    tracking_link,
)
from app.domain.shipping.rules.packing import pack
from app.domain.shipping.rules.pricing import (
    PICKUP_LABEL,
    apply_free_rules,
    choose_rates,
    courier_quote,
    pickup_quote,
    rate_fee_idr,
    ways,
)
from app.domain.shipping.rules.weighing import chargeable_g, round_g

__all__ = [
    "CARRIERS",
    "PICKUP_LABEL",
    "apply_free_rules",
    "carrier_of",
    "chargeable_g",
    "choose_rates",
    "courier_quote",
    "find_carrier",
    "pack",
    "pickup_quote",
    "rate_fee_idr",
    "round_g",
    "tracking_link",
    "ways",
]
