"""Frozen papers as PDF, for buyers and for the desk alike: the same paper gives the same bytes."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, current_app

from app.domain.documents import queries as paper_queries
from app.domain.documents.types import PaperKind, PaperRecord
from app.domain.orders.types import OrderPage
from app.infra import pdf

TEMPLATES: Final = {
    PaperKind.INVOICE: "invoice",
    PaperKind.RECEIPT: "receipt_order",
    PaperKind.CREDIT_NOTE: "invoice",
}

LABELS: Final = {
    PaperKind.INVOICE: "Faktur",
    PaperKind.RECEIPT: "Kwitansi",
    PaperKind.CREDIT_NOTE: "Nota kredit",
}


def values_of(page: OrderPage) -> dict[str, Any]:
    """Return what ``storefront/orders/_papers.html`` shows of an order."""
    ids = [part.upt_order_id for part in page.upt_orders]
    return {"papers": paper_queries.list_papers(upt_order_ids=ids), "paper_labels": LABELS}


def set_paper(paper: PaperRecord) -> bytes:
    """Return the PDF of a paper."""
    values = {
        **paper.content,
        "qr": pdf.qr_svg(str(paper.content["address"]), border=1),
        "demo": bool(current_app.config["KARYABINA"].is_demo),
    }
    return pdf.render(TEMPLATES[paper.brief.kind], values=values, at=paper.issued_at)


def answer(paper: PaperRecord) -> Response:
    """Return the paper for downloading."""
    found = Response(set_paper(paper), mimetype="application/pdf")
    found.headers["Content-Disposition"] = f'inline; filename="{paper.brief.number}.pdf"'
    found.headers["Cache-Control"] = "no-store"
    found.headers["X-Robots-Tag"] = "noindex"
    return found
