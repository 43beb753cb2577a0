"""Counting blind: on a phone row by row, from paper page by page, and rows found beside the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.counts import queries as counts_queries
from app.domain.counts import rules as counts_rules
from app.domain.counts import services as counts_services
from app.domain.counts.commands import AddRow, CountOneRow
from app.domain.counts.errors import RowKnown
from app.domain.counts.types import (
    CARDS_A_PAGE,
    STOCK_COUNT,
    BlindRow,
    CountState,
    RowConflict,
    RowFilter,
    RowWrite,
    SaveOutcome,
)
from app.domain.stock.rules import scan
from app.infra import db
from app.kernel import clock
from app.kernel.errors import FieldError, Invalid
from app.surfaces.desk.counts import base, words
from app.surfaces.desk.counts.base import Desk, blueprint
from app.surfaces.web import errors, forms, pages, policy, session
from app.surfaces.web.forms import Form


@blueprint.get("/<int:count_id>/hitung")
@policy.staff(STOCK_COUNT)
def count(count_id: int) -> Response | str:
    """Show the rows as cards for a phone; a scan in the address shows the rows that it means."""
    desk = base.sheet(count_id)
    if desk.record.state is not CountState.COUNTING:
        return redirect(url_for(".show", count_id=count_id), code=303)
    actor = session.current_actor()
    text = request.args.get("kode", "").strip()[:300]
    show = _filter(RowFilter.LEFT)
    found: tuple[BlindRow, ...] = ()
    scanned = scan.parse_scan(text)
    is_foreign = scanned.upt_slug not in (None, desk.upt.slug)
    if text and not is_foreign:
        found = counts_queries.find_rows(
            actor=actor, count_id=count_id, sku=scanned.sku, lot_code=scanned.lot_code
        )
    page = None
    if not text:
        page = counts_queries.blind_rows(
            actor=actor, count_id=count_id, show=show, cursor=request.args.get("sesudah"),
            size=CARDS_A_PAGE,
        )  # fmt: skip
    rows = page.items if page else found
    return pages.render(
        "desk/counts/count.html",
        desk=desk,
        record=desk.record,
        rows=rows,
        text=text,
        scanned=scanned,
        is_foreign=is_foreign,
        show=show,
        filters=_tabs(".count", desk, show),
        next_href=page
        and page.after
        and url_for(".count", count_id=count_id, saring=show.value, sesudah=page.after),
        back=request.full_path.rstrip("?"),
        words=words,
    )


def _filter(usual: RowFilter) -> RowFilter:
    chosen = request.args.get("saring", "")
    return RowFilter(chosen) if chosen in set(RowFilter) else usual


def _tabs(endpoint: str, desk: Desk, show: RowFilter) -> list[tuple[str, str, bool, int]]:
    record = desk.record
    figures = {
        RowFilter.LEFT: record.left_count,
        RowFilter.DONE: record.done_count,
        RowFilter.ALL: record.row_count,
    }
    return [
        (
            label,
            url_for(endpoint, count_id=record.count_id, saring=filter_.value),
            filter_ is show,
            figures[filter_],
        )
        for filter_, label in words.ROW_FILTERS.items()
    ]


@blueprint.post("/<int:count_id>/baris/<int:row_id>")
@policy.staff(STOCK_COUNT)
def save_row(count_id: int, row_id: int) -> Response:
    """Keep the number of one row, told as the shelf is now."""
    desk = base.sheet(count_id)
    command, form = forms.bind(CountOneRow, request.form)
    if command is None:
        return _bad_row(desk, row_id, form)
    write = RowWrite(row_id, command.version, command.quantity, command.note)
    at = clock.now()
    outcome = db.transact(
        lambda: counts_services.count_rows(
            actor=session.current_actor(), count_id=count_id, writes=[write], at=at, counted_at=at
        )
    )
    if errors.wants_json():
        return _row_as_json(desk, row_id, outcome)
    if outcome.conflicts:
        return _conflict_page(desk, outcome.conflicts, url_for(".count", count_id=count_id))
    return redirect(_back(url_for(".count", count_id=count_id)), code=303)


def _back(usual: str) -> str:
    """Return the page of this sheet that the form came from; other addresses are not followed."""
    asked = request.form.get("kembali", "")
    return (
        asked if asked.startswith(f"{usual.rpartition('/')[0]}/") and "//" not in asked else usual
    )


def _bad_row(desk: Desk, row_id: int, form: Form) -> Response:
    if errors.wants_json():
        sentences = " ".join(text for _, text in form.all_errors)
        return make_response(jsonify({"message": sentences}), 422)
    row = counts_queries.blind_row(
        actor=session.current_actor(), count_id=desk.record.count_id, row_id=row_id
    )
    page = pages.render("desk/counts/row.html", desk=desk, row=row, form=form, words=words)
    return make_response(page, 422)


def _row_as_json(desk: Desk, row_id: int, outcome: SaveOutcome) -> Response:
    if outcome.conflicts:
        conflict = outcome.conflicts[0]
        who = base.names([conflict.theirs.counted_by]).get(conflict.theirs.counted_by or 0, "")
        theirs = conflict.theirs.quantity
        body: dict[str, Any] = {
            "conflict": {
                "theirs": theirs,
                "theirs_text": "belum dihitung" if theirs is None else str(theirs),
                "theirs_note": conflict.theirs.note,
                "who": who,
                "version": conflict.theirs.version,
                "ours": conflict.ours.quantity,
            }
        }
        return make_response(jsonify(body), 409)
    actor = session.current_actor()
    row = counts_queries.blind_row(actor=actor, count_id=desk.record.count_id, row_id=row_id)
    record = counts_queries.get_count(actor=actor, count_id=desk.record.count_id)
    return jsonify(
        {
            "quantity": row.quantity,
            "version": row.version,
            "done": record.done_count,
            "left": record.left_count,
            "rows": record.row_count,
        }
    )


def _conflict_page(desk: Desk, conflicts: Sequence[RowConflict], back: str) -> Response:
    return make_response(
        pages.render(
            "desk/counts/conflict.html",
            desk=desk,
            conflicts=conflicts,
            names=base.names([conflict.theirs.counted_by for conflict in conflicts]),
            back=back,
            words=words,
        ),
        409,
    )


@blueprint.route("/<int:count_id>/ketik", methods=["GET", "POST"])
@policy.staff(STOCK_COUNT)
def type_rows(count_id: int) -> Response | str:
    """Type the numbers of a paper sheet, a page at a time."""
    desk = base.sheet(count_id)
    if desk.record.state is not CountState.COUNTING:
        return redirect(url_for(".show", count_id=count_id), code=303)
    if request.method == "GET":
        return _typing_page(desk, forms.blank())
    try:
        writes, at = _typed_writes(), clock.now()
        counted_at = _counted_at(desk, at)
        outcome = db.transact(
            lambda: counts_services.count_rows(
                actor=session.current_actor(), count_id=count_id, writes=writes, at=at,
                counted_at=counted_at,
            )
        )  # fmt: skip
    except Invalid as refusal:
        shown = forms.typed(request.form).with_errors(refusal)
        return make_response(_typing_page(desk, shown), 422)
    if outcome.conflicts:
        return _conflict_page(desk, outcome.conflicts, _typing_href(desk))
    if outcome.saved:
        pages.notify("success", "counts.saved_done", saved=len(outcome.saved))
    else:
        pages.notify("info", "counts.saved_none")
    onward = request.form.get("lanjut")
    return redirect(_typing_href(desk, after=onward or request.args.get("sesudah")), code=303)


def _typing_href(desk: Desk, after: str | None = None) -> str:
    return url_for(
        ".type_rows", count_id=desk.record.count_id, saring=_filter(RowFilter.ALL).value,
        sesudah=after,
    )  # fmt: skip


def _typing_page(desk: Desk, form: Form) -> str:
    show = _filter(RowFilter.ALL)
    page = counts_queries.blind_rows(
        actor=session.current_actor(), count_id=desk.record.count_id, show=show,
        cursor=request.args.get("sesudah"),
    )  # fmt: skip
    return pages.render(
        "desk/counts/type.html",
        desk=desk,
        record=desk.record,
        page=page,
        form=form,
        filters=_tabs(".type_rows", desk, show),
        action=_typing_href(desk, after=request.args.get("sesudah")),
        next_href=page.after and _typing_href(desk, after=page.after),
        words=words,
    )


def _typed_writes() -> list[RowWrite]:
    """Return the rows of a typed page; every number that does not fit is named at once.

    Raises:
        Invalid: With one error for each row.
    """
    writes, wrong = [], []
    for name, quantity in request.form.items():
        prefix, _, rest = name.partition("-")
        if prefix != "q" or not rest.isdecimal():
            continue
        values = {
            "quantity": quantity.strip() or None,
            "note": request.form.get(f"n-{rest}", ""),
            "version": request.form.get(f"v-{rest}", ""),
        }
        try:
            command = CountOneRow.parse(values)
            writes.append(RowWrite(int(rest), command.version, command.quantity, command.note))
        except Invalid as refusal:
            wrong += [
                FieldError(
                    f"{'n' if error.field == 'note' else 'q'}-{rest}", error.code, error.params
                )
                for error in refusal.errors
            ]
    if wrong:
        raise Invalid(*wrong)
    return writes


def _counted_at(desk: Desk, at: datetime) -> datetime:
    """Return when the shelf was looked at: the local time typed, or now.

    Raises:
        Invalid: The time cannot be read.
    """
    typed = request.form.get("counted_at", "").strip()
    if not typed:
        return at
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(desk.upt.timezone))
    except ValueError:
        raise Invalid(FieldError("counted_at", "counts.time_unreadable")) from None


@blueprint.route("/<int:count_id>/tambah", methods=["GET", "POST"])
@policy.staff(STOCK_COUNT)
def add_row(count_id: int) -> Response | str:
    """Add goods that lie there and are not on the sheet."""
    desk = base.sheet(count_id)
    if desk.record.state is not CountState.COUNTING:
        return redirect(url_for(".show", count_id=count_id), code=303)
    if request.method == "GET":
        text = request.args.get("kode", "")[:300]
        scanned = scan.parse_scan(text)
        briefs = catalog_queries.variants_of_upt(upt_id=desk.upt.upt_id, text=scanned.sku)
        chosen = next(
            (brief.variant_id for brief in briefs if brief.sku.lower() == scanned.sku.lower()),
            briefs[0].variant_id if text and len(briefs) == 1 else None,
        )
        places = counts_rules.places_of(desk.record.scope)
        blank = forms.blank(
            variant_id=chosen, lot_code=scanned.lot_code,
            place=places[0].value if len(places) == 1 else None,
        )  # fmt: skip
        return _add_page(desk, blank)
    command, form = forms.bind(AddRow, request.form)
    if command is None:
        return make_response(_add_page(desk, form), 422)
    at = clock.now()
    refusal, _ = base.attempt(
        lambda: counts_services.add_row(
            actor=session.current_actor(), count_id=count_id, variant_id=command.variant_id,
            place=command.place, lot_code=command.lot_code, expires_on=command.expires_on,
            quantity=command.quantity, note=command.note, at=at, counted_at=at,
        )
    )  # fmt: skip
    if isinstance(refusal, RowKnown):
        pages.notify("info", "counts.row_known")
        return redirect(url_for(".row", count_id=count_id, row_id=refusal.row_id), code=303)
    if isinstance(refusal, Invalid):
        return make_response(_add_page(desk, form.with_errors(refusal)), 422)
    if refusal is not None:
        shown = form.with_error("", refusal.code, **refusal.details())
        return make_response(_add_page(desk, shown), 409)
    pages.notify("success", "counts.added_done")
    return redirect(url_for(".count", count_id=count_id), code=303)


def _add_page(desk: Desk, form: Form) -> str:
    places = counts_rules.places_of(desk.record.scope)
    briefs = catalog_queries.variants_of_upt(upt_id=desk.upt.upt_id, text="")
    return pages.render(
        "desk/counts/add.html",
        desk=desk,
        form=form,
        goods=[
            (
                brief.variant_id,
                ", ".join(part for part in (brief.product_name, brief.variant_name) if part)
                + f" ({brief.sku})",
            )
            for brief in briefs
        ],
        places=[(place.value, words.PLACES[place]) for place in places],
    )


@blueprint.get("/<int:count_id>/baris/<int:row_id>")
@policy.staff(STOCK_COUNT)
def row(count_id: int, row_id: int) -> Response | str:
    """Show one row by itself."""
    desk = base.sheet(count_id)
    if desk.record.state is not CountState.COUNTING:
        return redirect(url_for(".show", count_id=count_id), code=303)
    found = counts_queries.blind_row(
        actor=session.current_actor(), count_id=count_id, row_id=row_id
    )
    form = forms.blank(quantity=found.quantity, note=found.note)
    return pages.render("desk/counts/row.html", desk=desk, row=found, form=form, words=words)
