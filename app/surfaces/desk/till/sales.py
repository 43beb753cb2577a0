"""The day in figures and as a list, and its export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Response, make_response, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.domain.till import queries as till_queries
from app.domain.till.types import RANGE_DAYS_MAX, TILL_SELL, Grade, SaleKind, SoldRow
from app.kernel import clock
from app.surfaces.desk.till import base
from app.surfaces.desk.till.base import blueprint
from app.surfaces.web import forms, pages, policy, session

HEAD: Final = (
    "hari", "jam", "struk", "jenis", "membatalkan", "kode", "barang", "mutu", "lot", "jumlah",
    "harga", "nilai", "cara bayar", "rujukan",
)  # fmt: skip
_KINDS: Final = {SaleKind.SALE: "penjualan", SaleKind.UNDO: "pembatalan"}
_GRADES: Final = {Grade.FIRST: "utuh", Grade.SECOND: "kedua"}


def _day(name: str, default: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return default


@blueprint.get("/kasir/penjualan")
@policy.staff(TILL_SELL)
def sales() -> str:
    """Show the sales of a day: figures, the drawer, and the list with search."""
    place, actor = base.place(), session.current_actor()
    today = place.today(clock.now())
    day = min(_day("hari", today), today)
    text = request.args.get("q", "").strip()[:80]
    page = till_queries.list_sales(
        actor=actor, upt_id=place.upt_id, day=day, text=text, cursor=request.args.get("sesudah")
    )
    kept: dict[str, Any] = {"hari": None if day == today else day.isoformat(), "q": text or None}
    return pages.render(
        "desk/till/sales.html",
        place=place,
        form=forms.blank(hari=day.isoformat(), q=text),
        day=day,
        today=today,
        text=text,
        page=page,
        totals=till_queries.day_totals(actor=actor, upt_id=place.upt_id, day=day),
        drawer=till_queries.drawer(actor=actor, upt_id=place.upt_id),
        methods=base.METHODS,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < today else None,
        next_href=page.after and url_for(".sales", **kept, sesudah=page.after),
    )


@blueprint.get("/kasir/penjualan.csv")
@policy.staff(TILL_SELL)
def sales_csv() -> AnyResponse:
    """Return every line sold in a stretch of days as a table that spreadsheets open."""
    place = base.place()
    today = place.today(clock.now())
    first = _day("hari", today)
    last = _day("sampai", first)
    if not first <= last < first + timedelta(days=RANGE_DAYS_MAX):
        pages.notify("warning", "till.range_too_long", days=RANGE_DAYS_MAX)
        return make_response("", 303, {"Location": url_for(".sales")})
    rows = till_queries.stream_lines(
        actor=session.current_actor(), upt_id=place.upt_id, first=first, last=last
    )
    body = stream_with_context(_csv(rows, ZoneInfo(place.upt.timezone)))
    name = f"kasir-{place.upt.slug}-{first}{'' if last == first else f'-{last}'}.csv"
    return Response(
        body,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _csv(rows: Iterable[SoldRow], zone: ZoneInfo) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line, delimiter=";")
    yield "\ufeff"
    for cells in _cells(rows, zone):
        writer.writerow([_plain(cell) for cell in cells])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _cells(rows: Iterable[SoldRow], zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    yield HEAD
    for row in rows:
        yield (
            row.day, f"{row.sold_at.astimezone(zone):%H:%M:%S}", row.number, _KINDS[row.kind],
            row.undoes, row.sku, row.name, _GRADES[row.grade], row.lot_code, row.quantity,
            row.price_idr, row.amount_idr, base.METHODS[row.method], row.reference,
        )  # fmt: skip


def _plain(cell: object) -> object:
    """Keep a spreadsheet from reading words as a formula."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}"
    return cell
