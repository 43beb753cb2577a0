"""Card money at the desk: what was tried and said, asking the provider, comparing the lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.domain.checkout import flows
from app.domain.payments import queries as payment_queries
from app.domain.payments.errors import GatewayUnavailable
from app.domain.payments.models import ReconciliationRun
from app.domain.payments.types import GatewayDifference, PaymentState, RunState
from app.infra import db
from app.kernel.errors import NotAllowed
from app.surfaces.desk import payment_words
from tests.conftest import Client
from tests.factories import cards, people, trade
from tests.factories.cards import Provider
from tests.factories.reading import actions, words
from tests.factories.trade import AT, TREASURER, PlacedOrder

BASE = "/meja/pembayaran"
pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with cards.provider() as found:
        yield found


@pytest.fixture
def app(database_url: str, tmp_path: Path, provider: Provider) -> Iterator[Flask]:
    made = cards.make_app(url=database_url, instance_dir=tmp_path, api_url=provider.url)
    made.test_client_class = Client
    with made.app_context():
        yield made
        db.db.session.remove()
        db.db.engine.dispose()


@pytest.fixture
def now(app: Flask) -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def placed(app: Flask) -> PlacedOrder:
    return trade.place({trade.make_shop()[1].variant_id: 1}, payment_method="card")


@pytest.fixture
def treasurer(client: FlaskClient) -> FlaskClient:
    people.staff(client, "treasurer")
    return client


class Silent:
    """A provider that never answers."""

    name, is_live = "silent", False

    def fetch(self, **_: object) -> None:
        raise GatewayUnavailable

    def list_payments(self, **_: object) -> tuple[object, ...]:
        raise GatewayUnavailable


def state(placed: PlacedOrder) -> PaymentState:
    db.read_session().rollback()
    return trade.payment(placed).state


def test_asking_the_provider_books_what_a_lost_notice_hid(
    treasurer: FlaskClient, placed: PlacedOrder, provider: Provider
) -> None:
    path = f"{BASE}/{trade.payment(placed).reference}"
    assert f"{path}/penyedia" not in actions(treasurer.get(path))
    db.read_session().rollback()
    page_id = cards.page_id(cards.start(placed.number))
    assert "Terbuka" in words(treasurer.get(path))
    assert treasurer.post(f"{path}/penyedia").status_code == 303
    assert "tidak punya kabar baru" in words(treasurer.get(path))
    provider.pay(page_id)
    assert state(placed) is PaymentState.PENDING
    for sentence in ("Ada kabar baru dari penyedia", "tidak punya kabar baru"):
        assert treasurer.post(f"{path}/penyedia").status_code == 303
        shown = words(treasurer.get(path))
        assert sentence in shown
        assert "Terbayar" in shown
    assert state(placed) is PaymentState.PAID
    assert payment_queries.verify().faults == ()


def test_comparisons_are_kept_and_shown_with_every_difference(
    treasurer: FlaskClient, placed: PlacedOrder, provider: Provider
) -> None:
    assert "Belum pernah dibandingkan" in words(treasurer.get(f"{BASE}/penyedia"))
    assert treasurer.post(f"{BASE}/penyedia").status_code == 303
    assert "Daftar penyedia dan buku kita sama" in words(treasurer.get(f"{BASE}/penyedia"))
    db.read_session().rollback()
    provider.pay(cards.page_id(cards.start(placed.number)))
    flows.reconcile_and_keep(at=AT)
    shown = words(treasurer.get(f"{BASE}/penyedia"))
    assert "1 perbedaan dengan penyedia" in shown
    assert "Penyedia menerima uang ini; buku kita belum memuatnya." in shown
    assert state(placed) is PaymentState.PENDING
    runs = payment_queries.list_reconciliations(actor=TREASURER)
    assert [run.state for run in runs] == [RunState.DIFFERS, RunState.SAME]
    assert payment_queries.count_differences(actor=TREASURER) == 1
    other = GatewayDifference("pi_1", "the provider says 5, our books say 6")
    assert "Jumlahnya berbeda" in payment_words.difference(other)


def test_a_silent_provider_changes_nothing_and_is_said(
    treasurer: FlaskClient, placed: PlacedOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards.start(placed.number)
    monkeypatch.setattr(flows.cards, "card_gateway", lambda: Silent())
    flows.reconcile_and_keep(at=AT)
    assert "1 beda dengan penyedia kartu" in words(treasurer.get("/meja/"))
    assert "Penyedia tidak memberi daftarnya" in words(treasurer.get(f"{BASE}/penyedia"))
    assert payment_queries.count_differences(actor=TREASURER) == 1
    path = f"{BASE}/{trade.payment(placed).reference}"
    assert treasurer.post(f"{path}/penyedia").status_code == 303
    assert "belum menjawab" in words(treasurer.get(path))
    assert state(placed) is PaymentState.PENDING


def test_only_national_treasurers_look_and_compare(client: FlaskClient) -> None:
    upt = people.make_upt("lapas-indramayu")
    people.staff(client, "upt_clerk", upt.upt_id)
    assert client.get(f"{BASE}/penyedia").status_code == 403
    for way in ("penyedia", "AAAAAAAA/penyedia"):
        assert client.post(f"{BASE}/{way}").status_code == 403
    with pytest.raises(NotAllowed):
        flows.look_again(actor=trade.clerk(upt.upt_id), payment_id=1, at=AT)
    assert db.read_session().query(ReconciliationRun).count() == 0
