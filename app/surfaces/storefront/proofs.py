"""A buyer sends the proof of a transfer; the treasurer sees it, and nothing else happens."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.payments import queries as payment_queries
from app.domain.payments import services as payment_services
from app.domain.payments.errors import NothingToPay
from app.domain.payments.types import PROOF_BYTES_MAX, ClosedReason
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import Invalid
from app.surfaces.storefront.orders import own_order
from app.surfaces.web import forms, pages, policy, uploads

blueprint = Blueprint("proofs", __name__, url_prefix="/pesanan")


@blueprint.get("/<number>/bukti")
@policy.public
def form(number: str) -> Response:
    """Show the form for a proof, and what was sent before."""
    return _page(number, forms.blank())


@blueprint.post("/<number>/bukti")
@policy.public
def send(number: str) -> Response:
    """Keep a proof of transfer."""
    group_id = own_order(number).group.group_id
    sent = uploads.sent(PROOF_BYTES_MAX, field="picture")
    shown = forms.typed(request.form)
    if sent is None:
        return _page(number, shown.with_error("picture", "payments.proof_missing"), status=422)
    public_id, at = ids.public_id(), clock.now()
    try:
        proof = payment_services.check_proof(content=sent[1])
        is_new = db.transact(
            lambda: payment_services.keep_proof(
                group_id=group_id, proof=proof, public_id=public_id, at=at
            )
        )
    except Invalid as error:
        return _page(number, shown.with_errors(error), status=422)
    except NothingToPay as error:
        pages.notify("info", error.code)
        return redirect(url_for("storefront.orders.order", number=number), code=303)
    pages.notify(
        *(("success", "payments.proof_kept") if is_new else ("info", "payments.proof_known"))
    )
    return redirect(url_for("storefront.orders.order", number=number), code=303)


def _page(number: str, shown: forms.Form, *, status: int = 200) -> Response:
    page = own_order(number)
    payment = payment_queries.get_payment(group_id=page.group.group_id)
    html = pages.render(
        "storefront/proofs/form.html",
        number=number,
        payment=payment,
        proofs=payment_queries.list_proofs(payment_id=payment.payment_id),
        is_paid=payment.closed_reason is ClosedReason.SETTLED,
        form=shown,
    )
    return make_response(html, status)
