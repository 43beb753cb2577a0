"""Promises: reserved, kept, shipped, delivered, taken back, lapsed; each ends exactly once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.domain.stock import handlers, services
from app.domain.stock.errors import (
    HoldClosed,
    InsufficientStock,
    QuantityOutOfRange,
)
from app.domain.stock.models import StockBalance, StockLot
from app.domain.stock.types import (
    Demand,
    HoldRecord,
    LotChoice,
    Shortage,
)
from app.infra import db
from app.kernel.errors import IdempotencyMismatch
from tests.factories import ledger
from tests.factories.ledger import SYSTEM, Shelf, source
from tests.factories.stock_steps import (
    AT,
    LATER,
    Statements,
    ensure_whole,
    kinds,
    on_holds,
    position,
    receive,
    states,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    return ledger.make_shelf(variants=2)


def test_a_promise_is_kept_shipped_and_delivered(shelf: Shelf) -> None:
    receive(shelf, 10)
    holds = ledger.reserve(shelf.upt_id, shelf.variant_id, 3)
    assert position(shelf) == (10, 3, 7)
    on_holds(services.keep, shelf, holds)
    assert position(shelf, at=AT + timedelta(days=365)) == (10, 3, 7)
    on_holds(services.ship, shelf, holds)
    assert position(shelf) == (7, 0, 7)
    on_holds(services.deliver, shelf, holds)
    assert kinds() == ["produced", "held", "kept", "shipped", "delivered"]
    assert states() == ["posted"]
    customer = db.read_session().scalar(
        select(StockBalance.in_posted).where(StockBalance.account == "customer")
    )
    assert customer == 3
    ensure_whole()


def test_a_part_that_stays_behind_is_free_again(shelf: Shelf) -> None:
    receive(shelf, 10)
    holds = ledger.reserve(shelf.upt_id, shelf.variant_id, 6)
    on_holds(services.ship, shelf, holds, quantities={holds[0].hold_id: 4})
    assert position(shelf) == (6, 0, 6)
    on_holds(services.deliver, shelf, holds)
    ensure_whole()


def test_shipping_more_than_promised_is_refused(shelf: Shelf) -> None:
    receive(shelf, 10)
    holds = ledger.reserve(shelf.upt_id, shelf.variant_id, 6)
    with pytest.raises(HoldClosed):
        on_holds(services.ship, shelf, holds, quantities={holds[0].hold_id: 7})
    with pytest.raises(QuantityOutOfRange):
        on_holds(services.ship, shelf, holds, quantities={holds[0].hold_id: 0})
    assert position(shelf) == (10, 6, 4)


def test_a_promise_ends_exactly_once(shelf: Shelf) -> None:
    receive(shelf, 10)
    holds = ledger.reserve(shelf.upt_id, shelf.variant_id, 3)
    on_holds(services.release, shelf, holds, reason="cancelled")
    assert position(shelf) == (10, 0, 10)
    for again in (services.ship, services.keep):
        with pytest.raises(HoldClosed):
            on_holds(again, shelf, holds)
    with pytest.raises(HoldClosed):
        on_holds(services.release, shelf, holds, reason="cancelled")
    with pytest.raises(HoldClosed):
        on_holds(services.deliver, shelf, holds)
    assert (kinds(), states()) == (["produced", "held", "voided"], ["voided"])
    ensure_whole()


def test_delivering_twice_is_refused_and_repeating_is_not(shelf: Shelf) -> None:
    receive(shelf, 10)
    holds = ledger.reserve(shelf.upt_id, shelf.variant_id, 3)
    same = source()
    for _ in range(2):
        on_holds(services.ship, shelf, holds, source=same)
    sent = source()
    for _ in range(2):
        on_holds(services.deliver, shelf, holds, source=sent)
    with pytest.raises(HoldClosed):
        on_holds(services.deliver, shelf, holds)
    with pytest.raises(IdempotencyMismatch):
        on_holds(services.release, shelf, holds, source=sent, reason="cancelled")
    assert kinds() == ["produced", "held", "shipped", "delivered"]


def test_foreign_and_unknown_holds_are_closed_to_us(shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    receive(shelf, 10)
    ledger.receive(other.upt_id, other.variant_id, 5)
    foreign = ledger.reserve(other.upt_id, other.variant_id, 2)
    unknown = (HoldRecord(999, shelf.upt_id, shelf.variant_id, 1, 1),)
    for holds in (foreign, unknown):
        with pytest.raises(HoldClosed):
            on_holds(services.ship, shelf, holds)
    assert states() == ["open"]


def test_reserving_takes_first_expiring_lots_and_passes_expired_ones(shelf: Shelf) -> None:
    receive(shelf, 5, lot=LotChoice("OLD", None, date(2026, 11, 21)))
    receive(shelf, 5, lot=LotChoice("LATE", None, date(2027, 1, 1)))
    receive(shelf, 5, lot=LotChoice("SOON", None, date(2026, 11, 22)))
    holds = ledger.reserve(shelf.upt_id, shelf.variant_id, 7)
    codes = [db.read_session().get_one(StockLot, hold.lot_id).code for hold in holds]
    assert codes == ["SOON", "LATE"]
    assert [hold.quantity for hold in holds] == [5, 2]
    assert position(shelf) == (15, 7, 3)


def test_reserving_sums_demands_and_names_every_shortage(shelf: Shelf) -> None:
    first, second = shelf.variant_ids
    other = ledger.make_shelf("lapas-pamekasan")
    receive(shelf, 3)
    ledger.receive(other.upt_id, other.variant_id, 5)
    demands = [
        Demand(other.upt_id, other.variant_id, 5),
        Demand(shelf.upt_id, first, 2),
        Demand(shelf.upt_id, second, 1),
        Demand(shelf.upt_id, first, 2),
    ]
    with pytest.raises(InsufficientStock) as refusal, db.unit_of_work():
        services.reserve(actor=SYSTEM, demands=demands, source=source(), expires_at=None, at=AT)
    assert refusal.value.shortages == (
        Shortage(shelf.upt_id, first, 4, 3),
        Shortage(shelf.upt_id, second, 1, 0),
    )
    assert kinds() == ["produced", "produced"]
    assert states() == []


def test_reserving_over_two_upt_writes_both_ledgers_or_none(shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    receive(shelf, 3)
    ledger.receive(other.upt_id, other.variant_id, 5)
    demands = [
        Demand(other.upt_id, other.variant_id, 5),
        Demand(shelf.upt_id, shelf.variant_id, 2),
    ]
    same = source()
    found = []
    for _ in range(2):
        with db.unit_of_work():
            found.append(
                services.reserve(actor=SYSTEM, demands=demands, source=same, expires_at=None, at=AT)
            )
    assert found[0] == found[1]
    assert sorted((hold.upt_id, hold.quantity) for hold in found[0]) == sorted(
        [(shelf.upt_id, 2), (other.upt_id, 5)]
    )
    assert (position(shelf), position(other)) == ((3, 2, 1), (5, 5, 0))
    with pytest.raises(IdempotencyMismatch), db.unit_of_work():
        services.reserve(actor=SYSTEM, demands=demands[:1], source=same, expires_at=None, at=AT)
    ensure_whole()


def test_reserving_in_a_upt_without_a_ledger_is_a_shortage(shelf: Shelf) -> None:
    with pytest.raises(InsufficientStock):
        ledger.reserve(shelf.upt_id, shelf.variant_id, 1)
    with pytest.raises(InsufficientStock):
        ledger.reserve(987_654, shelf.variant_id, 1)


def test_lapsed_promises_never_count_though_no_worker_runs(shelf: Shelf) -> None:
    receive(shelf, 5)
    ledger.reserve(shelf.upt_id, shelf.variant_id, 5, minutes=30)
    assert position(shelf) == (5, 5, 0)
    with pytest.raises(InsufficientStock):
        ledger.reserve(shelf.upt_id, shelf.variant_id, 1, at=AT + timedelta(minutes=29))
    assert position(shelf, at=AT + timedelta(minutes=30)) == (5, 0, 5)
    holds = ledger.reserve(shelf.upt_id, shelf.variant_id, 5, at=LATER)
    assert [hold.quantity for hold in holds] == [5]
    assert kinds() == ["produced", "held", "expired", "held"]
    assert states() == ["expired", "open"]
    assert position(shelf, at=LATER) == (5, 5, 0)
    ensure_whole()


def test_lapsed_promises_are_left_alone_while_there_is_enough(shelf: Shelf) -> None:
    receive(shelf, 5)
    late = ledger.reserve(shelf.upt_id, shelf.variant_id, 2, minutes=30)
    ledger.reserve(shelf.upt_id, shelf.variant_id, 3, at=LATER)
    assert states() == ["open", "open"]
    on_holds(services.ship, shelf, late, at=LATER)
    ensure_whole()


def test_the_sweeper_closes_lapsed_promises_of_all_upt_once(shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    receive(shelf, 5)
    ledger.receive(other.upt_id, other.variant_id, 5)
    late = ledger.reserve(shelf.upt_id, shelf.variant_id, 2)
    ledger.reserve(other.upt_id, other.variant_id, 2)
    ledger.reserve(shelf.upt_id, shelf.variant_id, 1, minutes=None)
    handlers.PERIODICS[0].run(LATER)
    assert states() == ["expired", "open", "expired"]
    with db.unit_of_work():
        assert services.expire_lapsed(at=LATER) == 0
    on_holds(services.release, shelf, late, reason="expired")
    assert position(shelf, at=LATER) == (5, 1, 4)
    with pytest.raises(HoldClosed):
        on_holds(services.keep, shelf, late)
    ensure_whole()


def test_the_sweeper_works_in_small_portions(shelf: Shelf) -> None:
    receive(shelf, 5)
    for _ in range(5):
        ledger.reserve(shelf.upt_id, shelf.variant_id, 1)
    counts = []
    for _ in range(4):
        with db.unit_of_work():
            counts.append(services.expire_lapsed(at=LATER, limit=2))
    assert counts == [2, 2, 1, 0]


def test_a_posting_needs_few_statements_however_many_lines(
    shelf: Shelf, database_kind: str
) -> None:
    many = ledger.make_shelf("lapas-pamekasan", variants=12)
    for variant_id in many.variant_ids:
        ledger.receive(many.upt_id, variant_id, 5)
    counts = []
    for chosen in (many.variant_ids[:1], many.variant_ids):
        demands = [Demand(many.upt_id, variant_id, 1) for variant_id in chosen]
        with Statements() as seen, db.unit_of_work():
            services.reserve(actor=SYSTEM, demands=demands, source=source(), expires_at=None, at=AT)
        counts.append(len(seen))
    assert counts == ([1, 1] if database_kind == "postgres" else [4, 4])
