"""The open book: page, daily files, proofs, checker, and the code on a gallery's page."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.domain.stock import flows, queries, rules
from tests.factories import browse, ledger
from tests.factories.browse import Shop

AT = ledger.AT


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    made = browse.make_shop()
    flows.publish_heads(at=AT)
    return made


def test_the_page_names_root_key_heads_and_files_in_few_statements(
    client: FlaskClient, shop: Shop
) -> None:
    root = queries.latest_root()
    assert root is not None
    with browse.statements() as seen:
        html = client.get("/buku/").get_data(as_text=True)
    assert seen.count <= 5
    assert root.merkle in html
    assert root.key in html
    assert "Lapas Indramayu" in html
    assert 'href="/buku/2026-11-22.json"' in html
    assert 'href="/buku/2026-11-22/lapas-pamekasan.json"' in html
    for day in range(1, 30):
        flows.publish_heads(at=AT + timedelta(days=day))
    with browse.statements() as again:
        html = client.get("/buku/").get_data(as_text=True)
    assert again.count == seen.count
    after = queries.list_roots().after
    assert f"/buku/?sesudah={after}" in html
    assert "22 November 2026" in client.get(f"/buku/?sesudah={after}").get_data(as_text=True)


def test_an_empty_book_says_so(client: FlaskClient) -> None:
    assert "Belum ada yang diumumkan" in client.get("/buku/").get_data(as_text=True)
    assert client.get("/buku/2026-11-22.json").status_code == 404


def test_daily_files_are_kept_by_browsers_and_never_change(client: FlaskClient, shop: Shop) -> None:
    for suffix, kind in (("json", "application/json"), ("txt", "text/plain")):
        answer = client.get(f"/buku/2026-11-22.{suffix}")
        assert answer.status_code == 200
        assert answer.mimetype == kind
        assert answer.cache_control.public
        etag = answer.headers["ETag"]
        again = client.get(f"/buku/2026-11-22.{suffix}", headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")
        assert "Set-Cookie" not in answer.headers
    document = json.loads(client.get("/buku/2026-11-22.json").data)
    lines = [head["line"] for head in document["heads"]]
    made = rules.merkle_root([rules.leaf(line) for line in lines]).hex()
    assert made == document["root"]["line"].split("\t")[3]
    text = client.get("/buku/2026-11-22.txt").get_data(as_text=True)
    assert [line.rpartition("\t")[0] for line in text.splitlines()[:-1]] == lines


def test_one_head_comes_with_its_way_to_the_root(client: FlaskClient, shop: Shop) -> None:
    document = json.loads(client.get("/buku/2026-11-22/lapas-pamekasan.json").data)
    assert document["format"] == "karyabina-proof-1"
    assert document["head"]["line"].split("\t")[3] == "lapas-pamekasan"
    assert len(document["proof"]) == 1
    for wrong in (
        "2026-11-22/lapas-tidak-ada",
        "2026-11-21/lapas-pamekasan",
        "20261122",
        "kemarin",
    ):
        assert client.get(f"/buku/{wrong}.json").status_code == 404


def test_the_checker_is_there_to_take_home(client: FlaskClient) -> None:
    answer = client.get("/buku/check_ledger.py")
    assert answer.status_code == 200
    assert b"standard library only" in answer.data
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_gallery_shows_the_signed_code(client: FlaskClient, shop: Shop) -> None:
    html = client.get("/galeri/lapas-indramayu").get_data(as_text=True)
    head = next(one for one in queries.newest_daily_heads() if one.slug == "lapas-indramayu")
    assert f'Ditandatangani 22 November 2026: catatan ke-1, kode <span class="code">{head.short_hash}' in html  # fmt: skip
    assert 'href="/buku/"' in html
