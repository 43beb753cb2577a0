"""Many UPT side by side, for regional and national staff: a map of tiles, offices, units; read only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Response, make_response, request, url_for

from app.domain.reports import queries, rules
from app.domain.reports.types import PARTICIPATION_DAYS, STOCK_VIEW, GroupFigures, UptFigures
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import KanwilRecord
from app.infra.sheets import Column, ColumnKind, write_csv
from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.paging import decode_cursor, encode_cursor
from app.kernel.text import fold
from app.surfaces.desk.reports import words
from app.surfaces.desk.reports.base import blueprint
from app.surfaces.web import charts, pages, policy, session

PAGE_ROWS: Final = 50
COUNT_DAYS: Final = 365
"""A count older than this no longer colours the map."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to colour the map.

    Attributes:
        limits: Where the next deeper colour begins.
        value: The figure of a group of UPT.
        text: The same in words.
    """

    name: str
    label: str
    note: str
    limits: tuple[int, ...]
    value: Callable[[GroupFigures], int]
    text: Callable[[GroupFigures], str]


MEASURES: Final = (
    Measure(
        "ikut", "Keikutsertaan", f"UPT yang stoknya bergerak dalam {PARTICIPATION_DAYS} hari",
        (1, 25, 50, 80), lambda one: one.active_percent, lambda one: f"{one.active_percent}%",
    ),
    Measure(
        "nilai", "Nilai stok", "Nilai jual stok", (1, 10_000_000, 50_000_000, 200_000_000),
        lambda one: one.value_idr, lambda one: words.idr_short(one.value_idr)[2:],
    ),
    Measure(
        "diam", "Tidak bergerak", "Bagian nilai stok yang tidak bergerak 90 hari",
        (1, 10, 25, 50), lambda one: one.dead_percent, lambda one: f"{one.dead_percent}%",
    ),
    Measure(
        "opname", "Opname", "UPT yang opnamenya disetujui dalam setahun",
        (1, 25, 50, 80), lambda one: one.counted_percent, lambda one: f"{one.counted_percent}%",
    ),
    Measure(
        "selisih", "Selisih buku", "Selisih buku yang belum selesai",
        (1, 2, 5, 10), lambda one: one.incidents, lambda one: str(one.incidents),
    ),
)  # fmt: skip

SORTS: Final[dict[str, tuple[str, Callable[[UptFigures], Any]]]] = {
    "nama": ("UPT", lambda row: (fold(row.short_name),)),
    "nilai": ("Nilai jual", lambda row: (-row.value_idr, fold(row.short_name))),
    "diam": ("Diam", lambda row: (-row.dead_percent, fold(row.short_name))),
    "gerak": ("Terakhir bergerak", lambda row: (_seconds(row.last_moved_at), row.short_name)),
    "opname": ("Opname terakhir", lambda row: (_seconds(row.last_count_at), row.short_name)),
    "selisih": ("Selisih", lambda row: (-row.incidents, fold(row.short_name))),
}


def _seconds(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0


@blueprint.get("/upt")
@policy.staff(STOCK_VIEW)
def upts() -> Response | str:
    """Show the UPT in reach side by side; a regional office narrows it down."""
    actor, at = session.current_actor(), clock.now()
    rows = queries.list_upts(actor=actor)
    offices = upt_queries.list_kanwil()
    office = _office(offices, {row.kanwil_id for row in rows})
    shown = [row for row in rows if office is None or row.kanwil_id == office.kanwil_id]
    text = request.args.get("q", "").strip()[:80]
    sort = request.args.get("urut", "nama")
    sort = sort if sort in SORTS else "nama"
    found = [row for row in shown if fold(text) in fold(row.short_name)]
    found.sort(key=SORTS[sort][1])
    if request.args.get("bentuk") == "csv":
        return _csv(found)
    start = decode_cursor(request.args.get("sesudah"), kinds=(int,))
    first = max(int(start[0]), 0) if start else 0
    measure = next((one for one in MEASURES if one.name == request.args.get("warna")), MEASURES[0])
    groups = _groups(rows, offices, at)
    kept = {"q": text or None, "urut": sort if sort != "nama" else None}
    kept |= {"kanwil": office.code if office else None, "warna": measure.name}

    def href(**more: Any) -> str:
        values = {**kept, **more}
        return url_for(".upts", **{name: value for name, value in values.items() if value})

    return pages.render(
        "desk/reports/upts.html",
        total=_sum("semua", office.name if office else "", shown, at),
        office=office,
        groups=groups if office is None and len(groups) > 1 else [],
        group_href=lambda key: href(kanwil=key, sesudah=None),
        map=_map(groups, measure, href) if office is None and len(groups) > 1 else None,
        measure=measure,
        measures=[(one.label, href(warna=one.name), one is measure) for one in MEASURES],
        rows=found[first : first + PAGE_ROWS],
        upt_href=lambda row: url_for(".index", upt=row.upt_id),
        stock_href=lambda row: url_for("desk.stock.index", upt=row.upt_id),
        sorts=[(key, label, href(urut=key, sesudah=None), key == sort)
               for key, (label, _) in SORTS.items()],
        since=at - timedelta(days=PARTICIPATION_DAYS),
        short=words.idr_short,
        text=text,
        sort=sort,
        all_href=url_for(".upts"),
        csv_href=href(bentuk="csv"),
        as_of=min((row.as_of for row in shown if row.as_of), default=None),
        previous_href=_page(href, first - PAGE_ROWS) if first else None,
        next_href=_page(href, first + PAGE_ROWS) if first + PAGE_ROWS < len(found) else None,
    )  # fmt: skip


def _page(href: Callable[..., str], first: int) -> str:
    return href(sesudah=encode_cursor((first,)) if first > 0 else None)


def _office(offices: Sequence[KanwilRecord], known: set[int]) -> KanwilRecord | None:
    code = request.args.get("kanwil", "")
    if not code:
        return None
    office = next((one for one in offices if one.code == code), None)
    if office is None or office.kanwil_id not in known:
        raise NotFound
    return office


def _groups(
    rows: Sequence[UptFigures], offices: Sequence[KanwilRecord], at: datetime
) -> list[GroupFigures]:
    by_office: dict[int, list[UptFigures]] = {}
    for row in rows:
        by_office.setdefault(row.kanwil_id, []).append(row)
    return [
        _sum(office.code, office.name, by_office[office.kanwil_id], at)
        for office in offices
        if office.kanwil_id in by_office
    ]


def _sum(key: str, name: str, rows: Sequence[UptFigures], at: datetime) -> GroupFigures:
    return rules.group(
        key=key,
        name=name,
        rows=rows,
        since=at - timedelta(days=PARTICIPATION_DAYS),
        counted_since=at - timedelta(days=COUNT_DAYS),
    )


def _map(
    groups: Sequence[GroupFigures], measure: Measure, href: Callable[..., str]
) -> charts.TileMap:
    return charts.tile_map(
        [
            (
                one.key,
                one.name,
                measure.text(one),
                charts.step_of(value=measure.value(one), limits=measure.limits),
                href(kanwil=one.key, sesudah=None),
            )
            for one in groups
        ]
    )


_COLUMNS: Final = (
    Column("UPT", width=30), Column("Nilai jual", ColumnKind.MONEY),
    Column("Buah", ColumnKind.WHOLE), Column("Tidak bergerak (%)", ColumnKind.WHOLE),
    Column("Menipis", ColumnKind.WHOLE), Column("Terakhir bergerak"), Column("Terakhir dicatat"),
    Column("Opname terakhir"), Column("Selisih buku", ColumnKind.WHOLE), Column("Per"),
)  # fmt: skip


def _csv(rows: Sequence[UptFigures]) -> Response:
    blocks = write_csv(
        columns=_COLUMNS,
        rows=(
            (
                row.short_name, row.value_idr, row.pieces, row.dead_percent, row.low_count,
                row.last_moved_at, row.last_written_at, row.last_count_at, row.incidents,
                row.as_of,
            )
            for row in rows
        ),
    )  # fmt: skip
    answer = make_response(b"".join(blocks))
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = 'attachment; filename="stok-upt.csv"'
    return answer
