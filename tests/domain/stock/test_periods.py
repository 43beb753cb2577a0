"""Closing months: in order, once, only when over; snapshots that a replay must meet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.domain.stock import flows, queries, rules, services
from app.domain.stock.errors import PeriodClosed, PeriodUnfit
from app.domain.stock.types import AdjustReason, PeriodRecord
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotAllowed, NotFound
from tests.factories import forging, ledger, people
from tests.factories.ledger import Shelf
from tests.factories.stock_steps import adjust, audited, on_holds, receive

JULY = datetime(2026, 7, 10, 3, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    made = ledger.make_shelf()
    receive(made, 20, at=JULY, happened_at=JULY)
    return made


def close(shelf: Shelf, month: date, *, key: str = "", at: datetime = NOW, actor: Actor | None = None) -> PeriodRecord:  # fmt: skip
    with db.unit_of_work():
        return services.close_period(
            actor=actor or people.actor("upt_head", shelf.upt_id),
            upt_id=shelf.upt_id, month=month, timezone="Asia/Jakarta",
            entry_key=key or f"key-{month}", at=at,
        )  # fmt: skip


def test_months_are_closed_in_order_and_once(shelf: Shelf) -> None:
    first = close(shelf, date(2026, 7, 1))
    assert (first.sequence, first.pieces, first.balances) == (1, 20, 2)
    assert first.closed_by == "user:900001"
    assert first.starts_at == datetime(2026, 6, 30, 17, tzinfo=UTC)
    assert first.ends_at == datetime(2026, 7, 31, 17, tzinfo=UTC)
    assert close(shelf, date(2026, 7, 1)) == first
    with pytest.raises(PeriodClosed):
        close(shelf, date(2026, 7, 1), key="another-form")
    for wrong in (date(2026, 9, 1), date(2026, 6, 1), date(2026, 8, 2)):
        with pytest.raises(PeriodUnfit):
            close(shelf, wrong)
    second = close(shelf, date(2026, 8, 1))
    assert queries.list_periods(upt_id=shelf.upt_id) == (second, first)
    assert audited().count("stock.period_closed") == 2
    assert (first.label, first.head_hash, first.short_hash) == ("2026-07", first.hash, first.hash[:12])  # fmt: skip


def test_a_month_is_closed_only_when_it_is_over_on_the_upts_own_clock(shelf: Shelf) -> None:
    ends = datetime(2026, 7, 31, 17, tzinfo=UTC)
    with pytest.raises(PeriodUnfit):
        close(shelf, date(2026, 7, 1), at=ends - timedelta(microseconds=1))
    assert close(shelf, date(2026, 7, 1), at=ends).closed_at == ends
    empty = ledger.make_shelf("lapas-pamekasan")
    with pytest.raises(PeriodUnfit):
        close(empty, date(2026, 7, 1))
    for timezone, hour in (("Asia/Makassar", 16), ("Asia/Jayapura", 15)):
        start = rules.starts_at(month=date(2026, 8, 1), timezone=timezone)
        assert start == datetime(2026, 7, 31, hour, tzinfo=UTC)


def test_only_who_holds_stock_close_there_may_close(shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    for actor, refusal in (
        (people.actor("upt_clerk", shelf.upt_id), NotAllowed),
        (people.actor("kanwil_staff", shelf.upt_id), NotAllowed),
        (people.actor("auditor"), NotAllowed),
        (people.actor("upt_head", other.upt_id), NotFound),
        (people.buyer(5), NotFound),
    ):
        with pytest.raises(refusal):
            close(shelf, date(2026, 7, 1), actor=actor)
    assert queries.list_periods(upt_id=shelf.upt_id) == ()


def test_later_facts_of_a_closed_month_are_flagged_and_go_to_the_open_one(shelf: Shelf) -> None:
    adjust(shelf, -1, AdjustReason.LOST, happened_at=JULY, at=JULY + timedelta(days=30))
    close(shelf, date(2026, 7, 1))
    adjust(shelf, -2, AdjustReason.DAMAGED, happened_at=JULY, at=NOW)
    adjust(shelf, -3, AdjustReason.DAMAGED, happened_at=NOW - timedelta(days=20), at=NOW)
    late = queries.list_late(actor=ledger.SYSTEM, upt_id=shelf.upt_id)
    assert [(row.sequence, row.quantity) for row in late.items] == [(3, 2)]
    periods = queries.list_periods(upt_id=shelf.upt_id)
    flags = [
        queries.is_late(periods=periods, sequence=sequence, happened_at=happened_at)
        for sequence, happened_at in ((2, JULY), (3, JULY), (4, NOW))
    ]
    assert flags == [False, True, False]
    close(shelf, date(2026, 8, 1))
    page = queries.list_late(actor=ledger.SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id)
    assert [row.sequence for row in page.items] == [3]
    nowhere = queries.list_late(actor=ledger.SYSTEM, upt_id=shelf.upt_id, variant_id=1 << 40)
    assert nowhere.items == ()


def test_late_entries_come_page_by_page(shelf: Shelf) -> None:
    close(shelf, date(2026, 7, 1))
    for _ in range(26):
        receive(shelf, 1, at=NOW, happened_at=JULY)
    first = queries.list_late(actor=ledger.SYSTEM, upt_id=shelf.upt_id)
    second = queries.list_late(actor=ledger.SYSTEM, upt_id=shelf.upt_id, cursor=first.after)
    assert [row.sequence for row in (*first.items, *second.items)] == list(range(27, 1, -1))
    assert second.after is None


def test_a_closed_month_cannot_be_changed(shelf: Shelf) -> None:
    close(shelf, date(2026, 7, 1))
    ledger.reserve(shelf.upt_id, shelf.variant_id, 1)
    close(shelf, date(2026, 8, 1))
    for table in ("stock_period", "stock_period_balance", "stock_period_hold"):
        for attack in (f"DELETE FROM {table}", f"UPDATE {table} SET upt_id = 9"):
            with pytest.raises(DBAPIError, match="append_only"), db.unit_of_work():
                db.session().execute(text(attack))


def test_a_replay_may_begin_at_the_last_close_and_reads_less(
    shelf: Shelf, database_kind: str
) -> None:
    holds = [ledger.reserve(shelf.upt_id, shelf.variant_id, 2, minutes=None) for _ in range(4)]
    on_holds(services.ship, shelf, holds[0])
    on_holds(services.ship, shelf, holds[1])
    on_holds(services.deliver, shelf, holds[1])
    close(shelf, date(2026, 7, 1))
    on_holds(services.deliver, shelf, holds[0])
    on_holds(services.release, shelf, holds[2], reason="cancelled")
    receive(shelf, 5)
    whole, since = flows.verify(), flows.verify(since_close=True)
    assert (whole.faults, since.faults) == ((), ())
    assert (whole.entries, since.entries, whole.periods) == (11, 3, 1)
    with forging.tampering(database_kind) as forger:
        forger.execute(text("UPDATE stock_balance SET in_posted = 4 WHERE in_posted = 5"))
        forger.execute(text("UPDATE stock_hold SET state = 'open' WHERE state = 'voided'"))
    found = {fault.code for fault in flows.verify(since_close=True).faults}
    assert found == {"balance", "hold_state"}


FORGERIES = (
    ("stock_period_balance SET in_posted", "19", "20"),
    ("stock_period_balance SET account", "'gallery'", "'available'"),
    ("stock_period SET sequence", "2", "3"),
    ("stock_period_hold SET quantity", "3", "2"),
    ("stock_period_hold SET state", "'posted'", "'open'"),
)


def test_every_forged_snapshot_is_found_by_the_replay(shelf: Shelf, database_kind: str) -> None:
    ledger.reserve(shelf.upt_id, shelf.variant_id, 2, minutes=None)
    receive(shelf, 1)
    close(shelf, date(2026, 7, 1))
    for place, forged, true in FORGERIES:
        column = place.split()[-1]
        for value, before in ((forged, true), (true, forged)):
            with forging.tampering(database_kind) as forger:
                forger.execute(text(f"UPDATE {place} = {value} WHERE {column} = {before}"))
            found = {fault.code for fault in flows.verify().faults}
            assert (found - {"published"} == {"period"}) is (value == forged), place
