"""Receipts and corrections sent again, lots of another UPT, texts at their limits."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.stock import queries, rules, services
from app.domain.stock.models import StockEntry, StockLot
from app.domain.stock.types import (
    LOT_CODE_MAX,
    Account,
    AdjustReason,
    LotChoice,
    LotState,
    ReceiptOrigin,
)
from app.infra import db, jobs
from app.kernel import actor as actors
from app.kernel.actor import Actor, ActorKind
from app.kernel.errors import FieldError, IdempotencyMismatch, Invalid, NotFound
from tests.factories import ledger
from tests.factories.ledger import Shelf
from tests.factories.stock_steps import AT, SYSTEM, audited, position

MADE, LAST = date(2026, 11, 1), date(2027, 11, 1)


@pytest.fixture
def shelf(app: object) -> Shelf:
    return ledger.make_shelf(variants=2)


def _count(model: type[Any]) -> int:
    return db.read_session().scalar(select(func.count()).select_from(model)) or 0


def _receive(shelf: Shelf, **changes: Any) -> object:
    values: dict[str, Any] = {
        "variant_id": shelf.variant_id, "quantity": 5, "lot": LotChoice("LOT-1", MADE, LAST),
        "note": "baik", "origin": ReceiptOrigin.PURCHASE, "place": Account.GALLERY,
        "source": ledger.source("terima-satu-kali"), **changes,
    }  # fmt: skip
    with db.unit_of_work():
        return services.receive_output(
            actor=SYSTEM, upt_id=shelf.upt_id, happened_at=AT, at=AT, **values
        )


def _adjust(shelf: Shelf, **changes: Any) -> object:
    values: dict[str, Any] = {
        "variant_id": shelf.variant_id, "lot_id": None, "quantity_delta": 2,
        "reason": AdjustReason.FOUND, "note": "di rak", "place": Account.GALLERY,
        "source": ledger.source("koreksi-satu-kali"), **changes,
    }  # fmt: skip
    with db.unit_of_work():
        return services.adjust(actor=SYSTEM, upt_id=shelf.upt_id, happened_at=AT, at=AT, **values)


def test_a_receipt_sent_again_must_say_every_word_as_before(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(jobs, "publish", lambda event, *, at: told.append(event))
    first = _receive(shelf)
    assert _receive(shelf) == first
    assert len(told) == 1
    for change in (
        {"variant_id": shelf.variant_ids[1]}, {"quantity": 6}, {"note": "baik sekali"},
        {"lot": LotChoice("LOT-2", MADE, LAST)}, {"lot": LotChoice("LOT-1", None, LAST)},
        {"lot": LotChoice("LOT-1", MADE, None)}, {"origin": ReceiptOrigin.PRODUCTION},
        {"place": Account.AVAILABLE}, {"place": Account.QUARANTINE},
        {"origin": ReceiptOrigin.PRODUCTION, "place": Account.AVAILABLE},
    ):  # fmt: skip
        with pytest.raises(IdempotencyMismatch):
            _receive(shelf, **change)
    assert (len(told), _count(StockEntry), _count(StockLot)) == (1, 1, 1)
    assert audited() == ["stock.received"]


def test_a_correction_sent_again_must_say_every_word_as_before(shelf: Shelf) -> None:
    _receive(shelf)
    lot_id = queries.lots_in(upt_id=shelf.upt_id)[0].lot_id
    first = _adjust(shelf)
    assert _adjust(shelf) == first
    for change in (
        {"variant_id": shelf.variant_ids[1]}, {"lot_id": lot_id}, {"quantity_delta": 3},
        {"reason": AdjustReason.COUNT}, {"note": "di lantai"}, {"place": Account.AVAILABLE},
        {"place": Account.QUARANTINE},
    ):  # fmt: skip
        with pytest.raises(IdempotencyMismatch):
            _adjust(shelf, **change)
    assert (_count(StockEntry), audited()) == (2, ["stock.received", "stock.adjusted"])


def test_a_lot_is_blocked_only_from_the_upt_it_lies_in(shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 3)
    other = ledger.make_shelf("lapas-pamekasan")
    lot_id = queries.lots_in(upt_id=shelf.upt_id)[0].lot_id
    before = audited()

    def block(upt_id: int, lot_id: int, state: LotState = LotState.BLOCKED) -> None:
        with db.unit_of_work():
            services.set_lot_state(
                actor=SYSTEM, upt_id=upt_id, lot_id=lot_id, state=state, note="bocor", at=AT
            )

    for upt_id, lot in ((other.upt_id, lot_id), (shelf.upt_id, lot_id + 1), (shelf.upt_id, 0)):
        with pytest.raises(NotFound):
            block(upt_id, lot)
    block(shelf.upt_id, lot_id, LotState.OPEN)
    assert (position(shelf), audited()) == ((3, 0, 3), before)
    for _ in range(2):
        block(shelf.upt_id, lot_id)
    assert (position(shelf), audited()) == ((3, 0, 0), [*before, "stock.lot_blocked"])


def test_codes_and_names_are_kept_to_their_length() -> None:
    longest = "L" * LOT_CODE_MAX
    assert rules.choose_lot(lot=LotChoice(longest), at=AT).code == longest
    with pytest.raises(Invalid) as refused:
        rules.choose_lot(lot=LotChoice(f"{longest}L"), at=AT)
    assert refused.value.errors == (
        FieldError("lot_code", "field.too_long", (("max_length", LOT_CODE_MAX),)),
    )
    name = rules.actor_name(Actor(kind=ActorKind.SYSTEM, label="x" * 61))
    assert name == "x" * 60
    assert rules.actor_name(actors.ANONYMOUS) == "visitor"
    assert rules.actor_name(Actor(kind=ActorKind.USER, user_id=7, label="Siapa")) == "user:7"
