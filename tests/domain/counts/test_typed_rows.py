"""Numbers from files: matched by code, lot and place; all errors at once, all rows or none."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.domain.counts import queries, rules, services
from app.domain.counts.errors import RowsUnfit
from app.domain.counts.types import CountRecord, Scope, ScopeKind, TypedCheck, TypedRow
from app.domain.stock.types import Account, EntryKind
from app.infra import db
from tests.factories import counts, ledger, people
from tests.factories.counts import LATER, Team

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def team() -> Team:
    return counts.make_team()


def sku(team: Team, number: int = 0) -> str:
    found = db.read_session().scalar(
        text("SELECT sku FROM variant WHERE id = :id"), {"id": team.shelf.variant_ids[number]}
    )
    return str(found)


def enter(team: Team, sheet: CountRecord, *typed: TypedRow, **more: object) -> TypedCheck:
    with people.writing():
        return services.enter_rows(
            actor=team.clerk, count_id=sheet.count_id, rows=typed, source=ledger.source("berkas-1"),
            at=LATER, **more,  # type: ignore[arg-type]  # options by name
        )  # fmt: skip


def test_a_file_ticks_rows_adds_new_ones_and_twice_changes_nothing(team: Team) -> None:
    sheet = open_whole(team)
    typed = (
        TypedRow(2, sku(team).lower(), 9),
        TypedRow(3, sku(team, 1), 4, "l1", "Gudang"),
        TypedRow(4, sku(team), 2, "L2", "rak galeri", "ditemukan di rak"),
    )
    told = queries.check_rows(actor=team.clerk, count_id=sheet.count_id, rows=typed)
    assert told == TypedCheck((), 2, 1, 0)
    assert [row.quantity for row in counts.rows(team, sheet)] == [None, None]
    assert enter(team, sheet, *typed, sequence=sheet.sequence) == told
    shown = counts.rows(team, sheet)
    assert [(row.account, row.lot_code, row.quantity) for row in shown] == [
        (Account.AVAILABLE, "L1", 9),
        (Account.AVAILABLE, "L1", 4),
        (Account.GALLERY, "L2", 2),
    ]
    before = db.read_session().scalar(text("SELECT COUNT(*) FROM count_event"))
    assert enter(team, sheet, *typed) == TypedCheck((), 0, 0, 3)
    assert db.read_session().scalar(text("SELECT COUNT(*) FROM count_event")) == before
    found = queries.find_by_code(actor=team.clerk, code=sheet.code.lower())
    assert found is not None
    assert (found.row_count, found.left_count) == (3, 0)


def open_whole(team: Team) -> CountRecord:
    return counts.open_sheet(team)


def test_every_error_of_every_row_comes_back_and_nothing_is_written(team: Team) -> None:
    counts.move(team, team.shelf.variant_id, 3, EntryKind.MOVED, Account.AVAILABLE, Account.GALLERY)
    ledger.receive(team.upt_id, team.shelf.variant_ids[1], 5, lot_code="L2")
    sheet = open_whole(team)
    counts.count(team, sheet, {team.shelf.variant_ids[0]: 3})
    first, second = sku(team), sku(team, 1)
    typed = [
        TypedRow(2, "TIDAK-ADA", 1),
        TypedRow(3, first, 1),
        TypedRow(4, second, 1),
        TypedRow(5, first, 1, "L1", "loteng"),
        TypedRow(6, first, -1, "L1", "gudang"),
        TypedRow(7, first, 7, "L1", "gudang"),
        TypedRow(8, second, 1, "L2"),
        TypedRow(9, second, 2, "L2"),
        TypedRow(10, second, 2, "L9"),
        TypedRow(11, first, 1, "L1", "galeri", "x" * 201),
        TypedRow(12, first, 1, "L" * 41, "galeri"),
    ]
    with pytest.raises(RowsUnfit) as refusal:
        enter(team, sheet, *typed)
    assert [(wrong.row_number, wrong.column, wrong.code) for wrong in refusal.value.rows] == [
        (2, "sku", "counts.sku_unknown"),
        (3, "place", "counts.place_wanted"),
        (4, "lot", "counts.lot_wanted"),
        (5, "place", "counts.place_unknown"),
        (6, "quantity", "counts.quantity_unfit"),
        (7, "quantity", "counts.row_counted_already"),
        (9, "sku", "counts.row_twice"),
        (10, "place", "counts.place_wanted"),
        (11, "note", "counts.note_unfit"),
        (12, "lot", "counts.lot_unfit"),
    ]
    assert (
        queries.check_rows(actor=team.clerk, count_id=sheet.count_id, rows=typed).errors
        == refusal.value.rows
    )
    assert sum(row.quantity is None for row in counts.rows(team, sheet)) == 2
    assert enter(
        team, sheet, TypedRow(7, first, 7, "L1", "gudang"), is_replacing=True
    ) == TypedCheck((), 1, 0, 0)


def test_a_file_for_another_position_or_outside_the_scope_is_refused(team: Team) -> None:
    chosen = Scope(ScopeKind.GOODS, variant_ids=(team.shelf.variant_ids[0],))
    sheet = counts.open_sheet(team, chosen)
    with pytest.raises(RowsUnfit) as other:
        enter(team, sheet, TypedRow(2, sku(team), 1), sequence=sheet.sequence + 1)
    assert other.value.rows[0].code == "counts.position_unfit"
    with pytest.raises(RowsUnfit) as outside:
        enter(team, sheet, TypedRow(2, sku(team, 1), 1, "L1", "gudang"))
    assert outside.value.rows[0].code == "counts.goods_outside"


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("Gudang", Account.AVAILABLE),
        ("rak  galeri", Account.GALLERY),
        ("second_grade", Account.SECOND_GRADE),
        ("KARANTINA", Account.QUARANTINE),
        ("transit_customer", None),
        ("", None),
    ],
)
def test_places_are_known_by_the_words_of_people(word: str, place: Account | None) -> None:
    assert rules.find_place(word) == place
