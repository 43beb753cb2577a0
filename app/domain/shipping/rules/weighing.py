"""The weight a box pays for: actual or by volume, whichever is more, rounded as the carrier does."""

from __future__ import annotations

from app.domain.shipping.types import Box, Carrier, Rounding
from app.kernel.money import div_ceil

KG: int = 1_000


def chargeable_g(*, box: Box, carrier: Carrier) -> int:
    """Return the grams that a box pays for.

    A cubic millimetre over the divisor is a gram, since a cubic centimetre is a thousand of the one
    and a kilogram a thousand of the other.

    Source: docs/algorithms/delivery.md, section "Weight".
    """
    by_volume_g = div_ceil(box.volume_mm3, carrier.divisor) if carrier.divisor else 0
    return max(round_g(weight_g=max(box.weight_g, by_volume_g), carrier=carrier), carrier.minimum_g)


def round_g(*, weight_g: int, carrier: Carrier) -> int:
    """Return a weight rounded as the carrier rounds it."""
    if carrier.rounding is Rounding.NONE:
        return weight_g
    if carrier.rounding is Rounding.HALF:
        return div_ceil(weight_g, KG // 2) * (KG // 2)
    tolerance_g = carrier.tolerance_g if carrier.rounding is Rounding.TOLERANCE else 0
    return max(0, div_ceil(weight_g - tolerance_g, KG)) * KG
