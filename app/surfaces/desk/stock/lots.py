"""Holding a lot back from sale and releasing it again, with the reason."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.stock import queries as stock_queries
from app.domain.stock import services as stock_services
from app.domain.stock.types import STOCK_ADJUST, LotState
from app.kernel import clock
from app.kernel.errors import NotFound
from app.surfaces.desk import stock_words
from app.surfaces.desk.stock import base
from app.surfaces.desk.stock.base import blueprint
from app.surfaces.desk.stock.inputs import SwitchLot
from app.surfaces.web import forms, pages, policy, session


@blueprint.route("/stok/<int:variant_id>/lot/<int:lot_id>", methods=["GET", "POST"])
@policy.staff(STOCK_ADJUST)
def lot(variant_id: int, lot_id: int) -> Response | str:
    """Hold a lot back, or release it."""
    where = base.place(STOCK_ADJUST)
    stock_queries.ensure_lot(upt_id=where.upt_id, variant_id=variant_id, lot_id=lot_id)
    found = [
        each
        for each in stock_queries.lots_in(upt_id=where.upt_id, variant_ids=[variant_id])
        if each.lot_id == lot_id
    ]
    if not found:
        raise NotFound
    values = {
        "variant_id": variant_id,
        "name": stock_words.name(variant_id),
        "lot": found[0],
        "pieces": sum(each.on_hand for each in found),
        "state": LotState.BLOCKED.value if found[0].is_open else LotState.OPEN.value,
    }
    if request.method == "GET":
        return pages.render("desk/stock/lot.html", form=forms.blank(), **values)
    command, form = forms.bind(SwitchLot, request.form)
    if command is None:
        return make_response(pages.render("desk/stock/lot.html", form=form, **values), 422)
    base.attempt(
        lambda: stock_services.set_lot_state(
            actor=session.current_actor(),
            upt_id=where.upt_id,
            lot_id=lot_id,
            state=command.state,
            note=command.note,
            at=clock.now(),
        )
    )
    is_open = command.state is LotState.OPEN
    pages.notify(
        "success", "stock.lot_opened" if is_open else "stock.lot_blocked", lot=found[0].code
    )
    return redirect(url_for(".card", variant_id=variant_id), code=303)
