"""Drift between ledger and figures: found from new entries alone, raised, never mended silently."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.stock import flows, handlers, queries, rules, services
from app.domain.stock.errors import IncidentHandled, IncidentStanding
from app.domain.stock.types import AdjustReason, Difference, IncidentState
from app.infra import db
from app.kernel.errors import NotAllowed, NotFound
from tests.factories import forging, ledger, people
from tests.factories.ledger import Shelf
from tests.factories.stock_steps import AT, Statements, adjust, audited, on_holds, receive

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    made = ledger.make_shelf()
    receive(made, 20)
    return made


def change(database_kind: str, *statements: str) -> None:
    with forging.tampering(database_kind) as forger:
        for statement in statements:
            forger.execute(text(statement))


def raised(upt_id: int | None = None) -> list[tuple[str, str, str, str]]:
    items = queries.list_incidents(actor=ledger.SYSTEM, upt_id=upt_id).items
    return sorted(
        (item.code, item.subject, item.ledger_figure, item.stored_figure) for item in items
    )


def busy_day(shelf: Shelf) -> None:
    """Write entries of every phase after the last proof."""
    holds = [ledger.reserve(shelf.upt_id, shelf.variant_id, 2) for _ in range(4)]
    on_holds(services.keep, shelf, holds[0], expires_at=AT + timedelta(days=2))
    on_holds(services.ship, shelf, holds[0], quantities={holds[0][0].hold_id: 1})
    on_holds(services.deliver, shelf, holds[0])
    on_holds(services.release, shelf, holds[1], reason="cancelled")
    on_holds(services.ship, shelf, holds[2])
    adjust(shelf, -1, AdjustReason.DAMAGED)


def test_new_entries_are_proven_without_reading_the_old_ones(shelf: Shelf) -> None:
    first = flows.check_news(at=AT)
    assert (first.upts, first.entries, first.differences) == (1, 1, 0)
    early = ledger.reserve(shelf.upt_id, shelf.variant_id, 2, minutes=None)
    kept = ledger.reserve(shelf.upt_id, shelf.variant_id, 1, minutes=None)
    assert flows.check_news(at=AT).entries == 2
    on_holds(services.ship, shelf, early)
    on_holds(services.keep, shelf, kept, expires_at=AT + timedelta(days=9))
    busy_day(shelf)
    on_holds(services.deliver, shelf, early)
    with Statements() as seen:
        report = flows.check_news(at=AT + HOUR)
    assert (report.upts, report.entries, report.differences) == (1, 13, 0)
    assert len([one for one in seen if "previous_hash" in one]) == 1
    proof = queries.find_proof(upt_id=shelf.upt_id)
    assert proof
    assert (proof.sequence, proof.proven_at, proof.whole_at) == (16, AT + HOUR, AT)
    assert flows.check_news(at=AT).upts == 0
    assert raised() == []


ATTACKS = {
    "balance": ("UPDATE stock_balance SET in_posted = 23 WHERE account = 'available'", "balance"),
    "pending": ("UPDATE stock_balance SET out_pending = 0 WHERE account = 'available'", "balance"),
    "lost balance": ("DELETE FROM stock_balance WHERE account = 'production'", "balance"),
    "hold": ("UPDATE stock_hold SET state = 'voided' WHERE state = 'open'", "hold_state"),
    "hold lost": ("DELETE FROM stock_hold WHERE state = 'posted'", "hold_state"),
    "head": ("UPDATE stock_head SET hash = 'x'", "head"),
    "tail": ("UPDATE stock_head SET sequence = sequence + 1", "tail"),
    "entry": ("UPDATE stock_entry SET quantity = 2 WHERE phase = 'move' AND sequence > 9", "hash"),
}


def test_every_drift_is_raised_with_both_figures_from_new_entries_on(
    shelf: Shelf, database_kind: str
) -> None:
    flows.check_news(at=AT)
    busy_day(shelf)
    for name, (attack, code) in ATTACKS.items():
        change(database_kind, attack)
        assert flows.check_news(at=AT + HOUR).differences >= 1, name
        assert code in {row[0] for row in raised()}, name
        assert flows.check_news(at=AT + HOUR).upts == 0, name
        proof = queries.find_proof(upt_id=shelf.upt_id)
        assert proof
        assert proof.sequence == 1
        if code not in rules.CHAIN_CODES:
            flows.rebuild(actor=ledger.SYSTEM, upt_id=shelf.upt_id, is_dry=False, at=AT)
            assert raised() == [], name
        elif code == "tail":
            change(database_kind, "UPDATE stock_head SET sequence = sequence - 1")
            with db.unit_of_work():
                db.session().execute(text("UPDATE stock_incident SET state = 'resolved'"))


def test_a_difference_is_raised_once_refreshed_and_left_as_it_is(
    shelf: Shelf, database_kind: str
) -> None:
    change(database_kind, ATTACKS["balance"][0])
    for hours in (0, 1, 2):
        flows.check_whole(at=AT + hours * HOUR)
    lot_id = queries.list_lots(
        actor=ledger.SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id
    )[0].lot_id
    subject = f"balance:{shelf.variant_id}/{lot_id}/available"
    assert raised() == [("balance", subject, "20/0/0/0", "23/0/0/0")]
    item = queries.list_incidents(actor=ledger.SYSTEM).items[0]
    assert (item.first_seen_at, item.last_seen_at) == (AT, AT + 2 * HOUR)
    assert item.state is IncidentState.OPEN
    assert audited().count("stock.incident_raised") == 1
    stored = db.read_session().scalar(
        text("SELECT in_posted FROM stock_balance WHERE account = 'available'")
    )
    assert stored == 23
    assert queries.count_open_incidents() == {shelf.upt_id: 1}
    assert queries.count_open_incidents(upt_ids=[999]) == {}
    # selling goes on: the guarded balance still decides
    assert ledger.reserve(shelf.upt_id, shelf.variant_id, 1)


def test_many_differences_are_capped_and_listed_page_by_page(shelf: Shelf) -> None:
    told = [Difference("balance", f"balance:1/{n}/available", "1", "2") for n in range(60)]
    with db.unit_of_work():
        assert services.note(upt_id=shelf.upt_id, differences=told, at=AT) == 50
    with db.unit_of_work():
        assert services.note(upt_id=shelf.upt_id, differences=told[:5], at=AT) == 0
        assert services.note(upt_id=shelf.upt_id, differences=(), at=AT) == 0
    first = queries.list_incidents(actor=ledger.SYSTEM)
    second = queries.list_incidents(actor=ledger.SYSTEM, cursor=first.after)
    third = queries.list_incidents(actor=ledger.SYSTEM, cursor=second.after)
    assert [len(page.items) for page in (first, second, third)] == [24, 24, 2]


def test_people_handle_what_is_in_their_reach_and_only_what_is_gone_is_closed(
    shelf: Shelf, database_kind: str
) -> None:
    change(database_kind, ATTACKS["balance"][0])
    flows.check_whole(at=AT)
    incident_id = queries.list_incidents(actor=ledger.SYSTEM).items[0].incident_id
    other = ledger.make_shelf("lapas-pamekasan")

    def handle(service: Callable[..., object], role: str, upt_id: int | None = None) -> None:
        with db.unit_of_work():
            service(
                actor=people.actor(role, upt_id), incident_id=incident_id, note="dilihat", at=AT
            )

    acknowledge, resolve = services.acknowledge_incident, services.resolve_incident
    for role, upt_id, refusal in (
        ("upt_clerk", shelf.upt_id, NotAllowed),
        ("kanwil_staff", shelf.upt_id, NotAllowed),
        ("upt_head", other.upt_id, NotFound),
        ("curator", None, NotAllowed),
    ):
        with pytest.raises(refusal):
            handle(acknowledge, role, upt_id)
    head_elsewhere = people.actor("upt_head", other.upt_id)
    assert queries.list_incidents(actor=head_elsewhere).items == ()
    with pytest.raises(NotFound):
        queries.list_incidents(actor=head_elsewhere, upt_id=shelf.upt_id)
    with pytest.raises(NotAllowed):
        queries.list_incidents(actor=people.actor("treasurer"))
    handle(acknowledge, "auditor")
    with pytest.raises(IncidentStanding):
        handle(resolve, "upt_head", shelf.upt_id)
    change(database_kind, "UPDATE stock_balance SET in_posted = 20 WHERE in_posted = 23")
    flows.check_whole(at=AT + HOUR)
    handle(resolve, "upt_head", shelf.upt_id)
    for service in (acknowledge, resolve):
        with pytest.raises(IncidentHandled):
            handle(service, "auditor")
    assert raised() == []
    assert audited()[-3:] == [
        "stock.incident_raised", "stock.incident_acknowledged", "stock.incident_resolved",
    ]  # fmt: skip
    with pytest.raises(NotFound):
        queries.get_incident_row(incident_id=999)


@pytest.mark.parametrize("attack", ["balance", "pending", "lost balance", "hold", "head"])
def test_drift_is_raised_where_nobody_writes(shelf: Shelf, database_kind: str, attack: str) -> None:
    ledger.reserve(shelf.upt_id, shelf.variant_id, 2, minutes=None)
    flows.check_news(at=AT)
    with Statements() as seen:
        assert (flows.check_quiet(at=AT).upts, raised()) == (1, [])
    assert not [one for one in seen if one.startswith(("INSERT", "UPDATE"))]
    statement, code = ATTACKS[attack]
    change(database_kind, statement)
    assert flows.check_quiet(at=AT + HOUR).differences >= 1
    assert code in {row[0] for row in raised()}
    assert flows.check_quiet(at=AT + HOUR).upts == 0


def test_the_clock_publishes_and_compares(app: Flask, shelf: Shelf) -> None:
    work = {periodic.name: periodic.run for periodic in handlers.PERIODICS}
    for name in ("stock.publish_heads", "stock.check_news", "stock.check_whole"):
        work[name](AT)
    assert queries.latest_root() is not None
    proof = queries.find_proof(upt_id=shelf.upt_id)
    assert proof
    assert proof.whole_at == AT
