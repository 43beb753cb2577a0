"""Lists that go out: templates filled with the UPT's goods, exports, the file back with its errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request, stream_with_context

from app.domain.catalog import queries as catalog_queries
from app.domain.imports import flows, queries, rules
from app.domain.imports.commands import ChoosePeriod
from app.domain.imports.types import MODE_NAMES, STOCK_IMPORT, STOCK_VIEW, Export, Mode
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import sheets
from app.infra.sheets import Column, ColumnKind
from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.text import slugify
from app.surfaces.desk import stock_words
from app.surfaces.web import messages, policy, session

blueprint = Blueprint("files", __name__)

FORMATS: Final = ("csv", "xlsx")
_TEXT, _WHOLE, _MONEY, _DATE = (
    ColumnKind.TEXT, ColumnKind.WHOLE, ColumnKind.MONEY, ColumnKind.DATE,
)  # fmt: skip
_GOODS: Final = (Column("kode", width=16), Column("nama", width=36), Column("varian", width=20))
_STOCK: Final = (
    *_GOODS, Column("tempat"), Column("lot", width=18), Column("dibuat", _DATE),
    Column("baik_sampai", _DATE), Column("jumlah", _WHOLE), Column("dipesan", _WHOLE),
)  # fmt: skip
_PRICES: Final = (*_GOODS, Column("harga", _MONEY), Column("dijual", width=8))
_RECEIPTS: Final = (
    Column("diterima", _DATE, 16), *_GOODS, Column("jumlah", _WHOLE), Column("asal"),
    Column("tempat"), Column("lot", width=18), Column("baik_sampai", _DATE),
    Column("catatan", width=36), Column("nomor_entri", _WHOLE),
)  # fmt: skip
_CARD: Final = (
    Column("nomor_entri", _WHOLE), Column("terjadi", _DATE, 16), Column("dicatat", _DATE, 16),
    Column("kejadian", width=20), Column("dari", width=20), Column("ke", width=20),
    Column("lot", width=18), Column("masuk", _WHOLE), Column("keluar", _WHOLE),
    Column("saldo", _WHOLE), Column("catatan", width=36),
)  # fmt: skip
_FILL_IN: Final = {
    Mode.RECEIPTS: (
        Column("jumlah", _WHOLE), Column("lot", width=18), Column("dibuat", _DATE),
        Column("baik_sampai", _DATE), Column("tanggal", _DATE), Column("asal"), Column("tempat"),
        Column("no_bukti"), Column("catatan", width=30),
    ),
    Mode.COUNT: (
        Column("tempat"), Column("lot", width=18), Column("dihitung", _WHOLE),
        Column("catatan", width=30),
    ),
    Mode.PRICES: (Column("harga", _MONEY), Column("berlaku", _DATE)),
}  # fmt: skip


def place(permission: str) -> UptBrief:
    """Return the UPT at hand.

    Raises:
        NotFound: None is chosen or in reach.
    """
    upt_id = session.current_upt_id(permission)
    upt = upt_queries.briefs(upt_ids=[upt_id]).get(upt_id) if upt_id is not None else None
    if upt is None:
        raise NotFound
    return upt


def _answer(
    name: str,
    format_: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[sheets.Value]],
    *,
    head: Sequence[Sequence[str]] = (),
    delimiter: str | None = None,
) -> Response:
    """Return a download that is written while it is sent."""
    if format_ not in FORMATS:
        raise NotFound
    blocks: Iterator[bytes]
    if format_ == "xlsx":
        blocks = sheets.write_xlsx(columns=columns, rows=rows, sheet="Daftar", head=head)
        mimetype = sheets.XLSX_TYPE
    else:
        delimiter = delimiter or ("," if request.args.get("pemisah") == "koma" else ";")
        blocks = sheets.write_csv(columns=columns, rows=rows, delimiter=delimiter, head=head)
        mimetype = sheets.CSV_TYPE
    answer = Response(stream_with_context(blocks), content_type=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{format_}"'
    return answer


def _named(what: str, upt: UptBrief) -> str:
    day = clock.local_date(at=clock.now(), timezone=upt.timezone)
    return f"{what}-{upt.slug}-{day.isoformat()}"


def _local(rows: Iterable[Sequence[Any]], zone: str) -> Iterator[tuple[Any, ...]]:
    """Give the rows with instants in the time of the UPT."""
    there = ZoneInfo(zone)
    for row in rows:
        yield tuple(
            value.astimezone(there) if isinstance(value, datetime) else value for value in row
        )


@blueprint.get("/ekspor/stok.<format_>")
@policy.staff(STOCK_VIEW)
def stock(format_: str) -> Response:
    """Hand out what lies where, by lot and place."""
    upt = place(STOCK_VIEW)
    rows = queries.stock_list(actor=session.current_actor(), upt_id=upt.upt_id)
    return _answer(_named(Export.STOCK.value, upt), format_, _STOCK, rows)


@blueprint.get("/ekspor/harga.<format_>")
@policy.staff(STOCK_VIEW)
def prices(format_: str) -> Response:
    """Hand out the list of prices; brought in again it changes nothing."""
    upt = place(STOCK_VIEW)
    rows = queries.price_list(actor=session.current_actor(), upt_id=upt.upt_id)
    return _answer(_named(Export.PRICES.value, upt), format_, _PRICES, rows)


@blueprint.get("/ekspor/penerimaan.<format_>")
@policy.staff(STOCK_VIEW)
def receipts(format_: str) -> Response:
    """Hand out what came in between two days."""
    upt = place(STOCK_VIEW)
    period = ChoosePeriod.parse({name: request.args.get(name) for name in ("dari", "sampai")})
    zone = ZoneInfo(upt.timezone)
    rows = queries.receipts(
        actor=session.current_actor(),
        upt_id=upt.upt_id,
        since=datetime.combine(period.dari, time(), zone),
        until=datetime.combine(period.sampai + timedelta(days=1), time(), zone),
    )
    name = f"penerimaan-{upt.slug}-{period.dari}-sd-{period.sampai}"
    return _answer(name, format_, _RECEIPTS, _local(rows, upt.timezone))


@blueprint.get("/ekspor/kartu/<int:variant_id>.<format_>")
@policy.staff(STOCK_VIEW)
def card(variant_id: int, format_: str) -> Response:
    """Hand out the stock card of an item, from its first entry on."""
    upt = place(STOCK_VIEW)
    rows = queries.stock_card(
        actor=session.current_actor(), upt_id=upt.upt_id, variant_id=variant_id
    )
    kinds = {kind.value: words for kind, words in stock_words.KINDS.items()}
    accounts = {account.value: words for account, words in stock_words.ACCOUNTS.items()}
    worded = (
        (*row[:3], kinds.get(row[3], row[3]), accounts.get(row[4], row[4]),
         accounts.get(row[5], row[5]), *row[6:])
        for row in _local(rows, upt.timezone)
    )  # fmt: skip
    brief = catalog_queries.variant_briefs(variant_ids=[variant_id])[variant_id]
    return _answer(_named(f"kartu-{slugify(brief.sku)}", upt), format_, _CARD, worded)


@blueprint.get("/impor/contoh/<mode_name>.<format_>")
@policy.staff(STOCK_IMPORT)
def template(mode_name: str, format_: str) -> Response:
    """Hand out an empty list with the UPT's goods in it, to be filled in and sent back."""
    upt = place(STOCK_IMPORT)
    mode = next((mode for mode, name in MODE_NAMES.items() if name == mode_name), None)
    if mode is None:
        raise NotFound
    columns = (*_GOODS, *_FILL_IN[mode])
    goods = [good for good in queries.goods_by_sku(upt_id=upt.upt_id).values() if good.is_active]
    head: list[tuple[str, ...]] = [("mode", mode_name)]
    rows: Iterable[tuple[Any, ...]]
    if mode is Mode.COUNT:
        head = [("mode", mode_name, "lembar", request.args.get("lembar", "")[:40])]
        lots = queries.stock_list(actor=session.current_actor(), upt_id=upt.upt_id)
        rows = ((*lot[:3], lot[3], lot[4], None, None) for lot in lots)
    elif mode is Mode.PRICES:
        rows = ((good.sku, good.name, good.variant_name, good.price_idr, None) for good in goods)
    else:
        blank = (None,) * len(_FILL_IN[mode])
        rows = ((good.sku, good.name, good.variant_name, *blank) for good in goods)
    return _answer(f"contoh-{mode_name}-{upt.slug}", format_, columns, rows, head=head)


@blueprint.get("/impor/<int:file_id>/kesalahan")
@policy.staff(STOCK_IMPORT)
def errors(file_id: int) -> Response:
    """Hand the file back with a column that says what is wrong with each row."""
    file = queries.get_file(actor=session.current_actor(), file_id=file_id)
    found = queries.errors_by_line(file_id=file_id)
    sheet = flows.read_sheet(content=queries.get_content(file_id=file_id))
    table = rules.read_table(rows=sheet.rows, first_line=sheet.first_line, chosen=file.mode)
    place_ = table.heading_line - sheet.first_line
    width = max(max(len(row) for row in sheet.rows), table.width)
    old = table.columns.get(rules.ERRORS)
    kept = [number for number in range(width) if number != old]
    numeric = {table.columns[name] for name in ("jumlah", "dihitung") if name in table.columns}
    headings = _cells(sheet.rows[place_], kept)
    columns = [
        Column(heading, _WHOLE if number in numeric else _TEXT)
        for heading, number in zip(headings, kept, strict=True)
    ]

    def lines() -> Iterator[list[Any]]:
        start = table.heading_line + 1
        for line, row in enumerate(sheet.rows[place_ + 1 :], start=start):
            words = " ".join(
                f"{error.column or 'baris'}: {messages.text(error.code, hint=error.hint)}"
                for error in found.get(line, ())
            )
            cells: list[Any] = _cells(row, kept)
            for place, number in enumerate(kept):
                if number in numeric and cells[place].isdecimal() and len(cells[place]) < 10:
                    cells[place] = int(cells[place])
            yield [*cells, words]

    columns.append(Column("kesalahan", width=60))
    head = [_cells(row, kept) for row in sheet.rows[:place_]]
    name = f"kesalahan-{slugify(file.name.rpartition('.')[0]) or file.file_id}"
    return _answer(
        name, file.format, columns, lines(), head=head, delimiter=sheet.delimiter or None
    )


def _cells(row: Sequence[str], kept: Sequence[int]) -> list[str]:
    """Return the kept cells as they were, without the mark that exports put before formulas."""
    return [sheets.unguard(row[number]) if number < len(row) else "" for number in kept]


@blueprint.get("/impor/<int:file_id>/berkas")
@policy.staff(STOCK_IMPORT)
def original(file_id: int) -> Response:
    """Hand out the file as it was sent."""
    file = queries.get_file(actor=session.current_actor(), file_id=file_id)
    answer = Response(queries.get_content(file_id=file_id), content_type="application/octet-stream")
    name = slugify(file.name.rpartition(".")[0]) or f"impor-{file_id}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{file.format}"'
    return answer
