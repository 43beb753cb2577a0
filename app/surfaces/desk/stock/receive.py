"""Receiving goods: from the workshop or bought, into a place, several lots in one posting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from flask import make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock import services as stock_services
from app.domain.stock.errors import LotMismatch
from app.domain.stock.types import STOCK_RECEIVE, LotChoice, Move, PostedMove, ReceiptOrigin
from app.kernel import clock, ids
from app.kernel.errors import DomainError
from app.surfaces.desk import row_forms, stock_words
from app.surfaces.desk.stock import base
from app.surfaces.desk.stock.base import Place, blueprint
from app.surfaces.desk.stock.inputs import (
    RECEIPT_PLACES,
    RECEIPT_ROWS_MAX,
    ROW_FIELDS,
    ReceiveGoods,
)
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.forms import Form

ORIGINS = (
    (ReceiptOrigin.PRODUCTION.value, "Hasil produksi", "Dari bengkel atau dapur UPT ini."),
    (ReceiptOrigin.PURCHASE.value, "Pembelian", "Dibeli dari luar untuk dijual lagi."),
)
NEXT_SCAN: Final = "lanjut"
"""What the first button of the form says, the one that Enter presses."""


@blueprint.route("/stok/terima", methods=["GET", "POST"])
@policy.staff(STOCK_RECEIVE)
def receive() -> Response | str:
    """Receive goods into a place, one row for each lot."""
    where, at = base.place(STOCK_RECEIVE), clock.now()
    if request.method == "GET":
        return _page(where, _blank(where, at), rows=1)
    is_adding = row_forms.ADD_ROW in request.form
    sent = row_forms.compact(
        request.form, typed_by=("variant_id", "quantity"), keeps_one=not is_adding
    )
    if is_adding:
        return _with_row(where, sent, at)
    command, form = forms.bind(
        ReceiveGoods,
        sent,
        words={("lines", "field.required"): "stock.no_rows"},
        lines=row_forms.values(sent, fields=ROW_FIELDS),
    )
    shown = max(row_forms.count(sent), 1)
    if command is not None and command.happened_on is not None:
        for index, row in enumerate(command.lines):
            if row.produced_on is not None and row.produced_on > command.happened_on:
                form = form.and_error(f"lines.{index}.produced_on", "stock.made_after_receipt")
    if command is None or form.has_errors:
        return make_response(_page(where, form, rows=shown), 422)
    refusal, posted = base.attempt(lambda: _post(where, command, at))
    if refusal is not None:
        form, status = _refused(where, form, command, refusal)
        return make_response(_page(where, form, rows=shown), status)
    base.offer_undo(where, command.entry_key)
    return _done(where, command, posted, at)


def _post(where: Place, command: ReceiveGoods, at: datetime) -> tuple[PostedMove, ...]:
    kind, outside = stock_rules.RECEIPTS[command.origin]
    moves = [
        Move(
            upt_id=where.upt_id,
            variant_id=row.variant_id,
            kind=kind,
            from_account=outside,
            to_account=command.place,
            quantity=row.quantity,
            lot=LotChoice(row.lot_code, row.produced_on, row.expires_on),
        )
        for row in command.lines
    ]
    return stock_services.post_moves(
        actor=session.current_actor(),
        permission=STOCK_RECEIVE,
        acting_upt_id=where.upt_id,
        action="stock.received",
        moves=moves,
        source=base.source(command.entry_key),
        happened_at=where.happened_at(command.happened_on, at),
        at=at,
        note=command.words,
    )


def _done(
    where: Place, command: ReceiveGoods, posted: Sequence[PostedMove], at: datetime
) -> Response:
    pieces = sum(move.quantity for move in posted)
    place_name = stock_words.ACCOUNTS[command.place].lower()
    if len(command.lines) > 1:
        pages.notify(
            "success", "stock.received_many", rows=len(command.lines), quantity=pieces,
            place=place_name,
        )  # fmt: skip
        return redirect(url_for(".index"), code=303)
    variant_id = command.lines[0].variant_id
    position = stock_queries.get_position(upt_id=where.upt_id, variant_id=variant_id, at=at)
    pages.notify(
        "success", "stock.received_done", quantity=pieces, name=stock_words.name(variant_id),
        place=place_name, available=position.available,
    )  # fmt: skip
    return redirect(url_for(".card", variant_id=variant_id), code=303)


def _refused(
    where: Place, form: Form, command: ReceiveGoods, refusal: DomainError
) -> tuple[Form, int]:
    """Put a lot known with other dates beside its own row."""
    shown, status = base.refused(form, refusal)
    if not isinstance(refusal, LotMismatch):
        return shown, status
    shown = form
    seen: dict[tuple[int, str], tuple[object, object]] = {}
    for index, row in enumerate(command.lines):
        code = row.lot_code or ""
        known = stock_queries.find_lot(upt_id=where.upt_id, variant_id=row.variant_id, code=code)
        dates = (known.produced_on, known.expires_on) if known else seen.get((row.variant_id, code))
        given = (row.produced_on, row.expires_on)
        seen.setdefault((row.variant_id, code), given)
        if dates and any(a is not None and a != b for a, b in zip(given, dates, strict=True)):
            shown = shown.and_error(f"lines.{index}.lot_code", refusal.code)
    return (shown if shown.has_errors else form.with_error("", refusal.code)), status


def _blank(where: Place, at: datetime) -> Form:
    chosen = request.args.get("barang", type=int)
    return forms.blank(
        origin=ReceiptOrigin.PRODUCTION.value,
        place=RECEIPT_PLACES[0].value,
        entry_key=ids.token(),
        **row_forms.filled([_suggested(where, at, variant_id=chosen)]),
    )


def _suggested(where: Place, at: datetime, *, variant_id: int | None = None) -> dict[str, object]:
    """Return the lot suggested for goods made today."""
    today = where.today(at)
    return {
        "variant_id": variant_id,
        "lot_code": stock_rules.lot_code(made_on=today),
        "produced_on": today,
    }


def _with_row(where: Place, sent: MultiDict[str, str], at: datetime) -> str:
    """Show the form with a row more, filled with what was scanned, the cursor where it goes on.

    Enter in a figure leads to the next scan; only a scan or the button adds a row.
    """
    text = sent.get(row_forms.SCAN, "").strip()[:200]
    found = row_forms.find(upt_id=where.upt_id, text=text) if text else None
    rows = row_forms.count(sent)
    form = forms.typed(sent).with_value(row_forms.SCAN, "")
    if text and found is None:
        form = form.and_error(row_forms.SCAN, "transfers.scan_unknown", text=text)
        return _page(where, form, rows=max(rows, 1))
    if not text and sent.get(row_forms.ADD_ROW) == NEXT_SCAN:
        return _page(where, form, rows=max(rows, 1), focus=row_forms.SCAN)
    if rows < RECEIPT_ROWS_MAX:
        values = _suggested(where, at, variant_id=found[0].variant_id if found else None)
        if found and found[1]:
            values["lot_code"] = found[1]
        for name, value in values.items():
            form = form.with_value(f"lines.{rows}.{name}", "" if value is None else str(value))
        rows += 1
    focus = f"lines.{rows - 1}.{'quantity' if found else 'variant_id'}"
    return _page(where, form, rows=rows, focus=focus)


def _page(where: Place, form: Form, *, rows: int, focus: str = "") -> str:
    briefs = catalog_queries.variants_of_upt(upt_id=where.upt_id, text="")
    shown = row_forms.rows(rows)
    return pages.render(
        "desk/stock/receive.html",
        form=form,
        focus=focus,
        entry_key=base.key_of(form),
        rows=shown,
        can_add=rows < RECEIPT_ROWS_MAX,
        variants=row_forms.options(briefs, form, shown),
        places=stock_words.place_options(RECEIPT_PLACES),
        origins=ORIGINS,
    )
