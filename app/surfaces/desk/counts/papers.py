"""The papers of a count: the blind sheet to be filled in by pen, and the minutes afterwards."""

from __future__ import annotations

from typing import Any, Final

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from app.domain.counts import queries as counts_queries
from app.domain.counts.errors import CountClosed
from app.domain.counts.types import (
    ROWS_A_PAPER,
    STOCK_COUNT,
    STOCK_VIEW,
    BlindRow,
    CountState,
    DifferenceFilter,
    DifferenceRow,
)
from app.infra import pdf
from app.kernel import clock
from app.kernel.errors import NotFound
from app.surfaces.desk.counts import base, words
from app.surfaces.desk.counts.base import Desk, blueprint
from app.surfaces.web import filters, policy, session

DIFFERENCES_MAX: Final = 2_000


@blueprint.get("/<int:count_id>/lembar.pdf")
@policy.staff(STOCK_COUNT)
def count_sheet(count_id: int) -> Response:
    """Hand out the blind sheet: what to count, where, and room for the number."""
    desk, at = base.sheet(count_id), clock.now()
    if desk.record.state is not CountState.COUNTING:
        raise CountClosed
    part = request.args.get("bagian", 1, type=int)
    rows = counts_queries.paper_rows(actor=session.current_actor(), count_id=count_id, part=part)
    parts = max(1, -(-desk.record.row_count // ROWS_A_PAPER))
    values = {
        **_head(desk),
        "part": f"Bagian {part} dari {parts}" if parts > 1 else "",
        "row_count": desk.record.row_count,
        "places": _by_place(rows, desk.upt.timezone),
    }
    content = pdf.render("count_sheet", values=values, at=at)
    return base.download(
        content, name=f"{desk.record.code}.pdf", mimetype="application/pdf", is_shown=True
    )


def _head(desk: Desk) -> dict[str, Any]:
    record, timezone = desk.record, desk.upt.timezone
    address = current_app.config["KARYABINA"].base_url or request.url_root.rstrip("/")
    href = f"{address}{url_for('.count', count_id=record.count_id)}"
    return {
        "code": record.code,
        "unit": desk.upt.short_name,
        "scope": words.scope(record.scope),
        "opened": filters.local_datetime(record.opened_at, timezone),
        "sequence": record.sequence,
        "hash": record.hash,
        "qr": pdf.qr_svg(href, border=0),
        "demo": bool(current_app.config["KARYABINA"].is_demo),
    }


def _by_place(rows: tuple[BlindRow, ...], timezone: str) -> list[dict[str, Any]]:
    places: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        places.setdefault(words.PLACES[row.account], []).append(
            {
                "number": row.number,
                "sku": row.sku,
                "name": row.name,
                "lot": row.lot_code,
                "expires": filters.local_date(row.expires_on, timezone) if row.expires_on else "",
            }
        )
    return [{"name": name, "rows": own} for name, own in places.items()]


@blueprint.get("/<int:count_id>/berita-acara.pdf")
@policy.staff(STOCK_VIEW)
def minutes(count_id: int) -> Response:
    """Hand out the minutes of an approved count: figures, roles and hashes, no names."""
    desk, actor = base.sheet(count_id), session.current_actor()
    posting = counts_queries.get_posting(actor=actor, count_id=count_id)
    if posting is None:
        raise NotFound
    timezone = desk.upt.timezone
    page = counts_queries.differences(
        actor=actor, count_id=count_id, show=DifferenceFilter.DIFFERING, size=DIFFERENCES_MAX
    )
    totals = counts_queries.totals(actor=actor, count_id=count_id)
    events = counts_queries.list_events(actor=actor, count_id=count_id)
    values = {
        **_head(desk),
        "approved": filters.local_datetime(posting.approved_at, timezone),
        "steps": [
            {
                "what": words.EVENTS[event.event],
                "who": event.actor,
                "when": filters.local_datetime(event.at, timezone),
                "note": event.note,
            }
            for event in events
        ]
        + [{"what": "Ikut membuat hitungan", "who": _makers(count_id), "when": "", "note": ""}],
        "figures": [
            ["Baris dihitung", filters.integer(totals.rows)],
            ["Baris berbeda", filters.integer(totals.differing)],
            ["Buah lebih", filters.integer(totals.pieces_more)],
            ["Buah kurang", filters.integer(totals.pieces_less)],
            ["Baris dibukukan", filters.integer(posting.posted_rows)],
            ["Baris tidak dapat dibukukan", filters.integer(posting.left_rows)],
            ["Nilai lebih yang dibukukan", filters.idr(posting.gain_idr)],
            ["Nilai kurang yang dibukukan", filters.idr(posting.loss_idr)],
        ],
        "end_sequence": posting.sequence,
        "end_hash": posting.hash,
        "rows": [_minutes_row(row) for row in page.items],
        "is_cut": page.after is not None,
    }
    content = pdf.render("count_minutes", values=values, at=posting.approved_at)
    return base.download(
        content,
        name=f"berita-acara-{desk.record.code}.pdf",
        mimetype="application/pdf",
        is_shown=True,
    )


def _makers(count_id: int) -> str:
    makers = counts_queries.list_makers(count_id=count_id)
    return ", ".join(f"user:{user_id}" for user_id in sorted(makers))


def _minutes_row(row: DifferenceRow) -> dict[str, Any]:
    counted = str(row.counted_quantity)
    if row.recount_quantity is not None:
        counted = f"{counted}; ulang {row.recount_quantity}"
    reason = words.REASONS[row.reason] if row.reason else ""
    return {
        "number": row.number,
        "name": row.name,
        "sku": row.sku,
        "where": f"{words.PLACES[row.account]}, lot {row.lot_code}",
        "book": filters.integer(row.book_quantity),
        "moved": f"{row.moved_quantity:+d}".replace("-", "−") if row.moved_quantity else "",
        "counted": counted,
        "difference": f"{row.difference:+d}".replace("-", "−"),
        "value": filters.idr(row.value_idr) if row.value_idr is not None else "tanpa harga",
        "reason": ". ".join(part for part in (reason, row.reason_note) if part),
        "left": row.is_left,
    }
