"""Loans to fairs: lent pieces are sold, come back or are explained before a loan is closed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.domain.stock import services as stock_services
from app.domain.stock.errors import InsufficientStock, NotReversible
from app.domain.stock.types import Account, AdjustReason
from app.domain.transfers import queries, services
from app.domain.transfers.commands import SaveFair, SendMore
from app.domain.transfers.errors import (
    FairClosed,
    FairUnsettled,
    MoreThanSent,
    NothingWritten,
    TransferChanged,
    TransferNumberTaken,
)
from app.domain.transfers.types import FairState, ListFilter, PaidBy
from app.infra import db
from app.kernel.errors import IdempotencyMismatch, Invalid, NotAllowed, NotFound
from tests.factories import ledger, people, transit
from tests.factories.ledger import AT, SYSTEM, Shelf

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    made = ledger.make_shelf(variants=2)
    for variant_id in made.variant_ids:
        ledger.receive(made.upt_id, variant_id, 10, lot_code="L1")
    return made


def places(shelf: Shelf) -> dict[str, int]:
    return transit.pieces(shelf.upt_id, shelf.variant_id)


def close(document: str) -> None:
    version = transit.fair_page(document).record.version
    db.transact(
        lambda: services.close_fair(
            actor=SYSTEM, number=document, command=transit.step(version), at=AT
        )
    )


def undo(document: str, sequence: int, *, entry_key: str | None = None) -> None:
    version = transit.fair_page(document).record.version
    db.transact(
        lambda: services.undo_settlement(
            actor=SYSTEM, number=document, sequence=sequence,
            command=transit.step(version, entry_key), at=AT,
        )
    )  # fmt: skip


def ensure_proved() -> None:
    db.read_session().rollback()
    assert queries.verify() == ()
    db.read_session().rollback()
    assert stock_flows.verify().faults == ()


def test_a_loan_closes_when_sold_back_and_gap_are_what_was_sent(shelf: Shelf) -> None:
    document = transit.fair_out(shelf, 6, 4)
    assert places(shelf) == {"available": 4, "fair": 6}
    free = stock_queries.availability(variant_ids=[shelf.variant_id], at=AT)
    assert free[shelf.variant_id] == 4
    transit.settle(
        document,
        transit.result(
            document, {"sold": 3, "price_idr": "45.000"}, {"returned": 2}, paid_by="qris",
            place="gallery",
        ),
    )  # fmt: skip
    with pytest.raises(FairUnsettled) as early:
        close(document)
    assert early.value.left == 5
    transit.settle(
        document,
        transit.result(
            document,
            {"sold": 1, "damaged": 1, "lost": 1},
            {"returned": 2},
            reason="jatuh di tenda",
        ),
    )
    assert places(shelf) == {"available": 4}
    sales = transit.fair_page(document).sales
    assert (sales.pieces, sales.total_idr) == (4, 185_000)
    assert sales.by_payment_idr == {PaidBy.QRIS: 135_000, PaidBy.CASH: 50_000}
    close(document)
    assert transit.fair_page(document).record.state is FairState.CLOSED
    with pytest.raises(FairClosed):
        close(document)
    ensure_proved()


def test_the_same_form_is_one_effect(shelf: Shelf) -> None:
    document = transit.fair_out(shelf, 6)
    command = transit.result(document, {"sold": 2})
    for _ in range(2):
        transit.settle(document, command)
    assert transit.fair_page(document).sales.pieces == 2
    with pytest.raises(IdempotencyMismatch):
        transit.settle(document, command.model_copy(update={"paid_by": PaidBy.BANK}))
    with pytest.raises(IdempotencyMismatch):
        other = transit.fair_out(shelf, 1)
        transit.settle(other, transit.result(other, {"sold": 1}, entry_key=command.entry_key))
    draft = SaveFair.parse(
        {
            "name": "Pameran", "place": "Alun-alun", "starts_on": "2026-11-20",
            "ends_on": "2026-11-25", "responsible": "Kasubag TU", "entry_key": transit.key(),
            "lines": [{"variant_id": shelf.variant_id, "quantity": 1}],
        }
    )  # fmt: skip

    def create(number: str) -> str:
        return db.transact(
            lambda: services.create_fair(
                actor=SYSTEM, upt_id=shelf.upt_id, number=number, command=draft, at=AT
            )
        )

    assert create("PMR-AAAAAAAA") == create("PMR-BBBBBBBB") == "PMR-AAAAAAAA"
    with pytest.raises(TransferNumberTaken):
        transit.fair_draft(shelf, 1) and db.transact(
            lambda: services.create_fair(
                actor=SYSTEM, upt_id=shelf.upt_id, number="PMR-AAAAAAAA", at=AT,
                command=draft.model_copy(update={"entry_key": transit.key()}),
            )
        )  # fmt: skip
    ensure_proved()


def test_refusals_change_nothing(shelf: Shelf) -> None:
    document = transit.fair_out(shelf, 6, 2)
    before = places(shelf), transit.fair_page(document)
    cases: list[tuple[type[Exception], list[dict[str, Any]], dict[str, Any]]] = [
        (MoreThanSent, [{"sold": 4, "returned": 3}], {}),
        (NothingWritten, [{}, {}], {}),
        (Invalid, [{"sold": 1}], {"paid_by": None}),
        (Invalid, [{"lost": 1}], {}),
        (TransferChanged, [{"sold": 1}], {"expected_version": 1}),
    ]
    for error, rows, more in cases:
        with pytest.raises(error):
            transit.settle(document, transit.result(document, *rows, **more))
    with pytest.raises(Invalid):
        transit.result(document, {"returned": 1}, place="transit_upt")
    assert (places(shelf), transit.fair_page(document)) == before
    with pytest.raises(InsufficientStock):
        transit.fair_out(shelf, 5)
    with pytest.raises(Invalid):
        line = {"variant_id": shelf.variant_id, "quantity": 1, "from_place": "quarantine"}
        transit.fair_draft(shelf, lines=[line])


def test_a_record_is_taken_back_once_while_its_pieces_are_there(shelf: Shelf) -> None:
    document = transit.fair_out(shelf, 6)
    transit.settle(document, transit.result(document, {"sold": 2, "returned": 3}))
    key = transit.key()
    undo(document, 3, entry_key=key)
    assert places(shelf) == {"available": 4, "fair": 6}
    found = transit.fair_page(document)
    assert (found.sales.pieces, found.lines[0].left, found.events[2].undone_by) == (0, 6, 4)
    with pytest.raises(NotReversible):
        undo(document, 3)
    with pytest.raises(NotFound):
        undo(document, 2)
    transit.settle(document, transit.result(document, {"returned": 6}))
    db.transact(
        lambda: stock_services.adjust(
            actor=SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id, lot_id=None,
            quantity_delta=-10, reason=AdjustReason.LOST, note="", source=ledger.source(),
            happened_at=AT, at=AT,
        )
    )  # fmt: skip
    with pytest.raises(InsufficientStock):
        undo(document, 5)
    assert transit.fair_page(document).events[4].undone_by is None
    ensure_proved()


def test_more_goods_follow_and_drafts_are_discarded(shelf: Shelf) -> None:
    document = transit.fair_out(shelf, 2)
    line = {"variant_id": shelf.variant_id, "quantity": 3}
    command = SendMore.parse({"lines": [line], "expected_version": 2, "entry_key": transit.key()})
    for _ in range(2):
        db.transact(
            lambda: services.send_more(actor=SYSTEM, number=document, command=command, at=AT)
        )
    found = transit.fair_page(document)
    assert ([each.quantity for each in found.lines], found.record.pieces_sent) == ([2, 3], 5)
    draft = transit.fair_draft(shelf, 1)
    with pytest.raises(FairClosed):
        db.transact(
            lambda: services.send_more(
                actor=SYSTEM, number=draft, at=AT,
                command=command.model_copy(
                    update={"expected_version": 1, "entry_key": transit.key()}
                ),
            )
        )  # fmt: skip
    db.transact(
        lambda: services.discard_fair(actor=SYSTEM, number=draft, command=transit.step(), at=AT)
    )
    assert transit.fair_page(draft).record.state is FairState.DISCARDED
    shown = queries.list_fairs(
        actor=SYSTEM, upt_id=shelf.upt_id, today=transit.TODAY, show=ListFilter.OPEN
    )
    assert [row.record.number for row in shown.items] == [document]
    ensure_proved()


def test_powers_are_asked(shelf: Shelf) -> None:
    document = transit.fair_out(shelf, 2)
    watcher = people.actor("kanwil_staff", upt_id=shelf.upt_id, user_id=5)
    stranger = people.actor("upt_clerk", upt_id=people.make_upt("lapas-lain").upt_id, user_id=6)
    command = transit.result(document, {"sold": 1})
    for actor, error in ((watcher, NotAllowed), (stranger, NotFound)):
        with pytest.raises(error):
            transit.settle(document, command, actor=actor)
        with pytest.raises(error):
            transit.fair_draft(shelf, 1, actor=actor)
    assert transit.fair_page(document, actor=watcher).record.number == document
    with pytest.raises(NotFound):
        transit.fair_page(document, actor=stranger)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE fair_line SET sold = 7",
        "UPDATE fair_loan SET state = 'closed', ended_at = sent_at",
        "UPDATE fair_loan SET ends_on = '2020-01-01'",
        "DELETE FROM fair_outcome",
        "UPDATE fair_outcome SET amount_idr = 1",
    ],
)
def test_the_database_alone_refuses_sums_and_changes(shelf: Shelf, attack: str) -> None:
    document = transit.fair_out(shelf, 6)
    transit.settle(document, transit.result(document, {"sold": 1}))
    with pytest.raises((DBAPIError, MoreThanSent)), db.unit_of_work():
        db.session().execute(text(attack))


def test_a_shelf_piece_is_lent_from_the_shelf(shelf: Shelf) -> None:
    db.transact(
        lambda: stock_services.move_stock(
            actor=SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id, lot_id=None,
            from_place=Account.AVAILABLE, to_place=Account.GALLERY, quantity=1, note="",
            source=ledger.source(), happened_at=AT, at=AT,
        )
    )  # fmt: skip
    line = {"variant_id": shelf.variant_id, "quantity": 1, "from_place": "gallery"}
    document = transit.fair_out(shelf, lines=[line])
    assert places(shelf) == {"available": 9, "fair": 1}
    assert transit.fair_page(document).lines[0].from_place is Account.GALLERY
