"""Card payment from the pay page to the books: late, twice, wrong, cancelled, sent back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.checkout import flows, services
from app.domain.orders.commands import RefuseOrder
from app.domain.orders.types import UptOrderState
from app.domain.payments import queries as payments_queries
from app.domain.payments import services as payments_services
from app.domain.payments.commands import RecordRefund
from app.domain.payments.errors import (
    AttemptUnderWay,
    GatewayRefused,
    GatewayUnavailable,
    NothingToPay,
    PaidMeanwhile,
    RefundTooLarge,
)
from app.domain.payments.models import GatewayEvent, PaymentAttempt
from app.domain.payments.types import PaymentState, ReviewReason
from app.infra import db
from tests.factories import cards, ledger, trade
from tests.factories.cards import AT, Provider
from tests.factories.trade import Item, PlacedOrder

LATE = AT + timedelta(minutes=50)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with cards.provider() as found:
        yield found


@pytest.fixture
def app(database_url: str, tmp_path: Path, provider: Provider) -> Iterator[Flask]:
    made = cards.make_app(url=database_url, instance_dir=tmp_path, api_url=provider.url)
    with made.app_context():
        yield made
        db.db.session.remove()
        db.db.engine.dispose()


@pytest.fixture
def shop(app: Flask) -> tuple[Item, Item]:
    return trade.make_shop()


def order(shop: tuple[Item, Item], *, both: bool = False, pieces: int = 2) -> PlacedOrder:
    wanted = {item.variant_id: pieces for item in (shop if both else shop[:1])}
    return trade.place(wanted, payment_method="card")


def notify(provider: Provider, kind: str, *, at: datetime = AT) -> None:
    tell(provider, provider.event(kind), at=at)


def tell(provider: Provider, event: cards.Thing, *, at: datetime = AT) -> None:
    body, signature = cards.signed(event, at=at)
    found = provider.gateway().read_event(body=body, signature=signature, at=at)
    db.transact(lambda: payments_services.store_event(provider="stripe", event=found, at=at))
    event_id = db.read_session().scalar(
        select(GatewayEvent.id).where(GatewayEvent.event_id == event["id"])
    )
    assert event_id is not None
    db.read_session().rollback()
    flows.apply_event(gateway_event_id=event_id, at=at)


def outcomes() -> list[str]:
    db.read_session().rollback()
    return list(db.read_session().scalars(select(GatewayEvent.outcome).order_by(GatewayEvent.id)))


def states(placed: PlacedOrder) -> list[UptOrderState]:
    db.read_session().rollback()
    return [part.state for part in trade.page(placed).upt_orders]


def sums(placed: PlacedOrder) -> tuple[int, int, int, int]:
    db.read_session().rollback()
    found = trade.payment(placed).sums
    return found.received_idr, found.settled_idr, found.refund_due_idr, found.refunded_idr


def total(placed: PlacedOrder) -> int:
    return trade.payment(placed).expected_idr


def ensure_adds_up() -> None:
    db.read_session().rollback()
    assert payments_queries.verify().faults == ()


def paid_at_provider(provider: Provider, placed: PlacedOrder) -> str:
    page_id = cards.page_id(cards.start(placed.number))
    assert provider.pay(page_id) == "paid"
    return page_id


def test_a_card_pays_the_order_by_its_notice_once(
    provider: Provider, shop: tuple[Item, Item]
) -> None:
    placed = order(shop, both=True)
    assert trade.payment(placed).pay_by_at == AT + timedelta(minutes=31)
    paid_at_provider(provider, placed)
    for _ in range(2):
        for kind in ("charge.succeeded", "checkout.session.completed", "payment_intent.succeeded"):
            notify(provider, kind)
    assert states(placed) == [UptOrderState.PLACED] * 2
    assert sums(placed) == (total(placed), total(placed), 0, 0)
    assert outcomes() == ["settled", "nothing_new", "nothing_new"]
    with pytest.raises(NothingToPay):
        cards.start(placed.number)
    ensure_adds_up()


def test_asking_again_gives_the_same_page_and_a_crash_before_noting_it_too(
    provider: Provider, shop: tuple[Item, Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = order(shop)

    def crash(**_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(payments_services, "note_page", crash)
    with pytest.raises(KeyboardInterrupt):
        cards.start(placed.number)
    monkeypatch.undo()
    first = cards.start(placed.number, key="n" * 30)
    assert cards.start(placed.number, key="m" * 30) == first
    assert len(provider.state.sessions) == 1


def test_a_page_that_is_nearly_over_is_closed_and_opened_anew_while_stock_stays_held(
    provider: Provider, shop: tuple[Item, Item]
) -> None:
    placed = order(shop)
    first = cards.page_id(cards.start(placed.number))
    later = provider.clock.move(minutes=29)
    second = cards.page_id(cards.start(placed.number, key="n" * 30, at=later))
    assert provider.pay(first) == "closed"
    assert provider.pay(second) == "paid"
    notify(provider, "payment_intent.succeeded", at=later + timedelta(minutes=30))
    assert states(placed) == [UptOrderState.PLACED]
    ensure_adds_up()


def test_the_promise_on_stock_is_not_lengthened_for_ever(
    provider: Provider, shop: tuple[Item, Item]
) -> None:
    placed = order(shop)
    at = AT
    for turn in range(4):
        cards.start(placed.number, key=f"{turn}" * 30, at=at)
        at = provider.clock.move(minutes=35)
    with pytest.raises(NothingToPay):
        cards.start(placed.number, key="z" * 30, at=at)
    flows.expire_unpaid(at=at + timedelta(minutes=10))
    assert states(placed) == [UptOrderState.EXPIRED]
    assert {each["status"] for each in provider.state.sessions.values()} == {"expired"}


def test_two_tries_in_one_moment_are_one(provider: Provider, shop: tuple[Item, Item]) -> None:
    placed = order(shop)
    cards.start(placed.number)
    payment_id = trade.payment(placed).payment_id
    with pytest.raises(AttemptUnderWay), db.unit_of_work():
        db.add(
            PaymentAttempt(
                payment_id=payment_id, provider="stripe", key="zweit", amount_idr=1, state="open",
                expires_at=AT, created_at=AT,
            )
        )  # fmt: skip


def test_money_that_comes_late_takes_the_goods_again_when_they_are_there(
    provider: Provider, shop: tuple[Item, Item]
) -> None:
    placed = order(shop)
    paid_at_provider(provider, placed)
    db.transact(lambda: services.expire(group_id=placed.group_id, at=LATE))
    assert states(placed) == [UptOrderState.EXPIRED]
    notify(provider, "payment_intent.succeeded", at=LATE)
    assert states(placed) == [UptOrderState.PLACED]
    assert outcomes() == ["reopened"]
    ensure_adds_up()


def test_money_that_comes_late_goes_back_once_when_the_goods_are_gone(
    provider: Provider, shop: tuple[Item, Item]
) -> None:
    placed = order(shop, pieces=9)
    paid_at_provider(provider, placed)
    db.transact(lambda: services.expire(group_id=placed.group_id, at=LATE))
    ledger.reserve(shop[0].upt_id, shop[0].variant_id, 5, minutes=None, at=LATE)
    for kind in ("payment_intent.succeeded", "checkout.session.completed"):
        notify(provider, kind, at=LATE)
    assert (states(placed), outcomes()) == ([UptOrderState.EXPIRED], ["refund", "nothing_new"])
    assert sums(placed) == (total(placed), 0, total(placed), 0)
    assert [flows.send_refunds(at=LATE) for _ in range(3)] == [1, 0, 0]
    assert sums(placed) == (total(placed), 0, 0, total(placed))
    assert trade.payment(placed).state is PaymentState.REFUNDED
    assert len(provider.state.refunds) == 1
    ensure_adds_up()


def test_cancelling_closes_the_page_before_the_stock_goes_back(
    provider: Provider, shop: tuple[Item, Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = order(shop)
    page_id = cards.page_id(cards.start(placed.number))
    flows.cancel_unpaid(number=placed.number, actor=ledger.BUYER, at=AT)
    assert provider.pay(page_id) == "closed"
    assert states(placed) == [UptOrderState.CANCELLED]
    other = order(shop)
    paid_at_provider(provider, other)
    with pytest.raises(PaidMeanwhile):
        flows.cancel_unpaid(number=other.number, actor=ledger.BUYER, at=AT)
    assert states(other) == [UptOrderState.PLACED]
    ensure_adds_up()


def test_money_on_a_cancelled_order_goes_back(provider: Provider, shop: tuple[Item, Item]) -> None:
    placed = order(shop)
    paid_at_provider(provider, placed)
    db.transact(lambda: services.cancel_unpaid(number=placed.number, actor=ledger.BUYER, at=AT))
    notify(provider, "checkout.session.completed")
    assert outcomes() == ["refund"]
    assert flows.send_refunds(at=AT) == 1
    assert sums(placed) == (total(placed), 0, 0, total(placed))
    ensure_adds_up()


def test_a_wrong_amount_waits_for_a_person(provider: Provider, shop: tuple[Item, Item]) -> None:
    placed = order(shop)
    page_id = paid_at_provider(provider, placed)
    intent = provider.state.intents[provider.state.sessions[page_id]["payment_intent"]]
    intent["amount_received"] = 100_00
    notify(provider, "payment_intent.succeeded")
    assert (states(placed), outcomes()) == ([UptOrderState.HELD], ["review"])
    assert sums(placed)[0] == 100
    reviews = payments_queries.list_reviews(actor=trade.TREASURER)
    assert [review.reason for review in reviews] == [ReviewReason.WRONG_AMOUNT]
    ensure_adds_up()


@pytest.mark.parametrize("change", [{"currency": "usd"}, {"amount_received": 150}])
def test_money_that_cannot_be_ours_is_not_written_but_shown(
    provider: Provider, shop: tuple[Item, Item], change: dict[str, Any]
) -> None:
    placed = order(shop)
    page_id = paid_at_provider(provider, placed)
    intent = provider.state.intents[provider.state.sessions[page_id]["payment_intent"]]
    intent.update(change)
    notify(provider, "payment_intent.succeeded")
    assert (states(placed), sums(placed)) == ([UptOrderState.HELD], (0, 0, 0, 0))
    reviews = payments_queries.list_reviews(actor=trade.TREASURER)
    assert [review.reason for review in reviews] == [ReviewReason.MISMATCH]


def test_notices_of_others_and_of_another_environment_change_nothing(
    provider: Provider, shop: tuple[Item, Item]
) -> None:
    placed = order(shop)
    paid_at_provider(provider, placed)
    event = provider.event("payment_intent.succeeded")
    tell(provider, {**event, "id": "evt_live", "livemode": True})
    foreign = {"object": "payment_intent", "id": "pi_orang_lain", "metadata": {}}
    tell(provider, {**event, "id": "evt_foreign", "data": {"object": foreign}})
    tell(provider, {**event, "id": "evt_odd", "type": "tax.rate_added"})
    assert outcomes() == ["other_environment", "unknown", "settled"]
    assert states(placed) == [UptOrderState.PLACED]


def test_a_lost_notice_heals_by_looking(provider: Provider, shop: tuple[Item, Item]) -> None:
    placed, idle = order(shop), order(shop)
    paid_at_provider(provider, placed)
    cards.start(idle.number, key="i" * 30)
    assert flows.settle_pages(at=AT + timedelta(minutes=1)) == 0
    assert flows.settle_pages(at=AT + timedelta(minutes=3)) == 1
    assert (states(placed), states(idle)) == ([UptOrderState.PLACED], [UptOrderState.HELD])
    later = provider.clock.move(minutes=35)
    assert flows.settle_pages(at=later) == 1
    flows.expire_unpaid(at=later + timedelta(minutes=10))
    assert states(idle) == [UptOrderState.EXPIRED]


def test_a_silent_provider_costs_no_order_and_expiry_waits_for_it(
    provider: Provider, shop: tuple[Item, Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = order(shop)

    def silent(*_: Any, **__: Any) -> None:
        raise GatewayUnavailable

    gateway = flows.card_gateway()
    assert gateway is not None
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "open_page", silent, raising=False)
        with pytest.raises(GatewayUnavailable):
            cards.start(placed.number)
    page_id = cards.page_id(cards.start(placed.number))
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "close_page", silent, raising=False)
        patched.setattr(gateway, "fetch", silent, raising=False)
        assert flows.settle_pages(at=LATE) == 0
        assert flows.expire_unpaid(at=LATE) == 0
        with pytest.raises(GatewayUnavailable):
            flows.cancel_unpaid(number=placed.number, actor=ledger.BUYER, at=LATE)
    assert states(placed) == [UptOrderState.HELD]
    assert provider.pay(page_id) == "paid"
    assert flows.expire_unpaid(at=LATE) == 0
    assert states(placed) == [UptOrderState.PLACED]
    ensure_adds_up()


def test_a_part_that_is_refused_goes_back_to_the_card_and_only_that(
    provider: Provider, shop: tuple[Item, Item]
) -> None:
    placed = order(shop, both=True)
    paid_at_provider(provider, placed)
    notify(provider, "checkout.session.completed")
    part = trade.part(placed, shop[1].upt_id)
    refuse = RefuseOrder(expected_version=part.version, reason="out_of_stock", note="habis")
    db.transact(
        lambda: services.refuse_order(
            actor=trade.clerk(shop[1].upt_id), number=part.number, command=refuse, at=AT
        )
    )
    assert flows.send_refunds(at=AT) == 1
    assert sums(placed) == (total(placed), total(placed), 0, part.total_idr)
    told = provider.gateway().list_payments(since=AT)
    assert [each.refunded_idr for each in told] == [part.total_idr]
    ensure_adds_up()


def test_money_on_its_way_by_card_is_not_sent_by_hand_too(
    provider: Provider, shop: tuple[Item, Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = order(shop)
    paid_at_provider(provider, placed)
    db.transact(lambda: services.cancel_unpaid(number=placed.number, actor=ledger.BUYER, at=AT))
    notify(provider, "checkout.session.completed")
    gateway = flows.card_gateway()

    def silent(**_: Any) -> None:
        raise GatewayUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(gateway, "refund", silent, raising=False)
        assert flows.send_refunds(at=AT) == 0
    by_hand = RecordRefund(
        entry_key="kembali-dengan-tangan", reference=trade.payment(placed).reference,
        amount_idr=1, refunded_on=AT.date(), bank_reference="FT-1",
    )  # fmt: skip
    with pytest.raises(RefundTooLarge):
        db.transact(lambda: services.record_refund(actor=trade.TREASURER, command=by_hand, at=AT))
    assert flows.send_refunds(at=AT) == 1
    assert sums(placed)[3] == total(placed)
    ensure_adds_up()


def test_the_providers_list_and_our_books_are_compared(
    provider: Provider, shop: tuple[Item, Item]
) -> None:
    settled, lost = order(shop), order(shop)
    paid_at_provider(provider, settled)
    notify(provider, "checkout.session.completed")
    page_id = cards.page_id(cards.start(lost.number, key="l" * 30))
    provider.pay(page_id)
    intent_id = provider.state.sessions[page_id]["payment_intent"]
    found = flows.reconcile(since=AT - timedelta(days=1))
    assert [(each.intent_id, "lack" in each.what) for each in found] == [(intent_id, True)]
    notify(provider, "checkout.session.completed")
    assert flows.reconcile(since=AT - timedelta(days=1)) == ()
    provider.state.sessions.pop(page_id)
    assert [each.intent_id for each in flows.reconcile(since=AT - timedelta(days=1))] == [intent_id]


def test_without_a_provider_there_is_no_card(bare_app: Flask) -> None:
    with bare_app.app_context():
        assert flows.card_gateway() is None
        assert (flows.settle_pages(at=AT), flows.send_refunds(at=AT)) == (0, 0)
        with pytest.raises(GatewayRefused):
            flows.reconcile(since=AT)
