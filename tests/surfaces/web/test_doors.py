"""What holds at every door: policies, headers, refusals as pages and as JSON."""

from __future__ import annotations

import gzip

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from app.kernel.errors import (
    Conflict,
    DomainError,
    Expired,
    FieldError,
    Invalid,
    NotAllowed,
    NotFound,
    Unavailable,
)
from app.surfaces.web import errors, headers, policy


@pytest.fixture
def doors(csrf_app: Flask) -> FlaskClient:
    parent = Blueprint("doors", __name__, url_prefix="/doors")
    policy.guard(parent)
    raised: dict[str, Exception] = {
        "invalid": Invalid(FieldError("name", "field.required")),
        "missing": NotFound(),
        "forbidden": NotAllowed("stock.adjust"),
        "conflict": Conflict(),
        "expired": Expired(),
        "busy": Unavailable(),
        "broken": RuntimeError("rahasia dapur"),
    }

    @parent.get("/without")
    def without() -> str:
        return "never"

    @parent.get("/raise/<name>")
    @policy.public
    def fail(name: str) -> str:
        raise raised[name]

    @parent.get("/buyer")
    @policy.buyer
    def buyer() -> str:
        return "never"

    @parent.get("/plain")
    @policy.public
    def plain() -> str:
        return "halo " * 1000 + headers.csp_nonce()

    @parent.post("/write")
    @policy.public
    def write() -> str:
        return "written"

    csrf_app.register_blueprint(parent)
    return csrf_app.test_client()


def test_a_view_without_a_policy_is_refused(doors: FlaskClient) -> None:
    assert doors.get("/doors/without").status_code == 403


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("invalid", 422),
        ("missing", 404),
        ("forbidden", 403),
        ("conflict", 409),
        ("expired", 410),
        ("busy", 503),
    ],
)
def test_each_family_has_its_status_as_page_and_as_json(
    doors: FlaskClient, name: str, status: int
) -> None:
    page = doors.get(f"/doors/raise/{name}")
    assert page.status_code == status
    assert page.mimetype == "text/html"
    answer = doors.get(f"/doors/raise/{name}", headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.get_json()["error"]["request_id"] == answer.headers["X-Request-Id"]


def test_a_bug_shows_a_number_and_no_secrets(doors: FlaskClient) -> None:
    page = doors.get("/doors/raise/broken")
    assert page.status_code == 500
    assert page.headers["X-Request-Id"] in page.get_data(as_text=True)
    assert "rahasia dapur" not in page.get_data(as_text=True)


def test_a_busy_answer_says_when_to_come_back(doors: FlaskClient) -> None:
    assert doors.get("/doors/raise/busy").headers["Retry-After"] == "30"


def test_a_buyers_page_sends_visitors_to_the_sign_in(doors: FlaskClient) -> None:
    answer = doors.get("/doors/buyer?x=1")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/masuk?next=/doors/buyer?x%3D1"


def test_a_form_without_its_token_changes_nothing(doors: FlaskClient) -> None:
    assert doors.post("/doors/write").status_code == 400


def test_every_answer_carries_the_headers(doors: FlaskClient) -> None:
    for path in ("/doors/plain", "/doors/raise/missing", "/healthz", "/nirgends"):
        answer = doors.get(path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Cache-Control" in answer.headers


def test_a_nonce_is_allowed_only_where_it_was_used(doors: FlaskClient) -> None:
    first = doors.get("/doors/plain")
    nonce = first.get_data(as_text=True).split()[-1]
    assert f"'nonce-{nonce}'" in first.headers["Content-Security-Policy"]
    assert "nonce" not in doors.get("/healthz").headers["Content-Security-Policy"]


def test_public_text_is_compressed_and_private_pages_are_not(doors: FlaskClient) -> None:
    answer = doors.get("/doors/plain", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).startswith(b"halo halo")
    private = doors.get("/keranjang", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in private.headers
    assert private.headers["Cache-Control"] == "no-store"


def test_probes_answer(doors: FlaskClient) -> None:
    assert doors.get("/healthz").data == b"ok\n"
    assert doors.get("/readyz").data == b"ready\n"


def test_an_error_may_set_its_own_status() -> None:
    class TooMany(DomainError):
        code = "test.too_many"
        http_status = 429

    assert errors.status_of(TooMany()) == 429
    assert errors.status_of(DomainError()) == 500
