"""Carts of guests and accounts."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from app.domain.cart import queries as cart_queries
from app.domain.cart import services as cart_services
from app.domain.cart.errors import CartFull, CartQuantityTooLarge, NotSoldOnline
from app.domain.cart.types import CART_LINES_MAX, CartKey, CartLine, CartSummary
from app.infra import db
from app.kernel import ids
from app.kernel.errors import NotFound
from tests.factories import goods, people, trade
from tests.factories.trade import AT

pytestmark = pytest.mark.usefixtures("app")


def lines(key: CartKey) -> list[tuple[int, int]]:
    return [(line.variant_id, line.quantity) for line in cart_queries.find_lines(key=key)]


def change(key: CartKey, variant_id: int, quantity: int) -> CartSummary:
    return db.transact(
        lambda: cart_services.set_quantity(key=key, variant_id=variant_id, quantity=quantity, at=AT)
    )


def add(key: CartKey, variant_id: int, quantity: int = 1) -> CartSummary:
    return db.transact(
        lambda: cart_services.add(key=key, variant_id=variant_id, quantity=quantity, at=AT)
    )


def test_pieces_add_up_in_one_line() -> None:
    item = trade.make_item()
    key = trade.guest()
    assert add(key, item.variant_id, 2) == CartSummary(2, 1)
    assert add(key, item.variant_id, 3) == CartSummary(5, 1)
    assert lines(key) == [(item.variant_id, 5)]
    assert cart_queries.count_pieces(key=key) == 5


def test_the_token_itself_is_never_stored() -> None:
    item = trade.make_item()
    key = trade.fill_cart({item.variant_id: 1})
    stored = db.read_session().execute(text("SELECT token_hash FROM cart")).scalar_one()
    assert stored == ids.digest(str(key.token))


def test_without_a_key_there_is_no_cart() -> None:
    item = trade.make_item()
    nobody = CartKey()
    assert cart_queries.count_pieces(key=nobody) == 0
    assert lines(nobody) == []
    with pytest.raises(NotFound):
        add(nobody, item.variant_id)


def test_unknown_and_unpublished_goods_give_the_same_answer() -> None:
    upt_id = people.make_upt().upt_id
    hidden = goods.variant_ids(goods.make_product(upt_id, published=False))[0]
    for variant_id in (hidden, 999_999):
        with pytest.raises(NotFound):
            add(trade.guest(), variant_id)
    assert db.read_session().execute(text("SELECT count(*) FROM cart")).scalar_one() == 0


def test_a_service_cannot_be_put_into_a_cart(monkeypatch: pytest.MonkeyPatch) -> None:
    upt_id = people.make_upt().upt_id
    product_id = goods.make_product(upt_id, kind="service", name="Cuci mobil")
    with pytest.raises(NotSoldOnline) as caught:
        add(trade.guest(), goods.variant_ids(product_id)[0])
    assert caught.value.details() == {"product_name": "Cuci mobil"}


def test_a_line_above_its_limit_is_refused_and_stays() -> None:
    item = trade.make_item()
    key = trade.fill_cart({item.variant_id: 990})
    with pytest.raises(CartQuantityTooLarge):
        add(key, item.variant_id, 10)
    with pytest.raises(CartQuantityTooLarge):
        change(key, item.variant_id, 1000)
    assert lines(key) == [(item.variant_id, 990)]


def test_a_full_cart_takes_no_further_line_but_more_of_the_same() -> None:
    upt_id = people.make_upt().upt_id
    product_id = goods.make_product(upt_id, variants=[{} for _ in range(3)])
    first, second, third = goods.variant_ids(product_id)
    key = trade.fill_cart({first: 1, second: 1})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.domain.cart.rules.CART_LINES_MAX", 2)
        with pytest.raises(CartFull):
            add(key, third)
        assert add(key, first).quantity_total == 3
    assert CART_LINES_MAX == 60


def test_a_quantity_is_set_and_zero_takes_the_line_out() -> None:
    item = trade.make_item()
    key = trade.fill_cart({item.variant_id: 5})
    assert change(key, item.variant_id, 2) == CartSummary(2, 1)
    assert change(key, item.variant_id, 0) == CartSummary(0, 0)
    assert lines(key) == []
    with pytest.raises(NotFound):
        change(key, item.variant_id, 1)
    with pytest.raises(NotFound):
        change(trade.guest(), item.variant_id, 1)


def merge(token: str, user_id: int) -> CartSummary:
    return db.transact(lambda: cart_services.merge(token=token, user_id=user_id, at=AT))


def test_signing_in_adds_the_guests_cart_to_the_accounts() -> None:
    one, two = trade.make_item(), trade.make_item("lapas-pamekasan")
    user = people.make_user()
    own = CartKey(user_id=user.user_id)
    trade.fill_cart({one.variant_id: 998}, key=own)
    guest = trade.fill_cart({one.variant_id: 3, two.variant_id: 2})
    assert merge(str(guest.token), user.user_id) == CartSummary(1_001, 2)
    assert lines(own) == [(one.variant_id, 999), (two.variant_id, 2)]
    assert lines(guest) == []
    assert merge(str(guest.token), user.user_id) == CartSummary(1_001, 2)


def test_signing_in_without_a_cart_of_ones_own_takes_the_guests() -> None:
    item = trade.make_item()
    user = people.make_user()
    guest = trade.fill_cart({item.variant_id: 3})
    assert merge(str(guest.token), user.user_id) == CartSummary(3, 1)
    assert merge("nobody", user.user_id) == CartSummary(3, 1)
    assert lines(CartKey(user_id=user.user_id)) == [(item.variant_id, 3)]


def test_two_tabs_that_make_the_same_cart_at_once_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    item = trade.make_item()
    key = trade.fill_cart({item.variant_id: 1})
    seen = cart_queries.lock
    answers: list[Any] = [None]

    def lock_too_early(*, key: CartKey) -> Any:
        return answers.pop() if answers else seen(key=key)

    monkeypatch.setattr(cart_queries, "lock", lock_too_early)
    assert add(key, item.variant_id) == CartSummary(2, 1)
    assert db.read_session().execute(text("SELECT count(*) FROM cart")).scalar_one() == 1


def test_a_locked_cart_can_be_cleared() -> None:
    item = trade.make_item()
    key = trade.fill_cart({item.variant_id: 3})
    with db.unit_of_work():
        cart = cart_queries.lock(key=key)
        assert cart is not None
        assert cart.lines == (CartLine(item.variant_id, 3),)
        cart_services.clear(cart_id=cart.cart_id)
        assert cart_queries.lock(key=trade.guest()) is None
    assert lines(key) == []
