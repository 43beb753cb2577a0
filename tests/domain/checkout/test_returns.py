"""Goods that come back: the table, the windows, the lots, the money, and who may."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.checkout import flows
from app.domain.checkout import services as checkout_services
from app.domain.checkout.types import PlacedOrder
from app.domain.orders import queries as orders_queries
from app.domain.orders import rules
from app.domain.orders import services as orders_services
from app.domain.orders.commands import AnswerReturn, AskReturn, InspectReturn, ReceiveReturn
from app.domain.orders.errors import (
    AddressElsewhere,
    AddressFixed,
    IllegalTransition,
    NoPieces,
    OrderChanged,
    ReturnTooLate,
    ReturnUnderWay,
    SameHands,
    TooManyPieces,
)
from app.domain.orders.types import (
    Address,
    AlertKind,
    ReturnAction,
    ReturnReason,
    ReturnState,
    UptOrderState,
)
from app.domain.payments import queries as payments_queries
from app.domain.payments.errors import RefundTooLarge
from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import Account
from app.infra import db
from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.errors import Invalid, NotAllowed, NotFound
from tests.domain.checkout.test_services import counts
from tests.factories import people, trade
from tests.factories.trade import AT, Item

R, B = ReturnState, ReturnAction
DAY = timedelta(days=1)
_keys = itertools.count(1)


def run(service: Callable[..., Any], *, at: datetime = AT, **arguments: Any) -> Any:
    return db.transact(lambda: service(at=at, **arguments))


def delivered(quantity: int = 4, price_idr: int = 100_000) -> tuple[Item, PlacedOrder, int]:
    """Return an item, its delivered order and the id of its line."""
    trade.make_rates()
    shade = trade.make_item("lapas-indramayu", price_idr=price_idr, weight_g=500)
    placed = trade.paid({shade.variant_id: quantity})
    trade.ship(placed, shade.upt_id)
    part = trade.part(placed, shade.upt_id)
    run(checkout_services.confirm_received, number=part.number, actor=ANONYMOUS)
    return shade, placed, part.lines[0].line_id


def ask(
    placed: PlacedOrder, item: Item, pieces: dict[int, int], *, at: datetime = AT, key: str = ""
) -> str:
    command = AskReturn(
        entry_key=key or f"{'k' * 16}{next(_keys):08d}",
        reason=ReturnReason.DAMAGED,
        note="Anyamannya lepas.",
        pieces=pieces,
    )
    number = trade.part(placed, item.upt_id).number
    return str(
        run(
            orders_services.ask_return,
            at=at, number=number, command=command, photo_ids=(), actor=ANONYMOUS,
        )
    )  # fmt: skip


def answer(
    number: str, item: Item, *, is_approved: bool = True, version: int | None = None
) -> None:
    found = orders_queries.get_return(number=number)
    run(
        orders_services.answer_return,
        actor=trade.clerk(item.upt_id),
        number=number,
        command=AnswerReturn(expected_version=version or found.version, answer="Silakan kirim."),
        is_approved=is_approved,
    )


def receive(number: str, item: Item, pieces: dict[int, int], actor: Actor | None = None) -> None:
    found = orders_queries.get_return(number=number)
    run(
        orders_services.receive_return,
        actor=actor or trade.clerk(item.upt_id),
        number=number,
        command=ReceiveReturn(expected_version=found.version, pieces=pieces),
    )


def inspect(number: str, item: Item, refund_idr: int, **grades: dict[int, int]) -> int:
    found = orders_queries.get_return(number=number)
    command = InspectReturn(
        expected_version=found.version, refund_idr=refund_idr, answer="Terima kasih.", **grades
    )
    return int(
        run(
            checkout_services.inspect_return,
            actor=trade.clerk(item.upt_id), number=number, command=command,
        )
    )  # fmt: skip


def there(item: Item) -> dict[str, int]:
    lots = stock_queries.lots_in(
        upt_id=item.upt_id,
        variant_ids=[item.variant_id],
        accounts=(Account.AVAILABLE, Account.RETURNED, Account.SECOND_GRADE),
    )
    found: dict[str, int] = {}
    for lot in lots:
        if lot.on_hand:
            found[str(lot.account)] = found.get(str(lot.account), 0) + lot.on_hand
    return found


def assert_books_agree() -> None:
    assert orders_queries.list_wrong_quantities() == ()
    assert stock_flows.verify().faults == ()
    assert payments_queries.verify().faults == ()


LEGAL = {
    "asked approve approved",
    "asked refuse refused",
    "approved refuse refused",
    "approved receive received",
    "received inspect settled",
}
"""Written out a second time, so that a slip shows."""


@pytest.mark.parametrize(("state", "action"), list(itertools.product(R, B)), ids=str)
def test_every_pair_of_a_return_is_legal_or_refused(state: R, action: B) -> None:
    expected = [line.split() for line in LEGAL if line.startswith(f"{state} {action} ")]
    if expected:
        assert rules.next_return_state(state=state, action=action) == expected[0][2]
        return
    with pytest.raises(IllegalTransition):
        rules.next_return_state(state=state, action=action)


@pytest.mark.usefixtures("app")
def test_what_comes_back_is_graded_and_the_money_named_is_owed() -> None:
    shade, placed, line = delivered()
    number = ask(placed, shade, {line: 3})
    assert there(shade) == {"available": 6}
    answer(number, shade)
    receive(number, shade, {line: 3})
    assert there(shade) == {"available": 6, "returned": 3}
    assert trade.payment(placed).sums.refund_due_idr == 0
    assert (
        inspect(
            number, shade, 250_000, sellable={line: 1}, second_grade={line: 1}, damaged={line: 1}
        )
        == 250_000
    )
    assert there(shade) == {"available": 7, "second_grade": 1}
    assert trade.payment(placed).sums.refund_due_idr == 250_000
    record = orders_queries.get_return(number=number)
    assert (record.state, record.refund_idr) == (R.SETTLED, 250_000)
    (found,) = trade.part(placed, shade.upt_id).lines
    assert (found.quantity_returned, found.quantity_with_buyer) == (3, 1)
    assert_books_agree()
    second = ask(placed, shade, {line: 1})
    assert second.endswith("-R2")
    answer(second, shade)
    receive(second, shade, {line: 1})
    before = counts()
    with pytest.raises(RefundTooLarge):
        inspect(second, shade, 10_000_000, sellable={line: 1})
    assert counts() == before
    assert there(shade) == {"available": 7, "second_grade": 1, "returned": 1}
    assert inspect(second, shade, 0, sellable={line: 1}) == 0
    assert there(shade) == {"available": 8, "second_grade": 1}
    assert_books_agree()


@pytest.mark.usefixtures("app")
def test_a_return_is_asked_in_time_once_and_for_what_is_there() -> None:
    shade, placed, line = delivered()
    before = counts()
    for pieces, error in (
        ({line: 5}, TooManyPieces),
        ({line: 0}, NoPieces),
        ({line + 99: 1}, TooManyPieces),
    ):
        with pytest.raises(error):
            ask(placed, shade, pieces)
    with pytest.raises(ReturnTooLate):
        ask(placed, shade, {line: 1}, at=AT + 7 * DAY)
    assert counts() == before
    key = "e" * 24
    number = ask(placed, shade, {line: 1}, at=AT + 7 * DAY - timedelta(hours=1), key=key)
    assert ask(placed, shade, {line: 1}, key=key) == number
    with pytest.raises(ReturnUnderWay):
        ask(placed, shade, {line: 1})
    answer(number, shade, is_approved=False)
    assert orders_queries.get_return(number=number).state is R.REFUSED
    other = trade.paid({shade.variant_id: 1})
    with pytest.raises(ReturnTooLate):
        ask(other, shade, {trade.part(other, shade.upt_id).lines[0].line_id: 1})


@pytest.mark.usefixtures("app")
def test_an_order_stays_open_while_goods_come_back_and_clocks_end_the_wait() -> None:
    shade, placed, line = delivered()
    number = ask(placed, shade, {line: 1}, at=AT + DAY)
    flows.close_delivered(at=AT + 8 * DAY)
    assert trade.part(placed, shade.upt_id).state is UptOrderState.DELIVERED
    assert flows.watch_returns(at=AT + 3 * DAY) == 0
    assert flows.watch_returns(at=AT + 4 * DAY) == 1
    assert flows.watch_returns(at=AT + 5 * DAY) == 0
    kanwil = people.actor("kanwil_staff", shade.upt_id)
    assert [alert.kind for alert in orders_queries.list_alerts(actor=kanwil)] == [
        AlertKind.RETURN_UNANSWERED
    ]
    answer(number, shade)
    assert orders_queries.list_alerts(actor=kanwil) == ()
    assert flows.watch_returns(at=AT + 14 * DAY) == 1
    assert orders_queries.get_return(number=number).state is R.REFUSED
    flows.close_delivered(at=AT + 15 * DAY)
    assert trade.part(placed, shade.upt_id).state is UptOrderState.COMPLETED


@pytest.mark.usefixtures("app")
def test_steps_of_a_return_are_refused_out_of_turn_and_to_others() -> None:
    shade, placed, line = delivered(price_idr=3_000_000)
    number = ask(placed, shade, {line: 2})
    clerk = trade.clerk(shade.upt_id)
    before = counts()
    with pytest.raises(IllegalTransition):
        receive(number, shade, {line: 1})
    with pytest.raises(OrderChanged):
        answer(number, shade, version=7)
    with pytest.raises(NotFound):
        receive(number, shade, {line: 1}, trade.clerk(shade.upt_id + 1))
    with pytest.raises(NotAllowed):
        receive(number, shade, {line: 1}, people.actor("auditor"))
    assert counts() == before
    answer(number, shade)
    with pytest.raises(TooManyPieces):
        receive(number, shade, {line: 3})
    with pytest.raises(SameHands):
        receive(number, shade, {line: 2}, clerk)
    receive(number, shade, {line: 2}, people.actor("upt_head", shade.upt_id, user_id=900_999))
    with pytest.raises(TooManyPieces):
        inspect(number, shade, 0, sellable={line: 1})
    inspect(number, shade, 6_000_000, sellable={line: 2})
    with pytest.raises(IllegalTransition):
        inspect(number, shade, 0, sellable={line: 2})
    assert_books_agree()


def test_damage_is_told_to_the_buyer() -> None:
    with pytest.raises(Invalid) as caught:
        InspectReturn.parse({"expected_version": 1, "refund_idr": 0, "damaged": {"1": "1"}})
    assert [error.code for error in caught.value.errors] == ["orders.damage_untold"]


def test_an_address_moves_within_its_regency_before_acceptance() -> None:
    def address(province: str, regency: str) -> Address:
        return Address("A", "0812", "Jalan", "31.1", "D", "K", regency, "P", province, "12190")

    here = address("31", "Jakarta Selatan")
    held, accepted = UptOrderState.PLACED, UptOrderState.ACCEPTED
    rules.ensure_address(states=[held], before=here, after=here)
    for after in (address("32", "Jakarta Selatan"), address("31", "Jakarta Barat")):
        with pytest.raises(AddressElsewhere):
            rules.ensure_address(states=[held], before=here, after=after)
    with pytest.raises(AddressFixed):
        rules.ensure_address(states=[held, accepted], before=here, after=here)
    with pytest.raises(AddressFixed):
        rules.ensure_address(states=[held], before=None, after=here)
