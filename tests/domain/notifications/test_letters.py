"""Letters about orders: one for each fact, true when it leaves, never in the way of an order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from flask import Flask

from app.domain.checkout import services as checkout_services
from app.domain.notifications import flows, queries, rules, services
from app.domain.notifications.types import ATTEMPTS_MAX, MailKind, MailState
from app.domain.orders.commands import RefuseOrder
from app.domain.payments.commands import RecordRefund
from app.infra import db, jobs, mail
from app.surfaces.web import order_link
from tests.factories import people, trade
from tests.factories.trade import AT, Item

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def shop(app: Flask) -> tuple[Item, Item]:
    return trade.make_shop()


@pytest.fixture
def post(app: Flask, drain: Callable[[], int]) -> Callable[[], list[mail.StoredLetter]]:
    """Give a function that works off jobs, sends what is due and returns all letters by subject."""

    def run() -> list[mail.StoredLetter]:
        drain()
        flows.send_due(at=LATER)
        box = mail.outbox()
        assert box is not None
        return sorted(box.newest(), key=lambda letter: letter.subject)

    return run


def kinds(group_id: int) -> list[tuple[MailKind, MailState]]:
    db.db.session.rollback()
    return list(queries.states(group_id=group_id))


def test_a_new_order_is_told_how_to_pay_once(
    shop: tuple[Item, Item], post: Callable[[], list[mail.StoredLetter]]
) -> None:
    placed = trade.place({shop[0].variant_id: 2, shop[1].variant_id: 1})
    (letter,) = post()
    payment = trade.payment(placed)
    assert letter.subject == f"Pesanan {placed.number}: bayar Rp483.000"
    assert letter.recipient == "Pembeli Contoh <pembeli@contoh.example>"
    link = f"/pesanan/{placed.number}?kunci={order_link.key_of(placed.number)}"
    for part in (letter.text, letter.html):
        for words in (
            "Halo Pembeli Contoh", "Rp483.000", payment.reference, "000-111-222-333",
            "23 November 2026 pukul 10.00 WIB", "1 × 2 m", link, "please pay Rp483.000 by 23 November 2026 at 10:00 (UTC+7)",
        ):  # fmt: skip
            assert words in part
        assert "081234567890" not in part
        assert "Jalan Contoh" not in part
    assert post() == [letter]
    assert kinds(placed.group_id) == [(MailKind.ORDER_PLACED, MailState.SENT)]


def test_nobody_is_asked_to_pay_what_is_paid(
    shop: tuple[Item, Item], post: Callable[[], list[mail.StoredLetter]]
) -> None:
    placed = trade.paid({shop[0].variant_id: 1})
    (letter,) = post()
    assert letter.subject == f"Pembayaran {placed.number} diterima"
    assert kinds(placed.group_id) == [
        (MailKind.ORDER_PLACED, MailState.SKIPPED),
        (MailKind.ORDER_PAID, MailState.SENT),
    ]


def test_each_step_of_each_part_is_one_letter(
    shop: tuple[Item, Item], post: Callable[[], list[mail.StoredLetter]]
) -> None:
    shade, cookies = shop
    placed = trade.paid({shade.variant_id: 1, cookies.variant_id: 1})
    trade.ship(placed, shade.upt_id)
    part = trade.part(placed, shade.upt_id)
    db.transact(
        lambda: checkout_services.confirm_received(
            number=part.number, actor=people.actor("upt_clerk", 1), at=AT
        )
    )
    refused = trade.part(placed, cookies.upt_id)
    asked = RefuseOrder.parse(
        {"expected_version": str(refused.version), "reason": "damaged", "note": "pecah"}
    )
    db.transact(
        lambda: checkout_services.refuse_order(
            actor=trade.clerk(cookies.upt_id), number=refused.number, command=asked, at=AT
        )
    )
    text = {
        letter.subject.removeprefix(f"Pesanan {placed.number}"): letter.text for letter in post()
    }
    assert "25 November 2026" in text[" dikonfirmasi Lapas Indramayu"]
    assert "JNE0001234567" in text[" dikirim"]
    assert "dalam tujuh hari" in text[": sudah sampai?"]
    assert "barang rusak sebelum dikirim" in text[": satu bagian dibatalkan"]
    owed = trade.payment(placed).sums.refund_due_idr
    assert f"Rp{owed // 1000}.000" in text[": Rp65.000 dikembalikan"]
    sent = RecordRefund(
        entry_key="r" * 20,
        reference=trade.payment(placed).reference,
        upt_order_number=refused.number,
        amount_idr=owed,
        refunded_on=AT.date(),
        bank_reference="BALIK",
    )
    db.transact(lambda: checkout_services.record_refund(actor=trade.TREASURER, command=sent, at=AT))
    assert any(letter.subject.endswith("uang sudah dikirim kembali") for letter in post())


def test_unpaid_ends_and_strange_money_are_told(
    shop: tuple[Item, Item], post: Callable[[], list[mail.StoredLetter]]
) -> None:
    short, gone, ended = (trade.place({shop[0].variant_id: 1}) for _ in range(3))
    trade.transfer(short, 5_000)
    db.transact(
        lambda: checkout_services.cancel_unpaid(
            number=gone.number, actor=people.actor("upt_clerk", 1), at=AT
        )
    )
    db.transact(
        lambda: checkout_services.expire(group_id=ended.group_id, at=AT + timedelta(days=9))
    )
    subjects = [letter.subject for letter in post()]
    assert f"Pesanan {short.number}: uang Anda sedang diperiksa" in subjects
    assert f"Pesanan {gone.number} dibatalkan" in subjects
    assert f"Pesanan {ended.number} kedaluwarsa" in subjects
    assert f"Pesanan {gone.number}: bayar" not in " ".join(subjects)


def test_a_fact_noted_twice_is_one_letter(
    shop: tuple[Item, Item], drain: Callable[[], int]
) -> None:
    placed = trade.place({shop[0].variant_id: 1})
    drain()
    for _ in range(3):
        with db.unit_of_work():
            services.note(
                key=f"order_placed:group:{placed.group_id}",
                kind=MailKind.ORDER_PLACED,
                group_id=placed.group_id,
                at=AT,
            )
    assert kinds(placed.group_id) == [(MailKind.ORDER_PLACED, MailState.WAITING)]


class Broken:
    """A mailer that fails as told and notes who was written to."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.tried: list[str] = []

    def send(self, letter: mail.Letter, /, *, at: datetime) -> None:
        self.tried.append(letter.key)
        raise self.error


def break_post(app: Flask, error: Exception) -> Broken:
    broken = Broken(error)
    office = app.extensions["karyabina.mail"]
    app.extensions["karyabina.mail"] = replace(office, mailer=broken)
    return broken


def test_a_server_that_is_away_stops_the_round_and_the_letter_waits_longer_each_time(
    app: Flask, shop: tuple[Item, Item]
) -> None:
    for _ in range(2):
        trade.place({shop[0].variant_id: 1})
    jobs.drain(at=AT)
    whole = app.extensions["karyabina.mail"]
    broken = break_post(app, mail.MailUnavailable("timeout"))
    report = flows.send_due(at=AT)
    assert (report.put_off, len(broken.tried)) == (1, 1)
    assert flows.send_due(at=AT).put_off == 1
    assert flows.send_due(at=AT) == flows.SendReport(0, 0, 0, 0)
    assert flows.send_due(at=AT + timedelta(seconds=59)) == flows.SendReport(0, 0, 0, 0)
    app.extensions["karyabina.mail"] = whole
    assert flows.send_due(at=AT + timedelta(minutes=1)).sent == 2


def test_a_letter_is_given_up_after_days_and_a_refused_one_at_once(
    app: Flask, shop: tuple[Item, Item]
) -> None:
    placed = trade.place({shop[0].variant_id: 1})
    jobs.drain(at=AT)
    broken = break_post(app, mail.MailUnavailable("timeout"))
    at = AT
    for _ in range(ATTEMPTS_MAX + 3):
        flows.send_due(at=at)
        at += timedelta(hours=6)
    assert len(broken.tried) == ATTEMPTS_MAX
    assert kinds(placed.group_id) == [(MailKind.ORDER_PLACED, MailState.GIVEN_UP)]
    waits = [rules.retry_delay(attempts=n) for n in range(1, ATTEMPTS_MAX)]
    assert timedelta(days=1) < sum(waits, timedelta()) < timedelta(days=4)

    other = trade.place({shop[1].variant_id: 1})
    jobs.drain(at=AT)
    break_post(app, mail.MailRefused("answer 550"))
    assert flows.send_due(at=AT).refused == 1
    assert kinds(other.group_id) == [(MailKind.ORDER_PLACED, MailState.REFUSED)]


def test_a_letter_whose_worker_died_is_sent_after_the_lease(
    app: Flask, shop: tuple[Item, Item]
) -> None:
    trade.place({shop[0].variant_id: 1})
    jobs.drain(at=AT)
    break_post(app, KeyboardInterrupt())  # type: ignore[arg-type]  # as a worker that is killed
    whole = app.extensions["karyabina.mail"]
    with pytest.raises(KeyboardInterrupt):
        flows.send_due(at=AT)
    assert flows.send_due(at=AT + timedelta(minutes=4)).sent == 0
    whole = replace(
        whole, mailer=mail.Outbox(app.config["KARYABINA"].instance_dir, sender="a@b.example")
    )
    app.extensions["karyabina.mail"] = whole
    assert flows.send_due(at=AT + timedelta(minutes=5)).sent == 1


def test_whatsapp_words_are_encoded_and_name_no_number() -> None:
    link = rules.whatsapp_text(
        number="KB-1",
        heading="Paket & resi siap.",
        address="https://toko.example/pesanan/KB-1?kunci=a&b",
    )
    assert link.startswith("https://wa.me/?text=")
    assert "&" not in link.removeprefix("https://wa.me/?")
    assert unquote(link).endswith(
        "Karyabina, pesanan KB-1: Paket & resi siap. Lihat di https://toko.example/pesanan/KB-1?kunci=a&b"
    )
