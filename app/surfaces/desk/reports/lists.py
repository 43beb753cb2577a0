"""The lists behind the figures: what runs low, lies dead, expires, is blocked, is worth, has moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from flask import Response, make_response, request

from app.domain.catalog import queries as catalog_queries
from app.domain.reports import queries, rules
from app.domain.reports.types import DEAD_DAYS, PHYSICAL, STOCK_VIEW, Item, LotLine
from app.infra.sheets import Column, ColumnKind, write_csv
from app.kernel.errors import NotFound
from app.kernel.paging import decode_cursor, encode_cursor
from app.kernel.text import fold
from app.surfaces.desk.reports import words
from app.surfaces.desk.reports.base import Place, blueprint, place
from app.surfaces.desk.reports.tables import Cell, Table, day, money, whole, word
from app.surfaces.web import pages, policy

NAMES: Final = ("menipis", "mati", "kedaluwarsa", "diblokir", "nilai", "gerak")
DEAD_CHOICES: Final = (30, 60, 90, 180)
EXPIRY_CHOICES: Final = (7, 30, 60)
PAGE_ROWS: Final = 50
KEPT: Final = ("q", "hari", "kategori", "dari", "sampai", "sebab")
"""Choices that stay in the address from page to page and in the file."""

_ITEM: Final = (Column("Barang", width=36), Column("Kode"))
_WHOLE: Final = ColumnKind.WHOLE


@blueprint.get("/daftar/<name>")
@policy.staff(STOCK_VIEW)
def listing(name: str) -> Response | str:
    """Show one list, or hand it out as CSV; search and choices stay in the address."""
    if name not in NAMES:
        raise NotFound
    here = place()
    text = request.args.get("q", "").strip()[:80]
    table = make(name, here, days=request.args.get("hari", type=int))
    rows = [row for row in table.rows if _matches(row, text)]
    if request.args.get("bentuk") == "csv":
        return _csv(here, table, rows)
    start = decode_cursor(request.args.get("sesudah"), kinds=(int,))
    first = max(int(start[0]), 0) if start else 0
    shown = rows[first : first + PAGE_ROWS]
    kept = {key: request.args[key][:80] for key in KEPT if request.args.get(key)}
    more = first + PAGE_ROWS < len(rows)
    return pages.render(
        "desk/reports/listing.html",
        here=here,
        table=table,
        rows=shown,
        count=len(rows),
        first=first,
        text=text,
        kept={key: value for key, value in kept.items() if key != "q"},
        csv_href=here.href("listing", name=name, **{**kept, "bentuk": "csv"}),
        previous_href=_page(here, name, kept, first - PAGE_ROWS) if first else None,
        next_href=_page(here, name, kept, first + PAGE_ROWS) if more else None,
    )


def _page(here: Place, name: str, kept: Mapping[str, str], first: int) -> str:
    after = encode_cursor((first,)) if first > 0 else None
    return here.href("listing", name=name, **kept, sesudah=after)


def _matches(row: Sequence[Cell], text: str) -> bool:
    joined = fold(" ".join(cell.text for cell in row))
    return all(part in joined for part in fold(text).split())


def _csv(here: Place, table: Table, rows: Sequence[Sequence[Cell]]) -> Response:
    blocks = write_csv(columns=table.columns, rows=([cell.value for cell in row] for row in rows))
    answer = make_response(b"".join(blocks))
    answer.mimetype = "text/csv"
    file = f"{table.name}-{here.upt.slug}-{here.today.isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


def make(
    name: str, here: Place, *, items: Sequence[Item] | None = None, days: int | None = None
) -> Table:
    """Return one of the lists for a UPT.

    Args:
        items: What ``queries.list_items`` found, when it was asked already.
        days: The days chosen, where the list has a choice.
    """
    if name == "gerak":
        return _moved(here)
    if name == "kedaluwarsa":
        return _expiring(here, days if days in EXPIRY_CHOICES else 30)
    if name == "diblokir":
        return _blocked(here)
    known = items if items is not None else _items(here)
    if name == "menipis":
        return _low(here, known)
    if name == "mati":
        return _dead(here, known, days if days in DEAD_CHOICES else DEAD_DAYS)
    return _worth(here, known)


def _items(here: Place) -> tuple[Item, ...]:
    return queries.list_items(
        actor=here.actor, upt_id=here.upt_id, timezone=here.timezone, at=here.at
    )


def _why(here: Place, variant_id: int, **values: object) -> str:
    return here.href("why", variant_id=variant_id, **values)


def _name(here: Place, item: Item) -> tuple[Cell, Cell]:
    return word(item.name, _why(here, item.variant_id, tempat="semua")), word(item.sku)


def _low(here: Place, items: Sequence[Item]) -> Table:
    low = [item for item in items if rules.is_low(item=item)]

    def urgency(item: Item) -> tuple[int, int, str]:
        cover = rules.cover_days(item=item)
        return (cover if cover is not None else 10_000, item.free, item.name)

    rows = [
        (
            *_name(here, item),
            whole(item.free, _why(here, item.variant_id)),
            whole(item.sold),
            _cover(item),
            word(item.category),
        )
        for item in sorted(low, key=urgency)
    ]
    return Table(
        "menipis",
        "Menipis",
        "Barang siap jual yang tersisa sedikit, atau habis kurang dari dua pekan menurut penjualan 90 hari terakhir.",
        (*_ITEM, Column("Bebas", _WHOLE), Column("Terjual 90 hari", _WHOLE),
         Column("Cukup (hari)", _WHOLE), Column("Kategori")),
        rows,
        "Tidak ada barang yang menipis.",
    )  # fmt: skip


def _cover(item: Item) -> Cell:
    if item.free == 0:
        return Cell(0, "Habis", tone="danger")
    cover = rules.cover_days(item=item)
    return Cell(cover, "–" if cover is None else f"{cover} hari")


def _dead(here: Place, items: Sequence[Item], days: int) -> Table:
    dead = [item for item in items if rules.is_dead(item=item, today=here.today, days=days)]
    rows = [
        (
            *_name(here, item),
            whole(item.total, _why(here, item.variant_id, tempat="semua")),
            money(item.value_idr if item.price_idr else None),
            day(item.last_out_on),
            whole(rules.idle_days(item=item, today=here.today)),
        )
        for item in sorted(dead, key=lambda item: (-item.value_idr, item.name))
    ]
    return Table(
        "mati",
        "Tidak bergerak",
        f"Ada stoknya, tetapi tidak satu pun keluar selama {days} hari.",
        (*_ITEM, Column("Buah", _WHOLE), Column("Nilai jual", ColumnKind.MONEY),
         Column("Terakhir keluar", ColumnKind.DATE), Column("Diam (hari)", _WHOLE)),
        rows,
        f"Semua barang bergerak dalam {days} hari terakhir.",
        [(f"{each} hari", here.href("listing", name="mati", hari=each), each == days)
         for each in DEAD_CHOICES],
    )  # fmt: skip


_LOT_COLUMNS: Final = (
    *_ITEM, Column("Lot"), Column("Tempat"), Column("Baik sampai", ColumnKind.DATE),
    Column("Buah", _WHOLE), Column("Dipesan", _WHOLE), Column("Nilai jual", ColumnKind.MONEY),
)  # fmt: skip


def _lot(here: Place, lot: LotLine) -> tuple[Cell, ...]:
    expires = day(lot.expires_on)
    if lot.expires_on is not None and lot.expires_on < here.today:
        expires = Cell(lot.expires_on, expires.text, tone="danger")
    return (
        word(lot.name, _why(here, lot.variant_id, tempat="semua")),
        word(lot.sku),
        word(lot.lot_code),
        word(words.account(lot.place)),
        expires,
        whole(lot.pieces),
        whole(lot.held),
        money(lot.value_idr if lot.price_idr else None),
    )


def _expiring(here: Place, days: int) -> Table:
    until = here.today + timedelta(days=days)
    lots = queries.list_expiring(actor=here.actor, upt_id=here.upt_id, until=until)
    return Table(
        "kedaluwarsa",
        "Segera kedaluwarsa",
        f"Lot yang tanggalnya lewat atau habis dalam {days} hari, yang paling dekat lebih dulu. Jual dari atas.",
        _LOT_COLUMNS,
        [_lot(here, lot) for lot in lots],
        f"Tidak ada lot yang kedaluwarsa dalam {days} hari.",
        [(f"{each} hari", here.href("listing", name="kedaluwarsa", hari=each), each == days)
         for each in EXPIRY_CHOICES],
    )  # fmt: skip


def _blocked(here: Place) -> Table:
    lots = queries.list_blocked(actor=here.actor, upt_id=here.upt_id)
    return Table(
        "diblokir",
        "Lot ditahan",
        "Lot yang ditutup dari penjualan dan masih ada isinya.",
        _LOT_COLUMNS,
        [_lot(here, lot) for lot in lots],
        "Tidak ada lot yang ditahan.",
    )


def _worth(here: Place, items: Sequence[Item]) -> Table:
    category = request.args.get("kategori", "")[:80]
    chosen = [item for item in items if item.total and category in ("", item.category)]
    rows = [
        (
            *_name(here, item),
            word(item.category),
            whole(item.pieces.get("available", 0), _why(here, item.variant_id, tempat="gudang")),
            whole(item.pieces.get("gallery", 0), _why(here, item.variant_id, tempat="galeri")),
            whole(item.total - item.pieces.get("available", 0) - item.pieces.get("gallery", 0)),
            whole(item.total, _why(here, item.variant_id, tempat="semua")),
            money(item.price_idr),
            money(item.value_idr if item.price_idr else None),
        )
        for item in sorted(chosen, key=lambda item: (-item.value_idr, item.name))
    ]
    clear = [(f"Kategori: {category}", here.href("listing", name="nilai"))] if category else []
    return Table(
        "nilai",
        "Nilai stok",
        "Semua barang yang ada isinya, dengan harga jual sekarang.",
        (*_ITEM, Column("Kategori"), Column("Gudang", _WHOLE), Column("Galeri", _WHOLE),
         Column("Tempat lain", _WHOLE), Column("Jumlah", _WHOLE),
         Column("Harga", ColumnKind.MONEY), Column("Nilai jual", ColumnKind.MONEY)),
        rows,
        "Belum ada stok.",
        chips=clear,
    )  # fmt: skip


def _moved(here: Place) -> Table:
    until = _day("sampai", here.today)
    since = min(_day("dari", until - timedelta(days=29)), until)
    cause = _cause(request.args.get("sebab", ""))
    moved = queries.list_moved(
        actor=here.actor, upt_id=here.upt_id, since=since, until=until, cause=cause,
        timezone=here.timezone,
    )  # fmt: skip
    names = catalog_queries.variant_briefs(variant_ids={key[0] for key in moved})
    rows = []
    for (variant_id, kind, source, target), quantity in moved.items():
        brief = names.get(variant_id)
        sign = rules.signed(from_account=source, to_account=target, accounts=PHYSICAL)
        if brief is None or sign == 0:
            continue
        name = ", ".join(part for part in (brief.product_name, brief.variant_name) if part)
        href = _why(
            here, variant_id, tempat="semua", dari=since.isoformat(), sampai=until.isoformat(),
            sebab=f"{kind}.{source}.{target}",
        )  # fmt: skip
        label = words.cause(kind_name=kind, from_account=source, to_account=target, is_in=sign > 0)
        rows.append((word(name, href), word(brief.sku), word(label), whole(sign * quantity, href)))
    rows.sort(key=lambda row: (-abs(int(str(row[3].value))), row[0].text, row[2].text))
    chips = []
    if cause is not None:
        label = words.kind(cause[0])
        chips = [
            (
                f"Sebab: {label}",
                here.href(
                    "listing", name="gerak", dari=since.isoformat(), sampai=until.isoformat()
                ),
            )
        ]
    return Table(
        "gerak",
        "Gerak barang",
        f"Masuk dan keluar dari {day(since).text} sampai {day(until).text}, menurut hari kejadian.",
        (*_ITEM, Column("Sebab", width=30), Column("Buah", _WHOLE)),
        rows,
        "Tidak ada barang yang masuk atau keluar pada hari-hari itu.",
        chips=chips,
    )


def _day(name: str, usual: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return usual


def _cause(text: str) -> tuple[str, str, str] | None:
    parts = text[:80].split(".")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None
