"""Rebuilding figures from the ledger: shown first, approved by a person, never from a broken chain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.domain.stock import flows, queries, rules, services
from app.domain.stock.errors import LedgerBroken
from app.domain.stock.types import AdjustReason, RebuildReport
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotAllowed, NotFound
from tests.factories import forging, ledger, people
from tests.factories.ledger import Shelf
from tests.factories.stock_steps import AT, adjust, audited, on_holds, receive, reverse

pytestmark = pytest.mark.usefixtures("app")

TABLES = ("stock_balance", "stock_hold", "stock_head")


@pytest.fixture
def shelf() -> Shelf:
    """Give a ledger with one entry of every phase, beside another UPT's."""
    other = ledger.make_shelf("lapas-pamekasan")
    receive(other, 7)
    ledger.reserve(other.upt_id, other.variant_id, 1)
    made = ledger.make_shelf()
    receive(made, 20)
    holds = [ledger.reserve(made.upt_id, made.variant_id, 2) for _ in range(4)]
    on_holds(services.keep, made, holds[0], expires_at=AT + timedelta(days=2))
    on_holds(services.keep, made, holds[0], expires_at=None)
    on_holds(services.ship, made, holds[0], quantities={holds[0][0].hold_id: 1})
    on_holds(services.deliver, made, holds[0])
    on_holds(services.release, made, holds[1], reason="cancelled")
    on_holds(services.keep, made, holds[3], expires_at=AT + timedelta(days=3))
    adjust(made, -1, AdjustReason.DAMAGED)
    reverse(made, rules.entry_id(upt_id=made.upt_id, sequence=12))
    with db.unit_of_work():
        services.expire_lapsed(at=AT + timedelta(days=1))
    return made


def state() -> list[list[tuple[object, ...]]]:
    db.read_session().rollback()
    return [
        [tuple(row) for row in db.read_session().execute(text(f"SELECT * FROM {name} ORDER BY 1, 2, 3, 4"))]
        for name in TABLES
    ]  # fmt: skip


def rebuild(shelf: Shelf, *, is_dry: bool = False, actor: Actor | None = None) -> RebuildReport:
    return flows.rebuild(
        actor=actor or people.actor("upt_head", shelf.upt_id),
        upt_id=shelf.upt_id, reason="saldo dihitung ulang", is_dry=is_dry, at=AT,
    )  # fmt: skip


DAMAGE = (
    "UPDATE stock_balance SET in_posted = in_posted + 3 WHERE upt_id = {u} AND account = 'available'",
    "UPDATE stock_balance SET out_pending = 9 WHERE upt_id = {u} AND account = 'available'",
    "DELETE FROM stock_balance WHERE upt_id = {u} AND account = 'loss'",
    "INSERT INTO stock_balance SELECT upt_id, variant_id, lot_id, 'quarantine', 5, 0, 0, 0 FROM stock_balance WHERE upt_id = {u} AND account = 'available'",
    "UPDATE stock_hold SET state = 'open' WHERE upt_id = {u} AND state = 'posted'",
    "UPDATE stock_hold SET expires_at = NULL WHERE upt_id = {u} AND state = 'expired'",
    "DELETE FROM stock_hold WHERE upt_id = {u} AND state = 'voided'",
    "UPDATE stock_head SET hash = 'x' WHERE upt_id = {u}",
)


def damage(shelf: Shelf, database_kind: str, *statements: str) -> None:
    with forging.tampering(database_kind) as forger:
        for statement in statements:
            forger.execute(text(statement.format(u=shelf.upt_id)))


def test_a_sound_ledger_gives_the_figures_that_are_stored(shelf: Shelf) -> None:
    before = state()
    report = rebuild(shelf)
    assert (report.count, report.was_repaired) == (0, False)
    assert (report.entries, report.holds) == (14, 4)
    assert state() == before
    assert "stock.rebuilt" not in audited()


def test_a_dry_run_shows_and_changes_nothing(shelf: Shelf, database_kind: str) -> None:
    damage(shelf, database_kind, DAMAGE[0])
    before = state()
    report = rebuild(shelf, is_dry=True)
    assert (report.count, report.was_repaired) == (1, False)
    assert report.differences[0].subject.endswith("/available")
    figures = (report.differences[0].ledger_figure, report.differences[0].stored_figure)
    assert figures[0].startswith("21/")
    assert figures[1].startswith("24/")
    assert state() == before


def test_with_approval_everything_is_as_before_audited_and_resolved(
    shelf: Shelf, database_kind: str
) -> None:
    before = state()
    damage(shelf, database_kind, *DAMAGE)
    assert flows.verify(upt_id=shelf.upt_id).faults
    flows.check_whole(at=AT)
    assert queries.count_open_incidents()[shelf.upt_id] == 7
    report = rebuild(shelf)
    assert (report.count, report.was_repaired) == (7, True)
    assert state() == before
    assert flows.verify().faults == ()
    assert queries.count_open_incidents() == {}
    assert audited().count("stock.incident_resolved") == 7
    assert audited().count("stock.rebuilt") == 1
    if database_kind == "postgres":
        receive(shelf, 1)
        assert flows.verify().faults == ()


def test_a_lost_head_is_made_again(shelf: Shelf, database_kind: str) -> None:
    before = state()
    damage(shelf, database_kind, "DELETE FROM stock_head WHERE upt_id = {u}")
    assert rebuild(shelf).count == 1
    assert state() == before


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        ("UPDATE stock_entry SET quantity = 21 WHERE upt_id = {u} AND sequence = 1", "hash"),
        ("DELETE FROM stock_entry WHERE upt_id = {u} AND sequence = 14", "tail"),
        ("UPDATE stock_head SET sequence = 15 WHERE upt_id = {u}", "tail"),
    ],
)
def test_nothing_is_rebuilt_from_entries_that_are_not_whole(
    shelf: Shelf, database_kind: str, attack: str, code: str
) -> None:
    damage(shelf, database_kind, attack)
    before = state()
    with pytest.raises(LedgerBroken) as refused:
        rebuild(shelf)
    assert code in {fault.code for fault in refused.value.faults}
    assert state() == before


def test_nothing_is_rebuilt_from_a_chain_that_differs_from_a_published_head(
    shelf: Shelf, database_kind: str
) -> None:
    flows.publish_heads(at=AT)
    with forging.tampering(database_kind) as forger:
        forging.rewrite(forger, shelf.upt_id)
    with pytest.raises(LedgerBroken) as refused:
        rebuild(shelf)
    assert {fault.code for fault in refused.value.faults} == {"published"}


def test_only_who_answers_for_it_may_rebuild(shelf: Shelf, database_kind: str) -> None:
    damage(shelf, database_kind, DAMAGE[0])
    before = state()
    other = ledger.make_shelf("rutan-palu")
    for actor, refusal in (
        (people.actor("upt_clerk", shelf.upt_id), NotAllowed),
        (people.actor("kanwil_staff", shelf.upt_id), NotAllowed),
        (people.actor("upt_head", other.upt_id), NotFound),
    ):
        with pytest.raises(refusal):
            rebuild(shelf, actor=actor)
    assert state() == before
    assert rebuild(shelf, actor=people.actor("auditor")).was_repaired
