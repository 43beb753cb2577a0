"""Many moves at once: lots found or opened, all or nothing, in one ledger or in two."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.stock import queries, services
from app.domain.stock.errors import (
    InsufficientStock,
    LotMismatch,
    LotUnfit,
    MoveUnfit,
    NotReversible,
    QuantityOutOfRange,
    UniqueTaken,
)
from app.domain.stock.types import (
    STOCK_ADJUST,
    Account,
    AdjustReason,
    Demand,
    EntryKind,
    LotChoice,
    LotState,
    Move,
    PlaceFigure,
    PostedMove,
    ReceiptOrigin,
    Shortage,
)
from app.infra import db
from app.kernel.errors import IdempotencyMismatch, NotAllowed, NotFound
from tests.factories import goods, ledger, people
from tests.factories.ledger import SYSTEM, Shelf, source
from tests.factories.stock_steps import (
    AT,
    Statements,
    adjust,
    audited,
    ensure_whole,
    kinds,
    position,
    receive,
)

pytestmark = pytest.mark.usefixtures("app")

STORE, SHELF, SECOND = Account.AVAILABLE, Account.GALLERY, Account.SECOND_GRADE
SOON, LATE = date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture
def shelf() -> Shelf:
    return ledger.make_shelf(variants=2)


def move(
    shelf: Shelf, kind: EntryKind, ways: tuple[Account, Account], pieces: int, **more: Any
) -> Move:
    return Move(shelf.upt_id, more.pop("variant_id", shelf.variant_id), kind, *ways, pieces, **more)


def post(shelf: Shelf, *moves: Move, **changes: Any) -> tuple[PostedMove, ...]:
    values: dict[str, Any] = {
        "actor": SYSTEM, "permission": STOCK_ADJUST, "acting_upt_id": shelf.upt_id,
        "action": "stock.tested", "moves": moves, "source": source(), "happened_at": AT, "at": AT,
    }  # fmt: skip
    with db.unit_of_work():
        return services.post_moves(**{**values, **changes})


def figures(shelf: Shelf) -> dict[Account, tuple[int, int]]:
    db.read_session().rollback()
    found = queries.places(upt_id=shelf.upt_id).get(shelf.variant_id, {})
    return {account: (figure.on_hand, figure.held) for account, figure in found.items()}


def to_shelf(shelf: Shelf, pieces: int, **more: Any) -> tuple[PostedMove, ...]:
    return post(shelf, move(shelf, EntryKind.MOVED, (STORE, SHELF), pieces, **more))


def test_pieces_on_the_gallery_shelf_count_as_available_and_are_promised_after_the_store(
    shelf: Shelf,
) -> None:
    receive(shelf, 5)
    to_shelf(shelf, 2)
    assert figures(shelf) == {STORE: (3, 0), SHELF: (2, 0)}
    assert position(shelf) == (5, 0, 5)
    ledger.reserve(shelf.upt_id, shelf.variant_id, 4)
    assert figures(shelf) == {STORE: (3, 3), SHELF: (2, 1)}
    assert position(shelf) == (5, 4, 1)
    with pytest.raises(InsufficientStock):
        post(shelf, move(shelf, EntryKind.SOLD, (SHELF, Account.CUSTOMER), 2))
    assert figures(shelf) == {STORE: (3, 3), SHELF: (2, 1)}
    ensure_whole()


def test_a_lapsed_promise_on_the_shelf_gives_way(shelf: Shelf) -> None:
    receive(shelf, 1, place=SHELF)
    ledger.reserve(shelf.upt_id, shelf.variant_id, 1, minutes=5)
    later = AT + timedelta(minutes=6)
    assert position(shelf, later) == (1, 0, 1)
    again = ledger.reserve(shelf.upt_id, shelf.variant_id, 1, at=later)
    assert [hold.quantity for hold in again] == [1]
    assert kinds() == ["produced", "held", "expired", "held"]
    ensure_whole()


def test_what_expires_first_leaves_first_wherever_it_lies(shelf: Shelf) -> None:
    receive(shelf, 3, lot=LotChoice("LAMA", None, SOON))
    receive(shelf, 3, lot=LotChoice("BARU", None, LATE))
    post(shelf, move(shelf, EntryKind.MOVED, (STORE, SHELF), 3))
    holds = ledger.reserve(shelf.upt_id, shelf.variant_id, 4)
    lots = {lot.lot_id: (lot.code, lot.account) for lot in queries.lots_in(upt_id=shelf.upt_id)}
    assert [(lots[hold.lot_id], hold.quantity) for hold in holds] == [
        (("LAMA", SHELF), 3), (("BARU", STORE), 1),
    ]  # fmt: skip


def test_ready_pieces_are_promised_before_the_work_of_coming_weeks(shelf: Shelf) -> None:
    week = LotChoice("W2026-49", date(2026, 11, 22), date(2026, 11, 30))
    opened = (Account.PLAN, Account.CAPACITY)
    post(shelf, move(shelf, EntryKind.CAPACITY_OPENED, opened, 6, lot=week))
    receive(shelf, 2)
    found = queries.get_position(upt_id=shelf.upt_id, variant_id=shelf.variant_id, at=AT)
    assert (found.on_hand, found.held, found.available, found.capacity) == (2, 0, 8, 6)
    ledger.reserve(shelf.upt_id, shelf.variant_id, 5)
    assert figures(shelf) == {STORE: (2, 2), Account.CAPACITY: (6, 3)}
    assert position(shelf) == (2, 2, 3)
    with pytest.raises(InsufficientStock):
        ledger.reserve(shelf.upt_id, shelf.variant_id, 4)
    after = AT + timedelta(days=9)
    assert position(shelf, after)[2] == 2
    ensure_whole()


def test_a_repeat_answers_as_before_and_other_content_is_refused(shelf: Shelf) -> None:
    receive(shelf, 5)
    key = source("sama")
    first = to_shelf_with(shelf, key, 2)
    assert to_shelf_with(shelf, key, 2) == first
    assert [(each.kind, each.quantity) for each in first] == [(EntryKind.MOVED, 2)]
    with pytest.raises(IdempotencyMismatch):
        to_shelf_with(shelf, key, 3)
    assert figures(shelf) == {STORE: (3, 0), SHELF: (2, 0)}
    assert audited() == ["stock.received", "stock.tested"]


def to_shelf_with(shelf: Shelf, key: Any, pieces: int) -> tuple[PostedMove, ...]:
    return post(shelf, move(shelf, EntryKind.MOVED, (STORE, SHELF), pieces), source=key)


def test_one_short_move_refuses_all_and_every_shortage_is_named(shelf: Shelf) -> None:
    receive(shelf, 5)
    other = shelf.variant_ids[1]
    with pytest.raises(InsufficientStock) as refused:
        post(
            shelf,
            move(shelf, EntryKind.DAMAGED, (STORE, Account.LOSS), 3),
            move(shelf, EntryKind.SAMPLED, (STORE, Account.SAMPLE), 3),
            move(shelf, EntryKind.MOVED, (STORE, SHELF), 1, variant_id=other),
        )
    assert set(refused.value.shortages) == {
        Shortage(shelf.upt_id, shelf.variant_id, 3, 2), Shortage(shelf.upt_id, other, 1, 0),
    }  # fmt: skip
    assert (figures(shelf), kinds()) == ({STORE: (5, 0)}, ["produced"])


def test_both_ledgers_of_a_transfer_move_in_one_posting_or_neither(shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-lain")
    receive(shelf, 5)
    post(shelf, move(shelf, EntryKind.TRANSFER_SENT, (STORE, Account.TRANSIT_UPT), 4))
    done = move(shelf, EntryKind.TRANSFER_DONE, (Account.TRANSIT_UPT, Account.OTHER_UPT), 4)
    into = move(
        other, EntryKind.TRANSFER_RECEIVED, (Account.OTHER_UPT, STORE), 4,
        lot=LotChoice("ASAL", None, SOON),
    )  # fmt: skip
    too_much = move(shelf, EntryKind.TRANSFER_DONE, (Account.TRANSIT_UPT, Account.OTHER_UPT), 5)
    with pytest.raises(InsufficientStock):
        post(other, too_much, into)
    assert figures(other) == {}
    posted = post(other, done, into)
    assert [each.upt_id for each in posted] == [shelf.upt_id, other.upt_id]
    assert figures(shelf) == {STORE: (1, 0)}
    assert figures(other) == {STORE: (4, 0)}
    ensure_whole()


def test_goods_that_are_handed_on_come_from_lots_that_are_open_and_in_date(shelf: Shelf) -> None:
    receive(shelf, 2, lot=LotChoice("USANG", None, date(2026, 11, 21)))
    receive(shelf, 2, lot=LotChoice("SEGAR", None, SOON))
    stale, fresh = (lot.lot_id for lot in queries.lots_in(upt_id=shelf.upt_id))
    sold = (STORE, Account.CUSTOMER)
    with pytest.raises(LotUnfit):
        post(shelf, move(shelf, EntryKind.SOLD, sold, 1, lot_id=stale))
    assert post(shelf, move(shelf, EntryKind.SOLD, sold, 1))[0].lot_id == fresh
    with db.unit_of_work():
        services.set_lot_state(
            actor=SYSTEM, upt_id=shelf.upt_id, lot_id=fresh, state=LotState.BLOCKED,
            note="kemasan bocor", at=AT,
        )  # fmt: skip
    with pytest.raises(InsufficientStock):
        post(shelf, move(shelf, EntryKind.SOLD, sold, 1))
    assert position(shelf) == (3, 0, 0)
    assert audited()[-1] == "stock.lot_blocked"
    post(shelf, move(shelf, EntryKind.SPOILED, (STORE, Account.LOSS), 2, lot_id=stale))
    with db.unit_of_work():
        services.set_lot_state(
            actor=SYSTEM, upt_id=shelf.upt_id, lot_id=fresh, state=LotState.OPEN, note="", at=AT
        )
    assert position(shelf) == (1, 0, 1)


def test_only_staff_with_the_power_block_a_lot_of_their_own(shelf: Shelf) -> None:
    receive(shelf, 1)
    lot_id = queries.lots_in(upt_id=shelf.upt_id)[0].lot_id
    other = people.make_upt("lapas-lain").upt_id
    for upt_id, error in ((other, NotFound), (shelf.upt_id, NotAllowed)):
        actor = people.actor(
            "kanwil_staff" if upt_id == shelf.upt_id else "upt_clerk", shelf.upt_id
        )
        with pytest.raises(error), db.unit_of_work():
            services.set_lot_state(
                actor=actor, upt_id=upt_id, lot_id=lot_id, state=LotState.BLOCKED, note="", at=AT
            )
    assert position(shelf) == (1, 0, 1)


def test_entering_goods_open_their_lot_once_and_a_known_lot_keeps_its_dates(shelf: Shelf) -> None:
    bought = (Account.SUPPLIER, STORE)
    lot = LotChoice("BELI-1", None, SOON)
    other = shelf.variant_ids[1]
    posted = post(
        shelf,
        move(shelf, EntryKind.PURCHASED, bought, 2, lot=lot),
        move(shelf, EntryKind.PURCHASED, bought, 3, lot=LotChoice("BELI-1")),
        move(shelf, EntryKind.PURCHASED, bought, 1, lot=lot, variant_id=other),
        move(shelf, EntryKind.FOUND, (Account.FOUND, SECOND), 1),
    )
    assert len({each.lot_id for each in posted[:2]}) == 1
    assert posted[2].lot_id != posted[0].lot_id
    codes = {lot.code for lot in queries.lots_in(upt_id=shelf.upt_id)}
    assert codes == {"BELI-1", "L261122"}
    with pytest.raises(LotMismatch):
        post(
            shelf, move(shelf, EntryKind.PURCHASED, bought, 1, lot=LotChoice("BELI-1", None, LATE))
        )
    assert position(shelf) == (5, 0, 5)


def test_reversing_a_posting_takes_every_entry_back_once(shelf: Shelf) -> None:
    receive(shelf, 2, lot=LotChoice("A", None, SOON))
    receive(shelf, 2, lot=LotChoice("B", None, LATE))
    key = source()
    post(shelf, move(shelf, EntryKind.SOLD, (STORE, Account.CUSTOMER), 3), source=key)

    def back(**changes: Any) -> tuple[PostedMove, ...]:
        values: dict[str, Any] = {
            "actor": SYSTEM, "permission": STOCK_ADJUST, "upt_id": shelf.upt_id, "posted": key,
            "source": source("batal"), "action": "stock.tested", "at": AT, "note": "salah hitung",
        }  # fmt: skip
        with db.unit_of_work():
            return services.reverse_posting(**{**values, **changes})

    assert [each.quantity for each in back()] == [2, 1]
    assert back() == back()
    with pytest.raises(NotReversible):
        back(source=source())
    with pytest.raises(NotFound):
        back(posted=source(), source=source())
    assert position(shelf) == (4, 0, 4)
    ensure_whole()


@pytest.mark.parametrize(
    ("kind", "ways", "more"),
    [
        (EntryKind.SOLD, (Account.QUARANTINE, Account.CUSTOMER), {}),
        (EntryKind.MOVED, (STORE, Account.FAIR), {}),
        (EntryKind.PRODUCED, (Account.PRODUCTION, SECOND), {}),
        (EntryKind.HELD, (STORE, Account.TRANSIT_CUSTOMER), {}),
        (EntryKind.MOVED, (STORE, SHELF), {"lot": LotChoice("X")}),
        (EntryKind.FOUND, (Account.FOUND, STORE), {"lot": LotChoice("X"), "lot_id": 1}),
    ],
)
def test_refuses_moves_that_no_kind_makes(
    shelf: Shelf, kind: EntryKind, ways: tuple[Account, Account], more: dict[str, Any]
) -> None:
    receive(shelf, 5)
    with pytest.raises(MoveUnfit):
        post(shelf, move(shelf, kind, ways, 1, **more))
    assert kinds() == ["produced"]


def test_refuses_foreign_goods_foreign_lots_and_numbers_out_of_range(shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-lain")
    receive(shelf, 5)
    receive(other, 5)
    foreign = queries.lots_in(upt_id=other.upt_id)[0].lot_id
    ways = (STORE, SHELF)
    for refused, error in (
        (move(shelf, EntryKind.MOVED, ways, 1, variant_id=other.variant_id), NotFound),
        (move(shelf, EntryKind.MOVED, ways, 1, lot_id=foreign), NotFound),
        (move(shelf, EntryKind.FOUND, (Account.FOUND, STORE), 1, lot_id=foreign), NotFound),
        (move(shelf, EntryKind.MOVED, ways, 0), QuantityOutOfRange),
    ):
        with pytest.raises(error):
            post(shelf, refused)
    clerk = people.actor("upt_clerk", other.upt_id)
    with pytest.raises(NotFound):
        post(shelf, move(shelf, EntryKind.MOVED, ways, 1), actor=clerk)
    with pytest.raises(NotAllowed):
        post(
            shelf, move(shelf, EntryKind.MOVED, ways, 1),
            actor=people.actor("kanwil_staff", shelf.upt_id),
        )  # fmt: skip
    assert kinds() == ["produced", "produced"]


def test_a_one_of_a_kind_piece_is_in_the_books_once() -> None:
    with people.writing():
        upt_id = people.make_upt().upt_id
        product_id = goods.make_product(upt_id, published=False, with_picture=False, kind="unique")
        shelf = Shelf(upt_id, goods.variant_ids(product_id))
    with pytest.raises(UniqueTaken):
        receive(shelf, 2)
    receive(shelf, 1, place=SHELF, origin=ReceiptOrigin.PURCHASE)
    for again in (
        lambda: receive(shelf, 1),
        lambda: adjust(shelf, 1, AdjustReason.FOUND),
        lambda: post(shelf, move(shelf, EntryKind.FOUND, (Account.FOUND, STORE), 1)),
    ):
        with pytest.raises(UniqueTaken):
            again()
    ledger.reserve(upt_id, shelf.variant_id, 1)
    with pytest.raises(InsufficientStock):
        post(shelf, move(shelf, EntryKind.SOLD, (SHELF, Account.CUSTOMER), 1))
    assert (position(shelf), kinds()) == ((1, 1, 0), ["purchased", "held"])


def test_corrections_are_made_where_the_pieces_lie(shelf: Shelf) -> None:
    receive(shelf, 4, place=Account.QUARANTINE)
    adjust(shelf, -1, AdjustReason.DAMAGED, place=Account.QUARANTINE)
    adjust(shelf, 2, AdjustReason.FOUND, place=SECOND)
    with pytest.raises(InsufficientStock):
        adjust(shelf, -1, AdjustReason.DAMAGED)
    with pytest.raises(MoveUnfit):
        adjust(shelf, 1, AdjustReason.FOUND, place=Account.FAIR)
    with db.unit_of_work():
        services.move_stock(
            actor=SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id, lot_id=None,
            from_place=Account.QUARANTINE, to_place=STORE, quantity=2, note="sudah diperiksa",
            source=source(), happened_at=AT, at=AT,
        )  # fmt: skip
    assert queries.places(upt_id=shelf.upt_id, variant_ids=[shelf.variant_id]) == {
        shelf.variant_id: {
            STORE: PlaceFigure(2, 0), Account.QUARANTINE: PlaceFigure(1, 0), SECOND: PlaceFigure(2, 0),
        }
    }  # fmt: skip
    ensure_whole()


def test_statements_do_not_grow_with_the_moves(shelf: Shelf) -> None:
    def count(pieces: int, moves: int) -> int:
        with Statements() as seen:
            post(
                shelf,
                *(
                    move(
                        shelf, EntryKind.PRODUCED, (Account.PRODUCTION, STORE), pieces,
                        lot=LotChoice(f"P-{number}-{moves}"),
                    )
                    for number in range(moves)
                ),
                *(move(shelf, EntryKind.MOVED, (STORE, SHELF), 1) for _ in range(moves - 1)),
            )  # fmt: skip
        return len(seen)

    receive(shelf, 100)
    assert count(3, 40) <= count(3, 2) + 1
    with db.unit_of_work():
        services.reserve(
            actor=SYSTEM, demands=[Demand(shelf.upt_id, shelf.variant_id, 50)], source=source(),
            expires_at=None, at=AT,
        )  # fmt: skip
    ensure_whole()
