"""Bank statements at the desk: from the file to paid orders, and what is refused on the way."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from app.domain.payments import queries as payment_queries
from app.domain.payments.errors import EntryUnfit, RowTaken, StatementNotReady, StatementRefused
from app.domain.payments.errors import StatementUnderWay as UnderWay
from app.domain.payments.models import BankFile, BankRow, MoneyEntry
from app.domain.payments.types import AccountSums, PaymentState, RowState
from app.infra import db
from app.surfaces.web import messages
from tests.factories import people, trade
from tests.factories.reading import actions, fields, words
from tests.factories.trade import TREASURER, Item, PlacedOrder

NOW = trade.AT + timedelta(hours=5)
BASE = "/meja/pembayaran/mutasi"


@pytest.fixture(autouse=True)
def now(app: Flask) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shop() -> tuple[Item, Item]:
    return trade.make_shop()


@pytest.fixture
def treasurer(client: FlaskClient) -> FlaskClient:
    people.staff(client, "treasurer")
    return client


def orders(shop: tuple[Item, Item], count: int) -> list[PlacedOrder]:
    return [trade.place({shop[1].variant_id: 1}) for _ in range(count)]


def statement(*lines: tuple[str, int], head: str = "Tanggal;Keterangan;Kredit;No Ref") -> str:
    rows = [
        f"22/11/2026;{text};{amount:,}".replace(",", ".") + f",00;FT{number}"
        for number, (text, amount) in enumerate(lines)
    ]
    return "\r\n".join([head, *rows, ""])


def send(client: FlaskClient, text: str | bytes, **changes: str) -> TestResponse:
    values: dict[str, Any] = {
        **fields(client.get(f"{BASE}/kirim"), f"{BASE}/kirim"),
        "bank": "BCA",
        "number": "123-456",
        **changes,
    }
    content = text.encode() if isinstance(text, str) else text
    values["file"] = (io.BytesIO(content), "mutasi.csv")
    return client.post(f"{BASE}/kirim", data=values, content_type="multipart/form-data")


def take(client: FlaskClient, text: str) -> str:
    sent = send(client, text)
    assert sent.status_code == 303, words(sent)
    assert client.post(f"{sent.location}/masukkan").status_code == 303
    return words(client.get(BASE))


def count(model: type[Any]) -> int:
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(model)) or 0


def rows(state: RowState = RowState.NEW) -> list[Any]:
    db.read_session().rollback()
    return list(payment_queries.list_bank_rows(actor=TREASURER, state=state).items)


def sums() -> AccountSums:
    db.read_session().rollback()
    [account] = payment_queries.list_accounts(actor=TREASURER)
    return account.sums


def test_a_statement_goes_from_file_to_paid_orders(
    treasurer: FlaskClient, shop: tuple[Item, Item]
) -> None:
    placed = orders(shop, 3)
    paid = [trade.payment(one) for one in placed]
    price = paid[0].expected_idr
    text = statement(
        (f"TRF {paid[0].reference}", price),
        (f"TRF {paid[1].reference[:4]} {paid[1].reference[4:].lower()}", price),
        (f"TRF {paid[2].reference}", price - 5_000),
        ("BUNGA", 77),
    )
    sent = send(treasurer, text)
    shown = words(treasurer.get(sent.location))
    assert "4 baris baru" in shown
    assert (count(BankRow), count(MoneyEntry)) == (0, 0)
    assert treasurer.post(f"{sent.location}/masukkan").status_code == 303
    assert treasurer.post(f"{sent.location}/masukkan").status_code == 303
    listed = treasurer.get(BASE)
    assert "2 baris pasti: kode dan jumlahnya sama" in words(listed)
    assert "yang ditunggu Rp" in words(listed)
    assert listed.get_data(as_text=True).count(" checked") == 2
    chosen = [f"{row.row_id}:{one.reference}" for row, one in zip(rows(), paid, strict=False)]
    done = treasurer.post(f"{BASE}/cocokkan", data={"baris": [*chosen, "x:y", "99999:AAAAAAAA"]})
    assert words(done).count("Pesanan lunas.") == 2
    assert "Tidak lagi pasti" in words(done)
    states = [trade.payment(one).state for one in placed]
    assert states == [PaymentState.PAID, PaymentState.PAID, PaymentState.PENDING]
    before = count(MoneyEntry)
    again = treasurer.post(f"{BASE}/cocokkan", data={"baris": chosen[:2]})
    assert words(again).count("sudah pernah dicatat") == 2
    assert count(MoneyEntry) == before
    interest = rows()[-1]
    assert interest.amount_idr == 77
    path = f"{BASE}/baris/{interest.row_id}"
    assert "Tulis mengapa" in words(treasurer.post(f"{path}/sisihkan", data={"reason": " "}))
    assert treasurer.post(f"{path}/sisihkan", data={"reason": "Bunga bank"}).status_code == 303
    assert sums() == AccountSums(1, price - 5_000, 2, 2 * price, 1, 77)
    assert sums().imported_idr == 3 * price - 5_000 + 77
    assert "Bunga bank" in words(treasurer.get(BASE, query_string={"keadaan": "disisihkan"}))
    assert paid[0].reference in words(treasurer.get(BASE, query_string={"keadaan": "cocok"}))
    assert payment_queries.verify().faults == ()


def test_the_same_file_or_row_twice_changes_nothing(treasurer: FlaskClient) -> None:
    first = statement(("SAMA", 1_000), ("SAMA", 1_000), ("LAIN", 2_000))
    first = first.replace("FT1", "FT0")
    take(treasurer, first)
    assert count(BankRow) == 3
    assert "Semua baris berkas ini sudah ada" in take(treasurer, first)
    longer = first + "22/11/2026;SAMA;1.000,00;FT0\r\n22/11/2026;BARU;5;FT9\r\n"
    assert "2 baris uang masuk ditambahkan" in take(treasurer, longer)
    assert (count(BankRow), sums().imported_idr) == (5, 5_005)
    assert len({row.fingerprint for row in rows()}) == 5


def test_a_form_sent_twice_keeps_one_file(treasurer: FlaskClient) -> None:
    key = fields(treasurer.get(f"{BASE}/kirim"), f"{BASE}/kirim")["entry_key"]
    text = statement(("A", 1))
    one, two = (send(treasurer, text, entry_key=key) for _ in range(2))
    assert (one.location, count(BankFile)) == (two.location, 1)


def test_wrong_cells_are_named_and_nothing_enters(treasurer: FlaskClient) -> None:
    text = statement(("A", 1_000)) + "31/02/2026;B;1.000;x\r\n22/11/2026;C;10,5;x\r\n"
    sent = send(treasurer, text)
    shown = words(treasurer.get(sent.location))
    assert "2 isian tidak terbaca" in shown
    assert "3 Tanggal 31/02/2026 Bukan tanggal" in shown
    assert "4 Kredit 10,5 Jumlah ini bersen" in shown
    assert f"{sent.location}/masukkan" not in actions(treasurer.get(sent.location))
    treasurer.post(f"{sent.location}/masukkan")
    assert messages.MESSAGES[StatementNotReady.code] in words(treasurer.get(sent.location))
    assert count(BankRow) == 0
    assert treasurer.post(f"{sent.location}/buang").status_code == 303
    assert "Berkas ini dibuang" in words(treasurer.get(sent.location))
    assert db.read_session().scalar(select(BankFile.content)) is None


def test_unknown_columns_are_asked_for_once_and_remembered(treasurer: FlaskClient) -> None:
    text = statement(("A", 1_000), head="Kapan;Apa;Berapa;Nomor")
    sent = send(treasurer, text)
    assert "Pilih kolomnya dahulu" in words(treasurer.get(sent.location))
    action = f"{sent.location}/kolom"
    refused = treasurer.post(action, data={"date": "Kapan"})
    assert refused.status_code == 422
    chosen = {"date": "Kapan", "description": "Apa", "amount": "Berapa"}
    assert treasurer.post(action, data=chosen).status_code == 303
    assert "1 baris baru" in words(treasurer.get(sent.location))
    treasurer.post(f"{sent.location}/masukkan")
    [account] = payment_queries.list_accounts(actor=TREASURER)
    second = send(treasurer, text, account_id=str(account.account_id), bank="", number="")
    assert "Tidak ada baris baru" in words(treasurer.get(second.location))


def test_refuses_what_is_no_statement_beside_the_field(treasurer: FlaskClient) -> None:
    for content, sentence in ((b"hello", "bukan tabel"), (b"  ", "kosong")):
        answer = send(treasurer, content)
        assert answer.status_code == 422
        assert sentence in words(answer)
        assert 'value="BCA"' in answer.get_data(as_text=True)
    missing = send(treasurer, statement(("A", 1)), bank="", number="")
    assert missing.status_code == 422
    assert "Pilih rekening, atau tulis" in words(missing)
    assert count(BankFile) == 0
    assert StatementRefused("empty").reason == "empty"
    assert UnderWay.code in messages.MESSAGES


def test_a_row_is_matched_by_hand_once(treasurer: FlaskClient, shop: tuple[Item, Item]) -> None:
    one, two = (trade.payment(placed) for placed in orders(shop, 2))
    take(treasurer, statement(("SETORAN PEMBELI CONTOH", one.expected_idr)))
    [row] = rows()
    path = f"{BASE}/baris/{row.row_id}"
    shown = words(treasurer.get(path))
    assert "jumlah tepat, nama cocok" in shown
    assert one.reference in shown
    searched = treasurer.get(path, query_string={"q": two.reference})
    assert two.reference in words(searched)
    wrong = treasurer.post(f"{path}/cocokkan", data={"reference": "22222222"})
    assert (wrong.status_code, count(MoneyEntry)) == (409, 0)
    assert treasurer.post(f"{path}/cocokkan", data={"reference": "?"}).status_code == 422
    chosen = {"reference": one.reference}
    assert treasurer.post(f"{path}/cocokkan", data=chosen).status_code == 303
    before = count(MoneyEntry)
    assert treasurer.post(f"{path}/cocokkan", data=chosen).status_code == 303
    taken = treasurer.post(f"{path}/cocokkan", data={"reference": two.reference})
    assert taken.status_code == 409
    assert messages.MESSAGES[RowTaken.code] in words(taken)
    for way, values in (
        ("sisihkan", {"reason": "Bunga"}),
        ("buka", {}),
        ("tautkan", {"entry_id": 1}),
    ):
        if way != "tautkan":
            assert treasurer.post(f"{path}/{way}", data=values).status_code == 409
    assert count(MoneyEntry) == before
    assert "Sudah cocok" in words(treasurer.get(path))


def test_money_typed_by_hand_is_linked_and_not_counted_twice(
    treasurer: FlaskClient, shop: tuple[Item, Item]
) -> None:
    placed = orders(shop, 1)[0]
    trade.transfer(placed)
    found = trade.payment(placed)
    price = found.expected_idr
    text = statement((f"TRF {found.reference}", price), ("LAIN", price), ("X", 5))
    assert "pesanan sudah ditutup" in take(treasurer, text)
    row, other, small = rows()
    path = f"{BASE}/baris/{row.row_id}"
    assert "Sudah dicatat tangan" in words(treasurer.get(path))
    entry_id = fields(treasurer.get(path), f"{path}/tautkan")["entry_id"]
    before = count(MoneyEntry)
    unfit = treasurer.post(f"{BASE}/baris/{small.row_id}/tautkan", data={"entry_id": entry_id})
    assert messages.MESSAGES[EntryUnfit.code] in words(unfit)
    assert treasurer.post(f"{path}/tautkan", data={"entry_id": entry_id}).status_code == 303
    assert treasurer.post(f"{path}/tautkan", data={"entry_id": entry_id}).status_code == 303
    twice = treasurer.post(f"{BASE}/baris/{other.row_id}/tautkan", data={"entry_id": entry_id})
    assert twice.status_code == 409
    assert treasurer.post(f"{path}/tautkan", data={"entry_id": "x"}).status_code == 404
    assert count(MoneyEntry) == before
    assert (sums().matched_idr, sums().new) == (price, 2)


def test_a_row_put_aside_comes_back_and_then_counts(
    treasurer: FlaskClient, shop: tuple[Item, Item]
) -> None:
    found = trade.payment(orders(shop, 1)[0])
    take(treasurer, statement((found.reference, found.expected_idr)))
    [row] = rows()
    path = f"{BASE}/baris/{row.row_id}"
    treasurer.post(f"{path}/sisihkan", data={"reason": "Salah kira"})
    assert treasurer.post(f"{path}/sisihkan", data={"reason": "Salah kira"}).status_code == 303
    chosen = {"reference": found.reference}
    assert treasurer.post(f"{path}/cocokkan", data=chosen).status_code == 409
    assert count(MoneyEntry) == 0
    assert treasurer.post(f"{path}/buka").status_code == 303
    assert treasurer.post(f"{path}/buka").status_code == 303
    assert treasurer.post(f"{path}/cocokkan", data=chosen).status_code == 303
    assert sums() == AccountSums(matched=1, matched_idr=found.expected_idr)


def test_pages_take_the_same_number_of_statements_with_many_rows(
    treasurer: FlaskClient, shop: tuple[Item, Item]
) -> None:
    found = [trade.payment(placed) for placed in orders(shop, 3)]
    price = found[0].expected_idr

    def statements() -> int:
        seen: list[str] = []
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        db.read_session().rollback()
        event.listen(db.db.engine, "before_cursor_execute", listen)
        try:
            assert treasurer.get(BASE).status_code == 200
        finally:
            event.remove(db.db.engine, "before_cursor_execute", listen)
        return len(seen)

    take(treasurer, statement((found[0].reference, price)))
    few = statements()
    take(
        treasurer, statement(*[(f"{one.reference} {n}", price) for n in range(20) for one in found])
    )
    page = treasurer.get(BASE)
    assert statements() == few
    assert "sesudah=" in page.get_data(as_text=True)
    assert page.get_data(as_text=True).count(" checked") == 3


def test_only_national_treasurers_see_and_decide(client: FlaskClient) -> None:
    upt = people.make_upt("lapas-indramayu")
    assert client.get(BASE).status_code == 303
    people.staff(client, "upt_clerk", upt.upt_id)
    ways = ("cocokkan", "kirim", "berkas/1/masukkan", "berkas/1/kolom", "berkas/1/buang",
            "baris/1/cocokkan", "baris/1/tautkan", "baris/1/sisihkan", "baris/1/buka")  # fmt: skip
    for way in ("", "/kirim", "/berkas/1", "/baris/1"):
        assert client.get(f"{BASE}{way}").status_code == 403, way
    for way in ways:
        assert client.post(f"{BASE}/{way}").status_code == 403, way
    people.staff(client, "treasurer")
    for way in ("berkas/1", "baris/1"):
        assert client.get(f"{BASE}/{way}").status_code == 404
    assert "Belum ada rekening koran" in words(client.get(BASE))
