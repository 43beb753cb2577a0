"""The audit trail calls every act on promises and pieces by its own word."""

from __future__ import annotations

import pytest

from app.domain.stock import services
from app.domain.stock.types import AdjustReason
from tests.factories import ledger
from tests.factories.people import writing
from tests.factories.stock_steps import (
    LATER,
    adjust,
    audited,
    entry_ids,
    on_holds,
    receive,
    reverse,
)

pytestmark = pytest.mark.usefixtures("app")


def test_each_act_leaves_its_word() -> None:
    shelf = ledger.make_shelf()
    receive(shelf, 10)
    holds = [ledger.reserve(shelf.upt_id, shelf.variant_id, 1) for _ in range(3)]
    on_holds(services.keep, shelf, holds[0])
    on_holds(services.ship, shelf, holds[0])
    on_holds(services.deliver, shelf, holds[0])
    on_holds(services.release, shelf, holds[1], reason="cancelled")
    with writing():
        services.expire_lapsed(at=LATER)
    adjust(shelf, -1, AdjustReason.LOST)
    reverse(shelf, entry_ids()[-1])
    assert audited() == [
        "stock.received", "stock.held", "stock.held", "stock.held", "stock.kept", "stock.shipped",
        "stock.delivered", "stock.released", "stock.expired", "stock.adjusted", "stock.reversed",
    ]  # fmt: skip
