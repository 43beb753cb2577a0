"""The stock table of a UPT: figures by place, what to take first, filters kept in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from flask import request, url_for

from app.domain.catalog import queries as catalog_queries
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock.types import (
    PLACES,
    SELLABLE,
    STOCK_ADJUST,
    STOCK_RECEIVE,
    STOCK_VIEW,
    Account,
    LotBalance,
    PlaceFigure,
    StockPosition,
    StockRow,
)
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.kernel import clock, ids
from app.kernel.paging import PAGE_SIZE, decode_cursor, encode_cursor
from app.kernel.text import fold
from app.surfaces.desk import stock_words
from app.surfaces.desk.stock import base
from app.surfaces.desk.stock.base import Place, blueprint
from app.surfaces.web import pages, policy, session

EXPIRING_WITHIN: Final = timedelta(days=30)
LATE: Final = "kedaluwarsa"
FILTERS: Final[Mapping[str, str]] = {
    "semua": "Semua",
    "menipis": "Menipis",
    "habis": "Habis",
    LATE: "Kedaluwarsa",
}


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of the table: the goods, their pieces by place, and the lot to take first.

    Attributes:
        first: The lot that should leave first and a word why; None when nothing is free.
        expires_on: Last day of the lot that expires first, when that is near or over.
    """

    goods: StockRow
    figures: Mapping[Account, PlaceFigure]
    first: tuple[LotBalance, str] | None
    expires_on: date | None
    is_expired: bool

    def pieces(self, account: Account) -> int:
        """Return the pieces in one place; both ways to travel count as on the way."""
        accounts = (
            (Account.TRANSIT_UPT, Account.TRANSIT_CUSTOMER)
            if account is Account.TRANSIT_UPT
            else (account,)
        )
        return sum(self.figures[each].on_hand for each in accounts if each in self.figures)


@dataclass(frozen=True, slots=True)
class View:
    """What the address asks for."""

    text: str
    show: str
    place: str

    def kept(self, **changes: str | None) -> dict[str, Any]:
        """Return the address's parts with some changed; what is the default is left out."""
        parts = {"q": self.text, "saring": self.show, "tempat": self.place, **changes}
        return {name: value for name, value in parts.items() if value and value != "semua"}

    @property
    def is_narrowed(self) -> bool:
        """Say whether not everything is shown."""
        return bool(self.kept())


@blueprint.get("/stok")
@policy.staff(STOCK_VIEW)
def index() -> str:
    """Show the stock of the UPT at hand; search, filter and place stay in the address."""
    if "pilih" in request.args or session.current_upt_id(STOCK_VIEW) is None:
        return pages.render("desk/stock/choose.html", upts=_upts_in_reach())
    where, at = base.place(STOCK_VIEW), clock.now()
    view = _view()
    rows = _rows(where, view, at)
    shown, after = _page_of(rows, request.args.get("sesudah"))
    used = {account for row in rows for account in row.figures if row.figures[account].on_hand}
    return pages.render(
        "desk/stock/index.html",
        rows=shown,
        total=len(rows),
        view=view,
        columns=_columns(used),
        filters=[
            (label, url_for(".index", **view.kept(saring=name)), name == view.show)
            for name, label in FILTERS.items()
        ],
        places=[("", "Semua tempat")]
        + [(word, stock_words.ACCOUNTS[account]) for word, account in stock_words.PLACES.items()],
        next_href=after and url_for(".index", **view.kept(), sesudah=after),
        head=stock_queries.head(actor=session.current_actor(), upt_id=where.upt_id),
        timezone=where.timezone,
        today=where.today(at),
        can_receive=base.may(STOCK_RECEIVE, where),
        can_adjust=base.may(STOCK_ADJUST, where),
        has_several_upts=_reaches_several(),
        keys={row.goods.variant_id: ids.token() for row in shown},
        reasons=_reasons(),
        inner=stock_words.place_options(PLACES),
        undo=base.take_undo(where),
    )


def _view() -> View:
    show, place = request.args.get("saring", ""), request.args.get("tempat", "")
    return View(
        text=request.args.get("q", "").strip()[:200],
        show=show if show in FILTERS else "semua",
        place=place if place in stock_words.PLACES else "",
    )


def _columns(used: set[Account]) -> list[tuple[str, Account]]:
    """Return the places that have a column: store and shelf always, others when in use."""
    always = {Account.AVAILABLE, Account.GALLERY}
    if Account.TRANSIT_CUSTOMER in used:
        used = used | {Account.TRANSIT_UPT}
    short = {Account.TRANSIT_UPT: "Di jalan"}
    return [
        (short.get(account, stock_words.ACCOUNTS[account]), account)
        for account in stock_words.PLACES.values()
        if account in always or account in used
    ]


def _rows(where: Place, view: View, at: datetime) -> list[TableRow]:
    """Return every line that the address asks for, in four statements whatever their number."""
    text = stock_rules.parse_scan(view.text).sku if view.text else ""
    briefs = catalog_queries.variants_of_upt(upt_id=where.upt_id, text=text[:80])
    exact = tuple(brief for brief in briefs if fold(brief.sku) == fold(text))
    briefs = exact or briefs
    positions = stock_queries.of_upt(upt_id=where.upt_id, at=at)
    figures = stock_queries.places(upt_id=where.upt_id)
    lots: dict[int, list[LotBalance]] = {}
    for lot in stock_queries.lots_in(upt_id=where.upt_id, accounts=SELLABLE):
        lots.setdefault(lot.variant_id, []).append(lot)
    on = stock_rules.selling_date(at=at)
    rows = []
    for brief in briefs:
        variant_id = brief.variant_id
        position = positions.get(variant_id) or StockPosition(where.upt_id, variant_id, 0, 0, 0)
        own = lots.get(variant_id, [])
        near = [lot.expires_on for lot in own if lot.expires_on and lot.on_hand]
        expires_on = min(near, default=None)
        is_near = expires_on is not None and expires_on <= on + EXPIRING_WITHIN
        rows.append(
            TableRow(
                goods=StockRow(
                    variant_id, brief.product_id, brief.sku, brief.product_name,
                    brief.variant_name, brief.is_active, position.on_hand, position.held,
                    position.available,
                ),
                figures=figures.get(variant_id, {}),
                first=stock_words.pick_first(own, on=on),
                expires_on=expires_on if is_near else None,
                is_expired=is_near and expires_on is not None and expires_on < on,
            )
        )  # fmt: skip
    return [row for row in rows if _is_shown(row, view)]


def _is_shown(row: TableRow, view: View) -> bool:
    if view.place and not row.pieces(stock_words.PLACES[view.place]):
        return False
    if view.show == "menipis":
        return row.goods.is_low
    if view.show == "habis":
        return row.goods.is_out
    return view.show != LATE or row.expires_on is not None


def _page_of(rows: Sequence[TableRow], cursor: str | None) -> tuple[list[TableRow], str | None]:
    def key(row: TableRow) -> tuple[str, str, int]:
        goods = row.goods
        return (goods.product_name.casefold(), goods.variant_name.casefold(), goods.variant_id)

    last = decode_cursor(cursor, kinds=(str, str, int))
    left = [row for row in sorted(rows, key=key) if last is None or key(row) > last]
    shown = left[:PAGE_SIZE]
    return shown, encode_cursor(key(shown[-1])) if len(left) > PAGE_SIZE else None


def _reaches_several() -> bool:
    reach = session.current_actor().reach(STOCK_VIEW)
    return reach.is_national or len(reach.upt_ids) > 1


def _upts_in_reach() -> list[UptBrief]:
    reach = session.current_actor().reach(STOCK_VIEW)
    return [upt for upt in upt_queries.list_all() if reach.covers(upt.upt_id)]


def _reasons() -> dict[str, list[tuple[str, str]]]:
    return {
        name: [
            (reason.value, stock_words.REASONS[reason])
            for reason in stock_rules.reasons(direction=way)
        ]
        for name, way in (("minus", -1), ("plus", 1))
    }
