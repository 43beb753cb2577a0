"""Rows of goods that leave: shared by the drafts of transfers and of loans to fairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import request
from werkzeug.datastructures import MultiDict

from app.domain.catalog import queries as catalog_queries
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock.errors import InsufficientStock, LotUnfit
from app.domain.stock.types import Account, LotBalance
from app.domain.transfers.errors import FairClosed, TransferChanged, TransferClosed
from app.domain.transfers.types import LINES_MAX, FairLine, TransferLine
from app.infra import db
from app.kernel.errors import DomainError, FieldError, IdempotencyMismatch, Invalid
from app.surfaces.desk import row_forms, stock_words
from app.surfaces.web import forms
from app.surfaces.web.forms import Form

FIELDS: Final = ("variant_id", "quantity", "from_place", "lot_id", "price_idr")
TYPED_BY: Final = ("variant_id", "quantity")


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One row of a draft with what is free of its goods, and the lot to take first."""

    prefix: str
    number: int
    hint: str


def sent_rows(form: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return a submitted form with its rows numbered without gaps."""
    is_saved = row_forms.ADD_ROW not in form
    return row_forms.compact(form, typed_by=TYPED_BY, keeps_one=is_saved)


def read(
    form: MultiDict[str, str], *, upt_id: int
) -> tuple[list[dict[str, Any]], list[FieldError]]:
    """Return the rows of a compact form, lots found by their code, with what is wrong there."""
    rows = row_forms.values(form, fields=(*FIELDS, "lot_code"))
    errors: list[FieldError] = []
    for index, row in enumerate(rows):
        code = row.pop("lot_code", "")
        variant_id = str(row.get("variant_id", ""))
        if not code or not isinstance(code, str) or not variant_id.isdecimal():
            continue
        found = (
            stock_queries.find_lot(upt_id=upt_id, variant_id=int(variant_id), code=code.strip())
            if len(variant_id) < 18
            else None
        )
        if found is None:
            errors.append(FieldError(f"lines.{index}.lot_code", "transfers.lot_unknown"))
        else:
            row["lot_id"] = found.lot_id
    return rows, errors


def add_row(
    sent: MultiDict[str, str], *, upt_id: int, defaults: dict[str, str]
) -> tuple[Form, int]:
    """Return the form with a row more, filled with what was scanned, and how many rows there are.

    A scan of goods that stand in a row already adds one piece there.
    """
    text = sent.get(row_forms.SCAN, "").strip()[:200]
    found = row_forms.find(upt_id=upt_id, text=text) if text else None
    count = row_forms.count(sent)
    form = forms.typed(sent).with_value(row_forms.SCAN, "")
    if text and found is None:
        return form.and_error(row_forms.SCAN, "transfers.scan_unknown", text=text), max(count, 1)
    if found:
        brief, lot_code = found
        for index in range(count):
            prefix = f"lines.{index}."
            same = form.value(prefix + "variant_id") == str(brief.variant_id)
            if same and form.value(prefix + "lot_code") == (lot_code or ""):
                typed = form.value(prefix + "quantity")
                pieces = int(typed) + 1 if typed.isdecimal() and len(typed) < 7 else 1
                return form.with_value(prefix + "quantity", str(pieces)), count
    if count >= LINES_MAX:
        return form, count
    values = dict(defaults)
    if found:
        values |= {"variant_id": str(found[0].variant_id), "quantity": "1"}
        values["lot_code"] = found[1] or ""
    for name, value in values.items():
        form = form.with_value(f"lines.{count}.{name}", value)
    return form, count + 1


def page_values(
    form: Form, *, upt_id: int, rows: int, at: datetime, places: Sequence[Account]
) -> dict[str, Any]:
    """Return what the rows of a draft's page need, in three statements."""
    lots: dict[int, list[LotBalance]] = {}
    for lot in stock_queries.lots_in(upt_id=upt_id, accounts=places):
        lots.setdefault(lot.variant_id, []).append(lot)
    free = {
        variant_id: sum(lot.on_hand - lot.held for lot in own if lot.is_open)
        for variant_id, own in lots.items()
    }
    shown = row_forms.rows(rows)
    briefs = catalog_queries.variants_of_upt(upt_id=upt_id, text="")
    return {
        "rows": [
            DraftRow(row.prefix, row.number, _hint(form, row.prefix, lots, at)) for row in shown
        ],
        "variants": row_forms.options(briefs, form, shown, free=free),
        "from_places": stock_words.place_options(places),
        "can_add": rows < LINES_MAX,
        "is_scanning": row_forms.ADD_ROW in request.form,
    }


def _hint(form: Form, prefix: str, lots: dict[int, list[LotBalance]], at: datetime) -> str:
    typed = form.value(prefix + "variant_id")
    if not typed.isdecimal() or len(typed) >= 18:
        return ""
    own = lots.get(int(typed), [])
    first = stock_words.pick_first(own, on=stock_rules.selling_date(at=at))
    if first is None:
        return "Tidak ada yang bebas."
    by_place: dict[Account, int] = {}
    for lot in own:
        by_place[lot.account] = by_place.get(lot.account, 0) + lot.on_hand - lot.held
    where = ", ".join(
        f"{stock_words.ACCOUNTS[account].lower()} {pieces}" for account, pieces in by_place.items()
    )
    return f"Bebas: {where}. Tanpa lot, diambil {first[0].code} ({first[1]})."


def typed_lines(
    lines: Sequence[TransferLine] | Sequence[FairLine], codes: dict[int, str]
) -> dict[str, object]:
    """Return the lines of a draft as the values of its form.

    Args:
        codes: Codes of the lots named.
    """
    return row_forms.filled(
        [
            {
                "variant_id": line.variant_id,
                "quantity": line.quantity,
                "from_place": line.from_place.value,
                "lot_code": codes.get(line.lot_id or 0, ""),
                "price_idr": getattr(line, "price_idr", None),
            }
            for line in lines
        ]
    )


def lot_codes(*, upt_id: int, variant_ids: Sequence[int]) -> dict[int, str]:
    """Return codes of lots of a UPT that still have pieces, by lot."""
    lots = stock_queries.lots_in(upt_id=upt_id, variant_ids=variant_ids)
    return {lot.lot_id: lot.code for lot in lots}


_BESIDE: Final = (
    Invalid,
    InsufficientStock,
    LotUnfit,
    TransferChanged,
    TransferClosed,
    FairClosed,
    IdempotencyMismatch,
)


def attempt(work: Any) -> tuple[DomainError | None, Any]:
    """Run a step in a transaction; hand back a refusal that belongs on the page."""
    try:
        return None, db.transact(work)
    except _BESIDE as refusal:
        return refusal, None


def refused(form: Form, refusal: DomainError) -> tuple[Form, int]:
    """Return the form with the words of a refusal, and the status."""
    if isinstance(refusal, Invalid):
        return form.with_errors(refusal), 422
    if isinstance(refusal, InsufficientStock) and refusal.shortages:
        return form.with_errors(Invalid(*shortages(refusal))), 409
    return form.with_error("", refusal.code, **refusal.details()), 409


def shortages(refusal: InsufficientStock) -> list[FieldError]:
    """Return one sentence for each kind of goods that is short."""
    briefs = catalog_queries.variant_briefs(
        variant_ids=[short.variant_id for short in refusal.shortages]
    )
    return [
        FieldError(
            "",
            "transfers.short",
            (
                ("name", stock_words.label(briefs[short.variant_id])),
                ("wanted", short.wanted),
                ("available", short.available),
            ),
        )
        for short in refusal.shortages
        if short.variant_id in briefs
    ]
