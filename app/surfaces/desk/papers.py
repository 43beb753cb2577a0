"""Papers of a UPT: invoices, receipts and credit notes, newest first."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from app.domain.documents import queries as paper_queries
from app.domain.documents.types import PaperBrief
from app.domain.orders import queries as order_queries
from app.domain.orders.types import PERMISSION_VIEW
from app.kernel.paging import Page
from app.surfaces.desk import units
from app.surfaces.web import pages, paper_press, policy, session

blueprint = Blueprint("papers", __name__, url_prefix="/dokumen")


@blueprint.get("")
@policy.staff(PERMISSION_VIEW)
def index() -> str:
    """List the papers of the UPT in view."""
    view = units.current(PERMISSION_VIEW)
    found: Page[PaperBrief] = Page((), None)
    if view.upt is not None:
        found = paper_queries.list_for_upt(
            actor=session.current_actor(),
            upt_id=view.upt.upt_id,
            cursor=request.args.get("sesudah"),
        )
    orders = order_queries.upt_order_numbers(
        upt_order_ids={brief.upt_order_id for brief in found.items}
    )
    return pages.render(
        "desk/papers/index.html",
        view=view,
        papers=found.items,
        orders=orders,
        labels=paper_press.LABELS,
        first_href=url_for("desk.papers.index") if "sesudah" in request.args else None,
        next_href=url_for("desk.papers.index", sesudah=found.after) if found.after else None,
    )


@blueprint.get("/<number>.pdf")
@policy.staff(PERMISSION_VIEW)
def paper(number: str) -> Response:
    """Return a paper as it was issued."""
    return paper_press.answer(
        paper_queries.get_for_upt(actor=session.current_actor(), number=number)
    )
