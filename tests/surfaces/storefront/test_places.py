"""Looking places up while an address is typed."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.factories import people


def test_a_village_comes_with_everything_an_address_needs(client: FlaskClient) -> None:
    people.make_places()
    answer = client.get("/tempat/cari?q=Lemahabang")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.json == [
        {
            "code": "32.12.15.1006",
            "label": "Lemahabang, Kec. Indramayu, Kab. Indramayu, Jawa Barat 45212",
            "postcode": "45212",
            "village": "Lemahabang",
            "district": "Indramayu",
            "regency": "Kab. Indramayu",
            "province": "Jawa Barat",
        }
    ]


@pytest.mark.parametrize("query", ["", "a", "%", "'", "q" * 5000, "99999", "😀", "--"])
def test_odd_words_find_nothing_and_break_nothing(client: FlaskClient, query: str) -> None:
    people.make_places()
    answer = client.get("/tempat/cari", query_string={"q": query})
    assert (answer.status_code, answer.json) == (200, [])


def test_a_sign_that_no_text_can_hold_is_no_address(client: FlaskClient) -> None:
    assert client.get("/tempat/cari", query_string={"q": "\x00"}).status_code == 404


def test_without_words_there_is_nothing(client: FlaskClient) -> None:
    assert client.get("/tempat/cari").json == []
