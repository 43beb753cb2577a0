"""Receiving, adjusting and taking back: what is written, what refused, what a repeat does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.domain.stock import services
from app.domain.stock.errors import (
    HappenedInFuture,
    InsufficientStock,
    LotMismatch,
    NotReversible,
    QuantityOutOfRange,
    ReasonUnfit,
)
from app.domain.stock.models import StockBalance, StockEntry, StockHold, StockLot
from app.domain.stock.types import (
    AdjustReason,
    EntryKind,
    LotChoice,
    Shortage,
    StockPosition,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import IdempotencyMismatch, NotAllowed, NotFound
from tests.factories import ledger, people
from tests.factories.ledger import Shelf, source
from tests.factories.stock_steps import (
    AT,
    adjust,
    audited,
    ensure_whole,
    entry_ids,
    kinds,
    on_holds,
    position,
    receive,
    reverse,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    return ledger.make_shelf(variants=2)


def test_receiving_adds_pieces_an_entry_and_an_audit_entry(shelf: Shelf) -> None:
    found = receive(shelf, 10)
    assert found == StockPosition(shelf.upt_id, shelf.variant_id, 10, 0, 10)
    assert (kinds(), audited()) == (["produced"], ["stock.received"])
    ensure_whole()


def test_the_same_source_changes_nothing_and_answers_as_before(shelf: Shelf) -> None:
    same = source()
    assert receive(shelf, source=same) == receive(shelf, source=same)
    assert kinds() == ["produced"]
    with pytest.raises(IdempotencyMismatch):
        receive(shelf, 11, source=same)
    assert (position(shelf), kinds(), audited()) == ((10, 0, 10), ["produced"], ["stock.received"])


def test_the_same_source_may_come_in_another_upt(shelf: Shelf) -> None:
    other, same = ledger.make_shelf("lapas-pamekasan"), source()
    receive(shelf, source=same)
    receive(other, 3, source=same)
    assert (position(shelf), position(other)) == ((10, 0, 10), (3, 0, 3))


def test_receiving_again_into_a_lot_keeps_one_lot(shelf: Shelf) -> None:
    receive(shelf, lot=LotChoice("A", date(2026, 11, 1)))
    receive(shelf, lot=LotChoice("A"))
    receive(shelf, lot=LotChoice("B"))
    with pytest.raises(LotMismatch):
        receive(shelf, lot=LotChoice("A", date(2026, 11, 2)))
    codes = db.read_session().scalars(select(StockLot.code).order_by(StockLot.id)).all()
    assert list(codes) == ["A", "B"]
    assert position(shelf) == (30, 0, 30)


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001])
def test_receiving_refuses_quantities_outside_the_limits(shelf: Shelf, quantity: int) -> None:
    with pytest.raises(QuantityOutOfRange):
        receive(shelf, quantity)
    assert kinds() == []


def test_receiving_refuses_the_future(shelf: Shelf) -> None:
    with pytest.raises(HappenedInFuture):
        receive(shelf, happened_at=AT + timedelta(days=1))
    assert kinds() == []


def test_goods_of_another_upt_cannot_be_received(shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    with pytest.raises(NotFound):
        receive(shelf, variant_id=other.variant_id)
    assert kinds() == []


@pytest.mark.parametrize(
    ("role", "at_home", "refusal"),
    [
        ("upt_clerk", True, None),
        ("upt_head", True, None),
        ("upt_clerk", False, NotFound),
        ("kanwil_staff", True, NotAllowed),
        ("auditor", True, NotAllowed),
        ("treasurer", True, NotAllowed),
    ],
)
def test_only_staff_of_the_upt_write_its_ledger(
    shelf: Shelf, role: str, at_home: bool, refusal: type[Exception] | None
) -> None:
    actor: Actor = people.actor(role, shelf.upt_id if at_home else shelf.upt_id + 1)
    for work in (
        lambda: receive(shelf, actor=actor),
        lambda: adjust(shelf, 1, AdjustReason.FOUND, actor=actor),
    ):
        if refusal is None:
            work()
        else:
            with pytest.raises(refusal):
                work()
    assert kinds() == ([] if refusal else ["produced", "found"])


def test_adjusting_adds_to_the_newest_lot_and_takes_what_expires_first(shelf: Shelf) -> None:
    receive(shelf, 4, lot=LotChoice("A", None, date(2026, 12, 31)))
    receive(shelf, 4, lot=LotChoice("B", None, date(2026, 12, 1)))
    assert adjust(shelf, 2, AdjustReason.FOUND).on_hand == 10
    assert adjust(shelf, -7, AdjustReason.DAMAGED).on_hand == 3
    rows = db.read_session().execute(
        select(StockLot.code, StockBalance.in_posted - StockBalance.out_posted)
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .where(StockBalance.account == "available")
        .order_by(StockLot.code)
    )
    assert [tuple(row) for row in rows] == [("A", 3), ("B", 0)]
    assert kinds() == ["produced", "produced", "found", "damaged", "damaged"]
    ensure_whole()


def test_adjusting_a_fresh_item_makes_its_first_lot(shelf: Shelf) -> None:
    assert adjust(shelf, 5, AdjustReason.OPENING).available == 5
    assert db.read_session().scalars(select(StockLot.code)).all() == ["L261122"]


def test_adjusting_names_one_lot_and_refuses_a_foreign_one(shelf: Shelf) -> None:
    receive(shelf, 4, lot=LotChoice("A"))
    receive(shelf, 4, lot=LotChoice("B"))
    lot_id = db.read_session().scalar(select(StockLot.id).where(StockLot.code == "A"))
    assert lot_id is not None
    adjust(shelf, 1, AdjustReason.COUNT, lot_id=lot_id)
    adjust(shelf, -5, AdjustReason.COUNT, lot_id=lot_id)
    with pytest.raises(InsufficientStock) as refusal:
        adjust(shelf, -1, AdjustReason.LOST, lot_id=lot_id)
    assert refusal.value.shortages == (Shortage(shelf.upt_id, shelf.variant_id, 1, 0),)
    for delta in (1, -1):
        with pytest.raises(NotFound):
            adjust(shelf, delta, AdjustReason.COUNT, lot_id=lot_id, variant_id=shelf.variant_ids[1])
    assert kinds() == ["produced", "produced", "counted_more", "counted_less"]


def test_promised_pieces_cannot_be_taken_out(shelf: Shelf) -> None:
    receive(shelf, 5)
    ledger.reserve(shelf.upt_id, shelf.variant_id, 4)
    with pytest.raises(InsufficientStock) as refusal:
        adjust(shelf, -2, AdjustReason.DAMAGED)
    assert refusal.value.shortages == (Shortage(shelf.upt_id, shelf.variant_id, 2, 1),)
    assert position(shelf) == (5, 4, 1)


def test_adjusting_repeats_once_and_refuses_an_unfit_reason(shelf: Shelf) -> None:
    receive(shelf, 5)
    same = source()
    adjust(shelf, -1, AdjustReason.SAMPLE, source=same)
    assert adjust(shelf, -1, AdjustReason.SAMPLE, source=same).on_hand == 4
    with pytest.raises(IdempotencyMismatch):
        adjust(shelf, -2, AdjustReason.SAMPLE, source=same)
    with pytest.raises(ReasonUnfit):
        adjust(shelf, 1, AdjustReason.SAMPLE)
    assert kinds() == ["produced", "sampled"]


def test_taking_back_writes_a_new_entry_once(shelf: Shelf) -> None:
    receive(shelf, 10)
    (entry_id,), same = entry_ids(), source()
    assert reverse(shelf, entry_id, source=same).on_hand == 0
    assert reverse(shelf, entry_id, source=same).on_hand == 0
    for wrong in (entry_id, entry_id + 1):
        with pytest.raises(NotReversible):
            reverse(shelf, wrong)
    row = (
        db.read_session()
        .execute(
            select(StockEntry.kind, StockEntry.reverses_id, StockEntry.note).where(
                StockEntry.id == entry_id + 1
            )
        )
        .one()
    )
    assert tuple(row) == (EntryKind.REVERSED.value, entry_id, "salah ketik")
    ensure_whole()


def test_taking_back_refuses_holds_missing_pieces_and_foreign_entries(shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    receive(shelf, 10)
    ledger.reserve(shelf.upt_id, shelf.variant_id, 4)
    received, held = entry_ids()
    with pytest.raises(InsufficientStock) as refusal:
        reverse(shelf, received)
    assert refusal.value.shortages == (Shortage(shelf.upt_id, shelf.variant_id, 10, 6),)
    with pytest.raises(NotReversible):
        reverse(shelf, held)
    with pytest.raises(NotFound):
        reverse(shelf, 12345)
    with pytest.raises(NotFound):
        reverse(other, received)
    with pytest.raises(NotAllowed):
        reverse(shelf, received, actor=people.actor("auditor"))
    assert len(entry_ids()) == 2


def test_taking_back_a_shipment_brings_the_pieces_home(shelf: Shelf) -> None:
    receive(shelf, 10)
    holds = ledger.reserve(shelf.upt_id, shelf.variant_id, 4)
    on_holds(services.ship, shelf, holds)
    reverse(shelf, entry_ids()[-1])
    assert position(shelf) == (10, 0, 10)
    ensure_whole()


def test_numbers_run_without_gaps_though_postings_fail(shelf: Shelf) -> None:
    receive(shelf, 2)
    for _ in range(3):
        with pytest.raises(InsufficientStock):
            ledger.reserve(shelf.upt_id, shelf.variant_id, 9)
    receive(shelf, 2)
    numbers = db.read_session().scalars(select(StockEntry.sequence).order_by(StockEntry.id)).all()
    assert list(numbers) == [1, 2]
    assert db.read_session().scalar(select(func.count()).select_from(StockHold)) == 0
