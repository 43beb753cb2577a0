"""The desk's orders: the board, the steps of one order, two people at once, other units' orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.domain.checkout.types import PlacedOrder
from app.domain.orders.types import UptOrderState
from app.domain.payments import queries as payment_queries
from app.domain.stock import queries as stock_queries
from app.infra import db
from tests.factories import people, trade
from tests.factories.browse import statements
from tests.factories.reading import actions, fields, words
from tests.factories.trade import Item

STEPS = ("terima", "siapkan", "kirim", "serahkan", "tolak")


@pytest.fixture(autouse=True)
def now(app: Flask) -> Iterator[None]:
    with time_machine.travel(trade.AT + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def shop() -> tuple[Item, Item]:
    return trade.make_shop()


@pytest.fixture
def placed(shop: tuple[Item, Item]) -> PlacedOrder:
    return trade.paid({shop[0].variant_id: 2, shop[1].variant_id: 1})


@pytest.fixture
def path(placed: PlacedOrder, shop: tuple[Item, Item]) -> str:
    return f"/meja/pesanan/{trade.part(placed, shop[0].upt_id).number}"


@pytest.fixture
def clerk(client: FlaskClient, shop: tuple[Item, Item]) -> FlaskClient:
    people.staff(client, "upt_clerk", shop[0].upt_id)
    return client


def state(placed: PlacedOrder, item: Item) -> UptOrderState:
    db.read_session().rollback()
    return trade.part(placed, item.upt_id).state


def position(item: Item) -> tuple[int, int, int]:
    db.read_session().rollback()
    found = stock_queries.get_position(upt_id=item.upt_id, variant_id=item.variant_id, at=trade.AT)
    return found.on_hand, found.held, found.available


def test_the_board_shows_what_waits_in_this_unit(
    clerk: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item]
) -> None:
    page = words(clerk.get("/meja/pesanan"))
    assert trade.part(placed, shop[0].upt_id).number in page
    assert trade.part(placed, shop[1].upt_id).number not in page
    assert "Perlu diterima 1" in page
    assert "Jawab dalam 2 hari" in page


def test_the_state_stays_in_the_address(clerk: FlaskClient, placed: PlacedOrder) -> None:
    trade.ship(placed, trade.page(placed).upt_orders[0].upt_id)
    moving = words(clerk.get("/meja/pesanan?keadaan=dalam-perjalanan"))
    assert f"{placed.number}-1" in moving
    assert f"{placed.number}-1" not in words(clerk.get("/meja/pesanan?keadaan=perlu-diterima"))
    assert f"{placed.number}-1" in words(clerk.get("/meja/pesanan?keadaan=semua"))
    assert clerk.get("/meja/pesanan?keadaan=tidak-ada").status_code == 200


def test_an_order_goes_its_whole_way(
    clerk: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    shade = shop[0]
    assert position(shade) == (10, 2, 8)
    opened = clerk.get(path)
    values = {**fields(opened, f"{path}/terima"), "promised_on": "2026-11-25"}
    assert clerk.post(f"{path}/terima", data=values).status_code == 303
    accepted = clerk.get(path)
    assert "25 November 2026" in words(accepted)
    assert (
        clerk.post(f"{path}/siapkan", data=fields(accepted, f"{path}/siapkan")).status_code == 303
    )
    preparing = clerk.get(path)
    shipping = {
        **fields(preparing, f"{path}/kirim"),
        "carrier": "JNE",
        "tracking_number": "JNE 0001/22",
    }
    assert position(shade) == (10, 2, 8)
    assert clerk.post(f"{path}/kirim", data=shipping).status_code == 303
    assert position(shade) == (8, 0, 8)
    assert state(placed, shade) is UptOrderState.SHIPPED
    shipped = clerk.get(path)
    assert "Stok sudah berkurang." in words(shipped)
    assert "JNE 0001/22" in words(shipped)
    assert actions(shipped) & {f"{path}/{step}" for step in STEPS} == set()


def test_a_pick_up_is_handed_over(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    shade = shop[0]
    placed = trade.paid(
        {shade.variant_id: 1}, **{f"delivery_{shade.upt_id}": "pickup"}, confirmed_total_idr=185_000
    )
    trade.accept(placed, shade.upt_id)
    trade.prepare(placed, shade.upt_id)
    people.staff(client, "upt_clerk", shade.upt_id)
    path = f"/meja/pesanan/{placed.number}-1"
    opened = client.get(path)
    values = fields(opened, f"{path}/serahkan")
    wrong = client.post(
        f"{path}/kirim", data={**values, "carrier": "JNE", "tracking_number": "12345"}
    )
    assert wrong.status_code == 409
    assert client.post(f"{path}/serahkan", data=values).status_code == 303
    assert state(placed, shade) is UptOrderState.DELIVERED
    assert position(shade) == (9, 0, 9)


@pytest.mark.parametrize(
    ("promised_on", "status"),
    [("", 422), ("besok", 422), ("2026-11-21", 422), ("2031-01-01", 422), ("2026-02-30", 422)],
)
def test_refuses_impossible_promises(
    clerk: FlaskClient,
    placed: PlacedOrder,
    shop: tuple[Item, Item],
    path: str,
    promised_on: str,
    status: int,
) -> None:
    values = {**fields(clerk.get(path), f"{path}/terima"), "promised_on": promised_on}
    answer = clerk.post(f"{path}/terima", data=values)
    assert answer.status_code == status
    assert fields(answer, f"{path}/terima")["promised_on"] == promised_on
    assert "Kesalahan:" in words(answer)
    assert state(placed, shop[0]) is UptOrderState.PLACED


@pytest.mark.parametrize(
    ("carrier", "tracking"), [("", ""), ("J", "12345"), ("JNE", "12"), ("JNE", "<b>12345</b>")]
)
def test_refuses_parcels_without_carrier_or_number(
    clerk: FlaskClient,
    placed: PlacedOrder,
    shop: tuple[Item, Item],
    path: str,
    carrier: str,
    tracking: str,
) -> None:
    trade.accept(placed, shop[0].upt_id)
    trade.prepare(placed, shop[0].upt_id)
    values = {
        **fields(clerk.get(path), f"{path}/kirim"),
        "carrier": carrier,
        "tracking_number": tracking,
    }
    answer = clerk.post(f"{path}/kirim", data=values)
    assert answer.status_code == 422
    again = fields(answer, f"{path}/kirim")
    assert (again["carrier"], again["tracking_number"]) == (carrier, tracking)
    assert state(placed, shop[0]) is UptOrderState.PREPARING


def test_the_second_of_two_people_is_told(
    clerk: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    values = {**fields(clerk.get(path), f"{path}/terima"), "promised_on": "2026-11-25"}
    trade.accept(placed, shop[0].upt_id)
    answer = clerk.post(f"{path}/terima", data=values)
    assert answer.status_code == 409
    assert "baru saja diubah orang lain" in words(answer)
    assert f"{path}/siapkan" in actions(answer)


def test_a_double_click_moves_the_order_once(
    clerk: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    values = {**fields(clerk.get(path), f"{path}/terima"), "promised_on": "2026-11-25"}
    assert clerk.post(f"{path}/terima", data=values).status_code == 303
    assert clerk.post(f"{path}/terima", data=values).status_code == 409
    assert state(placed, shop[0]) is UptOrderState.ACCEPTED


def test_refusing_gives_goods_and_money_back(
    clerk: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    question = clerk.get(f"{path}/tolak")
    assert "Penolakan tidak bisa ditarik kembali" in words(question)
    values = {
        **fields(question, f"{path}/tolak"),
        "reason": "damaged",
        "note": "Jatuh saat dikemas",
    }
    answer = clerk.post(f"{path}/tolak", data=values)
    assert answer.status_code == 303
    page = words(clerk.get(path))
    assert "Rp418.000 masuk daftar pengembalian uang" in page
    assert "Barang rusak sebelum dikirim" in page
    assert state(placed, shop[0]) is UptOrderState.CANCELLED
    assert state(placed, shop[1]) is UptOrderState.PLACED
    assert position(shop[0]) == (10, 0, 10)
    dues = payment_queries.list_refunds_due(actor=trade.TREASURER)
    assert [due.due_idr for due in dues] == [418_000]


@pytest.mark.parametrize("reason", ["", "malas"])
def test_refusing_needs_a_reason(
    clerk: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str, reason: str
) -> None:
    values = {**fields(clerk.get(f"{path}/tolak"), f"{path}/tolak"), "reason": reason}
    answer = clerk.post(f"{path}/tolak", data=values)
    assert answer.status_code == 422
    assert "Pilih alasan penolakan." in words(answer)
    assert state(placed, shop[0]) is UptOrderState.PLACED


def test_a_shipped_order_can_no_longer_be_refused(
    clerk: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    trade.ship(placed, shop[0].upt_id)
    version = trade.part(placed, shop[0].upt_id).version
    assert clerk.get(f"{path}/tolak").status_code == 303
    answer = clerk.post(f"{path}/tolak", data={"expected_version": version, "reason": "damaged"})
    assert answer.status_code == 409
    assert state(placed, shop[0]) is UptOrderState.SHIPPED


def test_prints_an_address_label(clerk: FlaskClient, path: str) -> None:
    page = words(clerk.get(f"{path}/label"))
    assert "Kepada Pembeli Contoh Jalan Contoh 1 Senayan, Kec. Kebayoran Baru" in page
    assert "Dari Lapas Indramayu" in page


def test_another_units_order_does_not_exist(
    client: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    people.staff(client, "upt_clerk", shop[1].upt_id)
    unknown = client.get("/meja/pesanan/KB-2222-2222-2222-1")
    foreign = client.get(path)
    assert foreign.status_code == unknown.status_code == 404
    assert words(foreign) == words(unknown)
    for page in ("label", "tolak"):
        assert client.get(f"{path}/{page}").status_code == 404
    for step, more in (
        ("terima", {"promised_on": "2026-11-25"}),
        ("siapkan", {}),
        ("kirim", {"carrier": "JNE", "tracking_number": "12345"}),
        ("serahkan", {}),
        ("tolak", {"reason": "damaged"}),
    ):
        answer = client.post(f"{path}/{step}", data={"expected_version": "2", **more})
        assert answer.status_code == 404, step
    assert client.get(f"/meja/pesanan?upt={shop[0].upt_id}").status_code == 404
    assert state(placed, shop[0]) is UptOrderState.PLACED


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("upt_clerk", True),
        ("upt_head", True),
        ("kanwil_staff", True),
        ("treasurer", True),
        ("auditor", True),
        ("national_admin", True),
        ("curator", False),
    ],
)
def test_each_role_sees_or_moves_what_it_may(
    client: FlaskClient, shop: tuple[Item, Item], path: str, role: str, *, sees: bool
) -> None:
    is_local = role in ("upt_clerk", "upt_head", "kanwil_staff")
    people.staff(client, role, shop[0].upt_id if is_local else None)
    opened = client.get(path)
    assert opened.status_code == (200 if sees else 403)
    may_move = role in ("upt_clerk", "upt_head")
    if sees:
        assert (f"{path}/terima" in actions(opened)) is may_move
    answer = client.post(
        f"{path}/terima", data={"expected_version": "2", "promised_on": "2026-11-25"}
    )
    assert answer.status_code == (303 if may_move else 403)


def test_buyers_and_visitors_stay_outside(client: FlaskClient, path: str) -> None:
    assert client.get(path).location.startswith("/masuk")
    people.sign_in(client, people.make_user("pembeli@contoh.example"))
    assert client.get(path).status_code == 403
    assert client.get("/meja/pesanan").status_code == 403


def test_people_of_several_units_choose_one(
    client: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item]
) -> None:
    people.staff(client, "auditor")
    first = words(client.get(f"/meja/pesanan?upt={shop[0].upt_id}"))
    assert f"{placed.number}-1" in first
    kept = words(client.get("/meja/pesanan?keadaan=semua"))
    assert f"{placed.number}-1" in kept
    assert f"{placed.number}-2" in words(client.get(f"/meja/pesanan?upt={shop[1].upt_id}"))


def test_the_list_needs_the_same_statements_for_one_and_for_many(
    clerk: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item]
) -> None:
    clerk.get("/meja/pesanan?keadaan=semua")
    with statements() as one:
        clerk.get("/meja/pesanan?keadaan=semua")
    for _ in range(4):
        trade.paid({shop[0].variant_id: 1})
    with statements() as many:
        clerk.get("/meja/pesanan?keadaan=semua")
    assert one.count == many.count


def test_moving_orders_needs_the_token(csrf_app: Flask) -> None:
    client = csrf_app.test_client()
    for step in STEPS:
        assert client.post(f"/meja/pesanan/KB-2222-2222-2222-1/{step}").status_code == 400
