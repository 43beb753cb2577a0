"""The register from a file over HTTP: preview names every bad row, then all or nothing."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.domain.upt.adapters import register_file
from app.domain.upt.models import Upt
from app.domain.upt.types import REGISTER_COLUMNS
from app.infra import db, storage
from tests.factories import people
from tests.factories.spreadsheets import workbook

HEADING = ",".join(REGISTER_COLUMNS)
GOOD = (
    "lapas-bandung,lapas,umum,IIB,Bandung,Lembaga Pemasyarakatan Kelas IIB Bandung,"
    "jawa-barat,32.73,Asia/Jakarta,2025-01-01,Lapas Bandung|LP Bandung,surat"
)
BAD_ROWS = (
    ("a,rupbasan,umum,I,P,N,jawa-barat,32.73,Asia/Jakarta,2025-01-01,,", "kind"),
    ("b,lapas,x,I,P,N,jawa-barat,32.73,Asia/Jakarta,2025-01-01,,", "subkind"),
    ("c,lapas,umum,V,P,N,jawa-barat,32.73,Asia/Jakarta,2025-01-01,,", "class"),
    ("d,lapas,umum,I,,N,jawa-barat,32.73,Asia/Jakarta,2025-01-01,,", "place"),
    ("e,lapas,umum,I,P,,jawa-barat,32.73,Asia/Jakarta,2025-01-01,,", "full_name"),
    ("f,lapas,umum,I,P,N,jabar,32.73,Asia/Jakarta,2025-01-01,,", "kanwil_code"),
    ("g,lapas,umum,I,P,N,jawa-barat,99.99,Asia/Jakarta,2025-01-01,,", "regency_code"),
    ("h,lapas,umum,I,P,N,jawa-barat,32.73,WIB,2025-01-01,,", "timezone"),
    ("i,lapas,umum,I,P,N,jawa-barat,32.73,Asia/Jakarta,besok,,", "valid_from"),
    ("J J,lapas,umum,I,P,N,jawa-barat,32.73,Asia/Jakarta,2025-01-01,,", "slug"),
)


def body(answer: Any) -> str:
    text: str = answer.get_data(as_text=True)
    return text


def upload(client: FlaskClient, content: bytes | str, name: str = "upt.csv") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post("/meja/admin/impor", data={"file": (io.BytesIO(raw), name)})


def count() -> int:
    return db.read_session().scalar(sa.select(sa.func.count()).select_from(Upt)) or 0


def digest_in(page: str) -> str:
    return page.split('name="digest" value="')[1].split('"')[0]


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    people.make_kanwil()
    people.staff(client, "national_admin")
    return client


def test_a_good_file_is_shown_and_changes_nothing_until_applied(admin: FlaskClient) -> None:
    answer = upload(admin, f"{HEADING}\n{GOOD}\n")
    assert answer.status_code == 200
    page = body(answer)
    assert "1 UPT baru, 0 sudah tercatat" in page
    assert "Lembaga Pemasyarakatan Kelas IIB Bandung" in page
    assert count() == 0
    applied = admin.post("/meja/admin/impor/terapkan", data={"digest": digest_in(page)})
    assert (applied.status_code, applied.location) == (303, "/meja/admin/upt")
    assert "1 UPT ditambahkan, 0 diperbarui, 0 tetap." in body(admin.get("/meja/admin/upt"))
    assert count() == 1


def test_a_spreadsheet_works_the_same(admin: FlaskClient) -> None:
    cells = [list(REGISTER_COLUMNS), [*GOOD.split(",")]]
    answer = upload(admin, workbook(cells), "upt.xlsx")
    assert answer.status_code == 200
    assert "lapas-bandung" in body(answer)


def test_every_bad_row_is_named_with_row_column_words_and_value(admin: FlaskClient) -> None:
    lines = "\n".join(row for row, _ in BAD_ROWS)
    answer = upload(admin, f"{HEADING}\n{GOOD}\n{lines}\n")
    assert answer.status_code == 422
    page = "".join(body(answer).split())
    for number, (_, column) in enumerate(BAD_ROWS, start=3):
        cell = f'<tdclass="number">{number}</td><td><spanclass="code">{column}</span></td>'
        assert cell in page, (number, column)
    assert "Ada10kesalahan" in page
    for words in ("Rupbasansudahpindah", "<td>jabar</td>", "<td>99.99</td>", "<td>(kosong)</td>"):
        assert words in page
    assert "digest" not in page
    assert count() == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Berkas ini kosong."),
        (b"\x89PNG\r\n\x1a\n\x00", "bukan tabel"),
        (b"PK\x03\x04rusak", "rusak atau terpotong"),
        (b"<?php echo 1; ?>", "Judul kolom ini tidak dikenal."),
        (b"a,b\n1,2\n", "Judul kolom ini tidak dikenal."),
    ],
)
def test_unusable_files_are_refused_in_words(
    admin: FlaskClient, content: bytes, words: str
) -> None:
    answer = upload(admin, content)
    assert answer.status_code == 422
    assert words in body(answer)


def test_a_big_file_is_refused_in_words(
    admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = dataclasses.replace(register_file.LIMITS, bytes_max=1_000)
    monkeypatch.setattr(register_file, "LIMITS", small)
    answer = upload(admin, b"a,b\n" + b"x" * 2_000)
    assert answer.status_code == 422
    assert "terlalu besar" in body(answer)


def test_no_file_is_an_error_in_words(admin: FlaskClient) -> None:
    answer = admin.post("/meja/admin/impor", data={})
    assert answer.status_code == 422
    assert "Pilih berkas CSV atau XLSX." in body(answer)


@pytest.mark.parametrize("digest", ["", "x", "../../etc/passwd", "0" * 64, "A" * 64])
def test_only_a_file_that_was_looked_at_is_applied(admin: FlaskClient, digest: str) -> None:
    answer = admin.post("/meja/admin/impor/terapkan", data={"digest": digest})
    assert answer.status_code == 422
    assert "Unggah lagi." in body(answer)


def test_a_file_is_judged_again_when_applied(admin: FlaskClient) -> None:
    digest = digest_in(body(upload(admin, f"{HEADING}\n{GOOD}\n")))
    people.make_upt("lapas-indramayu", aliases="LP Bandung")
    answer = admin.post("/meja/admin/impor/terapkan", data={"digest": digest})
    assert answer.status_code == 422
    assert "Nama lain ini milik UPT lain." in body(answer)
    assert count() == 1


def test_applying_twice_is_harmless(admin: FlaskClient, app: Flask) -> None:
    digest = digest_in(body(upload(admin, f"{HEADING}\n{GOOD}\n")))
    assert admin.post("/meja/admin/impor/terapkan", data={"digest": digest}).status_code == 303
    assert admin.post("/meja/admin/impor/terapkan", data={"digest": digest}).status_code == 422
    assert not storage.originals().exists(f"imports/upt-{digest}")
    assert count() == 1


def test_signs_of_html_in_cells_are_shown_as_text(admin: FlaskClient) -> None:
    row = GOOD.replace("lapas,umum", "<script>alert(1)</script>,umum")
    page = body(upload(admin, f"{HEADING}\n{row}\n"))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
