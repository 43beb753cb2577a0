"""Transfers between units: both ledgers move or neither does, to the last piece."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.domain.stock import services as stock_services
from app.domain.stock.errors import InsufficientStock, LotUnfit
from app.domain.stock.types import STOCK_ADJUST, Account, EntryKind, EntrySource, LotState, Move
from app.domain.transfers import queries, services
from app.domain.transfers.commands import SaveTransfer
from app.domain.transfers.errors import (
    MoreThanSent,
    NothingWritten,
    TransferChanged,
    TransferClosed,
)
from app.domain.transfers.types import ListFilter, TransferState
from app.infra import db
from app.kernel.errors import IdempotencyMismatch, Invalid, NotAllowed, NotFound
from tests.factories import ledger, people, transit
from tests.factories.ledger import AT, SYSTEM
from tests.factories.transit import Pair

pytestmark = pytest.mark.usefixtures("app")

S = TransferState


@pytest.fixture
def pair() -> Pair:
    return transit.make_pair(10)


def stock(pair: Pair) -> tuple[dict[str, int], dict[str, int]]:
    return (
        transit.pieces(pair.sender.upt_id, pair.sender.variant_id),
        transit.pieces(pair.receiver.upt_id, pair.receiver.variant_id),
    )


def row(pair: Pair, index: int = 0, **counts: Any) -> dict[str, Any]:
    return {"variant_id": pair.receiver.variant_ids[index], **counts}


def ensure_proved(pair: Pair) -> None:
    db.read_session().rollback()
    assert queries.verify() == ()
    assert transit.other_upt(pair.sender.upt_id) + transit.other_upt(pair.receiver.upt_id) == 0
    db.read_session().rollback()
    assert stock_flows.verify().faults == ()


def test_goods_leave_one_ledger_and_enter_the_other(pair: Pair) -> None:
    document = transit.sent(pair, 6, 4)
    assert stock(pair) == ({"available": 4, "transit_upt": 6}, {})
    transit.receive(
        document, transit.arrival(document, row(pair, received=6), row(pair, 1, received=4))
    )
    assert stock(pair) == ({"available": 4}, {"available": 6})
    found = transit.page(document)
    assert (found.record.state, found.record.pieces_settled) == (S.SETTLED, 10)
    assert found.lines[0].receiver_variant_id == pair.receiver.variant_id
    lots = stock_queries.lots_in(upt_id=pair.receiver.upt_id)
    assert {(lot.code, lot.on_hand) for lot in lots} == {("L1", 6), ("L1", 4)}
    ensure_proved(pair)


def test_differences_say_where_each_piece_is(pair: Pair) -> None:
    document = transit.sent(pair, 10)
    first = row(pair, received=4, lost=1, damaged=2, not_sent=1, reason="dus basah")
    transit.receive(document, transit.arrival(document, first, place="quarantine"))
    assert transit.page(document).record.state is S.PART_RECEIVED
    assert stock(pair) == ({"available": 1, "transit_upt": 2}, {"quarantine": 4})
    transit.receive(document, transit.arrival(document, row(pair, received=2)))
    found = transit.page(document)
    assert stock(pair) == ({"available": 1}, {"quarantine": 4, "available": 2})
    line = found.lines[0]
    assert (line.received, line.returned, line.lost, line.left) == (6, 1, 3, 0)
    outcomes = [(one.outcome, one.quantity, one.reason) for one in found.events[2].outcomes]
    assert outcomes == [
        ("received", 4, "dus basah"),
        ("lost", 1, "dus basah"),
        ("damaged", 2, "dus basah"),
        ("not_sent", 1, "dus basah"),
    ]
    ensure_proved(pair)


@pytest.mark.parametrize(
    ("choice", "left"), [("back", {"available": 6}), ("write_off", {"available": 1})]
)
def test_the_sender_ends_what_is_on_the_way(pair: Pair, choice: str, left: dict[str, int]) -> None:
    document = transit.sent(pair, 9)
    transit.receive(document, transit.arrival(document, row(pair, received=4)))
    transit.recall(document, choice, version=3)
    assert stock(pair) == (left, {"available": 4})
    assert transit.page(document).record.state is S.RECALLED
    with pytest.raises(TransferClosed):
        transit.receive(document, transit.arrival(document, row(pair, received=1)))
    ensure_proved(pair)


def test_the_same_form_is_one_effect(pair: Pair) -> None:
    command = SaveTransfer.parse(
        {
            "receiver_upt_id": pair.receiver.upt_id,
            "lines": [{"variant_id": pair.sender.variant_id, "quantity": 3}],
            "entry_key": transit.key(),
        }
    )

    def create(changed: SaveTransfer) -> str:
        return db.transact(
            lambda: services.create_transfer(
                actor=SYSTEM, upt_id=pair.sender.upt_id, number=transit.number(),
                command=changed, at=AT,
            )
        )  # fmt: skip

    document = create(command)
    assert create(command) == document
    with pytest.raises(IdempotencyMismatch):
        create(command.model_copy(update={"note": "lain"}))
    step = transit.step()
    for _ in range(2):
        db.transact(
            lambda: services.send_transfer(actor=SYSTEM, number=document, command=step, at=AT)
        )
    arrived = transit.arrival(document, row(pair, received=2))
    for _ in range(2):
        transit.receive(document, arrived)
    assert stock(pair) == ({"available": 7, "transit_upt": 1}, {"available": 2})
    with pytest.raises(IdempotencyMismatch):
        transit.receive(document, arrived.model_copy(update={"place": Account.GALLERY}))
    assert len(transit.page(document).events) == 3
    ensure_proved(pair)


def test_refusals_leave_both_ledgers_as_they_were(pair: Pair) -> None:
    document = transit.sent(pair, 5, 5)
    before = stock(pair), transit.page(document)
    foreign = ledger.make_shelf("lapas-lain").variant_id
    cases: list[tuple[type[Exception], list[dict[str, Any]], dict[str, Any]]] = [
        (MoreThanSent, [row(pair, received=5, lost=1, reason="x")], {}),
        (NothingWritten, [row(pair)], {}),
        (Invalid, [row(pair, received=1), row(pair, 1, lost=1)], {}),
        (Invalid, [{"received": 1}], {}),
        (NotFound, [{"received": 1, "variant_id": foreign}], {}),
        (TransferChanged, [row(pair, received=1)], {"expected_version": 1}),
        (TransferChanged, [row(pair, received=1, line_id=999_999)], {}),
    ]
    for error, rows, more in cases:
        with pytest.raises(error):
            transit.receive(document, transit.arrival(document, *rows, **more))
    with pytest.raises(MoreThanSent) as over:
        transit.receive(
            document, transit.arrival(document, row(pair, received=5), row(pair, 1, received=6))
        )
    assert [(e.field, dict(e.params)) for e in over.value.errors] == [
        ("lines.1.received", {"left": 5, "counted": 6})
    ]
    assert (stock(pair), transit.page(document)) == before


def test_sending_names_every_shortage_and_takes_nothing(pair: Pair) -> None:
    document = transit.draft(pair, 11, 12)
    with pytest.raises(InsufficientStock) as short:
        transit.send(document)
    assert [(each.wanted, each.available) for each in short.value.shortages] == [(11, 10), (12, 10)]
    assert stock(pair)[0] == {"available": 10}
    assert transit.page(document).record.state is S.DRAFT


def test_sends_first_what_expires_first_and_never_what_is_blocked() -> None:
    pair = transit.make_pair(2, variants=1)
    shelf = pair.sender
    ledger.receive(shelf.upt_id, shelf.variant_id, 3, lot_code="L2", expires_on=date(2027, 1, 1))
    document = transit.sent(pair, 4)
    lines = transit.page(document).lines
    assert [(each.lot_code, each.quantity) for each in lines] == [("L2", 3), ("L1", 1)]
    assert lines[0].expires_on == date(2027, 1, 1)
    lot_id = lines[1].lot_id
    assert lot_id is not None
    db.transact(
        lambda: stock_services.set_lot_state(
            actor=SYSTEM, upt_id=shelf.upt_id, lot_id=lot_id, state=LotState.BLOCKED,
            note="diperiksa", at=AT,
        )
    )  # fmt: skip
    named = [{"variant_id": shelf.variant_id, "quantity": 1, "lot_id": lot_id}]
    with pytest.raises(LotUnfit):
        transit.send(transit.draft(pair, lines=named))


def test_a_lot_code_that_means_other_dates_here_gets_a_name_beside_it() -> None:
    pair = transit.make_pair(4, variants=1)
    ledger.receive(
        pair.receiver.upt_id,
        pair.receiver.variant_id,
        1,
        lot_code="L1",
        expires_on=date(2027, 5, 1),
    )
    document = transit.sent(pair, 4)
    transit.receive(document, transit.arrival(document, row(pair, received=4)))
    lots = {
        lot.code: (lot.on_hand, lot.expires_on)
        for lot in stock_queries.lots_in(upt_id=pair.receiver.upt_id)
    }
    assert lots == {"L1": (1, date(2027, 5, 1)), f"L1/{document}": (4, None)}
    ensure_proved(pair)


def test_drafts_are_changed_discarded_and_seen_by_the_sender_alone(pair: Pair) -> None:
    document = transit.draft(pair, 3)
    receiver = people.actor("upt_clerk", upt_id=pair.receiver.upt_id, user_id=7)
    sender = people.actor("upt_clerk", upt_id=pair.sender.upt_id, user_id=8)
    assert transit.page(document, actor=sender).record.number == document
    with pytest.raises(NotFound):
        transit.page(document, actor=receiver)
    command = SaveTransfer.parse(
        {
            "receiver_upt_id": pair.receiver.upt_id,
            "carrier": "Truk dinas",
            "lines": [
                {"variant_id": pair.sender.variant_id, "quantity": 2},
                {"variant_id": pair.sender.variant_id, "quantity": 3},
            ],
            "expected_version": 1,
            "entry_key": transit.key(),
        }
    )
    save = lambda: services.save_transfer(  # noqa: E731
        actor=sender, number=document, command=command, at=AT
    )
    for _ in range(2):
        db.transact(save)
    found = transit.page(document)
    assert (found.record.version, found.record.carrier) == (2, "Truk dinas")
    assert [line.quantity for line in found.lines] == [5]
    with pytest.raises(NotFound):
        db.transact(
            lambda: services.discard_transfer(
                actor=receiver, number=document, command=transit.step(2), at=AT
            )
        )
    db.transact(
        lambda: services.discard_transfer(
            actor=sender, number=document, command=transit.step(2), at=AT
        )
    )
    assert transit.page(document).record.state is S.DISCARDED
    assert stock(pair)[0] == {"available": 10}


def test_powers_are_asked_on_each_side(pair: Pair) -> None:
    document = transit.sent(pair, 3)
    sender = people.actor("upt_clerk", upt_id=pair.sender.upt_id, user_id=8)
    receiver = people.actor("upt_head", upt_id=pair.receiver.upt_id, user_id=9)
    watcher = people.actor("kanwil_staff", upt_id=pair.receiver.upt_id, user_id=10)
    stranger = people.actor("upt_clerk", upt_id=people.make_upt("lapas-lain").upt_id, user_id=11)
    counted = transit.arrival(document, row(pair, received=3))
    for actor, error in ((sender, NotFound), (stranger, NotFound), (watcher, NotAllowed)):
        with pytest.raises(error):
            transit.receive(document, counted, actor=actor)
    for actor in (receiver, stranger):
        with pytest.raises(NotFound):
            transit.recall(document, "back", actor=actor)
    assert transit.page(document, actor=watcher).record.number == document
    with pytest.raises(NotFound):
        transit.page(document, actor=stranger)
    with pytest.raises(NotFound):
        transit.draft(pair, 1, actor=receiver)
    with pytest.raises(Invalid):
        transit.draft(pair, 1, receiver_upt_id=pair.sender.upt_id)
    transit.receive(document, counted, actor=receiver)
    ensure_proved(pair)


def test_lists_show_direction_days_and_what_is_late(pair: Pair) -> None:
    plain = transit.sent(pair, 1)
    due = transit.sent(pair, 1, due_on="2026-11-21")
    transit.draft(pair, 1)
    later = AT + timedelta(days=15)

    def numbers(upt_id: int, show: ListFilter, at: Any = AT) -> list[str]:
        found = queries.list_transfers(
            actor=SYSTEM, upt_id=upt_id, at=at, today=at.date(), show=show
        )
        return [item.record.number for item in found.items]

    assert len(numbers(pair.sender.upt_id, ListFilter.ALL)) == 3
    assert numbers(pair.receiver.upt_id, ListFilter.INCOMING) == [due, plain]
    assert numbers(pair.receiver.upt_id, ListFilter.OUTGOING) == []
    assert len(numbers(pair.sender.upt_id, ListFilter.OPEN)) == 3
    assert numbers(pair.sender.upt_id, ListFilter.LATE) == [due]
    assert numbers(pair.sender.upt_id, ListFilter.LATE, later) == [due, plain]
    found = queries.list_transfers(
        actor=SYSTEM, upt_id=pair.receiver.upt_id, at=later, today=later.date()
    )
    assert [(item.days_on_the_way, item.is_late, item.is_incoming) for item in found.items] == [
        (15, True, True),
        (15, True, True),
    ]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE transfer_line SET received = 7, receiver_variant_id = 1",
        "UPDATE transfer_line SET lost = -1",
        "UPDATE transfer SET pieces_settled = pieces_sent + 1",
        "UPDATE transfer SET state = 'settled', ended_at = sent_at",
        "UPDATE transfer SET receiver_upt_id = sender_upt_id",
        "UPDATE transfer SET sent_at = NULL",
        "UPDATE transfer_event SET note = 'lain'",
        "DELETE FROM transfer_event",
    ],
)
def test_the_database_alone_refuses_sums_and_changes(pair: Pair, attack: str) -> None:
    transit.sent(pair, 6)
    with pytest.raises((IntegrityError, MoreThanSent, db.DBAPIError)), db.unit_of_work():
        db.session().execute(text(attack))


def test_the_proof_names_what_does_not_agree(pair: Pair) -> None:
    document = transit.sent(pair, 6)
    transit.receive(document, transit.arrival(document, row(pair, received=3)))
    with db.unit_of_work():
        db.session().execute(text("UPDATE transfer_line SET lost = 1"))
    assert {fault.code for fault in queries.verify()} == {"lines", "sums", "balance"}
    with db.unit_of_work():
        db.session().execute(text("UPDATE transfer_line SET lost = 0"))
    db.transact(
        lambda: stock_services.post_moves(
            actor=SYSTEM,
            permission=STOCK_ADJUST,
            acting_upt_id=pair.sender.upt_id,
            action="test.slip",
            moves=[
                Move(
                    pair.sender.upt_id, pair.sender.variant_id, EntryKind.TRANSFER_DONE,
                    Account.TRANSIT_UPT, Account.OTHER_UPT, 1,
                )
            ],
            source=EntrySource("transfer", f"{document}/9"),
            happened_at=AT,
            at=AT,
        )
    )  # fmt: skip
    found = {fault.code: fault for fault in queries.verify()}
    assert found["pair"].number == document
    assert set(found) == {"pair", "balance"}
