"""Asking a source of rates outside any transaction, then keeping what it said for some days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Final

from app.domain.shipping import services
from app.domain.shipping.ports import CarrierSource, Leg
from app.domain.shipping.types import RatePeriod
from app.infra import db
from app.kernel.errors import Unavailable

KEPT_DAYS: Final = 7


def refresh_rates(*, source: CarrierSource, legs: Sequence[Leg], today: date) -> int:
    """Store today's rates of these legs; return how many were new.

    A leg for which the source is silent keeps what the tables say.
    """
    period = RatePeriod(today, source.name, today + timedelta(days=KEPT_DAYS))
    count = 0
    for leg in legs:
        try:
            rates = source.list_rates(leg=leg)
        except Unavailable:
            continue
        count += db.transact(partial(services.load_rates, rates=rates, period=period))
    return count
