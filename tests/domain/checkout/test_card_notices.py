"""Every order of a card's notices, with copies, ends in one state.

Each reachable state of the database is kept as an image and each notice is applied to it once; so
the graph of states is walked whole, and every order and every stream of notices is a path in it.
Applying a notice depends on nothing but the image, therefore a walk over known edges is the same as
a run. A copy is run where one notice or all are known; between those it is not even kept. Images are of SQLite, whichever database the other tests use.
"""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.domain.checkout import flows
from app.domain.payments import queries as payments_queries
from app.domain.payments import services as payments_services
from app.domain.payments.models import GatewayEvent
from app.infra import db
from tests.databases import SqliteTemplates
from tests.factories import cards, trade
from tests.factories.cards import AT, Provider

FACTS = (
    "SELECT 'order', id, state, act_by_at FROM upt_order",
    "SELECT 'payment', id, closed_reason, expected_idr FROM payment",
    "SELECT 'money', id, kind || entry_key, amount_idr FROM money_entry",
    "SELECT 'attempt', id, state, intent_id FROM payment_attempt",
    "SELECT 'review', id, state, reason FROM payment_review",
    "SELECT 'refund', id, state, amount_idr FROM refund_attempt",
    "SELECT 'hold', entry_id, state, expires_at FROM stock_hold",
    "SELECT 'ledger', upt_id, sequence, hash FROM stock_head",
)


@dataclass
class Images:
    """The database file as it was, by what it says and which notices it knows."""

    path: Path
    kept: dict[tuple[str, frozenset[int]], bytes] = field(default_factory=dict)

    def take(self, seen: frozenset[int]) -> str:
        """Keep the present image; return what it says about orders, money and stock."""
        session = db.read_session()
        said = json.dumps([sorted(map(str, session.execute(text(each)).all())) for each in FACTS])
        db.db.session.remove()
        if (said, seen) not in self.kept:
            with sqlite3.connect(self.path) as connection:
                self.kept[said, seen] = connection.serialize()
        return said

    def put_back(self, said: str, seen: frozenset[int]) -> None:
        """Make the database what it was."""
        db.db.session.remove()
        source = sqlite3.connect(":memory:")
        source.deserialize(self.kept[said, seen])
        with sqlite3.connect(self.path) as target:
            source.backup(target)
        source.close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with cards.provider() as found:
        yield found


@pytest.fixture
def images(tmp_path: Path, provider: Provider) -> Iterator[Images]:
    with SqliteTemplates(tmp_path).copy(tmp_path) as url:
        app: Flask = cards.make_app(url=url, instance_dir=tmp_path, api_url=provider.url)
        with app.app_context():
            yield Images(tmp_path / "test.db")
            db.db.session.remove()
            db.db.engine.dispose()


def six_notices(provider: Provider) -> list[cards.Thing]:
    """Pay an order on the second try; return what the provider tells about it."""
    shade, cookies = trade.make_shop()
    placed = trade.place({shade.variant_id: 2, cookies.variant_id: 1}, payment_method="card")
    page_id = cards.page_id(cards.start(placed.number))
    provider.pay(page_id, cards.DECLINED)
    provider.pay(page_id)
    told = [
        provider.event(kind)
        for kind in (
            "payment_intent.created", "payment_intent.payment_failed", "charge.succeeded",
            "payment_intent.succeeded", "checkout.session.completed",
        )
    ]  # fmt: skip
    return [*told, {**told[2], "id": "evt_updated", "type": "charge.updated"}]


class Walk:
    """The graph of states: what each notice makes of each image."""

    def __init__(self, images: Images, provider: Provider, notices: list[cards.Thing]) -> None:
        self.images, self.gateway, self.notices = images, provider.gateway(), notices
        self.start = images.take(frozenset())
        self.edges: dict[tuple[str, frozenset[int], int], str] = {}

    def run(self, stream: list[int]) -> str:
        """Return the state after a stream of notices; known edges are not run again."""
        said, seen = self.start, frozenset[int]()
        for number in stream:
            edge = (said, seen, number)
            if edge not in self.edges:
                self.edges[edge] = self._walk(said, seen, number)
            said, seen = self.edges[edge], seen | {number}
        return said

    def _walk(self, said: str, seen: frozenset[int], number: int) -> str:
        is_copy = number in seen
        if is_copy and 1 < len(seen) < len(self.notices):
            return said
        self.images.put_back(said, seen)
        self._apply(number, is_copy=is_copy)
        return self.images.take(seen | {number})

    def _apply(self, number: int, *, is_copy: bool) -> None:
        body, signature = cards.signed(self.notices[number])
        event = self.gateway.read_event(body=body, signature=signature, at=AT)
        is_new = db.transact(
            lambda: payments_services.store_event(provider="stripe", event=event, at=AT)
        )
        assert is_new is not is_copy
        if is_new:
            event_id = db.read_session().scalar(
                select(GatewayEvent.id).where(GatewayEvent.event_id == event.event_id)
            )
            db.read_session().rollback()
            assert event_id is not None
            flows.apply_event(gateway_event_id=event_id, at=AT)


def test_every_order_and_ten_thousand_streams_of_notices_end_in_one_state(
    images: Images, provider: Provider
) -> None:
    walk = Walk(images, provider, six_notices(provider))
    orders = [walk.run(list(order)) for order in itertools.permutations(range(6))]
    assert len(orders) == 720
    assert len(set(orders)) == 1
    settled = json.loads(orders[0])
    assert [row.split(", ")[2] for row in settled[0]] == ["'placed'", "'placed'"]
    assert sum("received" in row for row in settled[2]) == 1
    chance = random.Random(20261122)
    for _ in range(10_000):
        stream = [*range(6), *chance.choices(range(6), k=chance.randrange(12))]
        chance.shuffle(stream)
        assert walk.run(stream) == orders[0]
    images.put_back(orders[0], frozenset(range(6)))
    assert payments_queries.verify().faults == ()
