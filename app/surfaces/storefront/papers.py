"""Papers: a buyer's own as PDF, and the public page where anybody checks one by its QR code."""

from __future__ import annotations

from flask import Blueprint, make_response
from werkzeug.wrappers import Response

from app.domain.documents import queries as paper_queries
from app.domain.orders import queries as order_queries
from app.domain.upt import queries as upt_queries
from app.kernel.errors import NotFound
from app.surfaces.web import pages, paper_press, policy, session

blueprint = Blueprint("papers", __name__)


@blueprint.get("/pesanan/<number>/dokumen/<paper_number>.pdf")
@policy.public
def paper(number: str, paper_number: str) -> Response:
    """Return a paper of an order to whoever may see the order."""
    page = order_queries.get_group(number=number)
    user_id = session.current_user_id()
    is_owner = user_id is not None and page.group.buyer_user_id == user_id
    if not is_owner and number not in session.own_order_numbers():
        raise NotFound
    found = paper_queries.get_for_order(
        upt_order_ids=[part.upt_order_id for part in page.upt_orders], number=paper_number
    )
    return paper_press.answer(found)


@blueprint.get("/dokumen/<token>")
@policy.public
def check(token: str) -> Response:
    """Show number, date, total and hash of a paper, and nothing about its buyer."""
    if not 40 <= len(token) <= 64 or not token.isascii():
        raise NotFound
    found = paper_queries.find_by_token(token=token)
    answer = make_response(
        pages.render(
            "storefront/papers/check.html",
            paper=found,
            label=found.content["title"],
            upt=upt_queries.get(upt_id=found.upt_id, on=found.brief.issued_on),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
