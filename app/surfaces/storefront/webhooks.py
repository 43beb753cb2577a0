"""Where payment providers send their notices: kept once, answered at once, looked at by a job."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from app.domain.checkout import flows as checkout_flows
from app.domain.payments import services as payments_services
from app.domain.payments.errors import EventRefused
from app.domain.payments.types import WEBHOOK_BYTES_MAX
from app.infra import db
from app.kernel import clock
from app.surfaces.web import policy

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhook")


@blueprint.post("/stripe")
@policy.public
def stripe() -> Response:
    """Keep a signed notice; anything else is refused without being written down."""
    gateway = checkout_flows.card_gateway()
    if gateway is None:
        return Response("no card payment here\n", 404, mimetype="text/plain")
    body = request.stream.read(WEBHOOK_BYTES_MAX + 1)
    at = clock.now()
    try:
        event = gateway.read_event(
            body=body, signature=request.headers.get("Stripe-Signature", ""), at=at
        )
    except EventRefused:
        return Response("refused\n", 400, mimetype="text/plain")
    is_new = db.transact(
        lambda: payments_services.store_event(provider=gateway.name, event=event, at=at)
    )
    return Response("kept\n" if is_new else "known\n", 200, mimetype="text/plain")
