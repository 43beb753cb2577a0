"""The receipt that a buyer opens by its secret address, and the address that labels carry."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, redirect, url_for
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.stock.types import STOCK_VIEW
from app.domain.till import queries as till_queries
from app.domain.till import rules as till_rules
from app.domain.till.types import Sale
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptRecord
from app.kernel.errors import NotFound
from app.surfaces.web import pages, policy, receipt_paper, session

blueprint = Blueprint("receipts", __name__)


def _find(token: str) -> tuple[Sale, UptRecord]:
    if not 40 <= len(token) <= 64 or not token.isascii():
        raise NotFound
    sale = till_queries.find_by_token(token=token)
    return sale, upt_queries.get(upt_id=sale.upt_id, on=sale.day)


@blueprint.get("/struk/<token>")
@policy.public
def receipt(token: str) -> Response:
    """Show a receipt to whoever holds its secret address; no names, nothing to follow."""
    sale, upt = _find(token)
    answer = make_response(
        pages.render(
            "storefront/receipts/receipt.html",
            sale=sale,
            upt=upt,
            lines=till_rules.receipt_lines(sale.lines),
            methods=receipt_paper.METHODS,
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.get("/struk/<token>.pdf")
@policy.public
def receipt_pdf(token: str) -> Response:
    """Return the same receipt as a paper to keep."""
    sale, upt = _find(token)
    is_demo = bool(current_app.config["KARYABINA"].is_demo)
    answer = receipt_paper.paper(sale, upt, is_demo=is_demo, at=sale.sold_at)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@blueprint.get("/s/<upt_slug>/<sku>")
@policy.public
def scan(upt_slug: str, sku: str) -> Response:
    """Lead a label's reader on: staff of the UPT to the stock card, everybody else to the goods.

    Raises:
        NotFound: No such goods, or they are not public.
    """
    upt_id = upt_queries.find_id_by_slug(slug=upt_slug)
    brief = catalog_queries.find_variant(upt_id=upt_id, sku=sku) if upt_id else None
    if upt_id is None or brief is None:
        raise NotFound
    if session.current_actor().may(STOCK_VIEW, upt_id=upt_id):
        card = url_for("desk.stock.card", variant_id=brief.variant_id, upt=upt_id)
        return redirect(card, code=303)
    offer = catalog_queries.offers(variant_ids=[brief.variant_id])[brief.variant_id]
    if not offer.is_published:
        raise NotFound
    target = url_for("storefront.product.product", slug=offer.product_slug, varian=brief.variant_id)
    answer = redirect(target, code=303)
    answer.headers["Cache-Control"] = "no-store"
    return answer
