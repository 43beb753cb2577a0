"""The treasurer's desk: exact transfers, wrong ones, late ones, and money that goes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.checkout.types import PlacedOrder
from app.domain.orders.types import UptOrderState
from app.domain.payments.models import MoneyEntry
from app.domain.payments.types import PaymentState
from app.infra import db
from tests.factories import people, trade
from tests.factories.reading import actions, fields, words
from tests.factories.trade import Item

NOW = trade.AT + timedelta(minutes=5)
BASE = "/meja/pembayaran"


@pytest.fixture(autouse=True)
def now(app: Flask) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shop() -> tuple[Item, Item]:
    return trade.make_shop()


@pytest.fixture
def placed(shop: tuple[Item, Item]) -> PlacedOrder:
    return trade.place({shop[0].variant_id: 1, shop[1].variant_id: 1})


@pytest.fixture
def path(placed: PlacedOrder) -> str:
    return f"{BASE}/{trade.payment(placed).reference}"


@pytest.fixture
def treasurer(client: FlaskClient) -> FlaskClient:
    people.staff(client, "treasurer")
    return client


def money(placed: PlacedOrder) -> PaymentState:
    db.read_session().rollback()
    return trade.payment(placed).state


def entry_count() -> int:
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(MoneyEntry)) or 0


def transfer(
    client: FlaskClient, path: str, amount: object, **changes: str
) -> tuple[dict[str, str], object]:
    values = {
        **fields(client.get(path), f"{path}/terima"),
        "received_idr": str(amount),
        "bank_reference": "FT-1",
        **changes,
    }
    return values, client.post(f"{path}/terima", data=values)


def test_lists_what_is_expected(treasurer: FlaskClient, placed: PlacedOrder, path: str) -> None:
    page = words(treasurer.get(BASE))
    assert trade.payment(placed).reference in page
    assert placed.number in page
    assert "Pembeli Contoh" in page


def test_finds_by_code_number_amount_and_name(
    treasurer: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item]
) -> None:
    found = trade.payment(placed)
    other = trade.place({shop[1].variant_id: 2}, contact_name="Orang Lain")
    amount = f"Rp{found.expected_idr:,}".replace(",", ".")
    for text in (
        found.reference,
        found.reference.lower()[:4] + " " + found.reference[4:],
        placed.number,
        amount,
        str(found.expected_idr),
        "Pembeli",
    ):
        page = words(treasurer.get(BASE, query_string={"q": text}))
        assert found.reference in page, text
        assert trade.payment(other).reference not in page, text
    assert "Tidak ada yang cocok" in words(treasurer.get(BASE, query_string={"q": "%zzz%"}))


def test_the_exact_amount_settles_the_order(
    treasurer: FlaskClient, placed: PlacedOrder, path: str
) -> None:
    expected = trade.payment(placed).expected_idr
    _, answer = transfer(treasurer, path, f"Rp{expected:,}".replace(",", "."))
    assert answer.status_code == 303
    page = words(treasurer.get(path))
    assert f"Pesanan {placed.number} lunas" in page
    assert money(placed) is PaymentState.PAID
    assert {part.state for part in trade.page(placed).upt_orders} == {UptOrderState.PLACED}


def test_the_amount_is_never_filled_in_beforehand(treasurer: FlaskClient, path: str) -> None:
    assert fields(treasurer.get(path), f"{path}/terima")["received_idr"] == ""


def test_a_form_sent_twice_is_recorded_once(
    treasurer: FlaskClient, placed: PlacedOrder, path: str
) -> None:
    values, _ = transfer(treasurer, path, 1_000)
    before = entry_count()
    assert treasurer.post(f"{path}/terima", data=values).status_code == 303
    assert "sudah pernah dicatat" in words(treasurer.get(path))
    assert entry_count() == before


def test_the_same_form_with_another_amount_is_refused(
    treasurer: FlaskClient, placed: PlacedOrder, path: str
) -> None:
    values, _ = transfer(treasurer, path, 1_000)
    answer = treasurer.post(f"{path}/terima", data={**values, "received_idr": "2000"})
    assert answer.status_code == 409
    assert "isi lain" in words(answer)
    assert entry_count() == 1


@pytest.mark.parametrize("difference", [-5_000, -1, 1, 7_500])
def test_a_wrong_amount_is_held_and_never_rounded(
    treasurer: FlaskClient, placed: PlacedOrder, path: str, difference: int
) -> None:
    expected = trade.payment(placed).expected_idr
    _, answer = transfer(treasurer, path, expected + difference)
    assert answer.status_code == 303
    page = words(treasurer.get(path))
    assert "Uang ditahan untuk diperiksa." in page
    sign = "Kurang" if difference < 0 else "Lebih"
    assert f"{sign} Rp{abs(difference):,}".replace(",", ".") in page
    assert {part.state for part in trade.page(placed).upt_orders} == {UptOrderState.HELD}
    assert f"{sign} Rp" in words(treasurer.get(f"{BASE}/periksa"))


def resolve(client: FlaskClient, path: str, outcome: str) -> object:
    action = next(action for action in actions(client.get(path)) if "/periksa/" in action)
    return client.post(action, data={"outcome": outcome})


def test_too_much_can_be_settled_and_the_rest_sent_back(
    treasurer: FlaskClient, placed: PlacedOrder, path: str
) -> None:
    transfer(treasurer, path, trade.payment(placed).expected_idr + 7_500)
    assert resolve(treasurer, path, "settle").status_code == 303
    assert {part.state for part in trade.page(placed).upt_orders} == {UptOrderState.PLACED}
    assert "Rp7.500" in words(treasurer.get(f"{BASE}/pengembalian"))
    opened = treasurer.get(path)
    values = {
        **fields(opened, f"{path}/pengembalian"),
        "amount_idr": "7.500",
        "refunded_on": "2026-11-22",
        "bank_reference": "FT-2",
    }
    assert treasurer.post(f"{path}/pengembalian", data=values).status_code == 303
    assert treasurer.post(f"{path}/pengembalian", data=values).status_code == 303
    assert "Tidak ada yang perlu dikembalikan" in words(treasurer.get(f"{BASE}/pengembalian"))
    assert trade.payment(placed).sums.refunded_idr == 7_500


def test_too_little_can_be_sent_back_but_not_settled(
    treasurer: FlaskClient, placed: PlacedOrder, path: str
) -> None:
    transfer(treasurer, path, 1_000)
    assert "Nyatakan lunas" not in words(treasurer.get(path))
    refused = resolve(treasurer, path, "settle")
    assert refused.status_code == 409
    assert "tidak cukup untuk pesanan" in words(refused)
    assert resolve(treasurer, path, "refund").status_code == 303
    assert "Rp1.000" in words(treasurer.get(f"{BASE}/pengembalian"))


def test_the_missing_rest_completes_a_short_transfer(
    treasurer: FlaskClient, placed: PlacedOrder, path: str
) -> None:
    expected = trade.payment(placed).expected_idr
    transfer(treasurer, path, expected - 5_000)
    transfer(treasurer, path, 5_000, bank_reference="FT-2")
    assert money(placed) is PaymentState.PAID
    assert "Tidak ada yang perlu diperiksa" in words(treasurer.get(f"{BASE}/periksa"))


def test_money_after_the_order_expired_is_held(
    treasurer: FlaskClient, placed: PlacedOrder, path: str
) -> None:
    values = {
        **fields(treasurer.get(path), f"{path}/terima"),
        "received_idr": str(trade.payment(placed).expected_idr),
        "bank_reference": "FT-9",
    }
    with time_machine.travel(NOW + timedelta(days=9), tick=False):
        people.sign_in(treasurer, people.make_user("treasurer@contoh.example"))
        assert treasurer.post(f"{path}/terima", data=values).status_code == 303
        page = words(treasurer.get(path))
        assert "pesanannya sudah ditutup" in page
        assert "Datang setelah pesanan ditutup" in page


@pytest.mark.parametrize(
    "amount", ["", "0", "-5", "1.5", "1e6", "seratus", "185,50", "NaN", "9" * 16]
)
def test_refuses_amounts_that_are_none(
    treasurer: FlaskClient, placed: PlacedOrder, path: str, amount: str
) -> None:
    _, answer = transfer(treasurer, path, amount)
    assert answer.status_code == 422
    assert fields(answer, f"{path}/terima")["received_idr"] == amount
    assert "Kesalahan:" in words(answer)
    assert entry_count() == 0


@pytest.mark.parametrize("day", ["", "kemarin", "2026-12-31"])
def test_refuses_days_that_have_not_come(treasurer: FlaskClient, path: str, day: str) -> None:
    _, answer = transfer(treasurer, path, 1_000, received_on=day)
    assert answer.status_code == 422
    assert entry_count() == 0


def test_records_by_a_code_that_is_typed(treasurer: FlaskClient, placed: PlacedOrder) -> None:
    found = trade.payment(placed)
    values = {
        **fields(treasurer.get(f"{BASE}/catat"), f"{BASE}/catat"),
        "reference": f"{found.reference[:4].lower()} {found.reference[4:]}",
        "received_idr": str(found.expected_idr),
        "bank_reference": "FT-3",
    }
    assert treasurer.post(f"{BASE}/catat", data=values).status_code == 303
    assert money(placed) is PaymentState.PAID


@pytest.mark.parametrize(("reference", "status"), [("", 422), ("ABC", 422), ("22222222", 409)])
def test_refuses_unknown_codes_in_words(
    treasurer: FlaskClient, placed: PlacedOrder, reference: str, status: int
) -> None:
    values = {
        **fields(treasurer.get(f"{BASE}/catat"), f"{BASE}/catat"),
        "reference": reference,
        "received_idr": "1000",
        "bank_reference": "FT-3",
    }
    answer = treasurer.post(f"{BASE}/catat", data=values)
    assert answer.status_code == status
    assert 'href="#f-reference"' in answer.get_data(as_text=True)
    assert fields(answer, f"{BASE}/catat")["reference"] == reference
    assert entry_count() == 0


def test_refuses_to_send_back_more_than_is_due(
    treasurer: FlaskClient, placed: PlacedOrder, path: str
) -> None:
    transfer(treasurer, path, 1_000)
    resolve(treasurer, path, "refund")
    values = {
        **fields(treasurer.get(path), f"{path}/pengembalian"),
        "amount_idr": "1001",
        "refunded_on": "2026-11-22",
        "bank_reference": "FT-2",
    }
    answer = treasurer.post(f"{path}/pengembalian", data=values)
    assert answer.status_code == 409
    assert "Paling banyak Rp1.000" in words(answer)
    assert trade.payment(placed).sums.refunded_idr == 0


def test_a_review_of_another_payment_is_not_found(
    treasurer: FlaskClient, placed: PlacedOrder, path: str
) -> None:
    answer = treasurer.post(f"{path}/periksa/999", data={"outcome": "refund"})
    assert answer.status_code == 404
    assert treasurer.get(f"{BASE}/22222222").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [("auditor", 200), ("upt_clerk", 403), ("national_admin", 403), ("curator", 403)],
)
def test_only_the_treasurer_moves_money(
    client: FlaskClient,
    placed: PlacedOrder,
    path: str,
    shop: tuple[Item, Item],
    role: str,
    status: int,
) -> None:
    people.staff(client, role, shop[0].upt_id if role == "upt_clerk" else None)
    for page in (BASE, f"{BASE}/periksa", f"{BASE}/pengembalian", path):
        assert client.get(page).status_code == status
    if status == 200:
        assert not {action for action in actions(client.get(path)) if BASE in action}
    values = {
        "entry_key": "k" * 20,
        "received_idr": "1000",
        "received_on": "2026-11-22",
        "bank_reference": "FT-1",
    }
    assert client.get(f"{BASE}/catat").status_code == 403
    assert client.post(f"{path}/terima", data=values).status_code == 403
    assert client.post(f"{path}/pengembalian", data=values).status_code == 403
    assert client.post(f"{path}/periksa/1", data={"outcome": "settle"}).status_code == 403
    assert entry_count() == 0


def test_moving_money_needs_the_token(csrf_app: Flask) -> None:
    client = csrf_app.test_client()
    for path in ("catat", "22222222/terima", "22222222/pengembalian", "22222222/periksa/1"):
        assert client.post(f"{BASE}/{path}").status_code == 400
