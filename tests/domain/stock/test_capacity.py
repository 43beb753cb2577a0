"""Weeks of work held like stock: what opens, what closes, and that promises are never taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.domain.stock import flows, handlers, queries, services
from app.domain.stock.errors import (
    InsufficientStock,
    NotMadeToOrder,
    OverAllotted,
    WorkshopChanged,
    WorkshopNameTaken,
)
from app.domain.stock.models import StockEntry, StockLot, Workshop
from app.domain.stock.queries import capacity as capacity_queries
from app.domain.stock.rules import capacity as rules
from app.domain.stock.types import (
    Account,
    AdjustReason,
    EntryKind,
    EntrySource,
    LotChoice,
    Move,
)
from app.domain.stock.types.capacity import PlannedItem, WeekFree, WeekLot
from app.infra import db
from app.kernel.errors import NotAllowed, NotFound
from tests.factories import goods, ledger, people
from tests.factories.ledger import SYSTEM, Shelf

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
"""A Sunday; the first week that goods of fourteen days can be promised for begins on 7 December."""

FIRST = date(2026, 12, 7)
KEY = "kunci-rencana-0123456789"


def make_shelf(lead_days: int = 14, variants: int = 1, kind: str = "made_to_order") -> Shelf:
    upt_id = people.make_upt("lapas-pamekasan").upt_id
    product_id = goods.make_product(
        upt_id, published=False, with_picture=False, kind=kind, lead_time_days=lead_days,
        variants=[{"name": f"Ukuran {n}"} for n in range(variants)],
    )  # fmt: skip
    return Shelf(upt_id, goods.variant_ids(product_id))


def plan(shelf: Shelf, units: dict[int, int] | None = None, **changes: Any) -> int:
    values: dict[str, Any] = {
        "actor": people.actor("upt_head", shelf.upt_id), "upt_id": shelf.upt_id,
        "workshop_id": None, "name": "Bengkel mebel", "units_per_week": 10,
        "units": units if units is not None else {shelf.variant_id: 4}, "expected_version": 0,
        "entry_key": ledger.source().key, "at": AT,
    }  # fmt: skip
    with db.unit_of_work():
        return services.save_workshop(**{**values, **changes})


def pause(shelf: Shelf, shop_id: int, week_on: date, is_paused: bool, **changes: Any) -> None:
    values: dict[str, Any] = {
        "actor": people.actor("upt_head", shelf.upt_id), "upt_id": shelf.upt_id,
        "workshop_id": shop_id, "week_on": week_on, "is_paused": is_paused,
        "entry_key": ledger.source().key, "at": AT,
    }  # fmt: skip
    with db.unit_of_work():
        services.set_pause(**{**values, **changes})


def weeks(shelf: Shelf, variant_id: int | None = None) -> dict[str, tuple[int, int]]:
    """Return opened and free units by day, of weeks that are open or hold something."""
    db.read_session().rollback()
    found = capacity_queries.list_weeks(upt_id=shelf.upt_id, since=date(2026, 1, 1))
    return {
        week.week_on.isoformat(): (week.opened, week.free)
        for week in found
        if week.variant_id == (variant_id or shelf.variant_id) and (week.opened or week.free)
    }


def entries() -> int:
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(StockEntry)) or 0


class TestRules:
    def test_a_week_has_one_code_and_comes_back_from_it(self) -> None:
        assert rules.week_code(week_on=date(2026, 11, 23)) == "W2026-48"
        assert rules.week_of(code="W2026-48") == date(2026, 11, 23)
        assert rules.week_code(week_on=date(2027, 1, 4)) == "W2027-01"
        assert rules.week_code(week_on=date(2026, 12, 28)) == "W2026-53"
        assert [rules.week_of(code=text) for text in ("W2026-54", "L1", "W2026-1")] == [None] * 3

    @pytest.mark.parametrize(
        ("today", "lead", "first"),
        [
            (date(2026, 11, 23), 0, date(2026, 11, 23)),
            (date(2026, 11, 24), 0, date(2026, 11, 30)),
            (date(2026, 11, 22), 14, FIRST),
            (date(2026, 11, 23), 14, FIRST),
            (date(2026, 11, 24), 14, date(2026, 12, 14)),
        ],
    )
    def test_the_first_week_leaves_time_to_make_the_goods(
        self, today: date, lead: int, first: date
    ) -> None:
        found = rules.open_weeks(today=today, lead_days=lead, horizon=3)
        assert found == (first, first + timedelta(weeks=1), first + timedelta(weeks=2))
        assert rules.last_day(week_on=first, lead_days=lead) >= today

    @settings(max_examples=60, deadline=None)
    @given(
        units=st.integers(0, 9), opened=st.integers(0, 12), promised=st.integers(0, 12),
        offset=st.integers(-4, 12), lead=st.integers(0, 30), is_paused=st.booleans(),
        in_plan=st.booleans(),
    )  # fmt: skip
    def test_following_the_plan_twice_changes_nothing_and_never_closes_a_promise(
        self, units: int, opened: int, promised: int, offset: int, lead: int, is_paused: bool,
        in_plan: bool,
    ) -> None:  # fmt: skip
        today = date(2026, 11, 22)
        week = rules.monday(day=today) + timedelta(weeks=offset)
        last = rules.last_day(week_on=week, lead_days=lead)
        paused = frozenset({week}) if is_paused else frozenset()
        items = [PlannedItem(1, 1, units, lead, paused)] if in_plan else []
        lot = WeekLot(1, 7, week, last, max(opened, promised), max(opened, promised) - promised)
        (delta, *_) = [
            one.delta
            for one in rules.changes(plan=items, lots=[lot], today=today)
            if one.week_on == week
        ] or [0]
        after = WeekLot(1, 7, week, last, lot.opened + delta, lot.free + delta)
        assert after.free >= 0
        assert after.promised == lot.promised
        is_open = in_plan and not is_paused and last >= today
        assert after.opened == max(units if is_open else 0, lot.promised)
        again = rules.changes(plan=items, lots=[after], today=today)
        assert [one for one in again if one.week_on == week] == []


@pytest.mark.usefixtures("app")
class TestWeeks:
    def test_a_plan_opens_eight_weeks_that_can_be_promised(self) -> None:
        shelf = make_shelf()
        plan(shelf)
        assert weeks(shelf) == {
            (FIRST + timedelta(weeks=number)).isoformat(): (4, 4) for number in range(8)
        }
        lot = db.read_session().scalars(select(StockLot).order_by(StockLot.id)).first()
        assert lot is not None
        assert (lot.code, lot.produced_on, lot.expires_on) == ("W2026-50", None, date(2026, 11, 23))
        assert queries.next_week_free(variant_id=shelf.variant_id, at=AT) == WeekFree(FIRST, 4)
        found = queries.get_position(upt_id=shelf.upt_id, variant_id=shelf.variant_id, at=AT)
        assert (found.on_hand, found.capacity, found.available) == (0, 32, 32)

    def test_orders_take_ready_pieces_first_then_week_after_week(self) -> None:
        shelf = make_shelf()
        plan(shelf)
        ledger.receive(shelf.upt_id, shelf.variant_id, 1, lot_code="JADI")
        ledger.reserve(shelf.upt_id, shelf.variant_id, 6, minutes=None)
        assert list(weeks(shelf).values())[:3] == [(4, 0), (4, 3), (4, 4)]
        assert queries.next_week_free(variant_id=shelf.variant_id, at=AT) == WeekFree(
            FIRST + timedelta(weeks=1), 3
        )
        with pytest.raises(InsufficientStock):
            ledger.reserve(shelf.upt_id, shelf.variant_id, 28)
        assert flows.verify().faults == ()

    def test_a_promise_ships_out_of_its_week(self) -> None:
        shelf = make_shelf()
        plan(shelf)
        holds = ledger.reserve(shelf.upt_id, shelf.variant_id, 3, minutes=None)
        with db.unit_of_work():
            services.ship(
                actor=SYSTEM, upt_id=shelf.upt_id, hold_ids=[hold.hold_id for hold in holds],
                source=ledger.source(), at=AT,
            )  # fmt: skip
        assert list(weeks(shelf).values())[0] == (4, 1)
        assert flows.verify().faults == ()

    def test_a_smaller_plan_closes_only_what_nobody_was_promised(self) -> None:
        shelf = make_shelf()
        shop_id = plan(shelf)
        ledger.reserve(shelf.upt_id, shelf.variant_id, 6, minutes=None)
        plan(shelf, {shelf.variant_id: 1}, workshop_id=shop_id, expected_version=1)
        assert list(weeks(shelf).values())[:3] == [(4, 0), (2, 0), (1, 1)]
        plan(shelf, {}, workshop_id=shop_id, expected_version=2)
        assert list(weeks(shelf).values()) == [(4, 0), (2, 0)]
        plan(shelf, {shelf.variant_id: 5}, workshop_id=shop_id, expected_version=3)
        assert list(weeks(shelf).values())[:3] == [(5, 1), (5, 3), (5, 5)]
        assert flows.verify().faults == ()

    def test_a_week_off_closes_and_opens_again(self) -> None:
        shelf = make_shelf()
        shop_id = plan(shelf)
        ledger.reserve(shelf.upt_id, shelf.variant_id, 1, minutes=None)
        pause(shelf, shop_id, FIRST + timedelta(days=3), True)
        pause(shelf, shop_id, FIRST, True)
        assert weeks(shelf)[FIRST.isoformat()] == (1, 0)
        pause(shelf, shop_id, FIRST, False)
        assert weeks(shelf)[FIRST.isoformat()] == (4, 3)

    def test_the_calendar_moves_on_and_leaves_nothing_of_passed_weeks(self) -> None:
        shelf = make_shelf()
        plan(shelf)
        ledger.reserve(shelf.upt_id, shelf.variant_id, 1, minutes=None)
        later = AT + timedelta(days=9)
        with pytest.raises(InsufficientStock):
            ledger.reserve(shelf.upt_id, shelf.variant_id, 25, at=later)
        before = entries()
        handlers._keep_weeks(later)
        found = weeks(shelf)
        assert found.pop(FIRST.isoformat()) == (1, 0)
        assert list(found.values()) == [(4, 4)] * 8
        assert min(found) == "2026-12-21"
        assert entries() == before + 4
        handlers._keep_weeks(later + timedelta(hours=1))
        assert entries() == before + 4
        assert flows.verify().faults == ()

    def test_a_shorter_or_longer_making_never_opens_a_week_twice(self) -> None:
        shelf = make_shelf()
        plan(shelf)
        for lead in (7, 21, 0):
            db.read_session().rollback()
            with db.unit_of_work():
                db.session().execute(goods.Product.__table__.update().values(lead_time_days=lead))
            handlers._keep_weeks(AT + timedelta(days=3))
            codes = db.read_session().scalars(select(StockLot.code)).all()
            assert len(codes) == len(set(codes))
        assert flows.verify().faults == ()


@pytest.mark.usefixtures("app")
class TestRefusals:
    def test_a_plan_cannot_give_away_more_than_the_week(self) -> None:
        shelf = make_shelf(variants=2)
        first, second = shelf.variant_ids
        with pytest.raises(OverAllotted) as refused:
            plan(shelf, {first: 7, second: 4})
        assert refused.value.errors[0].params == (("allotted", 11), ("units", 10))
        shop_id = plan(shelf, {first: 6, second: 4})
        with pytest.raises(OverAllotted):
            plan(shelf, {first: 6, second: 4}, workshop_id=shop_id, units_per_week=9)
        assert (weeks(shelf, first)[FIRST.isoformat()], entries()) == ((6, 6), 16)

    def test_only_goods_made_to_order_of_this_unit_are_planned(self) -> None:
        shelf, ready = make_shelf(), make_shelf(kind="ready")
        other = ledger.make_shelf("lapas-indramayu")
        for variant_id in (ready.variant_id, other.variant_id, 999_999):
            with pytest.raises(NotMadeToOrder):
                plan(shelf, {variant_id: 1})
        assert entries() == 0

    def test_the_same_form_twice_is_one_effect_and_a_stale_one_is_refused(self) -> None:
        shelf = make_shelf()
        shop_id = plan(shelf, entry_key=KEY)
        assert plan(shelf, entry_key=KEY) == shop_id
        assert entries() == 8
        with pytest.raises(WorkshopNameTaken):
            plan(shelf, {}, units_per_week=3)
        plan(shelf, {shelf.variant_id: 2}, workshop_id=shop_id, expected_version=1)
        with pytest.raises(WorkshopChanged):
            plan(shelf, {shelf.variant_id: 9}, workshop_id=shop_id, expected_version=1)
        assert db.read_session().scalars(select(Workshop.units_per_week)).all() == [10]
        assert weeks(shelf)[FIRST.isoformat()] == (2, 2)

    def test_only_the_head_of_the_unit_plans(self) -> None:
        shelf = make_shelf()
        shop_id = plan(shelf)
        other = people.make_upt("lapas-indramayu").upt_id
        clerk = people.actor("upt_clerk", shelf.upt_id)
        stranger = people.actor("upt_head", other)
        for who, refusal in ((clerk, NotAllowed), (stranger, NotFound)):
            with pytest.raises(refusal):
                plan(shelf, {}, actor=who)
            with pytest.raises(refusal):
                pause(shelf, shop_id, FIRST, True, actor=who)
            if who is stranger:
                with pytest.raises(NotFound):
                    queries.list_workshops(actor=who, upt_id=shelf.upt_id)
        with pytest.raises(NotFound):
            pause(shelf, 999, FIRST, True)
        with pytest.raises(NotFound):
            plan(shelf, workshop_id=999)
        assert entries() == 8

    def test_goods_that_turn_up_never_enter_a_week_of_work(self) -> None:
        shelf = make_shelf()
        plan(shelf)
        with db.unit_of_work():
            services.adjust(
                actor=SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id, lot_id=None,
                quantity_delta=2, reason=AdjustReason.FOUND, note="", source=ledger.source(),
                happened_at=AT, at=AT,
            )  # fmt: skip
            services.post_moves(
                actor=SYSTEM, permission="stock.adjust", acting_upt_id=shelf.upt_id,
                action="stock.counted", source=ledger.source(), happened_at=AT, at=AT,
                moves=[
                    Move(
                        shelf.upt_id, shelf.variant_id, EntryKind.COUNTED_MORE, Account.FOUND,
                        Account.GALLERY, 1,
                    )
                ],
            )  # fmt: skip
        lots = queries.lots_in(upt_id=shelf.upt_id)
        assert [(lot.code, lot.on_hand) for lot in lots] == [("L261122", 2), ("L261122", 1)]
        assert weeks(shelf)[FIRST.isoformat()] == (4, 4)

    def test_a_lot_of_goods_named_like_no_week_is_no_week(self) -> None:
        shelf = make_shelf()
        assert queries.next_week_free(variant_id=shelf.variant_id, at=AT) is None
        assert queries.list_planned_upts() == ()
        with db.unit_of_work():
            services.post_moves(
                actor=SYSTEM, permission="stock.approve", acting_upt_id=shelf.upt_id,
                action="stock.capacity", source=EntrySource("test", "odd"), happened_at=AT, at=AT,
                moves=[_odd_week(shelf)],
            )  # fmt: skip
        assert weeks(shelf) == {}


def _odd_week(shelf: Shelf) -> Any:
    return Move(
        shelf.upt_id, shelf.variant_id, EntryKind.CAPACITY_OPENED, Account.PLAN, Account.CAPACITY,
        1, lot=LotChoice("BUKAN-PEKAN", None, date(2027, 1, 1)),
    )  # fmt: skip
