"""Lists that go out: what stands in them, in which dialect, and that they come back as they were."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.imports.errors import ImportNotReady
from app.domain.imports.types import FileState, Mode, RowState
from app.infra import sheets
from tests.factories import goods, ledger, lists, people
from tests.factories.ledger import Shelf

pytestmark = pytest.mark.usefixtures("app")
LIMITS = sheets.Limits(1 << 20, 8 << 20, 5_000, 60)


@pytest.fixture
def shelf() -> Shelf:
    with people.writing():
        upt_id = people.make_upt("lapas-contoh").upt_id
        product_id = goods.make_product(
            upt_id, published=False, with_picture=False, name="=Rotan; “halus”",
            variants=[
                {"sku": "0012", "name": "+besar", "price_idr": 1_250_000},
                {"sku": "KOPI-200", "name": "", "price_idr": 45_000},
                {"sku": "TANPA", "name": "harga", "price_idr": None},
            ],
        )  # fmt: skip
    made = Shelf(upt_id, goods.variant_ids(product_id))
    ledger.receive(upt_id, made.variant_ids[0], 12, lot_code="L1", expires_on=date(2027, 5, 20))
    ledger.receive(upt_id, made.variant_ids[0], 3, lot_code="L2")
    ledger.receive(upt_id, made.variant_ids[1], 1_240, lot_code="0007")
    return made


@pytest.fixture
def clerk(client: FlaskClient, shelf: Shelf) -> FlaskClient:
    people.staff(client, "upt_clerk", shelf.upt_id)
    return client


def table(answer: TestResponse, delimiter: str = ";") -> list[list[str]]:
    assert answer.status_code == 200
    text = answer.get_data().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=delimiter))


def test_the_stock_list_names_every_lot_and_place(clerk: FlaskClient, shelf: Shelf) -> None:
    answer = clerk.get("/meja/ekspor/stok.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    name = answer.headers["Content-Disposition"]
    assert name.startswith('attachment; filename="stok-lapas-contoh-2')
    assert table(answer) == [
        ["kode", "nama", "varian", "tempat", "lot", "dibuat", "baik_sampai", "jumlah", "dipesan"],
        ["0012", "'=Rotan; “halus”", "'+besar", "gudang", "L1", "", "2027-05-20", "12", "0"],
        ["0012", "'=Rotan; “halus”", "'+besar", "gudang", "L2", "", "", "3", "0"],
        ["KOPI-200", "'=Rotan; “halus”", "", "gudang", "0007", "", "", "1240", "0"],
    ]
    commas = clerk.get("/meja/ekspor/stok.csv?pemisah=koma")
    assert table(commas, ",") == table(answer)
    book = sheets.read(clerk.get("/meja/ekspor/stok.xlsx").get_data(), limits=LIMITS)
    assert book.rows[1] == (
        "0012", "=Rotan; “halus”", "+besar", "gudang", "L1", "", "2027-05-20", "12", "0",
    )  # fmt: skip
    assert clerk.get("/meja/ekspor/stok.pdf").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_prices_taken_out_and_brought_in_again_change_nothing(
    clerk: FlaskClient, shelf: Shelf, kind: str
) -> None:
    before = lists.prices(shelf.upt_id)
    for address in (f"/meja/ekspor/harga.{kind}", f"/meja/impor/contoh/harga.{kind}"):
        content = clerk.get(address).get_data()
        file = lists.check(shelf.upt_id, content, Mode.PRICES, name=f"harga.{kind}")
        assert set(lists.states(file.file_id)) - {RowState.SAME} <= {RowState.WRONG}
        assert {each[2] for each in lists.wrong(file.file_id)} <= {"imports.price_missing"}
        with pytest.raises(ImportNotReady):
            lists.confirm(file.file_id, is_whole=False)
    assert lists.prices(shelf.upt_id) == before


def test_a_template_holds_the_goods_says_its_mode_and_comes_back_filled(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    rows = table(clerk.get("/meja/impor/contoh/penerimaan.csv"))
    assert rows[0] == ["mode", "penerimaan"]
    assert rows[1][:4] == ["kode", "nama", "varian", "jumlah"]
    assert [row[0] for row in rows[2:]] == ["0012", "KOPI-200", "TANPA"]
    rows[3][3] = "1.240"
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=";").writerows(rows)
    filled = stream.getvalue().encode("utf-8-sig")
    file = lists.bring_in(shelf.upt_id, filled)
    assert (file.mode, file.state, file.pieces, file.rows_total, file.rows_blank) == (
        Mode.RECEIPTS, FileState.DONE, 1_240, 1, 2,
    )  # fmt: skip
    count = table(clerk.get("/meja/impor/contoh/opname.csv?lembar=OPN-1"))
    assert count[0] == ["mode", "opname", "lembar", "OPN-1"]
    assert [row[3:] for row in count[1:3]] == [
        ["tempat", "lot", "dihitung", "catatan"], ["gudang", "L1", "", ""],
    ]  # fmt: skip
    assert clerk.get("/meja/impor/contoh/apa.csv").status_code == 404


def test_receipts_of_some_days_and_the_card_of_an_item_go_out(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    day = "2026-11-22"
    found = table(clerk.get(f"/meja/ekspor/penerimaan.csv?dari={day}&sampai={day}"))
    assert [row[0:2] + row[4:8] for row in found[1:]] == [
        [f"{day} 10:00", "0012", "12", "produksi", "gudang", "L1"],
        [f"{day} 10:00", "0012", "3", "produksi", "gudang", "L2"],
        [f"{day} 10:00", "KOPI-200", "1240", "produksi", "gudang", "0007"],
    ]
    empty = table(clerk.get("/meja/ekspor/penerimaan.csv?dari=2026-11-01&sampai=2026-11-21"))
    assert len(empty) == 1
    for query in ("", "?dari=x&sampai=y", "?dari=2026-11-22&sampai=2026-11-01"):
        with_words = clerk.get(f"/meja/ekspor/penerimaan.csv{query}")
        assert with_words.status_code == 422, query
    ledger.reserve(shelf.upt_id, shelf.variant_id, 2)
    card = table(clerk.get(f"/meja/ekspor/kartu/{shelf.variant_id}.csv"))
    assert [row[3:5] + row[6:10] for row in card[1:]] == [
        ["Hasil produksi", "Bengkel kerja", "L1", "12", "", "12"],
        ["Hasil produksi", "Bengkel kerja", "L2", "3", "", "15"],
        ["Dipesan", "Gudang", "L1", "", "", "15"],
    ]
    assert clerk.get("/meja/ekspor/kartu/999.csv").status_code == 404


def test_the_file_as_it_was_sent_and_the_workbook_with_its_errors_come_back(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    columns = [sheets.Column("kode"), sheets.Column("jumlah", sheets.ColumnKind.WHOLE)]
    rows = [("0012", 4), ("XYZ", 5)]
    content = b"".join(sheets.write_xlsx(columns=columns, rows=rows, sheet="x", head=[("Daftar",)]))
    file = lists.check(shelf.upt_id, content, Mode.RECEIPTS, name="C:\\Dok\\Daftar Nov.xlsx")
    assert file.name == "Daftar Nov.xlsx"
    sent = clerk.get(f"/meja/impor/{file.file_id}/berkas")
    assert sent.get_data() == content
    assert sent.headers["Content-Disposition"] == 'attachment; filename="daftar-nov.xlsx"'
    back = clerk.get(f"/meja/impor/{file.file_id}/kesalahan")
    found = sheets.read(back.get_data(), limits=LIMITS).rows
    assert found[0][0] == "Daftar"
    assert found[1:] == (
        ("kode", "jumlah", "kesalahan"),
        ("0012", "4", ""),
        ("XYZ", "5", "kode: Kode ini tidak ada di UPT ini."),
    )


def test_long_lists_are_written_block_by_block() -> None:
    rows = ((f"K-{number}", number) for number in range(2_000))
    columns = [sheets.Column("kode"), sheets.Column("jumlah", sheets.ColumnKind.WHOLE)]
    blocks = sheets.write_csv(columns=columns, rows=rows)
    first = next(blocks)
    assert first.count(b"\r\n") == 501
    assert next(rows)[0] == "K-500"
    assert b"".join(blocks).count(b"\r\n") == 1_499
