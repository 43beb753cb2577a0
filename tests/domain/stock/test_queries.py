"""Reading stock: what may be promised, by variant and by product; who may read whose."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import column, select, table, text

from app.domain.stock import queries
from app.domain.stock.errors import InsufficientStock
from app.domain.stock.types import LotChoice, Shortage, StockFilter, StockPosition
from app.infra import db
from app.kernel.errors import NotAllowed, NotFound
from tests.factories import ledger, people
from tests.factories.ledger import SYSTEM, Shelf
from tests.factories.stock_steps import AT, LATER, Statements, receive

pytestmark = pytest.mark.usefixtures("app")
PRODUCT = table("product", column("id"))


@pytest.fixture
def shelf() -> Shelf:
    return ledger.make_shelf(variants=2)


def products_with_stock(at: datetime = AT) -> list[int]:
    db.read_session().rollback()
    condition = queries.product_has_available(product_id=PRODUCT.c.id, at=at)
    return list(db.read_session().scalars(select(PRODUCT.c.id).where(condition)))


def test_every_variant_asked_for_is_answered_in_one_statement(shelf: Shelf) -> None:
    receive(shelf, 4)
    first, second = shelf.variant_ids
    with Statements() as seen:
        found = queries.availability(variant_ids=[first, second, 999], at=AT)
    assert found == {first: 4, second: 0, 999: 0}
    assert len(seen) == 1
    assert queries.availability(variant_ids=[], at=AT) == {}


def test_expired_and_blocked_lots_are_on_hand_but_not_available(shelf: Shelf) -> None:
    receive(shelf, 4, lot=LotChoice("OLD", None, date(2026, 11, 21)))
    receive(shelf, 3, lot=LotChoice("BAD"))
    receive(shelf, 2, lot=LotChoice("GOOD"))
    with db.unit_of_work():
        db.session().execute(text("UPDATE stock_lot SET state = 'blocked' WHERE code = 'BAD'"))
    found = queries.get_position(upt_id=shelf.upt_id, variant_id=shelf.variant_id, at=AT)
    assert found == StockPosition(shelf.upt_id, shelf.variant_id, 9, 0, 2)


def test_a_product_is_in_stock_while_one_active_variant_is(shelf: Shelf) -> None:
    assert products_with_stock() == []
    receive(shelf, 2)
    assert len(products_with_stock()) == 1
    ledger.reserve(shelf.upt_id, shelf.variant_id, 2, minutes=30)
    assert products_with_stock() == []
    assert len(products_with_stock(at=LATER)) == 1
    with db.unit_of_work():
        db.session().execute(
            text("UPDATE variant SET is_active = :off WHERE id = :id"),
            {"off": False, "id": shelf.variant_id},
        )
    assert products_with_stock(at=LATER) == []


def test_the_table_pages_by_name_and_filters(shelf: Shelf) -> None:
    many = ledger.make_shelf("lapas-pamekasan", variants=30)
    ledger.receive(many.upt_id, many.variant_ids[3], 3)
    ledger.receive(many.upt_id, many.variant_ids[4], 300)
    first = queries.stock_table(actor=SYSTEM, upt_id=many.upt_id, at=AT)
    rest = queries.stock_table(actor=SYSTEM, upt_id=many.upt_id, at=AT, cursor=first.after)
    assert (len(first.items), len(rest.items), rest.after) == (24, 6, None)
    seen = [row.variant_id for row in (*first.items, *rest.items)]
    assert sorted(seen) == sorted(many.variant_ids)
    low = queries.stock_table(actor=SYSTEM, upt_id=many.upt_id, at=AT, show=StockFilter.LOW)
    out = queries.stock_table(actor=SYSTEM, upt_id=many.upt_id, at=AT, show=StockFilter.OUT)
    assert [row.variant_id for row in low.items] == [many.variant_ids[3]]
    assert (len(out.items), out.after is not None) == (24, True)


def test_lots_are_listed_first_to_expire_first(shelf: Shelf) -> None:
    receive(shelf, 1, lot=LotChoice("C"))
    receive(shelf, 2, lot=LotChoice("B", None, date(2027, 1, 2)))
    receive(shelf, 3, lot=LotChoice("A", None, date(2027, 1, 1)))
    found = queries.list_lots(actor=SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id)
    assert [(lot.code, lot.on_hand) for lot in found] == [("A", 3), ("B", 2), ("C", 1)]


def test_reading_is_for_those_who_may_see_the_upt(shelf: Shelf) -> None:
    clerk, stranger = people.actor("upt_clerk", shelf.upt_id), people.actor("upt_clerk", 999)
    treasurer = people.actor("treasurer")
    assert queries.head(actor=clerk, upt_id=shelf.upt_id).sequence == 0
    for actor, refusal in ((stranger, NotFound), (treasurer, NotAllowed)):
        common = {"actor": actor, "upt_id": shelf.upt_id}
        for read in (
            lambda common=common: queries.head(**common),
            lambda common=common: queries.stock_table(**common, at=AT),
            lambda common=common: queries.list_lots(**common, variant_id=shelf.variant_id),
            lambda common=common: queries.stock_card(**common, variant_id=shelf.variant_id, at=AT),
        ):
            with pytest.raises(refusal):
                read()


def test_a_shortage_is_told_in_full() -> None:
    short = Shortage(1, 2, 3, 0)
    assert InsufficientStock([short]).details() == {"shortages": (short,)}
    assert InsufficientStock().shortages == ()


def test_a_card_of_nothing_is_empty(shelf: Shelf) -> None:
    page = queries.stock_card(
        actor=SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id, at=AT + timedelta(days=1)
    )
    assert (page.rows, page.lots, page.after) == ((), (), None)
    assert page.position.available == 0
