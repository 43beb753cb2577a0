"""Taking back the posting just made, offered once on the page after it."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.stock import services as stock_services
from app.domain.stock.types import STOCK_ADJUST
from app.kernel import clock
from app.kernel.errors import Invalid
from app.surfaces.desk.stock import base
from app.surfaces.desk.stock.base import blueprint
from app.surfaces.desk.stock.inputs import UndoPosting
from app.surfaces.web import forms, pages, policy, session


@blueprint.post("/stok/batalkan")
@policy.staff(STOCK_ADJUST)
def undo() -> Response:
    """Take back every entry of one form, by new entries the other way."""
    where, at = base.place(STOCK_ADJUST), clock.now()
    command, _ = forms.bind(UndoPosting, request.form)
    if command is None:
        raise Invalid
    refusal, posted = base.attempt(
        lambda: stock_services.reverse_posting(
            actor=session.current_actor(),
            permission=STOCK_ADJUST,
            upt_id=where.upt_id,
            posted=base.source(command.posted_key),
            source=base.source(command.entry_key),
            action="stock.undone",
            at=at,
            note="Dibatalkan dari pemberitahuan",
        )
    )
    if refusal is not None:
        pages.notify("danger", refusal.code, **refusal.details())
        return redirect(url_for(".index"), code=303)
    pages.notify("success", "stock.undone", entries=len(posted))
    variants = {move.variant_id for move in posted}
    if len(variants) == 1:
        return redirect(url_for(".card", variant_id=variants.pop()), code=303)
    return redirect(url_for(".index"), code=303)
