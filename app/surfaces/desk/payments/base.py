"""Money for the treasurer: transfers expected, money held for review, refunds that are due.

Amounts are typed as the bank shows them and never filled in beforehand: a form that already knows
the answer would be confirmed without looking. What does not fit exactly is held, never rounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.checkout import services as checkout_services
from app.domain.checkout.errors import ItemsShort
from app.domain.orders.errors import IllegalTransition
from app.domain.orders.types import SERVICE_TIMEZONE
from app.domain.payments import queries as payment_queries
from app.domain.payments.commands import ConfirmTransfer, RecordRefund, ResolveReview
from app.domain.payments.errors import (
    AlreadySettled,
    EntryKeyTaken,
    NotEnoughMoney,
    RefundTooLarge,
    ReviewClosed,
    UnknownReference,
)
from app.domain.payments.types import (
    PERMISSION_CONFIRM,
    PERMISSION_VIEW,
    PaymentState,
    ReviewDecision,
    TransferOutcome,
    TransferResult,
)
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import DomainError, IdempotencyMismatch, Invalid, NotFound
from app.surfaces.desk import payment_words
from app.surfaces.desk.payments import tabs
from app.surfaces.web import errors, filters, forms, messages, pages, policy, session

blueprint = Blueprint("payments", __name__, url_prefix="/pembayaran")

_RUPIAH: Final = re.compile(r"(?:rp\.?\s*)?(\d{1,3}(?:[.\s]\d{3})+|\d+)(?:,00|,-)?", re.IGNORECASE)

_RECORDABLE: Final = (PaymentState.NONE, PaymentState.PENDING, PaymentState.PART_PAID)
"""States in which the page offers the form; a late transfer comes to a closed order."""

_WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("reference", "field.required"): "payments.reference_required",
    ("received_idr", "field.required"): "payments.amount_required",
    ("received_idr", "field.whole_number"): "payments.amount_shape",
    ("received_idr", "field.too_small"): "payments.amount_shape",
    ("received_on", "field.required"): "payments.day_required",
    ("bank_reference", "field.required"): "payments.bank_reference_required",
    ("amount_idr", "field.required"): "payments.amount_required",
    ("amount_idr", "field.whole_number"): "payments.amount_shape",
    ("amount_idr", "field.too_small"): "payments.amount_shape",
    ("refunded_on", "field.required"): "payments.day_required",
}


@blueprint.get("")
@policy.staff(PERMISSION_VIEW)
def index() -> str:
    """List the transfers that are expected; search by code, order, amount or name."""
    text = request.args.get("q", "")
    actor = session.current_actor()
    page = payment_queries.list_waiting(actor=actor, text=text, cursor=request.args.get("sesudah"))
    return pages.render(
        "desk/payments/index.html",
        transfers=page,
        text=text,
        now=clock.now(),
        tabs=tabs.tabs("index"),
        may_confirm=actor.reach(PERMISSION_CONFIRM).is_national,
        is_first="sesudah" not in request.args,
    )


@blueprint.get("/periksa")
@policy.staff(PERMISSION_VIEW)
def reviews() -> str:
    """List money that a person must look at."""
    found = payment_queries.list_reviews(actor=session.current_actor())
    return pages.render(
        "desk/payments/reviews.html",
        reviews=tuple(payment_words.review(record) for record in found),
        tabs=tabs.tabs("reviews"),
    )


@blueprint.get("/pengembalian")
@policy.staff(PERMISSION_VIEW)
def refunds() -> str:
    """List money that must go back to buyers."""
    return pages.render(
        "desk/payments/refunds.html",
        refunds=payment_queries.list_refunds_due(actor=session.current_actor()),
        tabs=tabs.tabs("refunds"),
    )


@blueprint.get("/catat")
@policy.staff(PERMISSION_CONFIRM)
def record() -> Response:
    """Show the form for a transfer whose code is only in the treasurer's hand."""
    form = forms.blank(
        reference=request.args.get("kode"), received_on=_today(), entry_key=ids.token()
    )
    return make_response(pages.render("desk/payments/record.html", form=form))


@blueprint.post("/catat")
@policy.staff(PERMISSION_CONFIRM)
def record_post() -> Response:
    """Record a transfer by its code."""

    def again(form: forms.Form, status: int) -> Response:
        return make_response(pages.render("desk/payments/record.html", form=form), status)

    return _record(request.form, again)


@blueprint.get("/<reference>")
@policy.staff(PERMISSION_VIEW)
def payment(reference: str) -> Response:
    """Show everything about one payment, with the form to record a transfer."""
    return _payment_page(reference, _confirm_form(), forms.blank(), status=200)


@blueprint.post("/<reference>/terima")
@policy.staff(PERMISSION_CONFIRM)
def confirm(reference: str) -> Response:
    """Record a transfer for this payment."""
    values = MultiDict(request.form.items(multi=True))
    values.setlist("reference", [reference])

    def again(form: forms.Form, status: int) -> Response:
        return _payment_page(reference, form, forms.blank(), status=status)

    return _record(values, again)


@blueprint.post("/<reference>/periksa/<int:review_id>")
@policy.staff(PERMISSION_CONFIRM)
def resolve(reference: str, review_id: int) -> Response:
    """Decide about money held for review: settle the order, or send the money back."""
    page = payment_queries.get_payment_page(actor=session.current_actor(), reference=reference)
    if review_id not in {review.review_id for review in page.reviews}:
        raise NotFound
    command, form = forms.bind(ResolveReview, request.form)
    if command is None:
        return _payment_page(reference, form, forms.blank(), status=422)
    try:
        db.transact(
            lambda: checkout_services.resolve_review(
                actor=session.current_actor(),
                review_id=review_id,
                command=command,
                at=clock.now(),
            )
        )
    except (ReviewClosed, AlreadySettled, NotEnoughMoney, ItemsShort, IllegalTransition) as error:
        return _refused(reference, error)
    if command.outcome is ReviewDecision.SETTLE:
        pages.notify("success", "payments.review_settled", number=page.order_number)
    else:
        pages.notify("success", "payments.review_refunded")
    return redirect(url_for("desk.payments.payment", reference=reference), code=303)


@blueprint.post("/<reference>/pengembalian")
@policy.staff(PERMISSION_CONFIRM)
def refund(reference: str) -> Response:
    """Record money that went back to the buyer."""
    values = _with_amount(request.form, "amount_idr")
    values.setlist("reference", [reference])
    command, form = forms.bind(RecordRefund, values, words=_WORDS)
    shown = _as_typed(form, "amount_idr")
    if command is None:
        return _payment_page(reference, _confirm_form(), shown, status=422)
    try:
        db.transact(
            lambda: checkout_services.record_refund(
                actor=session.current_actor(), command=command, at=clock.now()
            )
        )
    except Invalid as error:
        return _payment_page(reference, _confirm_form(), shown.with_errors(error), status=422)
    except RefundTooLarge as error:
        wrong = shown.with_error("amount_idr", error.code, **error.details())
        return _payment_page(reference, _confirm_form(), wrong, status=409)
    except (IdempotencyMismatch, EntryKeyTaken) as error:
        return _refused(reference, error)
    pages.notify("success", "payments.refund_recorded", amount_idr=command.amount_idr)
    return redirect(url_for("desk.payments.payment", reference=reference), code=303)


def _record(given: MultiDict[str, str], again: Callable[[forms.Form, int], Response]) -> Response:
    values = _with_amount(given, "received_idr")
    command, form = forms.bind(ConfirmTransfer, values, words=_WORDS)
    shown = _as_typed(form, "received_idr")
    if command is None:
        return again(shown, 422)
    try:
        outcome = db.transact(
            lambda: checkout_services.confirm_transfer(
                actor=session.current_actor(), command=command, at=clock.now()
            )
        )
    except Invalid as error:
        return again(shown.with_errors(error), 422)
    except UnknownReference as error:
        return again(shown.with_error("reference", error.code, **error.details()), 409)
    except (IdempotencyMismatch, EntryKeyTaken) as error:
        return again(shown.with_error("", error.code), errors.status_of(error))
    _say(outcome, command)
    return redirect(url_for("desk.payments.payment", reference=command.reference), code=303)


def _say(outcome: TransferOutcome, command: ConfirmTransfer) -> None:
    if outcome.is_repeat:
        pages.notify("info", "payments.recorded_before")
        return
    page = payment_queries.get_payment_page(
        actor=session.current_actor(), reference=command.reference
    )
    tone, code = {
        TransferResult.SETTLED: ("success", "payments.settled"),
        TransferResult.HELD_FOR_REVIEW: ("warning", "payments.held_for_review"),
        TransferResult.LATE: ("warning", "payments.held_late"),
        TransferResult.DUPLICATE: ("warning", "payments.held_duplicate"),
    }[outcome.result]
    pages.notify(tone, code, amount_idr=command.received_idr, number=page.order_number)


def _refused(reference: str, error: DomainError) -> Response:
    return _payment_page(
        reference,
        _confirm_form(),
        forms.blank(),
        status=errors.status_of(error),
        refusal=messages.for_error(error),
    )


def _payment_page(
    reference: str,
    form: forms.Form,
    refund_form: forms.Form,
    *,
    status: int,
    refusal: str = "",
) -> Response:
    actor = session.current_actor()
    page = payment_queries.get_payment_page(actor=actor, reference=reference)
    dues = payment_words.dues(page)
    html = pages.render(
        "desk/payments/payment.html",
        page=page,
        payment=page.payment,
        form=form,
        refund_form=refund_form,
        refusal=refusal,
        entry_key=form.value("entry_key") or ids.token(),
        refund_key=refund_form.value("entry_key") or ids.token(),
        today=_today(),
        state=payment_words.STATES[page.payment.state],
        tone=payment_words.TONES[page.payment.state],
        reviews=tuple(payment_words.review(one) for one in page.reviews if one.is_open),
        entries=tuple(payment_words.entry(one) for one in page.entries),
        dues=dues,
        trail=payment_queries.card_trail(actor=actor, payment_id=page.payment.payment_id),
        words=payment_words,
        proofs=payment_queries.list_proofs(payment_id=page.payment.payment_id),
        due_options=[
            (due.upt_order_number, f"{due.label}: {filters.idr(due.due_idr)}") for due in dues
        ],
        can_record=page.payment.state in _RECORDABLE,
        may_confirm=actor.reach(PERMISSION_CONFIRM).is_national,
    )
    return make_response(html, status)


def _confirm_form() -> forms.Form:
    return forms.blank(received_on=_today(), entry_key=ids.token())


def _today() -> str:
    return clock.local_date(at=clock.now(), timezone=SERVICE_TIMEZONE).isoformat()


def _with_amount(form: MultiDict[str, str], field: str) -> MultiDict[str, str]:
    """Return the form with ``Rp185.000`` read as 185000; what was typed is kept beside it."""
    values = MultiDict(form.items(multi=True))
    typed = values.get(field, "")
    values["typed_amount"] = typed
    if match := _RUPIAH.fullmatch(typed.strip()):
        values.setlist(field, [re.sub(r"\D", "", match[1])])
    return values


def _as_typed(form: forms.Form, field: str) -> forms.Form:
    return form.with_value(field, form.value("typed_amount"))
