"""Closing the day: count the drawer, explain a difference, leave change for tomorrow."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.identity import queries as identity_queries
from app.domain.till import queries as till_queries
from app.domain.till import services as till_services
from app.domain.till.commands import CloseDrawer
from app.domain.till.types import TILL_SELL
from app.kernel import clock, ids
from app.surfaces.desk.till import base
from app.surfaces.desk.till.base import Place, blueprint
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.forms import Form


@blueprint.route("/kasir/tutup", methods=["GET", "POST"])
@policy.staff(TILL_SELL)
def close() -> Response | str:
    """Count the drawer."""
    place, at = base.place(), clock.now()
    if request.method == "GET":
        return _page(place, forms.blank(entry_key=ids.token()))
    command, form = forms.bind(CloseDrawer, request.form)
    if command is None:
        return make_response(_page(place, form), 422)
    refusal, _ = base.attempt(
        lambda: till_services.close_drawer(
            actor=session.current_actor(), upt_id=place.upt_id, command=command, at=at
        )
    )
    if refusal is not None:
        shown, status = base.refused(form, refusal)
        return make_response(_page(place, shown), status)
    pages.notify(
        "success",
        "till.closed_done",
        counted_idr=command.counted_idr,
        left_idr=command.left_idr,
    )
    return redirect(url_for(".close"), code=303)


def _page(place: Place, form: Form) -> str:
    actor = session.current_actor()
    closes = till_queries.last_closes(actor=actor, upt_id=place.upt_id)
    return pages.render(
        "desk/till/close.html",
        place=place,
        form=form,
        entry_key=base.key_of(form),
        drawer=till_queries.drawer(actor=actor, upt_id=place.upt_id),
        closes=closes,
        names=identity_queries.staff_names(user_ids={record.actor_user_id for record in closes}),
    )
