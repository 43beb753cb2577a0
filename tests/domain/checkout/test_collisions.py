"""Random texts and keys that exist already: a refusal that says to try again, and nothing written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.checkout import queries as checkout_queries
from app.domain.checkout import services as checkout_services
from app.domain.checkout.errors import PlacementUnderWay
from app.domain.orders.errors import OrderNumberTaken
from app.domain.payments.errors import EntryKeyTaken, ReferenceTaken
from app.domain.payments.services import book
from app.infra import db
from app.kernel import ids
from app.kernel.actor import ANONYMOUS
from app.kernel.errors import Unavailable
from tests.domain.checkout.test_services import counts
from tests.factories import trade
from tests.factories.trade import AT

pytestmark = pytest.mark.usefixtures("app")


def refuses(error: type[Unavailable], work: Callable[[], object]) -> None:
    before = counts()
    with pytest.raises(error):
        work()
    assert counts() == before


def test_a_number_or_reference_that_exists_is_refused_for_another_try() -> None:
    shade, _ = trade.make_shop()
    first = trade.place({shade.variant_id: 1})
    taken = trade.payment(first).reference
    key = trade.fill_cart({shade.variant_id: 1})
    order = trade.command(key)

    def place(number: str, reference: str) -> object:
        return db.transact(
            lambda: checkout_services.place_order(
                command=order,
                actor=ANONYMOUS,
                cart_key=key,
                number=number,
                reference=reference,
                pay_hours=24,
                at=AT,
            )
        )

    refuses(OrderNumberTaken, lambda: place(first.number, ids.payment_reference()))
    refuses(ReferenceTaken, lambda: place(ids.order_number(), taken))


def test_a_placement_key_that_another_request_just_used_is_refused_for_another_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shade, _ = trade.make_shop()
    first, second = (trade.fill_cart({shade.variant_id: 1}) for _ in range(2))
    order = trade.command(first)
    placed = trade.place(key=first, order=order)
    with monkeypatch.context() as patch:
        patch.setattr(checkout_queries, "find_placement", lambda **_: None)
        refuses(PlacementUnderWay, lambda: trade.place(key=second, order=order))
    assert trade.place(key=second, order=order).number == placed.number


def test_an_entry_key_that_another_request_just_used_is_refused_for_another_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shade, _ = trade.make_shop()
    placed = trade.place({shade.variant_id: 1})
    trade.transfer(placed, 1, entry_key="same-key-00000000")
    monkeypatch.setattr(book, "is_repeat", lambda **_: False)
    refuses(EntryKeyTaken, lambda: trade.transfer(placed, 1, entry_key="same-key-00000000"))
