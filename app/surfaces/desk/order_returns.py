"""A return at the desk: answered, counted, graded; goods and money decided each for themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.checkout import services as checkout_services
from app.domain.media import queries as media_queries
from app.domain.orders import queries as order_queries
from app.domain.orders import services as order_services
from app.domain.orders.commands import AnswerReturn, InspectReturn, ReceiveReturn
from app.domain.orders.errors import (
    IllegalTransition,
    NoPieces,
    OrderChanged,
    SameHands,
    TooManyPieces,
)
from app.domain.orders.types import PERMISSION_FULFIL, PERMISSION_VIEW, ReturnRecord, ReturnState
from app.domain.payments.errors import RefundTooLarge
from app.infra import db
from app.kernel import clock
from app.kernel.commands import Command
from app.kernel.errors import Conflict
from app.surfaces.desk import orders
from app.surfaces.web import errors, forms, messages, order_words, pages, policy, session

blueprint = Blueprint("order_returns", __name__, url_prefix="/pesanan/retur")

AnyCommand = TypeVar("AnyCommand", bound=Command)

_WORDS: Final = {
    ("answer", "field.required"): "returns.answer_required",
    ("answer", "field.too_short"): "returns.answer_required",
    ("refund_idr", "field.required"): "field.required",
}


@blueprint.get("/<number>")
@policy.staff(PERMISSION_VIEW)
def show(number: str) -> Response:
    """Show a return with the next step that this person may take."""
    return _page(number, forms.blank(), status=200)


@blueprint.post("/<number>/setuju")
@policy.staff(PERMISSION_FULFIL)
def approve(number: str) -> Response:
    """Tell the buyer to send the goods."""
    return _answer(number, is_approved=True)


@blueprint.post("/<number>/tolak")
@policy.staff(PERMISSION_FULFIL)
def refuse(number: str) -> Response:
    """Refuse, with words for the buyer."""
    return _answer(number, is_approved=False)


@blueprint.post("/<number>/terima")
@policy.staff(PERMISSION_FULFIL)
def receive(number: str) -> Response:
    """Count what came back."""

    def run(command: ReceiveReturn) -> None:
        order_services.receive_return(
            actor=session.current_actor(), number=number, command=command, at=clock.now()
        )
        pages.notify("success", "returns.received")

    return _step(number, ReceiveReturn, run)


@blueprint.post("/<number>/periksa")
@policy.staff(PERMISSION_FULFIL)
def inspect(number: str) -> Response:
    """Grade what came back, and name the money that goes back."""

    def run(command: InspectReturn) -> None:
        due_idr = checkout_services.inspect_return(
            actor=session.current_actor(), number=number, command=command, at=clock.now()
        )
        pages.notify("success", "returns.settled", amount_idr=due_idr)

    return _step(number, InspectReturn, run)


def _answer(number: str, *, is_approved: bool) -> Response:
    def run(command: AnswerReturn) -> None:
        order_services.answer_return(
            actor=session.current_actor(),
            number=number,
            command=command,
            is_approved=is_approved,
            at=clock.now(),
        )
        pages.notify("success", "returns.approved" if is_approved else "returns.refused")

    return _step(number, AnswerReturn, run)


def _step(
    number: str, command_class: type[AnyCommand], run: Callable[[AnyCommand], None]
) -> Response:
    command, form = forms.bind(command_class, request.form, words=_WORDS)
    if command is None:
        return _page(number, form, status=422)
    try:
        db.transact(lambda: run(command))
    except TooManyPieces as error:
        name = "sellable" if command_class is InspectReturn else "pieces"
        bad = form.with_error(f"{name}.{error.line_id}", error.code, **error.details())
        return _page(number, bad, status=422)
    except RefundTooLarge as error:
        bad = form.with_error("refund_idr", error.code, **error.details())
        return _page(number, bad, status=422)
    except (OrderChanged, IllegalTransition, SameHands, NoPieces) as error:
        return _page(number, form, status=errors.status_of(error), refusal=error)
    return redirect(url_for(".show", number=number), code=303)


def _page(
    number: str, form: forms.Form, *, status: int, refusal: Conflict | None = None
) -> Response:
    child = order_queries.number_of_return(number=number)
    page = orders.read(child)
    record = order_queries.get_return(number=number)
    html = pages.render(
        "desk/order_returns/return.html",
        page=page,
        order=page.order,
        record=record,
        form=_suggested(form, record),
        refusal=messages.for_error(refusal) if refusal else "",
        label=order_words.RETURN_LABELS[record.state],
        tone=order_words.RETURN_TONES[record.state],
        reason=order_words.RETURN_REASONS[record.reason],
        photos=tuple(_photos(record).values()),
        may_fulfil=session.current_actor().may(PERMISSION_FULFIL, upt_id=page.order.upt_id),
    )
    return make_response(html, status)


def _suggested(form: forms.Form, record: ReturnRecord) -> forms.Form:
    given: dict[str, str] = {}
    for line in record.lines:
        if record.state is ReturnState.APPROVED:
            given[f"pieces.{line.line_id}"] = str(line.quantity)
        elif record.state is ReturnState.RECEIVED:
            given[f"sellable.{line.line_id}"] = str(line.received)
            given |= {f"{grade}.{line.line_id}": "0" for grade in ("second_grade", "damaged")}
    if record.state is ReturnState.RECEIVED:
        value_idr = sum(line.unit_price_idr * line.received for line in record.lines)
        given["refund_idr"] = str(value_idr)
    for name, value in given.items():
        if name not in form.names:
            form = form.with_value(name, value)
    return form


def _photos(record: ReturnRecord) -> dict[int, Any]:
    alts = {
        asset_id: f"Foto {place} dari pembeli"
        for place, asset_id in enumerate(record.photo_ids, start=1)
    }
    return dict(media_queries.images(asset_ids=tuple(alts), alts=alts))
