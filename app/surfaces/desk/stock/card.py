"""The stock card (kartu stok) of a variant, and taking one of its entries back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import current_app, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.orders.types import PERMISSION_VIEW as ORDER_VIEW
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock import services as stock_services
from app.domain.stock.commands import ReverseStock
from app.domain.stock.types import (
    HAND_MADE,
    PLACES,
    STOCK_ADJUST,
    STOCK_RECEIVE,
    STOCK_VIEW,
    Account,
    CardRow,
    EntryKind,
    LotBalance,
    Phase,
)
from app.domain.transfers.types import FAIR_SOURCE, TRANSFER_SOURCE
from app.kernel import clock, ids
from app.kernel.errors import NotFound
from app.surfaces.desk import stock_words
from app.surfaces.desk.stock import base
from app.surfaces.desk.stock.base import Place, blueprint
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.forms import Form

_LOTS_IN: Final = (*PLACES, Account.FAIR, Account.TRANSIT_UPT)


@blueprint.get("/stok/<int:variant_id>")
@policy.staff(STOCK_VIEW)
def card(variant_id: int) -> str:
    """Show the stock card of a variant, newest line first."""
    where = base.place(STOCK_VIEW)
    actor, at = session.current_actor(), clock.now()
    page = stock_queries.stock_card(
        actor=actor,
        upt_id=where.upt_id,
        variant_id=variant_id,
        at=at,
        cursor=request.args.get("sesudah"),
    )
    lots = stock_queries.lots_in(upt_id=where.upt_id, accounts=_LOTS_IN, variant_ids=[variant_id])
    on = stock_rules.selling_date(at=at)
    sellable = [lot for lot in lots if lot.account in (Account.AVAILABLE, Account.GALLERY)]
    return pages.render(
        "desk/stock/card.html",
        page=page,
        variant_id=variant_id,
        name=stock_words.name(variant_id),
        timezone=where.timezone,
        head=stock_queries.head(actor=actor, upt_id=where.upt_id),
        actors=stock_words.actor_names(page.rows),
        kinds=stock_words.KINDS,
        accounts=stock_words.ACCOUNTS,
        figures=_figures(where, variant_id),
        lots=lots,
        on=on,
        first=stock_words.pick_first(sellable, on=on),
        ways={row.sequence: stock_words.way(row) for row in page.rows},
        links=_links(page.rows),
        labels=_labels(variant_id, lots),
        line=stock_words.line(page.rows),
        is_first="sesudah" not in request.args,
        next_href=page.after and url_for(".card", variant_id=variant_id, sesudah=page.after),
        can_receive=base.may(STOCK_RECEIVE, where),
        can_adjust=base.may(STOCK_ADJUST, where),
        reversible={row.sequence for row in page.rows if _is_reversible(row)},
        undo=base.take_undo(where),
    )


def _figures(where: Place, variant_id: int) -> list[tuple[str, int]]:
    """Return the pieces by place: store and shelf always, others when something lies there."""
    found = stock_queries.places(upt_id=where.upt_id, variant_ids=[variant_id])
    there = found.get(variant_id, {})
    always = (Account.AVAILABLE, Account.GALLERY)
    return [
        (stock_words.ACCOUNTS[account], there[account].on_hand if account in there else 0)
        for account in stock_words.ACCOUNTS
        if account in always or (account in there and account is not Account.CAPACITY)
    ]


def _links(rows: tuple[CardRow, ...]) -> dict[int, tuple[str, str]]:
    """Return the document behind each line that has one: its number and its address."""
    found: dict[int, tuple[str, str]] = {}
    sees_orders = session.current_actor().holds(ORDER_VIEW)
    for row in rows:
        number = row.source.key.partition("/")[0]
        if row.source.kind == TRANSFER_SOURCE:
            found[row.sequence] = (number, url_for("desk.transfers.show", number=number))
        elif row.source.kind == FAIR_SOURCE:
            found[row.sequence] = (number, url_for("desk.fairs.show", number=number))
        elif row.source.kind == "order" and row.source.key.count(":") == 1 and sees_orders:
            order = row.source.key.partition(":")[0]
            if order.count("-") == 4:
                found[row.sequence] = (order, url_for("desk.orders.order", number=order))
    return found


def _labels(variant_id: int, lots: tuple[LotBalance, ...]) -> dict[int, str]:
    """Return where labels of each lot are printed, when that page is there."""
    if "desk.labels.index" not in current_app.view_functions:
        return {}
    return {
        lot.lot_id: url_for(
            "desk.labels.index", barang=variant_id, lot=lot.lot_id, jumlah=lot.on_hand
        )
        for lot in lots
        if lot.account in PLACES
    }


def _is_reversible(row: CardRow) -> bool:
    return (
        row.phase is Phase.MOVE
        and row.kind is not EntryKind.REVERSED
        and row.source.kind in HAND_MADE
    )


@blueprint.route("/stok/<int:variant_id>/balik/<int:sequence>", methods=["GET", "POST"])
@policy.staff(STOCK_ADJUST)
def reverse(variant_id: int, sequence: int) -> Response | str:
    """Take back an entry by a new one the other way."""
    where, at = base.place(STOCK_ADJUST), clock.now()
    stock_queries.ensure_variant(upt_id=where.upt_id, variant_id=variant_id)
    entry_id = stock_rules.entry_id(upt_id=where.upt_id, sequence=sequence)
    entry = stock_queries.get_entry(upt_id=where.upt_id, entry_id=entry_id)
    if entry.variant_id != variant_id:
        raise NotFound
    stock_rules.ensure_made_by_hand(entry=entry)
    values = {
        "variant_id": variant_id,
        "sequence": sequence,
        "name": stock_words.name(variant_id),
        "quantity": entry.quantity,
        "way": (
            stock_words.ACCOUNTS[Account(entry.to_account)].lower(),
            stock_words.ACCOUNTS[Account(entry.from_account)].lower(),
        ),
    }
    if request.method == "GET":
        return _reverse_page(forms.blank(entry_key=ids.token()), values)
    command, form = forms.bind(ReverseStock, request.form)
    if command is None:
        return make_response(_reverse_page(form, values), 422)
    refusal, _ = base.attempt(
        lambda: stock_services.reverse_entry(
            actor=session.current_actor(),
            upt_id=where.upt_id,
            entry_id=entry_id,
            reason=command.note,
            source=base.source(command.entry_key),
            at=at,
        )
    )
    if refusal is not None:
        shown, status = base.refused(form, refusal, field="note")
        return make_response(_reverse_page(shown, values), status)
    pages.notify("success", "stock.reversed_done", sequence=sequence)
    return redirect(url_for(".card", variant_id=variant_id), code=303)


def _reverse_page(form: Form, values: Mapping[str, Any]) -> str:
    return pages.render("desk/stock/reverse.html", form=form, entry_key=base.key_of(form), **values)
