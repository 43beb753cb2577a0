"""The QRIS picture of an order: the merchant's code with the exact amount."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, current_app, make_response
from werkzeug.wrappers import Response

from app.domain.payments import queries as payment_queries
from app.domain.payments.adapters import qris
from app.domain.payments.types import PaymentState
from app.kernel.errors import NotFound
from app.surfaces.storefront.orders import own_order
from app.surfaces.web import policy

blueprint = Blueprint("qris", __name__, url_prefix="/pesanan")


@blueprint.get("/<number>/qris.svg")
@policy.public
def picture(number: str) -> Response:
    """Draw the code for an order that waits for all of its money."""
    page = own_order(number)
    payload = current_app.config["KARYABINA"].qris
    payment = payment_queries.get_payment(group_id=page.group.group_id)
    is_waiting = payment.state is PaymentState.PENDING
    if not payload or not is_waiting or not qris.fits(amount_idr=payment.expected_idr):
        raise NotFound
    text = qris.with_amount(payload=payload, amount_idr=payment.expected_idr)
    stream = io.BytesIO()
    segno.make(text, error="m", micro=False).save(stream, kind="svg", scale=4, border=4)
    answer = make_response(stream.getvalue())
    answer.mimetype = "image/svg+xml"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
