"""Proofs of transfer: taken within limits, seen by the treasurer alone, changing no payment."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.domain.payments import queries as payment_queries
from app.domain.payments import services as payment_services
from app.domain.payments.errors import ProofRefused
from app.domain.payments.models import MoneyEntry, TransferProof
from app.domain.payments.types import PROOF_BYTES_MAX, PaymentState, ReviewReason, ReviewRecord
from app.infra import db
from app.surfaces.desk import payment_words
from tests.factories import goods, people, trade
from tests.factories.reading import actions, order, words
from tests.factories.trade import TREASURER

NOW = trade.AT + timedelta(minutes=5)
DESK = "/meja/pembayaran/bukti"
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"


@pytest.fixture(autouse=True)
def now(app: Flask) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def number(client: FlaskClient) -> str:
    return order(client, {trade.make_shop()[1].variant_id: 1})


def send(client: FlaskClient, number: str, content: bytes, name: str = "x.exe") -> TestResponse:
    return client.post(
        f"/pesanan/{number}/bukti",
        data={"picture": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def proofs() -> int:
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(TransferProof)) or 0


def queue() -> tuple[str, ...]:
    db.read_session().rollback()
    found = payment_queries.list_unseen_proofs(actor=TREASURER).items
    return tuple(proof.public_id for proof in found)


def test_a_proof_reaches_the_treasurer_and_changes_no_payment(
    client: FlaskClient, number: str, app: Flask
) -> None:
    shown = client.get(f"/pesanan/{number}")
    assert f"/pesanan/{number}/bukti" in shown.get_data(as_text=True)
    picture = goods.picture_bytes()
    for content in (picture, picture, PDF):
        assert send(client, number, content).status_code == 303
    assert proofs() == 2
    assert "Foto" in words(client.get(f"/pesanan/{number}/bukti"))
    assert db.read_session().scalar(select(func.count()).select_from(MoneyEntry)) == 0
    first, second = queue()
    assert client.get(f"{DESK}/{first}").status_code == 303
    staff = app.test_client()
    people.staff(staff, "treasurer")
    assert "Lihat foto" in words(staff.get(DESK))
    sent = staff.get(f"{DESK}/{first}")
    assert (sent.data, sent.mimetype) == (picture, "image/png")
    assert sent.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert sent.headers["Cache-Control"] == "private, no-store"
    pdf = staff.get(f"{DESK}/{second}")
    assert (pdf.data, pdf.mimetype) == (PDF, "application/pdf")
    assert pdf.headers["Content-Disposition"].startswith("attachment; ")
    reference = payment_queries.list_unseen_proofs(actor=TREASURER).items[0].payment_reference
    page = staff.get(f"/meja/pembayaran/{reference}")
    assert f'src="{DESK}/{first}" width="280" height="210"' in page.get_data(as_text=True)
    assert "Menunggu transfer" in words(page)
    for _ in range(2):
        assert staff.post(f"{DESK}/{first}/dilihat").status_code == 303
    assert queue() == (second,)
    assert f"{DESK}/{first}/dilihat" not in actions(staff.get(DESK))


def test_refuses_files_beside_the_field_and_keeps_none(client: FlaskClient, number: str) -> None:
    png = goods.picture_bytes()
    for content, sentence in (
        (b"", "Berkas ini kosong"),
        (b"MZ", "JPEG"),
        (PDF[:-8], "PDF ini rusak"),
        (png[:300], "rusak"),
        (b"<svg/>", "JPEG"),
    ):
        answer = send(client, number, content)
        assert answer.status_code == 422, content[:9]
        assert sentence in words(answer) or "Kesalahan:" in words(answer)
    assert client.post(f"/pesanan/{number}/bukti").status_code == 422
    with pytest.raises(ProofRefused) as refused:
        payment_services.check_proof(content=b"%PDF-" + b"x" * PROOF_BYTES_MAX + b"%%EOF")
    assert refused.value.reason == "too_large"
    assert proofs() == 0


def test_five_proofs_are_enough(client: FlaskClient, number: str) -> None:
    for count in range(5):
        assert send(client, number, PDF + bytes([count])).status_code == 303
    answer = send(client, number, PDF + b"6")
    assert (answer.status_code, proofs()) == (422, 5)
    assert "Sudah ada lima bukti" in words(answer)


def test_only_the_buyer_sends_and_only_before_it_is_paid(
    client: FlaskClient, number: str, app: Flask
) -> None:
    stranger = app.test_client()
    assert stranger.get(f"/pesanan/{number}/bukti").status_code == 404
    assert send(stranger, number, PDF).status_code == 404
    placed = payment_queries.list_waiting(actor=TREASURER).items[0]
    group_id = payment_queries.find_group_id(reference=placed.reference) or 0
    trade.transfer(trade.PlacedOrder(group_id, number, is_repeat=False))
    db.read_session().rollback()
    assert payment_queries.get_payment(group_id=group_id).state is PaymentState.PAID
    assert send(client, number, PDF).status_code == 303
    assert proofs() == 0
    assert "sudah lunas" in words(client.get(f"/pesanan/{number}/bukti"))


def test_the_files_are_for_national_treasurers(app: Flask, client: FlaskClient) -> None:
    people.staff(client, "upt_clerk", people.make_upt("lapas-indramayu").upt_id)
    assert client.get(DESK).status_code == 403
    assert client.get(f"{DESK}/abc").status_code == 403
    assert client.post(f"{DESK}/abc/dilihat").status_code == 403
    people.staff(client, "treasurer")
    assert client.get(f"{DESK}/abc").status_code == 404
    assert client.post(f"{DESK}/abc/dilihat").status_code == 404


@pytest.mark.parametrize("reason", ReviewReason)
def test_every_reason_of_a_review_has_words(reason: ReviewReason) -> None:
    record = ReviewRecord(1, 1, "A", "B", "C", reason, 5, 0, NOW, is_open=True, outcome=None)
    found = payment_words.review(record)
    assert found.title
    assert found.refund_text == "Tutup pemeriksaan"
