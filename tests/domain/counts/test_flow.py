"""Counts as services: what is frozen, what is netted, what is posted, and what is refused untouched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.domain.counts import queries, services
from app.domain.counts.errors import (
    BookHidden,
    CountChanged,
    CountClosed,
    CountOverlaps,
    LossNotFree,
    OwnCount,
    PostedBefore,
    ReasonsMissing,
    RecountsLeft,
    RowKnown,
    RowsLeft,
)
from app.domain.counts.services import opening
from app.domain.counts.types import RowWrite, Scope, ScopeKind
from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import Account, EntryKind
from app.infra import db
from app.kernel.errors import Invalid, NotAllowed, NotFound
from tests.factories import counts, ledger, people
from tests.factories.counts import AT, LATER, Team, approve, count, hand_in, open_sheet, reason_all
from tests.factories.stock_steps import Statements

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def team() -> Team:
    return counts.make_team()


def entries() -> list[tuple[str, int]]:
    db.read_session().rollback()
    rows = db.read_session().execute(
        text("SELECT kind, quantity FROM stock_entry WHERE source_kind = 'count' ORDER BY id")
    )
    return [(row[0], row[1]) for row in rows]


def test_a_sheet_freezes_position_and_hash_and_rows_of_its_scope(team: Team) -> None:
    head = stock_queries.list_heads()[team.upt_id]
    counts.move(
        team, team.shelf.variant_id, 3, EntryKind.MOVED, Account.AVAILABLE, Account.GALLERY, at=AT
    )
    after = stock_queries.list_heads()[team.upt_id]
    gallery = open_sheet(team, Scope(ScopeKind.PLACE, Account.GALLERY))
    assert (gallery.sequence, gallery.hash) == (head.sequence + 1, after.hash)
    assert [row.account for row in counts.rows(team, gallery)] == [Account.GALLERY]
    chosen = Scope(ScopeKind.GOODS, variant_ids=(team.shelf.variant_ids[1],))
    goods = open_sheet(team, chosen)
    assert [row.variant_id for row in counts.rows(team, goods)] == [team.shelf.variant_ids[1]]
    assert queries.get_count(actor=team.head, count_id=goods.count_id).scope == chosen


def test_pieces_that_are_promised_lie_on_the_shelf_and_belong_to_the_book(team: Team) -> None:
    a, b = team.shelf.variant_ids
    ledger.reserve(team.upt_id, a, 6, minutes=None)
    sheet = open_sheet(team)
    count(team, sheet, {a: 10, b: 4}, counted_at=LATER)
    hand_in(team, sheet)
    assert queries.totals(actor=team.head, count_id=sheet.count_id).differing == 0
    approve(team, sheet)
    assert entries() == []


@pytest.mark.parametrize("sold_first", [False, True])
def test_sales_between_opening_and_posting_stay(team: Team, sold_first: bool) -> None:
    a, b = team.shelf.variant_ids
    sheet = open_sheet(team)
    on_shelf = 9
    if sold_first:
        counts.sell(team, a, 3, at=AT + timedelta(minutes=10))
        on_shelf = 6
    count(team, sheet, {a: on_shelf, b: 4}, counted_at=AT + timedelta(minutes=20))
    if not sold_first:
        counts.sell(team, a, 3, at=AT + timedelta(minutes=30))
    hand_in(team, sheet)
    reason_all(team, sheet)
    approve(team, sheet)
    assert entries() == [("counted_less", 1)]
    assert counts.shelf_of(team) == {(a, "available"): 6, (b, "available"): 4}
    assert stock_flows.verify().faults == ()


def test_numbers_told_as_of_the_sheet_are_taken_as_they_stand(team: Team) -> None:
    a, b = team.shelf.variant_ids
    sheet = open_sheet(team)
    counts.sell(team, a, 3, at=AT + timedelta(minutes=10))
    count(team, sheet, {a: 9, b: 4})
    hand_in(team, sheet)
    reason_all(team, sheet)
    approve(team, sheet)
    assert counts.shelf_of(team)[a, "available"] == 9 - 3


def test_goods_on_the_wrong_shelf_become_one_move_and_the_rest_found_or_lost(team: Team) -> None:
    a, b = team.shelf.variant_ids
    sheet = open_sheet(team)
    count(team, sheet, {a: 6, b: 5})
    with people.writing():
        row_id = services.add_row(
            actor=team.clerk, count_id=sheet.count_id, variant_id=a, place=Account.GALLERY,
            lot_code=None, expires_on=None, quantity=3, note="di rak depan", at=LATER,
        )  # fmt: skip
        with pytest.raises(RowKnown) as known:
            services.add_row(
                actor=team.clerk, count_id=sheet.count_id, variant_id=a, place=Account.GALLERY,
                lot_code="L1", expires_on=None, quantity=3, note="", at=LATER,
            )  # fmt: skip
        services.add_row(
            actor=team.clerk, count_id=sheet.count_id, variant_id=b, place=Account.QUARANTINE,
            lot_code="BARU", expires_on=None, quantity=2, note="", at=LATER,
        )  # fmt: skip
    assert known.value.row_id == row_id
    hand_in(team, sheet)
    reason_all(team, sheet)
    approve(team, sheet)
    assert entries() == [
        ("moved", 3),
        ("counted_less", 1),
        ("counted_more", 1),
        ("counted_more", 2),
    ]
    assert counts.shelf_of(team) == {
        (a, "available"): 6, (a, "gallery"): 3, (b, "available"): 5, (b, "quarantine"): 2,
    }  # fmt: skip


def test_rows_of_another_unfinished_sheet_cannot_be_counted_twice(team: Team) -> None:
    sheet = open_sheet(team)
    with pytest.raises(CountOverlaps) as refusal:
        open_sheet(team, Scope(ScopeKind.PLACE, Account.AVAILABLE))
    assert refusal.value.other == sheet.code
    with people.writing():
        services.cancel(
            actor=team.clerk, count_id=sheet.count_id, version=1, reason="Ulang", at=LATER
        )
    assert open_sheet(team).row_count == 2


def test_the_same_form_opens_one_sheet_and_another_unit_may_not(team: Team) -> None:
    first = open_sheet(team, entry_key="kunci-yang-sama-0001")
    assert open_sheet(team, entry_key="kunci-yang-sama-0001").count_id == first.count_id
    other = counts.make_team("lapas-lain")
    with pytest.raises(NotFound):
        open_sheet(team, actor=other.clerk)
    with pytest.raises(NotAllowed):
        open_sheet(team, actor=people.actor("auditor"))
    with pytest.raises(NotFound):
        queries.get_count(actor=other.head, count_id=first.count_id)


def test_handing_in_needs_every_row_and_differences_need_handing_in(team: Team) -> None:
    a, b = team.shelf.variant_ids
    sheet = open_sheet(team)
    count(team, sheet, {a: 0})
    with pytest.raises(RowsLeft) as refusal:
        hand_in(team, sheet)
    assert refusal.value.left == 1
    for read in (queries.differences, queries.totals):
        with pytest.raises(BookHidden):
            read(actor=team.head, count_id=sheet.count_id)
    count(team, sheet, {b: 4})
    hand_in(team, sheet)
    with pytest.raises(CountClosed):
        count(team, sheet, {b: 5})
    with pytest.raises(ReasonsMissing) as missing:
        approve(team, sheet)
    assert missing.value.missing == 1
    assert entries() == []


@pytest.mark.parametrize("step", ["open", "count", "hand_in", "recount"])
def test_whoever_made_the_count_can_never_approve_it(team: Team, step: str) -> None:
    a, b = team.shelf.variant_ids
    sheet = open_sheet(team, actor=team.head if step == "open" else None)
    count(team, sheet, {a: 10, b: 4}, actor=team.head if step == "count" else None)
    hand_in(team, sheet, actor=team.head if step == "hand_in" else None)
    if step == "recount":
        row = counts.rows(team, sheet)[0]
        with people.writing():
            services.ask_recount(
                actor=team.clerk, count_id=sheet.count_id, row_ids=[row.row_id], at=LATER
            )
        with pytest.raises(RecountsLeft):
            approve(team, sheet)
        with people.writing():
            services.enter_recount(
                actor=team.head, count_id=sheet.count_id, row_id=row.row_id, quantity=10,
                note="", version=row.version + 1, at=LATER,
            )  # fmt: skip
    for actor in (team.head, ledger.SYSTEM):
        with pytest.raises(OwnCount):
            approve(team, sheet, actor=actor)
    with pytest.raises(NotAllowed):
        approve(team, sheet, actor=team.clerk)
    second = people.make_user("kepala2@contoh.example", "Kepala Kedua")
    approve(team, sheet, actor=people.actor("upt_head", team.upt_id, user_id=second.user_id))


def posting(team: Team, sheet_id: int, approver: int | None) -> None:
    with db.unit_of_work():
        db.session().execute(
            text(
                "INSERT INTO count_posting (sheet_id, upt_id, source_key, approved_by, approved_at,"
                " sequence, hash, posted_rows, left_rows, gain_idr, loss_idr)"
                " VALUES (:sheet, :upt, 'x', :by, '2026-11-22 03:00:00', 0, '', 0, 0, 0, 0)"
            ),
            {"sheet": sheet_id, "upt": team.upt_id, "by": approver},
        )


def test_the_database_itself_refuses_a_second_posting_and_a_maker_as_approver(team: Team) -> None:
    a, b = team.shelf.variant_ids
    sheet = open_sheet(team)
    with pytest.raises(OwnCount):
        posting(team, sheet.count_id, team.clerk.user_id)
    count(team, sheet, {a: 10, b: 4})
    hand_in(team, sheet)
    approve(team, sheet)
    approve(team, sheet)
    with pytest.raises(PostedBefore):
        posting(team, sheet.count_id, team.head.user_id)
    for statement in (
        "UPDATE count_posting SET loss_idr = 1",
        "DELETE FROM count_event",
        "UPDATE count_event SET quantity = 1",
    ):
        with pytest.raises(IntegrityError), db.unit_of_work():
            db.session().execute(text(statement))
    found = queries.get_posting(actor=team.head, count_id=sheet.count_id)
    assert found is not None
    assert (found.approved_by, found.posted_rows) == (team.head.user_id, 0)


def test_a_loss_that_became_impossible_is_shown_and_never_clamped(team: Team) -> None:
    a, b = team.shelf.variant_ids
    sheet = open_sheet(team)
    count(team, sheet, {a: 2, b: 3})
    hand_in(team, sheet)
    reason_all(team, sheet)
    counts.sell(team, a, 5)
    with pytest.raises(LossNotFree) as refusal:
        approve(team, sheet)
    (stuck,) = refusal.value.rows
    assert (stuck.wanted, stuck.free) == (8, 5)
    other = next(row.row_id for row in counts.rows(team, sheet) if row.variant_id == b)
    with pytest.raises(LossNotFree):
        approve(team, sheet, left_row_ids=[stuck.row_id, other])
    assert entries() == []
    approve(team, sheet, left_row_ids=[stuck.row_id])
    assert entries() == [("counted_less", 1)]
    row = queries.difference_row(actor=team.head, count_id=sheet.count_id, row_id=stuck.row_id)
    assert (row.is_left, row.entry_id) == (True, None)
    assert open_sheet(team).row_count == 2


def test_a_late_writer_meets_the_other_number_and_nothing_is_lost(team: Team) -> None:
    a, b = team.shelf.variant_ids
    sheet = open_sheet(team)
    first, second = counts.rows(team, sheet)
    count(team, sheet, {first.variant_id: 7})

    def late(quantity: int, version: int):  # type: ignore[no-untyped-def]  # SaveOutcome
        with people.writing():
            return services.count_rows(
                actor=team.head, count_id=sheet.count_id, at=LATER,
                writes=[
                    RowWrite(first.row_id, version, quantity),
                    RowWrite(second.row_id, 1, 4),
                ],
            )  # fmt: skip

    outcome = late(8, 1)
    assert [
        (conflict.theirs.quantity, conflict.ours.quantity) for conflict in outcome.conflicts
    ] == [(7, 8)]
    assert [row.quantity for row in outcome.saved] == [4]
    assert late(7, 1).unchanged == 2
    assert [row.quantity for row in late(8, outcome.conflicts[0].theirs.version).saved] == [8]
    history = db.read_session().execute(
        text("SELECT quantity FROM count_event WHERE row_id = :id ORDER BY id"),
        {"id": first.row_id},
    )
    assert [row[0] for row in history] == [7, 8]


def test_sending_back_keeps_the_second_numbers_and_hides_the_book_again(team: Team) -> None:
    a, b = team.shelf.variant_ids
    sheet = open_sheet(team)
    count(team, sheet, {a: 1, b: 4})
    hand_in(team, sheet)
    row = next(row for row in counts.rows(team, sheet) if row.variant_id == a)
    with people.writing():
        services.ask_recount(
            actor=team.head, count_id=sheet.count_id, row_ids=[row.row_id], at=LATER
        )
        services.enter_recount(
            actor=team.clerk, count_id=sheet.count_id, row_id=row.row_id, quantity=9, note="",
            version=row.version + 1, at=LATER,
        )  # fmt: skip
    with pytest.raises(CountChanged), people.writing():
        services.send_back(
            actor=team.head, count_id=sheet.count_id, version=1, reason="x", at=LATER
        )
    with people.writing():
        services.send_back(
            actor=team.head, count_id=sheet.count_id, version=2, reason="Rak belakang", at=LATER
        )
    assert {row.variant_id: row.quantity for row in counts.rows(team, sheet)} == {a: 9, b: 4}
    with pytest.raises(BookHidden):
        queries.totals(actor=team.head, count_id=sheet.count_id)
    with pytest.raises(Invalid):
        count(team, sheet, {a: 8}, counted_at=LATER + timedelta(days=1))


def test_statements_do_not_grow_with_the_rows() -> None:
    small = counts.make_team("lapas-kecil", pieces=(3, 3))
    large = counts.make_team("lapas-besar", pieces=(3,) * 25)

    def statements(team: Team) -> list[int]:
        found = []

        def counted(work) -> object:  # type: ignore[no-untyped-def]  # any step
            with Statements() as seen:
                result = work()
            found.append(len(seen))
            return result

        sheet = counted(lambda: open_sheet(team))
        blind = counts.rows(team, sheet)  # type: ignore[arg-type]  # a CountRecord
        writes = [RowWrite(row.row_id, row.version, 2) for row in blind]

        def write() -> None:
            with people.writing():
                services.count_rows(
                    actor=team.clerk, count_id=sheet.count_id, writes=writes, at=LATER,  # type: ignore[attr-defined]
                    counted_at=LATER,
                )  # fmt: skip

        counted(write)
        counted(lambda: hand_in(team, sheet))  # type: ignore[arg-type]
        reason_all(team, sheet)  # type: ignore[arg-type]
        counted(lambda: approve(team, sheet))  # type: ignore[arg-type]
        return found

    assert statements(small) == statements(large)


def test_a_sheet_is_mended_when_the_ledger_moves_while_it_is_written(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = team.shelf.variant_ids
    real = opening._write

    def write(*given: Any, **named: Any) -> None:
        real(*given, **named)
        monkeypatch.setattr(opening, "_write", real)
        counts.sell(team, a, 3, at=AT)
        counts.sell(team, b, 4, at=AT)
        ledger.receive(team.upt_id, b, 5, lot_code="L2")

    monkeypatch.setattr(opening, "_write", write)
    sheet = open_sheet(team)
    shown = counts.rows(team, sheet)
    assert (sheet.row_count, len(shown)) == (2, 2)
    assert sheet.sequence == stock_queries.list_heads()[team.upt_id].sequence
    count(team, sheet, {a: 7, b: 5})
    hand_in(team, sheet)
    assert queries.totals(actor=team.head, count_id=sheet.count_id).differing == 0
