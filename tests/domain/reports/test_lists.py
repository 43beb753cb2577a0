"""What runs low, lies dead, expires or is worth; days folded once; units side by side."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.catalog.models import Variant
from app.domain.reports import handlers, queries, rules, services
from app.domain.reports.models import ReportDay, ReportItem, ReportUpt
from app.domain.reports.queries import days
from app.domain.reports.types import DayRow, Item, UptFigures
from app.domain.stock import services as stock_services
from app.domain.stock.types import AdjustReason, LotState
from app.infra import db
from app.kernel.errors import NotFound
from tests.factories import browse, ledger, people
from tests.factories.ledger import SYSTEM, Shelf

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ZONE = "Asia/Jakarta"


def item(**changes: Any) -> Item:
    values: dict[str, Any] = {
        "variant_id": 1, "product_id": 1, "sku": "A", "product_name": "Tas", "variant_name": "",
        "kind": "ready", "category": "Serat", "is_active": True, "price_idr": 1_000,
        "pieces": {"available": 20}, "first_in_on": date(2026, 1, 1),
    }  # fmt: skip
    return Item(**{**values, **changes})


class TestRules:
    @pytest.mark.parametrize(
        ("changes", "is_low"),
        [
            ({}, False),
            ({"pieces": {"available": 5}}, True),
            ({"pieces": {"available": 4, "gallery": 2}}, False),
            ({"held": 15}, True),
            ({"unsellable": 16}, True),
            ({"sold": 128}, False),
            ({"sold": 130}, True),
            ({"pieces": {"available": 1}, "kind": "unique"}, False),
            ({"pieces": {"available": 1}, "is_active": False}, False),
            ({"pieces": {}, "first_in_on": None}, False),
            ({"pieces": {}}, True),
            ({"pieces": {"quarantine": 50}}, True),
        ],
    )
    def test_low_is_few_pieces_or_few_days(self, changes: dict[str, Any], is_low: bool) -> None:
        assert rules.is_low(item=item(**changes)) is is_low

    @pytest.mark.parametrize(
        ("last_out", "pieces", "idle", "is_dead"),
        [
            (None, 20, 325, True), (date(2026, 8, 25), 20, 89, False),
            (date(2026, 8, 24), 20, 90, True), (date(2026, 1, 2), 0, None, False),
        ],
    )  # fmt: skip
    def test_dead_is_there_and_never_leaving(
        self, last_out: date | None, pieces: int, idle: int | None, is_dead: bool
    ) -> None:
        found = item(last_out_on=last_out, pieces={"gallery": pieces} if pieces else {})
        assert rules.idle_days(item=found, today=TODAY) == idle
        assert rules.is_dead(item=found, today=TODAY) is is_dead

    def test_buckets_end_today_and_hold_every_piece_once(self) -> None:
        rows = [
            DayRow(TODAY - timedelta(days=n), "produced", "production", "available", 1)
            for n in range(10)
        ]
        rows.append(DayRow(TODAY, "moved", "available", "gallery", 7))
        rows.append(DayRow(TODAY, "sold", "gallery", "customer", 2))
        rows.append(DayRow(TODAY, "reversed", "customer", "gallery", 1))
        found = rules.buckets(rows=rows, first=TODAY - timedelta(days=9), last=TODAY, days_each=7)
        assert found == [(date(2026, 11, 9), 3, 0), (date(2026, 11, 16), 8, 2)]
        assert rules.add_up(rows=rows) == {
            ("produced", "production", "available"): 10,
            ("sold", "gallery", "customer"): -2,
            ("reversed", "customer", "gallery"): 1,
        }

    def test_a_sale_taken_back_is_no_sale(self) -> None:
        def sale(kind: str, source: str, target: str) -> int:
            return rules.is_sale(kind=kind, from_account=source, to_account=target)

        assert sale("sold", "gallery", "customer") == 1
        assert sale("reversed", "customer", "gallery") == -1
        assert sale("reversed", "loss", "available") == 0
        assert sale("delivered", "transit_customer", "customer") == 0

    def test_groups_add_up_and_divide_in_whole_per_cent(self) -> None:
        row = UptFigures(1, "A", 1, pieces=3, value_idr=200, dead_idr=51, last_moved_at=AT,
                         last_count_at=AT, incidents=2)  # fmt: skip
        empty = UptFigures(2, "B", 1)
        found = rules.group(key="k", name="K", rows=[row, empty], since=AT, counted_since=AT)
        assert (found.active_percent, found.dead_percent, found.counted_percent) == (50, 25, 50)
        assert (found.upts, found.pieces, found.incidents) == (2, 3, 2)
        none = rules.group(key="k", name="K", rows=[], since=AT, counted_since=AT)
        assert (none.active_percent, none.dead_percent, empty.dead_percent) == (0, 0, 0)


@pytest.fixture
def shelf() -> Shelf:
    return ledger.make_shelf(variants=2)


def take(shelf: Shelf, quantity: int, at: datetime, reason: AdjustReason) -> None:
    with db.unit_of_work():
        stock_services.adjust(
            actor=SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id, lot_id=None,
            quantity_delta=-quantity, reason=reason, note="", source=ledger.source(),
            happened_at=at, at=at,
        )  # fmt: skip


def sell(shelf: Shelf, quantity: int, at: datetime) -> None:
    holds = ledger.reserve(shelf.upt_id, shelf.variant_id, quantity, minutes=None, at=at)
    with db.unit_of_work():
        stock_services.ship(
            actor=SYSTEM, upt_id=shelf.upt_id, hold_ids=[hold.hold_id for hold in holds],
            source=ledger.source(), at=at,
        )  # fmt: skip


def items(shelf: Shelf, at: datetime = AT) -> Item:
    db.read_session().rollback()
    found = queries.list_items(actor=SYSTEM, upt_id=shelf.upt_id, timezone=ZONE, at=at)
    return next(one for one in found if one.variant_id == shelf.variant_id)


@pytest.mark.usefixtures("app")
class TestReads:
    def test_an_item_says_the_same_before_and_after_its_days_are_folded(self, shelf: Shelf) -> None:
        start = AT - timedelta(days=120)
        ledger.receive(shelf.upt_id, shelf.variant_id, 40, at=start)
        sell(shelf, 3, start + timedelta(days=10))
        sell(shelf, 4, start + timedelta(days=60))
        take(shelf, 1, AT - timedelta(hours=16), AdjustReason.LOST)
        before = items(shelf)
        assert (before.total, before.sold, before.price_idr) == (32, 4, 185_000)
        assert before.first_in_on == date(2026, 7, 25)
        assert before.last_out_on == date(2026, 11, 21), "18.00 in UTC is the next day at home"
        handlers._refresh(AT)
        assert items(shelf) == before
        sums = db.read_session().scalars(select(ReportDay.quantity)).all()
        assert sorted(sums) == [1, 3, 4, 40]
        handlers._refresh(AT)
        assert sorted(db.read_session().scalars(select(ReportDay.quantity))) == sorted(sums)

    def test_days_are_folded_in_steps_and_never_twice(
        self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "ENTRIES_AT_ONCE", 2)
        for day in range(5):
            ledger.receive(shelf.upt_id, shelf.variant_id, 2, at=AT - timedelta(days=5 - day))
        handlers._refresh(AT)
        known = db.read_session().scalars(select(ReportUpt)).one()
        assert (known.sequence, known.pieces, known.value_idr) == (5, 10, 1_850_000)
        assert known.last_moved_at == AT - timedelta(days=1)
        assert queries.list_due(before=AT - timedelta(hours=1)) == ()
        assert queries.list_due(before=AT + timedelta(hours=1)) == (shelf.upt_id,)
        ledger.receive(shelf.upt_id, shelf.variant_ids[1], 7, at=AT)
        assert queries.list_due(before=AT - timedelta(hours=1)) == (shelf.upt_id,)
        handlers._refresh(AT + timedelta(hours=1))
        rows = db.read_session().execute(select(ReportItem.variant_id, ReportItem.first_in_on))
        assert {row[0]: row[1] for row in rows} == {
            shelf.variant_id: date(2026, 11, 17), shelf.variant_ids[1]: TODAY,
        }  # fmt: skip

    def test_a_page_adds_up_the_newest_entries_itself_or_says_that_they_are_missing(
        self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(3):
            ledger.receive(shelf.upt_id, shelf.variant_id, 5)
        asked: dict[str, Any] = {
            "actor": SYSTEM, "upt_id": shelf.upt_id, "since": TODAY, "timezone": ZONE,
        }  # fmt: skip
        found = queries.list_movements(**asked)
        assert found.rows == (DayRow(TODAY, "produced", "production", "available", 15),)
        assert (found.is_complete, found.as_of) == (True, None)
        monkeypatch.setattr(days, "TAIL_MAX", 2)
        found = queries.list_movements(**asked)
        assert (found.rows, found.is_complete) == ((), False)
        moved = queries.list_moved(
            actor=SYSTEM, upt_id=shelf.upt_id, since=TODAY, until=TODAY, cause=None, timezone=ZONE
        )
        assert moved == {}

    def test_lots_come_first_to_expire_first_and_blocked_ones_apart(self, shelf: Shelf) -> None:
        for code, expires in (("C", None), ("B", date(2026, 12, 1)), ("A", date(2026, 11, 25))):
            ledger.receive(shelf.upt_id, shelf.variant_id, 3, lot_code=code, expires_on=expires)
        asked: dict[str, Any] = {"actor": SYSTEM, "upt_id": shelf.upt_id}
        found = queries.list_expiring(**asked, until=date(2026, 12, 31))
        assert [(lot.lot_code, lot.pieces) for lot in found] == [("A", 3), ("B", 3)]
        assert len(queries.list_expiring(**asked, until=date(2026, 11, 25))) == 1
        lots = {lot.code: lot.lot_id for lot in ledger_lots(shelf)}
        with db.unit_of_work():
            stock_services.set_lot_state(
                actor=SYSTEM, upt_id=shelf.upt_id, lot_id=lots["C"], state=LotState.BLOCKED,
                note="Diperiksa", at=AT,
            )  # fmt: skip
        assert [lot.lot_code for lot in queries.list_blocked(**asked)] == ["C"]
        later = datetime(2026, 11, 28, tzinfo=UTC)
        assert (items(shelf, later).free, items(shelf, later).unsellable) == (3, 6)

    def test_statements_do_not_follow_the_number_of_goods_or_units(self, shelf: Shelf) -> None:
        def cost() -> tuple[int, int]:
            db.read_session().rollback()
            with browse.statements() as one:
                queries.list_items(actor=SYSTEM, upt_id=shelf.upt_id, timezone=ZONE, at=AT)
            with browse.statements() as two:
                queries.list_upts(actor=SYSTEM)
            return one.count, two.count

        ledger.receive(shelf.upt_id, shelf.variant_id, 5)
        before = cost()
        for number in range(3):
            other = ledger.make_shelf(f"lapas-lain{number}", variants=3)
            ledger.receive(other.upt_id, other.variant_id, 5)
            ledger.receive(shelf.upt_id, shelf.variant_ids[1], 5, lot_code=f"L{number}")
        handlers._refresh(AT)
        assert cost() == before == (6, 3)

    def test_everybody_sees_the_units_in_reach_only(self, shelf: Shelf) -> None:
        other = ledger.make_shelf("lapas-pamekasan")
        ledger.receive(shelf.upt_id, shelf.variant_id, 4)
        handlers._refresh(AT)
        kanwil = people.actor("kanwil_staff", shelf.upt_id)
        (row,) = queries.list_upts(actor=kanwil)
        assert (row.upt_id, row.pieces, row.value_idr) == (shelf.upt_id, 4, 740_000)
        assert row.takes_part(since=AT)
        assert len(queries.list_upts(actor=people.actor("auditor"))) == 2
        assert queries.list_upts(actor=people.actor("curator")) == ()
        asked: dict[str, Any] = {"actor": kanwil, "upt_id": other.upt_id}
        for read in (
            lambda: queries.list_items(**asked, timezone=ZONE, at=AT),
            lambda: queries.list_expiring(**asked, until=TODAY),
            lambda: queries.list_blocked(**asked),
            lambda: queries.list_movements(**asked, since=TODAY, timezone=ZONE),
        ):
            with pytest.raises(NotFound):
                read()  # type: ignore[no-untyped-call]

    def test_goods_without_a_price_are_worth_nothing_yet(self, shelf: Shelf) -> None:
        ledger.receive(shelf.upt_id, shelf.variant_id, 4)
        db.read_session().rollback()
        with db.unit_of_work():
            db.session().execute(
                Variant.__table__.update().values(price_idr=None)  # type: ignore[attr-defined]  # declared as FromClause, always a Table
            )
        found = items(shelf)
        assert (found.value_idr, rules.value_by(items=[found])) == (0, ({}, {}))


def ledger_lots(shelf: Shelf) -> Any:
    from app.domain.stock import queries as stock_queries

    return stock_queries.list_lots(actor=SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id)
