"""What the database refuses by itself, whoever asks and however: attacks with plain SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.domain.stock import queries, rules, services
from app.domain.stock.errors import HoldClosed, InsufficientStock, LedgerChanged, NotReversible
from app.domain.stock.models import StockBalance, StockEntry, StockHead, StockHold
from app.domain.stock.rules import Line
from app.domain.stock.types import Account, EntryKind, HeadRecord, Phase
from app.infra import db
from app.kernel.errors import DomainError
from tests.factories import ledger
from tests.factories.ledger import SYSTEM, Shelf, source
from tests.factories.stock_steps import AT, entry_ids, on_holds, receive

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    made = ledger.make_shelf()
    receive(made, 10)
    return made


def everything() -> list[Any]:
    db.read_session().rollback()
    session = db.read_session()
    return [
        session.execute(
            select(*table.__table__.columns).order_by(*table.__table__.primary_key)
        ).all()
        for table in (StockEntry, StockBalance, StockHold, StockHead)
    ]


def refused(statement: str, **values: object) -> str:
    """Run plain SQL and return the words of the refusal; nothing may have changed."""
    before = everything()
    with pytest.raises((DBAPIError, DomainError)) as refusal, db.unit_of_work():
        db.session().execute(text(statement), values)
    assert everything() == before
    return str(refusal.value)


def test_entries_cannot_be_changed(shelf: Shelf) -> None:
    assert "append_only" in refused("UPDATE stock_entry SET quantity = 11")
    assert "append_only" in refused("UPDATE stock_entry SET note = note WHERE sequence = 1")


def test_entries_cannot_be_removed(shelf: Shelf) -> None:
    assert "append_only" in refused("DELETE FROM stock_entry")


def test_entries_cannot_be_truncated(shelf: Shelf, database_kind: str) -> None:
    if database_kind == "postgres":
        assert "append_only" in refused("TRUNCATE stock_entry CASCADE")
    else:
        assert "append_only" in refused("DELETE FROM stock_entry WHERE 1")


COLUMNS = ", ".join(column.name for column in StockEntry.__table__.columns)
CHANGED = COLUMNS.replace(" quantity,", " 11,")
WRITE_OVER = f"INSERT INTO stock_entry SELECT {CHANGED} FROM stock_entry WHERE sequence = 1"


@pytest.mark.parametrize(
    "attack",
    [
        f"{WRITE_OVER} ON CONFLICT (id) DO UPDATE SET quantity = 11",
        WRITE_OVER,
    ],
)
def test_entries_cannot_be_written_over(shelf: Shelf, attack: str, database_kind: str) -> None:
    if database_kind == "sqlite":
        attack = attack.replace("WHERE sequence = 1", "WHERE sequence = 1 AND true")
    refused(attack)


@pytest.mark.parametrize("policy", ["REPLACE", "IGNORE", "FAIL", "ROLLBACK"])
def test_no_conflict_clause_of_sqlite_gets_past(
    shelf: Shelf, database_kind: str, policy: str
) -> None:
    if database_kind == "postgres":
        return
    statement = f"INSERT OR {policy} INTO stock_entry SELECT {CHANGED} FROM stock_entry"
    before = everything()
    with pytest.raises(DBAPIError), db.unit_of_work():
        db.session().execute(text(statement))
    with pytest.raises(DBAPIError), db.unit_of_work():
        db.session().execute(text(f"UPDATE OR {policy} stock_entry SET quantity = 11"))
    assert everything() == before


def row_for(shelf: Shelf, **changes: Any) -> dict[str, Any]:
    """Return a well-made next row, with changes that no longer fit its hash."""
    values: dict[str, Any] = {
        "upt_id": shelf.upt_id, "phase": Phase.MOVE, "kind": EntryKind.DAMAGED,
        "variant_id": shelf.variant_id, "lot_id": lot_id(), "from_account": Account.AVAILABLE,
        "to_account": Account.LOSS, "quantity": 1,
    }  # fmt: skip
    known = {name: changes.pop(name) for name in list(changes) if name in Line.__slots__}
    line = Line(**{**values, **known})
    posting = rules.posting(actor=SYSTEM, source=source(), content=(), at=AT)
    db.read_session().rollback()
    head = queries.list_heads(upt_id=shelf.upt_id)[shelf.upt_id]
    (row,) = rules.link(head=head, lines=[line], posting=posting)
    return {**row, **changes}


def lot_id() -> int:
    return db.read_session().scalars(select(StockBalance.lot_id)).first() or 0


def insert_refused(row: dict[str, Any], error: type[Exception], conflict: str = "") -> None:
    before = everything()
    statement = insert(StockEntry.metadata.tables["stock_entry"])
    if conflict:
        statement = statement.prefix_with(conflict)
    with pytest.raises(error), db.unit_of_work():
        db.session().execute(statement, [row])
    assert everything() == before


def test_a_well_made_row_by_hand_moves_balance_and_head(shelf: Shelf) -> None:
    with db.unit_of_work():
        db.session().execute(
            insert(StockEntry.metadata.tables["stock_entry"]), [row_for(shelf, quantity=4)]
        )
    found = queries.get_position(upt_id=shelf.upt_id, variant_id=shelf.variant_id, at=AT)
    assert found.on_hand == 6
    assert queries.list_heads()[shelf.upt_id].sequence == 2


@pytest.mark.parametrize(
    "changes",
    [
        lambda shelf: {"sequence": 3, "id": rules.entry_id(upt_id=shelf.upt_id, sequence=3)},
        lambda shelf: {"previous_hash": "f" * 64},
        lambda shelf: {"sequence": 1, "id": rules.entry_id(upt_id=shelf.upt_id, sequence=1)},
    ],
)
def test_a_gap_a_wrong_link_and_a_used_number_are_refused(
    shelf: Shelf, changes: Callable[[Shelf], dict[str, Any]]
) -> None:
    insert_refused(row_for(shelf, **changes(shelf)), (LedgerChanged, IntegrityError))


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 0},
        {"quantity": -5},
        {"quantity": 1_000_000_001},
        {"id": 77},
        {"hash": "short"},
        {"phase": Phase.VOID},
        {"to_account": Account.AVAILABLE},
        {"variant_id": 424_242},
        {"lot_id": 424_242},
        {"reverses_id": 5, "phase": Phase.HOLD},
    ],
)
def test_rows_that_make_no_sense_are_refused(shelf: Shelf, changes: dict[str, Any]) -> None:
    insert_refused(row_for(shelf, **changes), (IntegrityError, DomainError))


@pytest.mark.parametrize("phase", [Phase.MOVE, Phase.HOLD])
@pytest.mark.parametrize("conflict", ["", "OR IGNORE", "OR REPLACE"])
def test_more_than_there_is_never_leaves(
    shelf: Shelf, phase: Phase, conflict: str, database_kind: str
) -> None:
    if conflict and database_kind == "postgres":
        return
    insert_refused(row_for(shelf, quantity=11, phase=phase), InsufficientStock, conflict)


def test_pieces_on_their_way_never_count_as_there(shelf: Shelf) -> None:
    row = row_for(
        shelf, quantity=1, from_account=Account.TRANSIT_CUSTOMER, to_account=Account.CUSTOMER
    )
    insert_refused(row, InsufficientStock)


def test_a_hold_is_resolved_once_even_by_hand(shelf: Shelf) -> None:
    (hold,) = ledger.reserve(shelf.upt_id, shelf.variant_id, 3)
    values = {
        "from_account": Account.AVAILABLE, "to_account": Account.TRANSIT_CUSTOMER,
        "hold_id": hold.hold_id, "kind": EntryKind.SHIPPED,
    }  # fmt: skip
    for wrong in (
        {"phase": Phase.POST, "quantity": 4},
        {"phase": Phase.VOID, "quantity": 2},
        {"phase": Phase.KEEP, "quantity": 2},
        {"phase": Phase.POST, "quantity": 3, "hold_id": hold.hold_id - 1},
        {"phase": Phase.POST, "quantity": 3, "to_account": Account.CUSTOMER},
        {"phase": Phase.MOVE, "quantity": 3, "from_account": Account.TRANSIT_CUSTOMER,
         "to_account": Account.CUSTOMER},
    ):  # fmt: skip
        insert_refused(row_for(shelf, **{**values, **wrong}), HoldClosed)
    on_holds(services.ship, shelf, (hold,))
    for phase in (Phase.POST, Phase.VOID, Phase.KEEP):
        insert_refused(row_for(shelf, **{**values, "phase": phase, "quantity": 3}), HoldClosed)


def test_reversing_more_or_otherwise_than_was_moved_is_refused(shelf: Shelf) -> None:
    (received,) = entry_ids()
    values = {
        "from_account": Account.AVAILABLE, "to_account": Account.PRODUCTION,
        "reverses_id": received, "kind": EntryKind.REVERSED,
    }  # fmt: skip
    ledger.receive(shelf.upt_id, shelf.variant_id, 50)
    for wrong in ({"quantity": 11}, {"to_account": Account.LOSS}, {"reverses_id": 9}):
        insert_refused(row_for(shelf, **{**values, **wrong}), (NotReversible, IntegrityError))
    with db.unit_of_work():
        db.session().execute(
            insert(StockEntry.metadata.tables["stock_entry"]),
            [row_for(shelf, **{**values, "quantity": 4})],
        )
    insert_refused(row_for(shelf, **{**values, "quantity": 1}), NotReversible)


def test_balances_refuse_figures_below_zero(shelf: Shelf) -> None:
    for change in ({"out_pending": 11}, {"in_posted": 9, "out_posted": 10}, {"in_pending": -1}):
        with pytest.raises(DomainError), db.unit_of_work():
            db.session().execute(text("INSERT INTO stock_rebuild VALUES (1)"))
            db.session().execute(
                update(StockBalance).where(StockBalance.account == "available").values(change)
            )


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE stock_balance SET in_posted = in_posted + 5 WHERE account = 'available'",
        "UPDATE stock_balance SET in_posted = in_posted",
        "DELETE FROM stock_balance WHERE account = 'production'",
        (
            "INSERT INTO stock_balance SELECT upt_id, variant_id, lot_id, 'quarantine', 5, 0, 0, 0"
            " FROM stock_balance WHERE account = 'available'"
        ),
        "UPDATE stock_hold SET expires_at = NULL",
        "UPDATE stock_hold SET state = 'open'",
        "DELETE FROM stock_hold",
        "UPDATE stock_head SET sequence = sequence - 1",
        (
            "UPDATE stock_head SET sequence = sequence + 1, hash = previous.hash FROM"
            " (SELECT hash FROM stock_entry WHERE sequence = 1) previous"
        ),
        "DELETE FROM stock_head",
        "INSERT INTO stock_head SELECT upt_id + 1, sequence, hash, written_at FROM stock_head",
    ],
)
def test_what_follows_from_entries_is_not_written_by_hand(shelf: Shelf, attack: str) -> None:
    hold(shelf)
    assert "stock_derived" in refused(attack)


def test_a_balance_is_not_written_by_hand_in_the_transaction_of_a_posting(shelf: Shelf) -> None:
    before = everything()
    with pytest.raises(IntegrityError, match="stock_derived"), db.unit_of_work():
        insert_entry(shelf)
        db.session().execute(text("UPDATE stock_balance SET in_posted = in_posted + 1"))
    assert everything() == before


def test_nothing_is_truncated_beside_the_entries(shelf: Shelf, database_kind: str) -> None:
    if database_kind == "postgres":
        for table in ("stock_balance", "stock_hold", "stock_head"):
            words = refused(f"TRUNCATE {table} CASCADE")
            assert "stock_derived" in words or "append_only" in words


def hold(shelf: Shelf) -> None:
    ledger.reserve(shelf.upt_id, shelf.variant_id, 1)


def insert_entry(shelf: Shelf) -> None:
    db.session().execute(insert(StockEntry), [row_for(shelf)])


def test_a_lot_stays_with_its_upt_and_variant(shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    refused("UPDATE stock_lot SET variant_id = :other", other=other.variant_id)
    refused("UPDATE stock_lot SET upt_id = :other", other=other.upt_id)
    refused("DELETE FROM stock_lot")


def test_a_stale_head_is_refused_and_not_followed(shelf: Shelf) -> None:
    stale = HeadRecord(shelf.upt_id, 0, "0" * 64, None)
    row = row_for(shelf)
    posting = rules.posting(actor=SYSTEM, source=source(), content=(), at=AT)
    line = Line(**{name: row[name] for name in ("upt_id", "variant_id", "lot_id", "quantity")},
                phase=Phase.MOVE, kind=EntryKind.DAMAGED, from_account="available",
                to_account="loss")  # fmt: skip
    (again,) = rules.link(head=stale, lines=[line], posting=posting)
    insert_refused(again, (LedgerChanged, IntegrityError))
