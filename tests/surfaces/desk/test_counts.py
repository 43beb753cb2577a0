"""The stock count by hand: opening, counting blind, handing in, differences, approval, papers."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.infra import db, pdf
from tests.factories import counts, ledger, people
from tests.factories.counts import Team
from tests.factories.reading import fields, words
from tests.factories.stock_steps import Statements

pytestmark = pytest.mark.usefixtures("app")
KEY = "kunci-entri-0123456789"
BOOK = 4_711
"""A book figure that stands nowhere by chance."""


@pytest.fixture
def team() -> Team:
    return counts.make_team(pieces=(BOOK, 4))


@pytest.fixture
def clerk(app: Flask, team: Team) -> FlaskClient:
    client = app.test_client()
    people.staff(client, "upt_clerk", team.upt_id)
    return client


@pytest.fixture
def head(app: Flask, team: Team) -> FlaskClient:
    client = app.test_client()
    people.staff(client, "upt_head", team.upt_id)
    return client


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Give what goes into each PDF: a paper shows nothing but its template and these values."""
    seen: list[tuple[str, str]] = []
    real = pdf.render

    def render(template: str, *, values: Any, at: datetime) -> bytes:
        said = {name: value for name, value in values.items() if name not in ("qr", "hash")}
        seen.append((template, json.dumps(said, ensure_ascii=False)))
        return real(template, values=values, at=at)

    monkeypatch.setattr(pdf, "render", render)
    return seen


def opened(client: FlaskClient, **changes: str) -> str:
    """Open a sheet; return its address."""
    answer = client.post("/meja/opname/buka", data={"scope": "whole", "entry_key": KEY, **changes})
    assert answer.status_code == 303, words(answer)
    return str(answer.location)


def row_ids(url: str) -> list[int]:
    db.read_session().rollback()
    found = db.read_session().execute(
        text("SELECT id FROM count_row WHERE sheet_id = :id ORDER BY number"),
        {"id": int(url.rsplit("/", 1)[1])},
    )
    return [row[0] for row in found]


def save(client: FlaskClient, url: str, row_id: int, quantity: str, version: int = 1, **more: str):  # type: ignore[no-untyped-def]  # Werkzeug's answer
    data = {"quantity": quantity, "version": str(version), **more}
    return client.post(f"{url}/baris/{row_id}", data=data)


def count_all(client: FlaskClient, url: str, *quantities: str) -> None:
    for row_id, quantity in zip(row_ids(url), quantities, strict=True):
        assert save(client, url, row_id, quantity).status_code == 303


def handed_in(client: FlaskClient, url: str) -> None:
    values = fields(client.get(url), f"{url}/serahkan")
    answer = client.post(f"{url}/serahkan", data=values)
    assert answer.location == f"{url}/selisih", words(client.get(url))


def state(url: str) -> str:
    db.read_session().rollback()
    return str(
        db.read_session().scalar(
            text("SELECT state FROM count_sheet WHERE id = :id"), {"id": url.rsplit("/", 1)[1]}
        )
    )


def test_a_count_goes_from_the_opened_sheet_to_the_book(
    clerk: FlaskClient, head: FlaskClient, team: Team
) -> None:
    assert "Belum pernah dihitung" in words(clerk.get("/meja/opname"))
    page = clerk.get("/meja/opname/buka")
    assert "dapat menyetujuinya" in words(page)
    url = opened(clerk)
    assert opened(clerk) == url
    assert "0 dari 2 baris" in words(clerk.get(url))
    assert "belum dihitung" in words(
        clerk.post(f"{url}/serahkan", data={"version": "1"}, follow_redirects=True)
    )
    count_all(clerk, url, str(BOOK - 1), "4")
    handed_in(clerk, url)
    shown = clerk.get(f"{url}/selisih")
    assert "−1" in words(shown)
    assert "−Rp185.000" in words(shown)
    assert "Wajib: pilih alasan" in words(shown)
    values = fields(shown, f"{url}/selisih?saring=beda")
    first = row_ids(url)[0]
    assert clerk.post(f"{url}/setujui", data={"version": "2"}).status_code == 403
    told = head.post(f"{url}/setujui", data={"version": "2"}, follow_redirects=True)
    assert "selisih besar tanpa alasan" in words(told)
    values |= {f"r-{first}": "missing", f"t-{first}": "Dicari di rak"}
    answer = clerk.post(f"{url}/selisih?saring=beda", data=values, follow_redirects=True)
    assert "1 alasan disimpan" in words(answer)
    values = fields(head.get(f"{url}/selisih"), f"{url}/setujui")
    for _ in range(2):
        done = head.post(f"{url}/setujui", data=values, follow_redirects=True)
        assert "1 baris dibukukan" in words(done)
    a, b = team.shelf.variant_ids
    assert counts.shelf_of(team) == {(a, "available"): BOOK - 1, (b, "available"): 4}
    assert "Dicari di rak" in words(head.get(f"{url}/selisih"))
    assert "Disetujui dan dibukukan" in words(head.get("/meja/opname"))


def test_the_book_stays_out_of_pages_json_and_paper_until_handing_in(
    clerk: FlaskClient, head: FlaskClient, papers: list[tuple[str, str]]
) -> None:
    url = opened(clerk)
    row_id = row_ids(url)[0]
    told = clerk.post(
        f"{url}/baris/{row_id}", data={"quantity": "3", "version": "1"},
        headers={"Accept": "application/json"},
    )  # fmt: skip
    assert told.json["quantity"] == 3
    answers = [told, clerk.get("/meja/opname", headers={"Accept": "*/*"})]
    answers += [
        viewer.get(f"{url}{path}")
        for viewer in (clerk, head)
        for path in (
            "", "/hitung", "/hitung?saring=semua", "/ketik", "/tambah", f"/baris/{row_id}",
            "/hitung?kode=UJI",
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {200}
    book = re.compile(r"4\.?711")
    assert [answer.request.path for answer in answers if book.search(answer.text)] == []
    for viewer in (clerk, head):
        assert viewer.get(f"{url}/selisih").location == url
        assert viewer.get(f"{url}/selisih.csv").status_code == 409
        assert viewer.get(f"{url}/berita-acara.pdf").status_code == 404
    paper = clerk.get(f"{url}/lembar.pdf")
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    assert paper.data.startswith(b"%PDF")
    ((template, said),) = papers
    assert template == "count_sheet"
    assert "Ukuran 1" in said
    assert not book.search(said)


def test_two_people_on_one_row_see_both_numbers_and_choose(
    clerk: FlaskClient, head: FlaskClient
) -> None:
    url = opened(clerk)
    row_id = row_ids(url)[0]
    assert save(clerk, url, row_id, "12").status_code == 303
    answer = save(head, url, row_id, "10", note="rak atas")
    assert answer.status_code == 409
    assert "Angka Anda 10 rak atas" in words(answer)
    assert "Petugas upt_clerk 12" in words(answer)
    as_json = head.post(
        f"{url}/baris/{row_id}", data={"quantity": "10", "version": "1"},
        headers={"Accept": "application/json"},
    )  # fmt: skip
    assert as_json.status_code == 409
    assert (as_json.json["conflict"]["theirs"], as_json.json["conflict"]["ours"]) == (12, 10)
    chosen = fields(answer, f"{url}/baris/{row_id}")
    assert head.post(f"{url}/baris/{row_id}", data=chosen).status_code == 303
    assert "Tersimpan: 10" in words(clerk.get(f"{url}/hitung?saring=sudah"))


def test_a_typed_page_keeps_what_fits_and_names_every_row_that_does_not(
    clerk: FlaskClient, head: FlaskClient
) -> None:
    url = opened(clerk)
    first, second = row_ids(url)
    action = f"{url}/ketik?saring=semua"
    typed = fields(clerk.get(f"{url}/ketik"), action)
    wrong = clerk.post(action, data={**typed, f"q-{first}": "0,5", f"q-{second}": "-1"})
    assert wrong.status_code == 422
    assert 'value="0,5"' in wrong.text
    assert words(wrong).count("angka bulat") >= 1
    assert "terlalu kecil" in words(wrong)
    assert save(head, url, first, "9").status_code == 303
    answer = clerk.post(action, data={**typed, f"q-{first}": "8", f"q-{second}": "0"})
    assert answer.status_code == 409
    assert "Angka Anda 8" in words(answer)
    assert "2 dari 2 baris" in words(clerk.get(url))
    future = {**fields(clerk.get(f"{url}/ketik"), action), f"q-{first}": "7"}
    late = clerk.post(action, data={**future, "counted_at": "2126-01-01T10:00"})
    assert "tidak boleh di masa depan" in words(late)
    torn = clerk.post(action, data={**future, "counted_at": "kemarin"})
    assert "tidak terbaca" in words(torn)


def test_a_scan_finds_its_row_and_what_is_not_listed_can_be_added(
    clerk: FlaskClient, team: Team
) -> None:
    url = opened(clerk)
    sku = db.read_session().scalar(
        text("SELECT sku FROM variant WHERE id = :id"), {"id": team.shelf.variant_id}
    )
    assert "Ukuran 0" in words(clerk.get(f"{url}/hitung", query_string={"kode": sku}))
    label = f"https://contoh.example/s/lapas-contoh/{sku}#L1"
    assert "Ukuran 0" in words(clerk.get(f"{url}/hitung", query_string={"kode": label}))
    foreign = clerk.get(f"{url}/hitung", query_string={"kode": f"/s/lapas-lain/{sku}"})
    assert "milik UPT lain" in words(foreign)
    unknown = clerk.get(f"{url}/hitung", query_string={"kode": "XX-99"})
    assert "tidak ada di lembar" in words(unknown)
    values = {"variant_id": team.shelf.variant_id, "place": "gallery", "quantity": "2"}
    bad = clerk.post(f"{url}/tambah", data={**values, "place": "customer"})
    assert bad.status_code == 422
    assert "di luar cakupan" in words(bad)
    assert clerk.post(f"{url}/tambah", data=values).status_code == 303
    again = clerk.post(f"{url}/tambah", data={**values, "lot_code": "L1"})
    assert again.location == f"{url}/baris/{row_ids(url)[-1]}"
    page = words(clerk.get(f"{url}/hitung?saring=sudah"))
    assert "baris tambahan" in page
    assert "Rak galeri" in page


def test_a_second_number_is_counted_blind_and_both_are_kept(
    clerk: FlaskClient, head: FlaskClient
) -> None:
    url = opened(clerk)
    count_all(clerk, url, "3", "4")
    handed_in(clerk, url)
    row_id = row_ids(url)[0]
    asked = head.post(f"{url}/baris/{row_id}/ulang", follow_redirects=True)
    assert "1 baris diminta dihitung ulang" in words(asked)
    held = words(head.post(f"{url}/setujui", data={"version": "2"}, follow_redirects=True))
    assert "menunggu hitung ulang" in held
    shown = clerk.get(f"{url}/selisih")
    assert "4.711" not in shown.text
    form = clerk.get(f"{url}/baris/{row_id}/hitung-ulang")
    assert "4711" not in form.text.replace(".", "")
    values = fields(form, f"{url}/baris/{row_id}/hitung-ulang")
    bad = clerk.post(f"{url}/baris/{row_id}/hitung-ulang", data={**values, "quantity": "x"})
    assert bad.status_code == 422
    clerk.post(f"{url}/baris/{row_id}/hitung-ulang", data={**values, "quantity": str(BOOK)})
    everything = words(head.get(f"{url}/selisih?saring=semua"))
    assert "3 4.711 dihitung ulang" in everything
    assert clerk.get(f"{url}/baris/{row_id}/hitung-ulang").status_code == 404


def test_a_head_sends_back_and_cancels_with_a_reason_only(
    clerk: FlaskClient, head: FlaskClient
) -> None:
    url = opened(clerk)
    count_all(clerk, url, "3", "4")
    handed_in(clerk, url)
    assert (
        clerk.post(f"{url}/kembalikan", data={"reason": "Ulangi", "version": "2"}).status_code
        == 403
    )
    assert head.post(f"{url}/kembalikan", data={"reason": "", "version": "2"}).status_code == 422
    stale = head.post(f"{url}/kembalikan", data={"reason": "Rak belakang", "version": "1"})
    assert stale.status_code == 409
    assert state(url) == "handed_in"
    head.post(f"{url}/kembalikan", data={"reason": "Rak belakang", "version": "2"})
    assert "Rak belakang" in words(clerk.get(url))
    assert clerk.get(f"{url}/selisih").location == url
    values = {"reason": "Salah cakupan", "version": "3"}
    gone = clerk.post(f"{url}/batalkan", data=values, follow_redirects=True)
    assert "Tidak ada yang dibukukan" in words(gone)
    assert state(url) == "cancelled"


def test_losses_that_cannot_be_taken_are_named_before_the_rest_is_posted(
    clerk: FlaskClient, head: FlaskClient, team: Team, papers: list[tuple[str, str]]
) -> None:
    url = opened(clerk)
    count_all(clerk, url, "0", "3")
    handed_in(clerk, url)
    ledger.reserve(team.upt_id, team.shelf.variant_ids[0], 5, minutes=None)
    ids = row_ids(url)
    shown = head.get(f"{url}/selisih")
    values = fields(shown, f"{url}/selisih?saring=beda")
    values |= {f"r-{row_id}": "unknown" for row_id in ids}
    head.post(f"{url}/selisih?saring=beda", data=values)
    stopped = head.post(f"{url}/setujui", data={"version": "2"})
    assert stopped.status_code == 409
    assert "4.711 4.706" in words(stopped)
    assert state(url) == "handed_in"
    rest = fields(stopped, f"{url}/setujui")
    assert rest == {"version": "2", "left": str(ids[0])}
    done = head.post(f"{url}/setujui", data=rest, follow_redirects=True)
    assert "1 baris dibukukan, 1 baris tidak dapat dibukukan" in words(done)
    a, b = team.shelf.variant_ids
    assert counts.shelf_of(team) == {(a, "available"): BOOK, (b, "available"): 3}
    paper = head.get(f"{url}/berita-acara.pdf")
    assert paper.data.startswith(b"%PDF")
    said = papers[-1][1]
    assert '"left": true' in said
    assert "user:" in said
    assert "Petugas" not in said
    table = head.get(f"{url}/selisih.csv").get_data(as_text=True)
    assert table.startswith("﻿baris;kode;barang")
    assert ";4711;0;0;;-4711;" in table


def test_strangers_find_nothing_and_readers_change_nothing(
    app: Flask, clerk: FlaskClient, team: Team
) -> None:
    url = opened(clerk)
    row_id = row_ids(url)[0]
    other = people.make_upt("lapas-lain").upt_id
    stranger, reader = app.test_client(), app.test_client()
    people.staff(stranger, "upt_clerk", other)
    people.staff(reader, "auditor")
    posts = ("serahkan", "batalkan", f"baris/{row_id}", f"baris/{row_id}/ulang")
    gets = ("", "/hitung", "/ketik", "/tambah", "/lembar.pdf", "/selisih", "/selisih.csv",
            f"/baris/{row_id}", f"/baris/{row_id}/hitung-ulang", "/berita-acara.pdf")  # fmt: skip
    data = {"version": "1", "quantity": "1", "reason": "Sebab", "note": ""}
    for path in gets:
        assert stranger.get(f"{url}{path}").status_code == 404, path
    for path in posts:
        assert stranger.post(f"{url}/{path}", data=data).status_code == 404, path
        assert reader.post(f"{url}/{path}", data=data).status_code == 403, path
    assert reader.post("/meja/opname/buka", data={"scope": "whole"}).status_code == 403
    assert reader.get(url).status_code == 200
    assert reader.get(f"{url}/hitung").status_code == 403
    assert state(url) == "counting"
    del team


def test_pages_ask_the_database_no_more_for_many_rows(clerk: FlaskClient, team: Team) -> None:
    url = opened(clerk)

    def asked(path: str) -> int:
        with Statements() as seen:
            assert clerk.get(path).status_code == 200
        return len(seen)

    pages = ("/meja/opname", url, f"{url}/hitung", f"{url}/ketik")
    few = [asked(path) for path in pages]
    clerk.post(f"{url}/batalkan", data={"reason": "Tambah barang", "version": "1"})
    many = counts.make_team("lapas-ramai", pieces=(3,) * 30)
    clerk.get(f"/meja/opname?upt={team.upt_id}")
    busy = clerk.application.test_client()
    people.staff(busy, "upt_clerk", many.upt_id)
    answer = busy.post("/meja/opname/buka", data={"scope": "whole", "entry_key": KEY + "x"})
    large = str(answer.location)
    clerk = busy
    assert [asked(path.replace(url, large)) for path in pages] == few
