"""The head's page: what needs attention, what the stock is worth and where, what moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.reports import queries, rules
from app.domain.reports.types import DEAD_DAYS, STOCK_VIEW, DayRow, Item, Movements
from app.domain.stock.types import Account
from app.surfaces.desk import stock_words
from app.surfaces.desk.reports import lists, words
from app.surfaces.desk.reports.base import Place, blueprint, choice, place
from app.surfaces.web import charts, filters, pages, policy

PERIODS: Final = (30, 90, 365)
SHOWN: Final = 5
"""Rows of each list on the first page; the rest is one click away."""


@blueprint.get("")
@policy.staff(STOCK_VIEW)
def index() -> Response | str:
    """Show what the head of a UPT looks at first; whoever watches over several starts with those."""
    here = place()
    if here.view.can_switch and "upt" not in request.args:
        return redirect(url_for("desk.reports.upts"), code=303)
    days = choice("periode", PERIODS, 30)
    items = queries.list_items(
        actor=here.actor, upt_id=here.upt_id, timezone=here.timezone, at=here.at
    )
    moves = queries.list_movements(
        actor=here.actor,
        upt_id=here.upt_id,
        since=here.today - timedelta(days=days - 1),
        timezone=here.timezone,
    )
    places, categories = rules.value_by(items=items)
    return pages.render(
        "desk/reports/home.html",
        here=here,
        attention=_attention(here, items),
        stats=_stats(here, items),
        value_by_place=[
            (words.account(name), value, filters.idr(value)) for name, value in places.items()
        ],
        value_by_category=[(name, value, filters.idr(value)) for name, value in categories.items()],
        chart=_chart(here, moves.rows, days),
        causes=_causes(here, moves, days),
        days=days,
        periods=[
            (f"{each} hari", here.href("index", periode=each) + "#gerak", each == days)
            for each in PERIODS
        ],
        moves=moves,
        month=words.month,
        closed=queries.list_periods(upt_id=here.upt_id)[:12],
    )


def _stats(here: Place, items: Sequence[Item]) -> list[tuple[str, str, str, str | None]]:
    """Return value, label, address and tone of the figures at the top."""
    value = sum(item.value_idr for item in items)
    unpriced = sum(item.total > 0 and not item.price_idr for item in items)
    found: list[tuple[str, str, str, str | None]] = [
        (words.idr_short(value), "nilai jual stok", here.href("listing", name="nilai"), None),
        (
            filters.integer(sum(item.total for item in items)),
            "buah di semua tempat",
            here.href("listing", name="nilai"),
            None,
        ),
    ]
    if unpriced:
        label = "barang belum berharga"
        found.append((str(unpriced), label, here.href("listing", name="nilai"), "warning"))
    return found


def _attention(here: Place, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Return each list that needs attention: its size, its first rows and its address."""
    found = []
    for name, tone in (
        ("menipis", "warning"),
        ("kedaluwarsa", "danger"),
        ("mati", "warning"),
        ("diblokir", "danger"),
    ):
        table = lists.make(name, here, items=items, days=DEAD_DAYS if name == "mati" else None)
        found.append(
            {
                "table": table,
                "rows": table.rows[:SHOWN],
                "count": len(table.rows),
                "href": here.href("listing", name=name),
                "tone": tone if table.rows else None,
            }
        )
    return found


def _chart(here: Place, rows: Sequence[DayRow], days: int) -> charts.Columns:
    each = 7 if days > 90 else 1
    first = here.today - timedelta(days=days - 1)
    amounts = []
    for start, came, went in rules.buckets(rows=rows, first=first, last=here.today, days_each=each):
        end = start + timedelta(days=each - 1)
        label = (
            filters.local_date(start)
            if each == 1
            else f"{words.short_day(start)} sampai {words.short_day(end)} {end.year}"
        )
        href = here.href("listing", name="gerak", dari=start.isoformat(), sampai=end.isoformat())
        amounts.append(charts.Amount(label, words.short_day(start), came, went, href))
    return charts.columns(amounts)


def _causes(here: Place, moves: Movements, days: int) -> list[dict[str, Any]]:
    first = here.today - timedelta(days=days - 1)
    found = []
    for (kind, from_account, to_account), quantity in rules.add_up(rows=moves.rows).items():
        found.append(
            {
                "label": words.cause(
                    kind_name=kind,
                    from_account=from_account,
                    to_account=to_account,
                    is_in=quantity > 0,
                ),
                "place": stock_words.ACCOUNTS[
                    Account(to_account if quantity > 0 else from_account)
                ],
                "quantity": quantity,
                "href": here.href(
                    "listing",
                    name="gerak",
                    dari=first.isoformat(),
                    sampai=here.today.isoformat(),
                    sebab=f"{kind}.{from_account}.{to_account}",
                ),
            }
        )
    often = Counter(row["label"] for row in found)
    for row in found:
        if often[row["label"]] > 1:
            row["label"] = f"{row['label']} ({row['place']})"
    return found
