"""Taking back what was posted: never more than a place has, and never a second piece of one."""

from __future__ import annotations

import pytest

from app.domain.stock.errors import InsufficientStock, OwnedByDocument, UniqueTaken
from app.domain.stock.types import Account, AdjustReason, EntryKind, Move
from tests.factories import goods, ledger
from tests.factories.ledger import Shelf, source
from tests.factories.stock_steps import (
    adjust,
    ensure_whole,
    entry_ids,
    kinds,
    position,
    post,
    receive,
    reverse,
    take_back,
)

pytestmark = pytest.mark.usefixtures("app")

STORE, GALLERY = Account.AVAILABLE, Account.GALLERY


def carry(shelf: Shelf, start: Account, end: Account, pieces: int) -> Move:
    kind = EntryKind.SOLD if end is Account.CUSTOMER else EntryKind.MOVED
    return Move(shelf.upt_id, shelf.variant_id, kind, start, end, pieces)


def test_a_posting_is_taken_back_only_when_no_place_is_short_on_the_way() -> None:
    shelf = ledger.make_shelf()
    receive(shelf, 20)
    post(carry(shelf, STORE, GALLERY, 3))
    there_and_back = source()
    out = carry(shelf, STORE, GALLERY, 3)
    post(out, out, carry(shelf, GALLERY, STORE, 3), source=there_and_back)
    post(carry(shelf, GALLERY, Account.CUSTOMER, 2))
    before = entry_ids()
    with pytest.raises(InsufficientStock) as refusal:
        take_back(shelf, there_and_back)
    (short,) = refusal.value.shortages
    assert (short.wanted, short.available) == (3, 1)
    assert entry_ids() == before
    post(carry(shelf, STORE, GALLERY, 2))
    taken = take_back(shelf, there_and_back)
    assert [(entry.from_account, entry.quantity) for entry in taken] == [
        (GALLERY, 3), (GALLERY, 3), (STORE, 3),
    ]  # fmt: skip
    ensure_whole()


@pytest.mark.parametrize(
    "document", ["till", "count", "transfer", "fair", "import", "capacity", "order", "expiry"]
)
def test_what_a_document_wrote_is_taken_back_there_and_nowhere_else(document: str) -> None:
    shelf = ledger.make_shelf()
    written = source(kind=document)
    receive(shelf, 5, source=written)
    before = entry_ids()
    with pytest.raises(OwnedByDocument) as refusal:
        reverse(shelf, before[-1])
    assert (refusal.value.code, refusal.value.details()) == (
        "stock.owned_by_document", {"source_kind": document},
    )  # fmt: skip
    assert entry_ids() == before
    take_back(shelf, written)
    assert position(shelf)[0] == 0
    ensure_whole()


@pytest.mark.parametrize("made_by", ["form", "seed"])
def test_what_was_made_by_hand_is_taken_back_by_hand(made_by: str) -> None:
    shelf = ledger.make_shelf()
    receive(shelf, 5, source=source(kind=made_by))
    reverse(shelf, entry_ids()[-1])
    assert position(shelf)[0] == 0


@pytest.mark.parametrize("by_posting", [False, True])
def test_a_one_of_a_kind_piece_does_not_come_back_beside_another(by_posting: bool) -> None:
    upt_id = ledger.make_shelf().upt_id
    product_id = goods.make_product(upt_id, published=False, with_picture=False, kind="unique")
    shelf = Shelf(upt_id, goods.variant_ids(product_id))
    receive(shelf, 1)
    lost = source()
    adjust(shelf, -1, AdjustReason.LOST, source=lost)
    adjust(shelf, 1, AdjustReason.FOUND)
    with pytest.raises(UniqueTaken):
        take_back(shelf, lost) if by_posting else reverse(shelf, entry_ids()[1])
    assert kinds() == ["produced", "lost", "found"]
    assert position(shelf) == (1, 0, 1)
    reverse(shelf, entry_ids()[2])
    reverse(shelf, entry_ids()[1])
    assert position(shelf) == (1, 0, 1)
    ensure_whole()
