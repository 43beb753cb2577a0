"""Public pictures: renditions for ever, originals never."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.media import queries as media_queries
from app.infra import storage
from tests.factories import goods


@pytest.fixture
def asset_id(app: Flask, drain: Callable[[], int]) -> int:
    made = goods.make_picture(content=goods.picture_bytes(kind="PNG"), is_ready=False)
    drain()
    return made


def test_a_rendition_is_sent_to_be_kept_for_ever(client: FlaskClient, asset_id: int) -> None:
    record = media_queries.images(asset_ids=[asset_id], alts={})[asset_id]
    for mime, variants in record.sources:
        for _, url in variants:
            answer = client.get(url)
            assert answer.status_code == 200
            assert answer.mimetype == mime
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert answer.cache_control.public
            assert answer.cache_control.immutable
            assert answer.cache_control.max_age == 31_536_000
            assert "Set-Cookie" not in answer.headers
            assert "Cookie" not in answer.headers.get("Vary", "")
            again = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
            assert again.status_code == 304
            answer.close()
            again.close()


def test_originals_have_no_address(client: FlaskClient, asset_id: int) -> None:
    key = media_queries.get_asset(asset_id=asset_id).original_key
    assert storage.originals().exists(key)
    assert client.get(f"/media/{key}").status_code == 404


@pytest.mark.parametrize(
    "key",
    [
        "ab/unknown-1-320.webp",
        "../originals/ab/x.jpg",
        "..%2f..%2fconfig.py",
        "%2e%2e/%2e%2e/etc/passwd",
        "ab//x.webp",
        "ab/x.php",
        "ab/x.svg",
        "AB/x.webp",
        "ab\\x.webp",
        "con",
        "ab/x.webp%00.jpg",
        "ab",
    ],
)
def test_nothing_else_is_found(client: FlaskClient, asset_id: int, key: str) -> None:
    assert client.get(f"/media/{key}").status_code == 404
