"""Parts of an order at the desk: refused pieces, parcels that arrive or get lost, notes."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.checkout import services as checkout_services
from app.domain.checkout.errors import ItemsShort
from app.domain.orders import services as order_services
from app.domain.orders.commands import AddNote, LoseParcel, RefusePieces
from app.domain.orders.errors import (
    IllegalTransition,
    NoPieces,
    OrderChanged,
    ParcelClosed,
    TooManyPieces,
)
from app.domain.orders.types import (
    LEAVES_IN_PARTS,
    PERMISSION_FULFIL,
    LostOutcome,
    ParcelRecord,
    ParcelState,
    UptOrderPage,
)
from app.infra import db
from app.kernel import clock
from app.kernel.errors import NotFound
from app.surfaces.desk import orders
from app.surfaces.web import forms, order_words, pages, policy, session

blueprint = Blueprint("order_parts", __name__, url_prefix="/pesanan")

_WORDS: Final = {
    ("reason", "field.required"): "orders.reason_required",
    ("reason", "field.choice"): "orders.reason_required",
    ("note", "field.required"): "orders.loss_note_required",
    ("note", "field.too_short"): "orders.loss_note_required",
    ("outcome", "field.required"): "orders.outcome_required",
    ("outcome", "field.choice"): "orders.outcome_required",
    ("text", "field.required"): "orders.note_required",
    ("text", "field.too_short"): "orders.note_required",
    ("pieces", "field.required"): "orders.no_pieces",
}
OUTCOMES: Final = (
    (LostOutcome.REFUND, "Kembalikan uangnya"),
    (LostOutcome.RESEND, "Kirim barang pengganti dari stok"),
)


@blueprint.get("/<number>/tolak-sebagian")
@policy.staff(PERMISSION_FULFIL)
def refuse_question(number: str) -> Response:
    """Ask which pieces cannot be sent, and why."""
    page = orders.read(number)
    if page.order.state not in LEAVES_IN_PARTS:
        pages.notify("info", "orders.illegal_transition")
        return orders.to_order(number)
    return _refuse_page(page, forms.blank(), status=200)


@blueprint.post("/<number>/tolak-sebagian")
@policy.staff(PERMISSION_FULFIL)
def refuse(number: str) -> Response:
    """Take pieces out of the order; it goes on with the rest."""
    command, form = forms.bind(RefusePieces, request.form, words=_WORDS)
    if command is None:
        return _refuse_page(orders.read(number), form, status=422)
    actor, at = session.current_actor(), clock.now()
    try:
        due_idr = db.transact(
            lambda: checkout_services.refuse_pieces(
                actor=actor, number=number, command=command, at=at
            )
        )
    except TooManyPieces as error:
        bad = form.with_error(f"pieces.{error.line_id}", error.code, **error.details())
        return _refuse_page(orders.read(number), bad, status=422)
    except NoPieces as error:
        page = orders.read(number)
        first = next((line.line_id for line in page.order.lines if line.quantity_held), 0)
        return _refuse_page(page, form.with_error(f"pieces.{first}", error.code), status=422)
    except (OrderChanged, IllegalTransition) as error:
        return orders.conflict(number, error)
    pages.notify("success", "orders.pieces_refused", amount_idr=due_idr)
    return orders.to_order(number)


@blueprint.post("/<number>/paket/<int:position>/sampai")
@policy.staff(PERMISSION_FULFIL)
def delivered(number: str, position: int) -> Response:
    """Record that the courier says a parcel has arrived."""
    page = orders.read(number)
    actor, at = session.current_actor(), clock.now()
    actor.ensure(PERMISSION_FULFIL, upt_id=page.order.upt_id)
    try:
        db.transact(
            lambda: checkout_services.confirm_received(
                number=number, position=position, actor=actor, at=at
            )
        )
    except (IllegalTransition, ParcelClosed) as error:
        return orders.conflict(number, error)
    pages.notify("success", "orders.parcel_delivered")
    return orders.to_order(number)


@blueprint.get("/<number>/paket/<int:position>/hilang")
@policy.staff(PERMISSION_FULFIL)
def lost_question(number: str, position: int) -> Response:
    """Ask what happened to a parcel and what the buyer gets."""
    page = orders.read(number)
    return _lost_page(page, _parcel(page, position), forms.blank(), status=200)


@blueprint.post("/<number>/paket/<int:position>/hilang")
@policy.staff(PERMISSION_FULFIL)
def lost(number: str, position: int) -> Response:
    """Write off a parcel; the buyer gets the money or other pieces."""
    command, form = forms.bind(LoseParcel, request.form, words=_WORDS)
    if command is None:
        page = orders.read(number)
        return _lost_page(page, _parcel(page, position), form, status=422)
    actor, at = session.current_actor(), clock.now()
    try:
        due_idr = db.transact(
            lambda: checkout_services.lose_parcel(
                actor=actor, number=number, position=position, command=command, at=at
            )
        )
    except ItemsShort as error:
        page = orders.read(number)
        bad = form.with_error("outcome", error.code, names=error.names)
        return _lost_page(page, _parcel(page, position), bad, status=409)
    except (OrderChanged, IllegalTransition, ParcelClosed) as error:
        return orders.conflict(number, error)
    if command.outcome is LostOutcome.RESEND:
        pages.notify("success", "orders.parcel_resent")
    else:
        pages.notify("success", "orders.parcel_lost", amount_idr=due_idr)
    return orders.to_order(number)


@blueprint.post("/<number>/catatan")
@policy.staff(PERMISSION_FULFIL)
def note(number: str) -> Response:
    """Keep a note for colleagues."""
    command, form = forms.bind(AddNote, request.form, words=_WORDS)
    if command is None:
        return orders.order_page(orders.read(number), form, status=422)
    actor, at = session.current_actor(), clock.now()
    db.transact(lambda: order_services.add_note(actor=actor, number=number, command=command, at=at))
    pages.notify("success", "orders.note_added")
    return redirect(url_for("desk.orders.order", number=number, _anchor="catatan"), code=303)


def _parcel(page: UptOrderPage, position: int) -> ParcelRecord:
    for parcel in page.parcels:
        if parcel.position == position and parcel.state is ParcelState.SENT:
            return parcel
    raise NotFound


def _refuse_page(page: UptOrderPage, form: forms.Form, *, status: int) -> Response:
    html = pages.render(
        "desk/order_parts/refuse_pieces.html",
        page=page,
        order=page.order,
        form=form,
        options=[(str(reason), text) for reason, text in order_words.STAFF_REASONS.items()],
    )
    return make_response(html, status)


def _lost_page(
    page: UptOrderPage, parcel: ParcelRecord, form: forms.Form, *, status: int
) -> Response:
    html = pages.render(
        "desk/order_parts/lost_question.html",
        page=page,
        order=page.order,
        parcel=parcel,
        names={line.line_id: line.product_name for line in page.order.lines},
        form=form,
        options=[(str(outcome), text) for outcome, text in OUTCOMES],
    )
    return make_response(html, status)
