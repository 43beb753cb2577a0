"""Changing what lies there by hand: adding and taking with a reason, moving from place to place."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock import services as stock_services
from app.domain.stock.types import PLACES, STOCK_ADJUST, Account, LotBalance
from app.kernel import clock, ids
from app.surfaces.desk import stock_words
from app.surfaces.desk.stock import base
from app.surfaces.desk.stock.base import Place, blueprint
from app.surfaces.desk.stock.inputs import AdjustPlace, MoveGoods
from app.surfaces.web import filters, forms, pages, policy, session
from app.surfaces.web.forms import Form

KEPT_FILTERS: Final = ("q", "saring", "tempat", "sesudah")


@blueprint.route("/stok/<int:variant_id>/sesuaikan", methods=["GET", "POST"])
@policy.staff(STOCK_ADJUST)
def adjust(variant_id: int) -> Response | str:
    """Add or take pieces by hand, with a reason."""
    where, at = base.place(STOCK_ADJUST), clock.now()
    stock_queries.ensure_variant(upt_id=where.upt_id, variant_id=variant_id)
    if request.method == "GET":
        blank = forms.blank(direction="minus", place=_asked_place().value, entry_key=ids.token())
        return _adjust_page(blank, where, variant_id, at)
    command, form = forms.bind(AdjustPlace, request.form, variant_id=variant_id)
    if command is None:
        return make_response(_adjust_page(form, where, variant_id, at), 422)
    refusal, position = base.attempt(
        lambda: stock_services.adjust(
            actor=session.current_actor(),
            upt_id=where.upt_id,
            variant_id=variant_id,
            lot_id=command.lot_id,
            quantity_delta=command.quantity_delta,
            reason=command.reason,
            note=command.note,
            source=base.source(command.entry_key),
            happened_at=where.happened_at(command.happened_on, at),
            at=at,
            place=command.place,
        )
    )
    if refusal is not None:
        shown, status = base.refused(form, refusal)
        return make_response(_adjust_page(shown, where, variant_id, at), status)
    base.offer_undo(where, command.entry_key)
    pages.notify(
        "success",
        "stock.adjusted_done",
        quantity=abs(command.quantity_delta),
        done="ditambahkan ke" if command.quantity_delta > 0 else "dikurangi dari",
        place=stock_words.ACCOUNTS[command.place].lower(),
        reason=stock_words.REASONS[command.reason].lower(),
        name=stock_words.name(variant_id),
        available=position.available,
    )
    if request.form.get("kembali") == "tabel":
        return redirect(url_for(".index", **_kept_filters()), code=303)
    return redirect(url_for(".card", variant_id=variant_id), code=303)


def _kept_filters() -> dict[str, Any]:
    return {name: request.form.get(name) or None for name in KEPT_FILTERS}


def _asked_place() -> Account:
    chosen = stock_words.PLACES.get(request.args.get("tempat", ""), Account.AVAILABLE)
    return chosen if chosen in PLACES else Account.AVAILABLE


def _adjust_page(form: Form, where: Place, variant_id: int, at: datetime) -> str:
    return pages.render(
        "desk/stock/adjust.html",
        form=form,
        entry_key=base.key_of(form),
        reasons=[(reason.value, words) for reason, words in stock_words.REASONS.items()],
        **_goods(where, variant_id, at),
    )


def _goods(where: Place, variant_id: int, at: datetime) -> dict[str, Any]:
    """Return what both forms show of the goods: figures by place, lots in the order of leaving."""
    lots = stock_queries.lots_in(upt_id=where.upt_id, accounts=PLACES, variant_ids=[variant_id])
    figures = stock_queries.places(upt_id=where.upt_id, variant_ids=[variant_id])
    there = figures.get(variant_id, {})
    first = stock_words.pick_first(
        [lot for lot in lots if lot.account in (Account.AVAILABLE, Account.GALLERY)],
        on=stock_rules.selling_date(at=at),
    )
    return {
        "variant_id": variant_id,
        "name": stock_words.name(variant_id),
        "position": stock_queries.get_position(upt_id=where.upt_id, variant_id=variant_id, at=at),
        "places": [
            (account.value, f"{stock_words.ACCOUNTS[account]} ({_pieces(there, account)})")
            for account in PLACES
        ],
        "lots": [(lot.lot_id, lot_label(lot)) for lot in lots],
        "first": f"{first[0].code}: {first[1]}" if first else None,
    }


def _pieces(figures: Any, account: Account) -> str:
    return filters.integer(figures[account].on_hand if account in figures else 0)


def lot_label(lot: LotBalance) -> str:
    """Return a lot with its place, its last day and its free pieces, for a select."""
    words = [lot.code, stock_words.ACCOUNTS[lot.account].lower()]
    if lot.expires_on:
        words.append(f"baik s.d. {filters.local_date(lot.expires_on)}")
    if not lot.is_open:
        words.append("ditahan")
    return f"{', '.join(words)} ({filters.integer(lot.on_hand - lot.held)} bebas)"


@blueprint.route("/stok/<int:variant_id>/pindah", methods=["GET", "POST"])
@policy.staff(STOCK_ADJUST)
def move(variant_id: int) -> Response | str:
    """Move pieces from one place of the UPT to another."""
    where, at = base.place(STOCK_ADJUST), clock.now()
    stock_queries.ensure_variant(upt_id=where.upt_id, variant_id=variant_id)
    if request.method == "GET":
        start = _asked_place()
        target = Account.GALLERY if start is Account.AVAILABLE else Account.AVAILABLE
        blank = forms.blank(from_place=start.value, to_place=target.value, entry_key=ids.token())
        return _move_page(blank, where, variant_id, at)
    command, form = forms.bind(MoveGoods, request.form)
    if command is None:
        return make_response(_move_page(form, where, variant_id, at), 422)
    refusal, _ = base.attempt(
        lambda: stock_services.move_stock(
            actor=session.current_actor(),
            upt_id=where.upt_id,
            variant_id=variant_id,
            lot_id=command.lot_id,
            from_place=command.from_place,
            to_place=command.to_place,
            quantity=command.quantity,
            note=command.note,
            source=base.source(command.entry_key),
            happened_at=where.happened_at(command.happened_on, at),
            at=at,
        )
    )
    if refusal is not None:
        shown, status = base.refused(form, refusal)
        return make_response(_move_page(shown, where, variant_id, at), status)
    base.offer_undo(where, command.entry_key)
    pages.notify(
        "success",
        "stock.moved_done",
        quantity=command.quantity,
        name=stock_words.name(variant_id),
        start=stock_words.ACCOUNTS[command.from_place].lower(),
        end=stock_words.ACCOUNTS[command.to_place].lower(),
    )
    return redirect(url_for(".card", variant_id=variant_id), code=303)


def _move_page(form: Form, where: Place, variant_id: int, at: datetime) -> str:
    return pages.render(
        "desk/stock/move.html",
        form=form,
        entry_key=base.key_of(form),
        **_goods(where, variant_id, at),
    )
