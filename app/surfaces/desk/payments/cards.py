"""Card money at the desk: ask the provider about one payment, compare its list with our books."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from app.domain.checkout import flows as checkout_flows
from app.domain.payments import queries
from app.domain.payments.errors import GatewayRefused, GatewayUnavailable
from app.domain.payments.types import PERMISSION_CONFIRM, PERMISSION_VIEW, CardResult
from app.kernel import clock
from app.surfaces.desk import payment_words
from app.surfaces.desk.payments import tabs
from app.surfaces.web import pages, policy, session

blueprint = Blueprint("cards", __name__)


@blueprint.get("/penyedia")
@policy.staff(PERMISSION_VIEW)
def index() -> str:
    """Show the last comparison with the provider, with every difference, and those before."""
    actor = session.current_actor()
    return pages.render(
        "desk/payments/provider.html",
        runs=queries.list_reconciliations(actor=actor),
        words=payment_words,
        tabs=tabs.tabs("cards.index"),
        has_card=checkout_flows.card_gateway() is not None,
        may_confirm=actor.reach(PERMISSION_CONFIRM).is_national,
    )


@blueprint.post("/penyedia")
@policy.staff(PERMISSION_CONFIRM)
def compare() -> Response:
    """Compare now; what was found is kept, nothing else is changed."""
    session.current_actor().ensure_national(PERMISSION_CONFIRM)
    checkout_flows.reconcile_and_keep(at=clock.now())
    pages.notify("success", "payments.compared")
    return redirect(url_for(".index"), code=303)


@blueprint.post("/<reference>/penyedia")
@policy.staff(PERMISSION_CONFIRM)
def look(reference: str) -> Response:
    """Ask the provider how the pages of one payment stand."""
    actor = session.current_actor()
    page = queries.get_payment_page(actor=actor, reference=reference)
    try:
        results = checkout_flows.look_again(
            actor=actor, payment_id=page.payment.payment_id, at=clock.now()
        )
    except (GatewayRefused, GatewayUnavailable) as error:
        pages.notify("warning", error.code)
    else:
        has_news = any(each is not CardResult.NOTHING_NEW for each in results)
        code = "payments.looked_news" if has_news else "payments.looked_nothing_new"
        pages.notify("info", code)
    return redirect(url_for("desk.payments.payment", reference=reference), code=303)
