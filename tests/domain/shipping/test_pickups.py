"""Times of pick-up: booked with the order, given back when it ends, moved by the buyer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.domain.checkout import services as checkout_services
from app.domain.orders.commands import RefuseOrder
from app.domain.orders.models import OrderGroup
from app.domain.orders.types import RefuseReason
from app.domain.shipping import queries, services
from app.domain.shipping.commands import SavePlan
from app.domain.shipping.errors import PlanChanged, SlotRequired, SlotUnavailable
from app.domain.shipping.types import Slot
from app.infra import db
from app.kernel.actor import ANONYMOUS
from app.kernel.errors import NotAllowed
from tests.factories import people, trade
from tests.factories.trade import Item

pytestmark = pytest.mark.usefixtures("app")


def plan(upt_id: int, *, version: int = 0, **changes: object) -> None:
    values = {
        "weekdays": (1, 2, 3, 4, 5), "opens": "09:00", "closes": "10:00", "slot_minutes": 60,
        "capacity": 2, "lead_hours": 24, "days_ahead": 7, "version": version, **changes,
    }  # fmt: skip
    command = SavePlan.parse(values)
    with db.unit_of_work():
        services.save_plan(
            actor=people.actor("upt_head", upt_id), upt_id=upt_id, command=command, at=trade.AT
        )


@pytest.fixture
def shade() -> Item:
    shade, _ = trade.make_shop()
    plan(shade.upt_id)
    return shade


def slots(upt_id: int, at: datetime = trade.AT) -> tuple[Slot, ...]:
    db.read_session().rollback()
    return queries.list_slots(upt_ids=(upt_id,), at=at)[upt_id]


def buy(shade: Item, key: str, **more: object) -> trade.PlacedOrder:
    fields = {f"delivery_{shade.upt_id}": "pickup", f"slot_{shade.upt_id}": key}
    total = {"confirmed_total_idr": "185000"}
    return trade.place({shade.variant_id: 1}, **{**fields, **total, **more})


def order_count() -> int:
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(OrderGroup)) or 0


def test_a_time_is_taken_with_the_order_and_full_ones_are_refused(shade: Item) -> None:
    first, second = slots(shade.upt_id)[:2]
    placed = [buy(shade, first.key) for _ in range(2)]
    booking = queries.bookings(numbers=[f"{placed[0].number}-1"])[f"{placed[0].number}-1"]
    assert (booking.starts_at, booking.ends_at) == (first.starts_at, first.ends_at)
    assert slots(shade.upt_id)[0] == second
    for key, refusal in (
        (first.key, SlotUnavailable), ("20261122T0200Z", SlotUnavailable), ("", SlotRequired),
    ):  # fmt: skip
        with pytest.raises(refusal) as caught:
            buy(shade, key)
        assert [error.field for error in caught.value.errors] == [f"slot_{shade.upt_id}"]
    assert order_count() == 2


def test_a_courier_needs_no_time_and_a_gallery_without_a_plan_neither(shade: Item) -> None:
    by_courier = trade.place({shade.variant_id: 1})
    cookies = trade.make_item("lapas-pamekasan")
    key = trade.fill_cart({cookies.variant_id: 1})
    choices = {cookies.upt_id: "pickup"}
    total_idr = trade.preview(key, choices=choices).total_idr
    fetched = trade.place(
        key=key,
        confirmed_total_idr=str(total_idr),
        **{f"delivery_{cookies.upt_id}": "pickup"},
    )
    numbers = [f"{order.number}-1" for order in (by_courier, fetched)]
    assert queries.bookings(numbers=numbers) == {}


@pytest.mark.parametrize("ending", ["cancel", "expire", "refuse"])
def test_an_order_that_ends_gives_its_time_back(shade: Item, ending: str) -> None:
    first = slots(shade.upt_id)[0]
    placed = buy(shade, first.key)
    assert slots(shade.upt_id)[0].left == 1
    number = f"{placed.number}-1"
    if ending == "cancel":
        db.transact(
            lambda: checkout_services.cancel_unpaid(
                number=placed.number, actor=ANONYMOUS, at=trade.AT
            )
        )
    elif ending == "expire":
        later = trade.AT + timedelta(days=10)
        assert db.transact(lambda: checkout_services.expire(group_id=placed.group_id, at=later))
    else:
        trade.transfer(placed)
        version = trade.part(placed, shade.upt_id).version
        command = RefuseOrder(expected_version=version, reason=RefuseReason.DAMAGED)
        db.transact(
            lambda: checkout_services.refuse_order(
                actor=trade.clerk(shade.upt_id), number=number, command=command, at=trade.AT
            )
        )
    assert slots(shade.upt_id)[0].left == 2
    assert queries.bookings(numbers=[number]) == {}


def test_a_time_is_moved_and_a_refused_move_keeps_the_former(shade: Item) -> None:
    first, second = slots(shade.upt_id)[:2]
    placed = buy(shade, first.key)
    number = f"{placed.number}-1"

    def move(key: str) -> None:
        with db.unit_of_work():
            services.move_slot(upt_id=shade.upt_id, number=number, key=key, at=trade.AT)

    move(second.key)
    move(second.key)
    assert [slot.left for slot in slots(shade.upt_id)[:2]] == [2, 1]
    with pytest.raises(SlotUnavailable):
        move("20261122T0200Z")
    assert queries.bookings(numbers=[number])[number].starts_at == second.starts_at


def test_a_plan_is_changed_by_its_head_and_never_unseen(shade: Item) -> None:
    with pytest.raises(PlanChanged):
        plan(shade.upt_id, capacity=5)
    with pytest.raises(NotAllowed), db.unit_of_work():
        services.save_plan(
            actor=trade.clerk(shade.upt_id),
            upt_id=shade.upt_id,
            command=SavePlan.parse({
                "weekdays": (1,), "opens": "9.00", "closes": "10:00", "slot_minutes": 60,
                "capacity": 1, "lead_hours": 0, "days_ahead": 1, "version": 1,
            }),
            at=trade.AT,
        )  # fmt: skip
    assert slots(shade.upt_id)[0].left == 2
    plan(shade.upt_id, version=1, capacity=5)
    assert slots(shade.upt_id)[0].left == 5
