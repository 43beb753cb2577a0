"""The blueprint that the administration pages share, and the day that they reckon with."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Blueprint, make_response
from werkzeug.wrappers import Response

from app.kernel import clock
from app.surfaces.web import forms, pages

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

CAPITAL: Final = "Asia/Jakarta"


def today() -> date:
    """Return the day in the capital."""
    return clock.local_date(at=clock.now(), timezone=CAPITAL)


def again(template: str, form: forms.Form, **values: object) -> Response:
    """Show a form again as typed, with everything that is wrong with it."""
    return make_response(pages.render(template, form=form, **values), 422)
