"""The commands about orders and money."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from app.domain.orders.types import UptOrderState
from app.infra import db
from tests.factories import trade
from tests.factories.trade import AT


def run(app: Flask, *args: str) -> tuple[int, list[str]]:
    db.read_session().rollback()
    result = app.test_cli_runner().invoke(args=list(args))
    return result.exit_code, result.output.splitlines()


def test_orders_past_their_grace_are_expired(app: Flask) -> None:
    shade, _ = trade.make_shop()
    placed = trade.place({shade.variant_id: 1})
    with time_machine.travel(AT + timedelta(days=1), tick=False):
        assert run(app, "orders", "expire") == (
            0,
            ["0 pesanan kedaluwarsa; stoknya tersedia lagi."],
        )
    with time_machine.travel(AT + timedelta(days=3), tick=False):
        assert run(app, "orders", "expire") == (
            0,
            ["1 pesanan kedaluwarsa; stoknya tersedia lagi."],
        )
    assert trade.page(placed).state is UptOrderState.EXPIRED


def test_shipped_orders_close_by_themselves(app: Flask) -> None:
    shade, _ = trade.make_shop()
    placed = trade.paid({shade.variant_id: 1})
    trade.ship(placed, shade.upt_id)
    for days, state in ((11, UptOrderState.DELIVERED), (19, UptOrderState.COMPLETED)):
        with time_machine.travel(AT + timedelta(days=days), tick=False):
            assert run(app, "orders", "close") == (0, ["1 pesanan maju karena waktunya tiba."])
        assert trade.page(placed).state is state


def test_an_empty_shop_adds_up(app: Flask) -> None:
    code, lines = run(app, "payments", "verify")
    assert code == 0
    assert lines[-1] == "Semua cocok."


def test_received_money_is_settled_or_in_review_or_owed_back(app: Flask) -> None:
    shade, cookies = trade.make_shop()
    trade.paid({shade.variant_id: 1})
    short = trade.place({cookies.variant_id: 1})
    trade.transfer(short, 1_000)
    code, lines = run(app, "payments", "verify")
    assert (code, lines[-1]) == (0, "Semua cocok.")
    assert lines[0].replace("\u00a0", " ") == (
        "2 pembayaran, 3 baris uang. Masuk Rp216.000 = untuk pesanan Rp215.000"
        " + diperiksa Rp1.000 + di luar pesanan, wajib kembali Rp0."
    )


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (
            "UPDATE payment_share SET amount_idr = amount_idr + 1",
            "shares do not add up to the payment",
        ),
        ("DELETE FROM payment_review", "money is unsettled and nobody is asked to look at it"),
        (
            "UPDATE payment SET closed_reason = 'settled'",
            "settled rows do not equal the shares",
        ),
    ],
)
def test_damage_is_named(app: Flask, damage: str, what: str) -> None:
    shade, _ = trade.make_shop()
    placed = trade.place({shade.variant_id: 1})
    trade.transfer(placed, 1_000)
    reference = trade.payment(placed).reference
    with db.unit_of_work():
        db.session().execute(text(damage))
    code, lines = run(app, "payments", "verify")
    assert code == 1
    assert f"✗ {reference}: {what}" in lines


def test_a_wrong_order_total_is_named(app: Flask) -> None:
    shade, _ = trade.make_shop()
    placed = trade.place({shade.variant_id: 1})
    with db.unit_of_work():
        db.session().execute(
            text(
                "UPDATE order_group SET goods_total_idr = goods_total_idr + 5,"
                " total_idr = total_idr + 5"
            )
        )
    code, lines = run(app, "payments", "verify")
    assert code == 1
    assert f"✗ {placed.number}: total of the order is not the sum of its lines and fees" in lines
