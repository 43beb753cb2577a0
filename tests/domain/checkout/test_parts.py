"""A paid order of which parts take different ways: sent, refused, lost, sent again."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.domain.checkout import services as checkout_services
from app.domain.checkout.errors import ItemsShort
from app.domain.checkout.types import PlacedOrder
from app.domain.orders import queries as orders_queries
from app.domain.orders import services as orders_services
from app.domain.orders.commands import LoseParcel, RefusePieces, ShipOrder
from app.domain.orders.errors import (
    IllegalTransition,
    NoPieces,
    OrderChanged,
    ParcelClosed,
    TooManyPieces,
)
from app.domain.orders.types import LostOutcome, ParcelState, RefuseReason, UptOrderState
from app.domain.payments import queries as payments_queries
from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.infra import db
from app.kernel.actor import ANONYMOUS
from app.kernel.errors import NotAllowed, NotFound
from tests.domain.checkout.test_services import counts
from tests.factories import ledger, people, trade
from tests.factories.trade import AT, Item

pytestmark = pytest.mark.usefixtures("app")

_entry = itertools.count(1)
S = UptOrderState


def run(service: Callable[..., Any], **arguments: Any) -> Any:
    return db.transact(lambda: service(at=AT, **arguments))


def preparing(quantity: int = 5, stock: int = 10) -> tuple[Item, Item, PlacedOrder]:
    """Return a paid order over two lines of one UPT, ready to be sent."""
    trade.make_rates()
    shade = trade.make_item("lapas-indramayu", quantity=0, price_idr=100_000, weight_g=500)
    for lot in ("A", "B"):
        ledger.receive(shade.upt_id, shade.variant_id, stock // 2, lot_code=lot)
    mat = trade.make_item("lapas-indramayu", quantity=4, price_idr=30_000, weight_g=200)
    placed = trade.paid({shade.variant_id: quantity, mat.variant_id: 2})
    trade.accept(placed, shade.upt_id)
    trade.prepare(placed, shade.upt_id)
    return shade, mat, placed


def lines(placed: PlacedOrder, item: Item) -> dict[int, Any]:
    return {line.variant_id: line for line in trade.part(placed, item.upt_id).lines}


def pieces(placed: PlacedOrder, item: Item, wanted: dict[int, int]) -> dict[int, int]:
    found = lines(placed, item)
    return {found[variant_id].line_id: quantity for variant_id, quantity in wanted.items()}


def ship(
    placed: PlacedOrder, item: Item, wanted: dict[int, int] | None = None, **change: Any
) -> None:
    part = trade.part(placed, item.upt_id)
    command = ShipOrder(
        expected_version=change.get("version", part.version),
        carrier="JNE",
        tracking_number=f"JNE{next(_entry):07d}",
        pieces=None if wanted is None else pieces(placed, item, wanted),
    )
    run(orders_services.ship, actor=trade.clerk(item.upt_id), number=part.number, command=command)


def refuse(placed: PlacedOrder, item: Item, wanted: dict[int, int]) -> int:
    part = trade.part(placed, item.upt_id)
    command = RefusePieces(
        expected_version=part.version,
        reason=RefuseReason.DAMAGED,
        note="Retak.",
        pieces=pieces(placed, item, wanted),
    )
    return int(
        run(
            checkout_services.refuse_pieces,
            actor=trade.clerk(item.upt_id),
            number=part.number,
            command=command,
        )
    )


def lose(placed: PlacedOrder, item: Item, position: int, outcome: LostOutcome) -> int:
    part = trade.part(placed, item.upt_id)
    command = LoseParcel(expected_version=part.version, note="Kurir kehilangan.", outcome=outcome)
    return int(
        run(
            checkout_services.lose_parcel,
            actor=trade.clerk(item.upt_id),
            number=part.number,
            position=position,
            command=command,
        )
    )


def receive(placed: PlacedOrder, item: Item, position: int | None = None) -> None:
    number = trade.part(placed, item.upt_id).number
    run(checkout_services.confirm_received, number=number, position=position, actor=ANONYMOUS)


def figures(item: Item) -> tuple[int, int, int]:
    found = stock_queries.get_position(upt_id=item.upt_id, variant_id=item.variant_id, at=AT)
    return found.on_hand, found.held, found.available


def assert_all_adds_up() -> None:
    assert orders_queries.list_wrong_quantities() == ()
    assert stock_flows.verify().faults == ()
    assert payments_queries.verify().faults == ()


def test_an_order_leaves_in_two_parcels_and_the_rest_stays_held() -> None:
    shade, mat, placed = preparing()
    ship(placed, shade, {shade.variant_id: 3})
    part = trade.part(placed, shade.upt_id)
    assert part.state is S.PART_SHIPPED
    assert (figures(shade), figures(mat)) == ((7, 2, 5), (4, 2, 2))
    assert [line.quantity_held for line in part.lines] == [2, 2]
    assert_all_adds_up()
    receive(placed, shade, 1)
    receive(placed, shade, 1)
    assert trade.part(placed, shade.upt_id).state is S.PART_SHIPPED
    ship(placed, shade, {shade.variant_id: 2, mat.variant_id: 2})
    assert trade.part(placed, shade.upt_id).state is S.SHIPPED
    assert (figures(shade), figures(mat)) == ((5, 0, 5), (2, 0, 2))
    receive(placed, shade, 2)
    assert trade.part(placed, shade.upt_id).state is S.DELIVERED
    first, second = trade.page(placed).parcels
    assert [parcel.state for parcel in (first, second)] == [ParcelState.DELIVERED] * 2
    assert (first.quantity_total, second.quantity_total) == (3, 4)
    assert first.tracking_number != second.tracking_number
    assert_all_adds_up()


def test_pieces_that_wait_are_packed_from_the_lots_that_the_ledger_holds() -> None:
    shade, _, placed = preparing(quantity=7)
    number = trade.part(placed, shade.upt_id).number
    page = orders_queries.get_upt_order(actor=trade.clerk(shade.upt_id), number=number)
    assert [(held.lot_code, held.quantity) for held in page.held][:2] == [("A", 5), ("B", 2)]


@pytest.mark.parametrize(
    ("wanted", "error"), [(6, TooManyPieces), (0, NoPieces)], ids=["too many", "none"]
)
def test_a_parcel_holds_what_there_is(wanted: int, error: type[Exception]) -> None:
    shade, _, placed = preparing()
    before = counts()
    with pytest.raises(error) as caught:
        ship(placed, shade, {shade.variant_id: wanted})
    if isinstance(caught.value, TooManyPieces):
        assert caught.value.details()["left"] == 5
    with pytest.raises(OrderChanged):
        ship(placed, shade, {shade.variant_id: 1}, version=1)
    assert counts() == before


def test_a_refused_piece_goes_back_and_its_price_is_owed() -> None:
    shade, mat, placed = preparing()
    assert refuse(placed, shade, {mat.variant_id: 1}) == 30_000
    assert trade.part(placed, shade.upt_id).state is S.PREPARING
    assert figures(mat) == (4, 1, 3)
    assert trade.payment(placed).sums.refund_due_idr == 30_000
    ship(placed, shade, {shade.variant_id: 5})
    assert refuse(placed, shade, {mat.variant_id: 1}) == 30_000
    assert trade.part(placed, shade.upt_id).state is S.SHIPPED
    receive(placed, shade)
    assert trade.part(placed, shade.upt_id).state is S.DELIVERED
    assert_all_adds_up()


def test_refusing_the_rest_of_an_order_that_has_arrived_closes_it() -> None:
    shade, mat, placed = preparing()
    ship(placed, shade, {shade.variant_id: 5})
    receive(placed, shade, 1)
    refuse(placed, shade, {mat.variant_id: 2})
    assert trade.part(placed, shade.upt_id).state is S.DELIVERED
    assert_all_adds_up()


def test_refusing_every_piece_is_refusing_the_order_with_its_delivery() -> None:
    shade, mat, placed = preparing()
    total = trade.part(placed, shade.upt_id).total_idr
    assert refuse(placed, shade, {mat.variant_id: 2}) == 60_000
    assert refuse(placed, shade, {shade.variant_id: 5}) == total - 60_000
    assert trade.part(placed, shade.upt_id).state is S.CANCELLED
    assert (figures(shade), figures(mat)) == ((10, 0, 10), (4, 0, 4))
    assert trade.payment(placed).sums.refund_due_idr == total
    assert_all_adds_up()


def test_a_lost_parcel_is_refunded_and_the_order_goes_on() -> None:
    shade, mat, placed = preparing()
    ship(placed, shade, {shade.variant_id: 2})
    assert lose(placed, shade, 1, LostOutcome.REFUND) == 200_000
    assert trade.part(placed, shade.upt_id).state is S.PART_SHIPPED
    for again in (LostOutcome.REFUND, LostOutcome.RESEND):
        with pytest.raises(ParcelClosed):
            lose(placed, shade, 1, again)
    with pytest.raises(ParcelClosed):
        receive(placed, shade, 1)
    ship(placed, shade)
    total = trade.part(placed, shade.upt_id).total_idr
    assert lose(placed, shade, 2, LostOutcome.REFUND) == total - 200_000
    assert trade.part(placed, shade.upt_id).state is S.DELIVERED
    assert (figures(shade), figures(mat)) == ((5, 0, 5), (2, 0, 2))
    assert_all_adds_up()


def test_a_lost_parcel_is_sent_again_while_there_are_goods() -> None:
    shade, mat, placed = preparing(quantity=5, stock=10)
    ship(placed, shade, {shade.variant_id: 5})
    assert lose(placed, shade, 1, LostOutcome.RESEND) == 0
    part = trade.part(placed, shade.upt_id)
    assert (part.state, part.quantity_held) == (S.PREPARING, 7)
    assert figures(shade) == (5, 5, 0)
    assert_all_adds_up()
    ship(placed, shade)
    before = counts()
    with pytest.raises(ItemsShort):
        lose(placed, shade, 2, LostOutcome.RESEND)
    assert counts() == before
    receive(placed, shade)
    assert trade.part(placed, shade.upt_id).state is S.DELIVERED
    assert trade.payment(placed).sums.refund_due_idr == 0
    assert_all_adds_up()
    assert mat.variant_id


def test_a_parcel_sent_again_beside_one_that_arrived_leaves_the_order_part_shipped() -> None:
    shade, mat, placed = preparing()
    ship(placed, shade, {mat.variant_id: 2})
    ship(placed, shade, {shade.variant_id: 5})
    receive(placed, shade, 1)
    lose(placed, shade, 2, LostOutcome.RESEND)
    assert trade.part(placed, shade.upt_id).state is S.PART_SHIPPED
    with pytest.raises(IllegalTransition):
        run(
            checkout_services.cancel_paid,
            number=trade.part(placed, shade.upt_id).number,
            actor=ANONYMOUS,
        )
    assert_all_adds_up()


def test_a_buyer_cancels_what_has_not_left() -> None:
    shade, _, placed = preparing()
    number = trade.part(placed, shade.upt_id).number
    total = trade.part(placed, shade.upt_id).total_idr
    assert run(checkout_services.cancel_paid, number=number, actor=ANONYMOUS) == total
    part = trade.part(placed, shade.upt_id)
    assert (part.state, part.reason_code) == (S.CANCELLED, "buyer_asked")
    assert figures(shade) == (10, 0, 10)
    with pytest.raises(IllegalTransition):
        run(checkout_services.cancel_paid, number=number, actor=ANONYMOUS)
    assert trade.payment(placed).sums.refund_due_idr == total
    assert_all_adds_up()


def test_parts_are_the_business_of_the_unit_alone() -> None:
    shade, _, placed = preparing()
    part = trade.part(placed, shade.upt_id)
    refused = RefusePieces(
        expected_version=part.version,
        reason=RefuseReason.OTHER,
        pieces=pieces(placed, shade, {shade.variant_id: 1}),
    )
    lost = LoseParcel(
        expected_version=part.version, note="Hilang di jalan", outcome=LostOutcome.REFUND
    )
    before = counts()
    for actor, error in (
        (trade.clerk(shade.upt_id + 1), NotFound),
        (people.actor("auditor"), NotAllowed),
    ):
        with pytest.raises(error):
            run(checkout_services.refuse_pieces, actor=actor, number=part.number, command=refused)
        with pytest.raises(error):
            run(
                checkout_services.lose_parcel,
                actor=actor,
                number=part.number,
                position=1,
                command=lost,
            )
    assert counts() == before


@pytest.mark.parametrize(
    "change",
    [
        "quantity_cancelled = quantity_cancelled + 1",
        "quantity_lost = quantity_shipped + 1",
        "quantity_returned = 1, quantity_lost = quantity_shipped",
        "quantity_shipped = -1",
    ],
)
def test_the_database_keeps_lines_within_what_was_ordered(change: str) -> None:
    shade, _, placed = preparing()
    ship(placed, shade)
    with pytest.raises(IntegrityError), db.unit_of_work():
        db.session().execute(text(f"UPDATE order_line SET {change}"))
    assert_all_adds_up()


def test_the_database_refuses_to_owe_more_than_the_share() -> None:
    shade, _, placed = preparing()
    part = trade.part(placed, shade.upt_id)
    with pytest.raises(IntegrityError), db.unit_of_work():
        db.session().execute(
            text(
                "INSERT INTO money_entry (payment_id, upt_order_id, kind, amount_idr, bank_reference,"
                " happened_on, written_at, note, entry_key) SELECT payment_id, upt_order_id,"
                " 'refund_due', amount_idr + 1, '', happened_on, written_at, '', 'x'"
                " FROM money_entry WHERE kind = 'settled' AND upt_order_id = :id"
            ),
            {"id": part.upt_order_id},
        )
    assert trade.payment(placed).sums.refund_due_idr == 0


def test_a_line_that_does_not_add_up_is_named(app: Flask) -> None:
    shade, _, placed = preparing()
    with db.unit_of_work():
        db.session().execute(text("UPDATE order_line SET quantity_cancelled = 1"))
    number = trade.part(placed, shade.upt_id).number
    assert orders_queries.list_wrong_quantities() == (number,)
    answer = app.test_cli_runner().invoke(args=["orders", "verify"])
    assert answer.exit_code == 1
    assert number in answer.output
