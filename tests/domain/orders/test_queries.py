"""Orders as buyers, units and staff read them."""

from __future__ import annotations

import pytest

from app.domain.orders import queries as orders_queries
from app.domain.orders.types import UptOrderState
from app.infra import db
from app.kernel.actor import ANONYMOUS
from app.kernel.errors import NotFound
from tests.factories import people, trade

pytestmark = pytest.mark.usefixtures("app")


def test_an_unknown_order_is_not_found_by_any_door() -> None:
    assert orders_queries.find_group_id(number="KB-TIDAK-ADA") is None
    for read in (
        lambda: orders_queries.get_group(number="KB-TIDAK-ADA"),
        lambda: orders_queries.get_number(group_id=1),
        lambda: orders_queries.get_upt_order(actor=people.actor("auditor"), number="KB-X-1"),
    ):
        with pytest.raises(NotFound):
            read()
    with pytest.raises(NotFound), db.unit_of_work():
        orders_queries.lock_group(group_id=1)


def test_a_buyers_orders_are_paged_newest_first() -> None:
    shade, cookies = trade.make_shop()
    user = people.make_user()
    key, actor = trade.CartKey(user_id=user.user_id), people.buyer(user.user_id)
    numbers = [
        trade.place({shade.variant_id: 1, cookies.variant_id: 2}, key=key, actor=actor).number
        for _ in range(3)
    ]
    first = orders_queries.list_for_buyer(user_id=user.user_id, size=2)
    second = orders_queries.list_for_buyer(user_id=user.user_id, size=2, cursor=first.after)
    assert [row.number for row in (*first.items, *second.items)] == numbers[::-1]
    assert second.after is None
    row = first.items[0]
    assert row.upt_ids == tuple(sorted((shade.upt_id, cookies.upt_id)))
    assert (row.quantity_total, row.total_idr, len(row.product_names)) == (3, 325_000, 2)
    assert len(row.cover_asset_ids) == 2


def test_only_orders_that_a_unit_must_act_on_are_waiting() -> None:
    shade, cookies = trade.make_shop()
    trade.place({shade.variant_id: 1})
    trade.paid({shade.variant_id: 1, cookies.variant_id: 1})
    sent = trade.paid({shade.variant_id: 1})
    trade.ship(sent, shade.upt_id)
    auditor = people.actor("auditor")
    upt_ids = [shade.upt_id, cookies.upt_id]
    assert orders_queries.count_waiting_by_upt(actor=auditor, upt_ids=upt_ids) == {
        shade.upt_id: 1,
        cookies.upt_id: 1,
    }
    clerk = trade.clerk(shade.upt_id)
    assert orders_queries.count_waiting_by_upt(actor=clerk, upt_ids=upt_ids) == {shade.upt_id: 1}
    assert orders_queries.count_waiting_by_upt(actor=ANONYMOUS, upt_ids=upt_ids) == {}
    counted = orders_queries.count_waiting(actor=auditor, upt_ids=upt_ids)
    assert counted == {UptOrderState.HELD: 1, UptOrderState.PLACED: 2, UptOrderState.SHIPPED: 1}


def test_a_label_has_the_address_in_three_lines() -> None:
    shade, _ = trade.make_shop()
    placed = trade.place({shade.variant_id: 2}, recipient="Kantor", recipient_phone="0215556677")
    page = trade.page(placed)
    assert page.group.address is not None
    assert (page.group.address.recipient, page.group.address.phone) == ("Kantor", "+62215556677")
    assert page.group.address.lines == (
        "Jalan Contoh 1",
        "Senayan, Kec. Kebayoran Baru",
        "Kota Jakarta Selatan, DKI Jakarta 12190",
    )
    assert page.upt_orders[0].quantity_total == 2
