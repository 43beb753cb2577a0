"""What comes round by the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.checkout import flows, services
from app.domain.orders.types import UptOrderState
from app.infra import jobs
from tests.factories import trade
from tests.factories.trade import AT

pytestmark = pytest.mark.usefixtures("app")


def test_the_worker_expires_and_closes_orders_in_its_turn() -> None:
    shade, cookies = trade.make_shop()
    unpaid = trade.place({shade.variant_id: 1})
    sent = trade.paid({cookies.variant_id: 1})
    trade.ship(sent, cookies.upt_id)
    jobs.run_due_periodics(at=AT)
    assert trade.page(unpaid).state is UptOrderState.HELD
    jobs.run_due_periodics(at=AT + timedelta(days=30))
    assert trade.page(unpaid).state is UptOrderState.EXPIRED
    assert trade.page(sent).state is UptOrderState.DELIVERED


def test_an_order_that_somebody_else_just_moved_does_not_stop_the_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shade, _ = trade.make_shop()
    trade.place({shade.variant_id: 1})
    monkeypatch.setattr(services, "expire", lambda **_: False)
    assert flows.expire_unpaid(at=AT + timedelta(days=30)) == 0
