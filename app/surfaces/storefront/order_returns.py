"""A buyer asks to send goods back, with up to three pictures of what is wrong."""

from __future__ import annotations

import hashlib
from typing import Final

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response

from app.domain.media import services as media_services
from app.domain.media.types import UPLOAD_BYTES_MAX, CheckedPicture
from app.domain.orders import services as order_services
from app.domain.orders.commands import AskReturn
from app.domain.orders.errors import NoPieces, ReturnTooLate, ReturnUnderWay, TooManyPieces
from app.domain.orders.rules import PHOTOS_MAX
from app.domain.orders.types import OrderPage
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import FieldError, Invalid
from app.surfaces.storefront import orders
from app.surfaces.web import forms, order_words, pages, policy, session

blueprint = Blueprint("order_returns", __name__, url_prefix="/pesanan")

_WORDS: Final = {
    ("reason", "field.required"): "returns.reason_required",
    ("reason", "field.choice"): "returns.reason_required",
    ("note", "field.required"): "returns.note_required",
    ("note", "field.too_short"): "returns.note_required",
}


@blueprint.get("/<number>/kembali/<part>")
@policy.public
def ask_form(number: str, part: str) -> Response:
    """Ask what shall go back, and why."""
    page = orders.own_order(number)
    child = orders.own_part(page, part)
    return _page(page, child, forms.blank(entry_key=ids.token()), status=200)


@blueprint.post("/<number>/kembali/<part>")
@policy.public
def ask(number: str, part: str) -> Response:
    """Send the wish to the UPT."""
    page = orders.own_order(number)
    child = orders.own_part(page, part)
    command, form = forms.bind(AskReturn, request.form, words=_WORDS)
    photos, wrong = _photos()
    if wrong:
        form = form.plus_errors(wrong)
    if command is None or wrong:
        return _page(page, child, form, status=422)
    actor, at = session.current_actor(), clock.now()
    upt_id = next(order.upt_id for order in page.upt_orders if order.number == child)

    def work() -> None:
        photo_ids = [
            media_services.store_checked(
                actor=actor,
                upt_id=upt_id,
                picture=picture,
                public_id=_public_id(command.entry_key, picture),
                at=at,
            )
            for picture in photos
        ]
        order_services.ask_return(
            number=child, command=command, photo_ids=photo_ids, actor=actor, at=at
        )

    try:
        db.transact(work)
    except TooManyPieces as error:
        bad = form.with_error(f"pieces.{error.line_id}", error.code, **error.details())
        return _page(page, child, bad, status=422)
    except NoPieces as error:
        return _page(page, child, _at_first_line(form, page, child, error.code), status=422)
    except (ReturnTooLate, ReturnUnderWay) as error:
        pages.notify("warning", error.code)
        return orders.to_order(number)
    pages.notify("success", "returns.asked")
    return orders.to_order(number)


def _public_id(entry_key: str, picture: CheckedPicture) -> str:
    """Return a name that the same form gives to the same picture, however often it is sent."""
    digest = hashlib.sha256(f"{entry_key}:{picture.sha256}".encode()).hexdigest()
    return digest[:16].replace("0", "g").replace("1", "h")


def _photos() -> tuple[list[CheckedPicture], tuple[FieldError, ...]]:
    given = [upload for upload in request.files.getlist("photos") if upload.filename]
    if len(given) > PHOTOS_MAX:
        return [], (FieldError("photos", "returns.too_many_photos"),)
    found = []
    for upload in given:
        try:
            content = upload.read(UPLOAD_BYTES_MAX + 1)
            found.append(media_services.check_upload(content=content))
        except Invalid as refusal:
            return [], tuple(
                FieldError("photos", error.code, error.params) for error in refusal.errors
            )
    return found, ()


def _at_first_line(form: forms.Form, page: OrderPage, part: str, code: str) -> forms.Form:
    line = next(order for order in page.upt_orders if order.number == part).lines[0]
    return form.with_error(f"pieces.{line.line_id}", code)


def _page(page: OrderPage, part: str, form: forms.Form, *, status: int) -> Response:
    order = next(order for order in page.upt_orders if order.number == part)
    html = pages.render(
        "storefront/order_returns/return.html",
        page=page,
        order=order,
        form=form,
        options=[(str(reason), text) for reason, text in order_words.RETURN_REASONS.items()],
    )
    return make_response(html, status)
