"""What any card provider must do behind the port, shown on Stripe's official library over HTTP."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.domain.payments.adapters import stripe_gateway
from app.domain.payments.errors import EventRefused, GatewayRefused, GatewayUnavailable
from app.domain.payments.ports import CardGateway
from app.domain.payments.types import WEBHOOK_BYTES_MAX, GatewayState, RefundState
from tests.factories import cards
from tests.factories.cards import AT, Provider


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with cards.provider() as found:
        yield found


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.state.__dict__.update(sessions={}, intents={}, refunds={}, answers={}, events=[])
    running.clock.at = AT
    return running


@pytest.fixture
def gateway(provider: Provider) -> CardGateway:
    return provider.gateway()


@pytest.mark.parametrize(
    ("idr", "units"), [(1, 100), (10_000, 1_000_000), (25_000_000, 2_500_000_000)]
)
def test_rupiah_are_counted_in_hundredths_there_and_back(idr: int, units: int) -> None:
    assert stripe_gateway.to_units(idr) == units
    assert stripe_gateway.to_idr(units) == idr
    assert stripe_gateway.to_idr(units + 1) is None


def test_one_key_opens_one_page_and_other_content_under_it_is_refused(
    gateway: CardGateway, provider: Provider
) -> None:
    first = gateway.open_page(cards.request())
    assert gateway.open_page(cards.request()) == first
    assert first.expires_at == AT + timedelta(minutes=31)
    with pytest.raises(GatewayRefused):
        gateway.open_page(cards.request(amount_idr=1))
    assert gateway.open_page(cards.request("lain")) != first
    assert len(provider.state.sessions) == 2


def test_a_page_tells_how_it_stands(gateway: CardGateway, provider: Provider) -> None:
    page = gateway.open_page(cards.request())
    told = gateway.fetch(page_id=page.page_id)
    assert (told.state, told.key, told.amount_idr, told.currency, told.is_live) == (
        GatewayState.OPEN, "percobaan-1", 185_000, "idr", False,
    )  # fmt: skip
    assert provider.pay(page.page_id, cards.DECLINED) == "card_declined"
    assert gateway.fetch(page_id=page.page_id).state is GatewayState.OPEN
    assert provider.pay(page.page_id, cards.GUARDED) == "three_d_secure"
    assert provider.pay(page.page_id, cards.GUARDED, confirmed=False) == "authentication_failed"
    assert provider.pay(page.page_id, cards.GUARDED, confirmed=True) == "paid"
    told = gateway.fetch(page_id=page.page_id)
    assert (told.state, told.amount_idr, told.refunded_idr) == (GatewayState.SUCCEEDED, 185_000, 0)
    assert told.intent_id in provider.state.intents


def test_a_closed_page_takes_no_money_and_a_paid_one_says_so(
    gateway: CardGateway, provider: Provider
) -> None:
    page = gateway.open_page(cards.request())
    assert gateway.close_page(page_id=page.page_id).state is GatewayState.CLOSED
    assert gateway.close_page(page_id=page.page_id).state is GatewayState.CLOSED
    assert provider.pay(page.page_id) == "closed"
    paid = gateway.open_page(cards.request("lain"))
    provider.pay(paid.page_id)
    assert gateway.close_page(page_id=paid.page_id).state is GatewayState.SUCCEEDED
    lapsed = gateway.open_page(cards.request("lama"))
    provider.clock.move(minutes=32)
    assert gateway.fetch(page_id=lapsed.page_id).state is GatewayState.CLOSED


def test_money_goes_back_once_for_a_key_and_never_more_than_came(
    gateway: CardGateway, provider: Provider
) -> None:
    page = gateway.open_page(cards.request())
    provider.pay(page.page_id)
    intent_id = gateway.fetch(page_id=page.page_id).intent_id
    assert intent_id is not None
    first = gateway.refund(key="r1", intent_id=intent_id, amount_idr=85_000)
    assert first.state is RefundState.SUCCEEDED
    assert gateway.refund(key="r1", intent_id=intent_id, amount_idr=85_000) == first
    with pytest.raises(GatewayRefused):
        gateway.refund(key="r2", intent_id=intent_id, amount_idr=100_001)
    assert gateway.fetch(page_id=page.page_id).refunded_idr == 85_000


def test_lists_every_page_since_an_instant_newest_first(
    gateway: CardGateway, provider: Provider
) -> None:
    pages = [gateway.open_page(cards.request(f"nomor-{number}")) for number in range(103)]
    told = list(gateway.list_payments(since=AT))
    assert [each.page_id for each in told] == [page.page_id for page in reversed(pages)]
    assert list(gateway.list_payments(since=AT + timedelta(seconds=1))) == []


def test_says_when_the_provider_does_not_answer(provider: Provider) -> None:
    absent = dataclasses.replace(provider, url="http://127.0.0.1:9").gateway()
    with pytest.raises(GatewayUnavailable):
        absent.open_page(cards.request())
    with pytest.raises(GatewayRefused):
        provider.gateway().fetch(page_id="cs_test_tidak_ada")


def paid_event(gateway: CardGateway, provider: Provider) -> cards.Thing:
    page = gateway.open_page(cards.request())
    provider.pay(page.page_id)
    return provider.event("checkout.session.completed")


def test_reads_a_signed_notice(gateway: CardGateway, provider: Provider) -> None:
    event = paid_event(gateway, provider)
    for late in (-299, 0, 299):
        body, signature = cards.signed(event, at=AT + timedelta(seconds=late))
        found = gateway.read_event(body=body, signature=signature, at=AT)
    assert (found.event_id, found.kind) == (event["id"], "checkout.session.completed")
    assert (found.page_id, found.key) == (event["data"]["object"]["id"], "percobaan-1")
    assert found.intent_id in provider.state.intents
    assert found.content == body.decode()


def test_refuses_notices_that_are_forged_stale_early_or_no_notices(
    gateway: CardGateway, provider: Provider
) -> None:
    event = paid_event(gateway, provider)
    body, signature = cards.signed(event)
    stamp = signature.split(",")[0]
    other = cards.signed(event, secret="whsec_lain")[1]
    huge = cards.signed("{" + " " * WEBHOOK_BYTES_MAX + "}")
    wrong = [
        (body, ""),
        (body, other),
        (body, stamp),
        (body, signature.replace("v1=", "v0=")),
        (body, "t=kemarin,v1=00"),
        (body[:-2] + b" }", signature),
        (b"\xff\xfe" + body, signature),
        cards.signed(event, at=AT - timedelta(minutes=6)),
        cards.signed(event, at=AT + timedelta(minutes=6)),
        cards.signed("bukan json"),
        cards.signed('{"id": "evt_1"}'),
        cards.signed("[]"),
        huge,
    ]
    for content, header in wrong:
        with pytest.raises(EventRefused):
            gateway.read_event(body=content, signature=header, at=AT)
