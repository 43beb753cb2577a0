"""Lists by hand: send, see every error, decide, watch, stop, go on; and what others may not."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.imports.types import FileState
from tests.factories import ledger, lists, people
from tests.factories.ledger import Shelf
from tests.factories.pages import text_of, value_of
from tests.factories.spreadsheets import workbook

pytestmark = pytest.mark.usefixtures("app")
GOOD = lists.csv("mode;penerimaan", "kode;jumlah", "TIRAI-01;1.240", "KOPI-200;2")


@pytest.fixture
def shelf() -> Shelf:
    return lists.make_goods(["TIRAI-01", "KOPI-200"])


@pytest.fixture
def clerk(client: FlaskClient, shelf: Shelf) -> FlaskClient:
    people.staff(client, "upt_clerk", shelf.upt_id)
    return client


def send(client: FlaskClient, content: bytes, name: str = "daftar.csv", **more: str) -> Any:
    page = text_of(client.get("/meja/impor"))
    values = {"entry_key": value_of(page, "entry_key") or "", **more}
    answer = client.post("/meja/impor", data={"file": (io.BytesIO(content), name), **values})
    answer.request.environ["wsgi.input"].close()
    return answer


def file_id_of(answer: Any) -> int:
    assert answer.status_code == 303, text_of(answer)
    return int(answer.location.rpartition("/")[2])


def test_a_file_is_shown_decided_and_goes_in(
    clerk: FlaskClient, shelf: Shelf, drain: Callable[[], int]
) -> None:
    file_id = file_id_of(send(clerk, GOOD))
    page = text_of(clerk.get(f"/meja/impor/{file_id}"))
    assert "Akan masuk 1.242 buah dari 2 SKU." in page
    assert "Masukkan 1.242 buah" in page
    assert lists.entries() == 0
    url = f"/meja/impor/{file_id}/terapkan"
    chosen = {"way": "semua", "known": "lewati"}
    assert [clerk.post(url, data=chosen).status_code for _ in range(2)] == [303, 303]
    waiting = text_of(clerk.get(f"/meja/impor/{file_id}"))
    assert '<meta http-equiv="refresh" content="3">' in waiting
    state = clerk.get(f"/meja/impor/{file_id}/kemajuan").get_json()
    assert state == {"percent": 0, "text": "Menunggu giliran.", "is_over": False}
    drain()
    assert clerk.get(f"/meja/impor/{file_id}/kemajuan").get_json()["is_over"] is True
    done = text_of(clerk.get(f"/meja/impor/{file_id}"))
    assert "2 baris masuk." in done
    assert re.search(r"Diterapkan .* oleh Petugas upt_clerk", done)
    assert lists.entries() == 2
    listed = text_of(clerk.get("/meja/impor"))
    assert ("daftar.csv" in listed, "Selesai" in listed) == (True, True)


def test_the_same_content_later_says_when_and_by_whom(
    clerk: FlaskClient, shelf: Shelf, drain: Callable[[], int]
) -> None:
    first = file_id_of(send(clerk, GOOD))
    clerk.post(f"/meja/impor/{first}/terapkan", data={"way": "semua"})
    drain()
    rows = [["mode", "penerimaan"], ["kode", "jumlah"], ["TIRAI-01", 1240], ["KOPI-200", 2]]
    second = file_id_of(send(clerk, workbook(rows), "lagi.xlsx"))
    page = text_of(clerk.get(f"/meja/impor/{second}"))
    assert "Isi berkas ini sudah pernah diimpor" in page
    assert re.search(r"Pada .* oleh Petugas upt_clerk\. Tidak ada yang berubah\.", page)
    assert f'href="/meja/impor/{first}"' in page
    assert "terapkan" not in page
    answer = clerk.post(
        f"/meja/impor/{second}/terapkan", data={"way": "semua", "known": "masukkan"}
    )
    assert answer.status_code == 409
    assert "sudah pernah diimpor, jadi tidak ada yang berubah" in text_of(answer)
    assert lists.entries() == 2


def test_every_wrong_cell_is_on_the_page_and_in_the_file_handed_back(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    content = lists.csv(
        "kode;jumlah;catatan", "TIRAI-1;x;=A1", "KOPI-200;2;", 'TIRAI-01;0;"dua, tiga"'
    )
    file_id = file_id_of(send(clerk, content, mode="receipts"))
    page = text_of(clerk.get(f"/meja/impor/{file_id}"))
    assert "2 dari 3 baris salah" in page
    cells = re.findall(r'<td class="number">(\d+)</td><td><span class="code">(\w+)', page)
    assert cells == [("2", "kode"), ("2", "jumlah"), ("4", "jumlah")]
    assert "(mungkin maksudnya TIRAI-01)." in page
    assert clerk.post(f"/meja/impor/{file_id}/terapkan", data={"way": "semua"}).status_code == 409
    back = clerk.get(f"/meja/impor/{file_id}/kesalahan")
    assert back.headers["Content-Disposition"] == 'attachment; filename="kesalahan-daftar.csv"'
    lines = back.get_data().decode("utf-8-sig").splitlines()
    assert lines[0] == "kode;jumlah;catatan;kesalahan"
    assert lines[1].startswith("TIRAI-1;x;'=A1;kode: Kode ini tidak ada")
    assert (lines[2], lines[3].split(";")[:3]) == ("KOPI-200;2;;", ["TIRAI-01", "0", "dua, tiga"])
    again = file_id_of(send(clerk, back.get_data(), mode="receipts"))
    assert lists.wrong(again) == lists.wrong(file_id)
    assert lists.entries() == 0


def test_wrong_rows_stay_behind_when_the_good_ones_go(
    clerk: FlaskClient, shelf: Shelf, drain: Callable[[], int]
) -> None:
    content = lists.csv("kode;jumlah", "APA;1", "KOPI-200;2")
    file_id = file_id_of(send(clerk, content, mode="receipts"))
    page = text_of(clerk.get(f"/meja/impor/{file_id}"))
    assert value_of(page, "way") == "bertahap"
    clerk.post(f"/meja/impor/{file_id}/terapkan", data={"way": "bertahap"})
    drain()
    assert "1 baris masuk, 1 baris tidak." in text_of(clerk.get(f"/meja/impor/{file_id}"))


REFUSED: list[tuple[bytes, dict[str, str], str, str]] = [
    (b"", {}, "file", "Pilih berkas"),
    (b" \n", {}, "file", "Berkas ini kosong"),
    (b"bukan tabel\nsama sekali", {}, "file", "bukan tabel"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", {}, "file", "bukan tabel"),
    (b"kode;jumlah\r\n", {"mode": "receipts"}, "file", "hanya berisi judul"),
    (b"barang;jumlah\r\na;1\r\n", {"mode": "receipts"}, "file", "Tidak ada judul kolom"),
    (b"kode;nama;jumlah\r\na;b;\r\n", {"mode": "receipts"}, "file", "Belum ada baris yang diisi"),
    (b"kode;lot\r\na;1\r\n", {"mode": "receipts"}, "file", "Kolom jumlah tidak ada"),
    (b"kode;jumlah;qty\r\na;1;2\r\n", {"mode": "receipts"}, "file", "muncul dua kali"),
    (b"kode" + b";x" * 5000 + b"\r\n", {}, "file", "terlalu banyak kolom"),
    (b"\xd0\xcf\x11\xe0" + b"\x00" * 64, {}, "file", ".xls lama"),
    (
        b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
        {}, "file", "dikunci kata sandi",
    ),
    (b"PK\x03\x04" + b"\x00" * 64, {}, "file", "rusak atau terpotong"),
    (b"kode;jumlah\r\na;1\r\n", {}, "mode", "Berkas tidak menyebut jenisnya"),
    (GOOD, {"mode": "prices"}, "mode", "menyebut jenis penerimaan, padahal yang dipilih harga"),
    (b"mode;apa\r\nkode;jumlah\r\na;1\r\n", {}, "mode", "menyebut jenis apa"),
    (b"kode;dihitung\r\na;1\r\n", {"mode": "count"}, "target", "Isi kode lembar"),
    (
        b"kode;dihitung\r\na;1\r\n", {"mode": "count", "target": "OPN-9"},
        "target", "Lembar opname OPN-9 tidak ada",
    ),
    (b"kode" + b";" * 6 + b"\r\n" + b"a" * (11 << 20), {}, "file", "terlalu besar"),
]  # fmt: skip


def test_files_that_are_no_list_are_refused_beside_their_field(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    for content, more, field, words in REFUSED:
        answer = send(clerk, content, "x.csv" if content else "", **more)
        page = text_of(answer)
        assert (answer.status_code, words in page) == (422, True), words
        assert f'href="#f-{field}"' in page, words
        assert "Belum ada berkas" in page


def test_a_file_is_stopped_before_it_runs_and_thrown_away(
    clerk: FlaskClient, shelf: Shelf, drain: Callable[[], int]
) -> None:
    file_id = file_id_of(send(clerk, GOOD))
    clerk.post(f"/meja/impor/{file_id}/terapkan", data={"way": "bertahap"})
    assert clerk.post(f"/meja/impor/{file_id}/batal").status_code == 303
    assert "Tidak ada yang masuk" in text_of(clerk.get(f"/meja/impor/{file_id}"))
    drain()
    assert (lists.entries(), lists.get(file_id).state) == (0, FileState.CANCELLED)
    late = clerk.post(f"/meja/impor/{file_id}/terapkan", data={"way": "semua"})
    assert late.status_code == 409
    assert "belum dapat diterapkan" in text_of(late)
    assert clerk.post(f"/meja/impor/{file_id}/lanjut").status_code == 409
    again = file_id_of(send(clerk, GOOD))
    clerk.post(f"/meja/impor/{again}/terapkan", data={"way": "semua"})
    drain()
    assert (lists.entries(), clerk.post(f"/meja/impor/{again}/batal").status_code) == (2, 409)


def test_the_same_form_twice_is_one_file(clerk: FlaskClient, shelf: Shelf) -> None:
    key = "kunci-unggah-0123456789"
    first, second = (file_id_of(send(clerk, GOOD, entry_key=key)) for _ in range(2))
    assert first == second


def test_other_units_do_not_exist_and_readers_cannot_bring_in(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    theirs = lists.make_goods(["LAIN-1"], slug="lapas-pamekasan")
    file = lists.check(theirs.upt_id, lists.csv("mode;penerimaan", "kode;jumlah", "LAIN-1;1"))
    for path in ("", "/kemajuan", "/kesalahan", "/berkas"):
        assert clerk.get(f"/meja/impor/{file.file_id}{path}").status_code == 404, path
    for path in ("terapkan", "batal", "lanjut"):
        assert clerk.post(f"/meja/impor/{file.file_id}/{path}").status_code == 404, path
    for path in ("ekspor/stok.csv", "ekspor/harga.xlsx", "impor/contoh/harga.csv", "impor"):
        assert clerk.get(f"/meja/{path}?upt={theirs.upt_id}").status_code == 404, path
    assert clerk.get(f"/meja/ekspor/kartu/{theirs.variant_id}.csv").status_code == 404
    assert lists.get(file.file_id).state is FileState.CHECKED
    clerk.post("/keluar")
    people.staff(clerk, "auditor")
    page = text_of(clerk.get(f"/meja/impor?upt={shelf.upt_id}"))
    assert ("Bawa keluar" in page, "Masukkan daftar" in page) == (True, False)
    assert clerk.get("/meja/ekspor/stok.csv").status_code == 200
    assert clerk.get("/meja/impor/contoh/harga.csv").status_code == 403
    assert clerk.get(f"/meja/impor/{file.file_id}").status_code == 403
    assert clerk.post("/meja/impor", data={}).status_code == 403


def test_rows_known_from_another_file_are_left_out_unless_wanted(
    clerk: FlaskClient, shelf: Shelf, drain: Callable[[], int]
) -> None:
    lists.bring_in(shelf.upt_id, GOOD)
    ledger.receive(shelf.upt_id, shelf.variant_id, 1)
    grown = lists.csv("kode;jumlah", "TIRAI-01;1240", "KOPI-200;2", "KOPI-200;7")
    file_id = file_id_of(send(clerk, grown, mode="receipts"))
    page = text_of(clerk.get(f"/meja/impor/{file_id}"))
    assert "Akan masuk 7 buah dari 1 SKU; 2 baris sudah pernah diimpor." in page
    clerk.post(f"/meja/impor/{file_id}/terapkan", data={"way": "semua", "known": "lewati"})
    drain()
    assert "1 baris masuk, 2 baris tidak." in text_of(clerk.get(f"/meja/impor/{file_id}"))


def test_a_page_of_many_errors_costs_as_much_as_one(
    clerk: FlaskClient, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import event

    from app.infra import db

    def statements(file_id: int, more: str = "") -> int:
        seen: list[str] = []
        listener = lambda *arguments: seen.append(arguments[2])  # noqa: E731  # a listener
        event.listen(db.db.engine, "before_cursor_execute", listener)
        assert clerk.get(f"/meja/impor/{file_id}{more}").status_code == 200
        event.remove(db.db.engine, "before_cursor_execute", listener)
        return len(seen)

    few = lists.check(
        shelf.upt_id, lists.csv("mode;penerimaan", "kode;jumlah", "A;1", "KOPI-200;1")
    )
    rows = [f"SALAH-{number};1" for number in range(150)] + ["TIRAI-01;2", "KOPI-200;2"]
    many = lists.check(shelf.upt_id, lists.csv("mode;penerimaan", "kode;jumlah", *rows))
    assert statements(few.file_id) == statements(many.file_id)
    page = text_of(clerk.get(f"/meja/impor/{many.file_id}"))
    href = re.search(r'href="([^"]*salah=[^"]+)"', page)
    assert href is not None
    assert "SALAH-149" in text_of(clerk.get(href[1]))
    assert "SALAH-149" not in page
