"""The local outbox: in the demo, letters stay here to be read instead of leaving."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Response, current_app, make_response

from app.infra import mail
from app.infra.mail import Outbox, StoredLetter
from app.kernel.errors import NotFound
from app.surfaces.web import pages, policy

blueprint = Blueprint("outbox", __name__, url_prefix="/peragaan/kotak-keluar")

SHOWN: Final = 50

_LINK: Final = re.compile(r"https?://\S+")

FRAMING_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
    " frame-src 'self'; manifest-src 'self'"
)
LETTER_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox"
)
"""A letter may style itself and nothing else: no script, no picture from elsewhere, no link."""


@blueprint.get("")
@policy.public
def index() -> Response:
    """List the newest letters."""
    return _private(
        pages.render("storefront/outbox/index.html", letters=_box().newest(limit=SHOWN))
    )


@blueprint.get("/<letter_id>")
@policy.public
def letter(letter_id: str) -> Response:
    """Show a letter: its HTML in a closed frame, its text beside."""
    found = _find(letter_id)
    link = _LINK.search(found.text)
    page = pages.render(
        "storefront/outbox/letter.html", letter=found, link=link.group() if link else None
    )
    answer = _private(page)
    answer.headers["Content-Security-Policy"] = FRAMING_POLICY
    return answer


@blueprint.get("/<letter_id>/isi")
@policy.public
def content(letter_id: str) -> Response:
    """Return a letter's HTML alone, under a policy of its own."""
    answer = _private(_find(letter_id).html)
    answer.headers["Content-Security-Policy"] = LETTER_POLICY
    return answer


def _box() -> Outbox:
    found = mail.outbox()
    if found is None or current_app.config["KARYABINA"].is_production:
        raise NotFound
    return found


def _find(letter_id: str) -> StoredLetter:
    found = _box().find(letter_id)
    if found is None:
        raise NotFound
    return found


def _private(page: str) -> Response:
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
