"""What differs after handing in: reasons, second numbers, approval, and the list as a file."""

from __future__ import annotations

import csv
import io

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.counts import queries as counts_queries
from app.domain.counts import services as counts_services
from app.domain.counts.commands import Decide, ReasonRow, RecountRow
from app.domain.counts.errors import BookHidden, LossNotFree
from app.domain.counts.types import (
    STOCK_APPROVE,
    STOCK_COUNT,
    STOCK_VIEW,
    CountState,
    DifferenceFilter,
    DifferenceReason,
    DifferenceRow,
    StuckRow,
)
from app.kernel import clock
from app.kernel.errors import FieldError, Invalid, NotFound
from app.surfaces.desk.counts import base, words
from app.surfaces.desk.counts.base import Desk, blueprint
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.forms import Form

CSV_ROWS_MAX = 20_000
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@blueprint.route("/<int:count_id>/selisih", methods=["GET", "POST"])
@policy.staff(STOCK_VIEW)
def differences(count_id: int) -> Response | str:
    """Show the differences, what is at stake first; a POST keeps the reasons of the page."""
    desk = base.sheet(count_id)
    if request.method == "GET":
        try:
            return _page(desk, forms.blank())
        except BookHidden as hidden:
            base.tell(hidden)
            return redirect(url_for(".show", count_id=count_id), code=303)
    try:
        reasons = _typed_reasons()
    except Invalid as wrong:
        shown = forms.typed(request.form).with_errors(wrong)
        return make_response(_page(desk, shown), 422)
    refusal, number = base.attempt(
        lambda: counts_services.give_reasons(
            actor=session.current_actor(), count_id=count_id, reasons=reasons, at=clock.now()
        )
    )
    if refusal is not None:
        shown = forms.typed(request.form).with_error("", refusal.code, **refusal.details())
        return make_response(_page(base.sheet(count_id), shown), 409)
    if number:
        pages.notify("success", "counts.reasons_done", number=number)
    else:
        pages.notify("info", "counts.saved_none")
    return redirect(_href(count_id, request.args.get("sesudah")), code=303)


def _filter() -> DifferenceFilter:
    chosen = request.args.get("saring", "")
    return (
        DifferenceFilter(chosen)
        if chosen in set(DifferenceFilter)
        else (DifferenceFilter.DIFFERING)
    )


def _href(count_id: int, after: str | None = None) -> str:
    return url_for(".differences", count_id=count_id, saring=_filter().value, sesudah=after)


def _page(desk: Desk, form: Form, stuck: tuple[StuckRow, ...] = ()) -> str:
    record, actor, show = desk.record, session.current_actor(), _filter()
    page = counts_queries.differences(
        actor=actor, count_id=record.count_id, show=show, cursor=request.args.get("sesudah")
    )
    waiting = (
        counts_queries.recount_rows(actor=actor, count_id=record.count_id)
        if record.recount_count and desk.can_count
        else ()
    )
    totals = counts_queries.totals(actor=actor, count_id=record.count_id)
    figures = {
        DifferenceFilter.DIFFERING: totals.differing,
        DifferenceFilter.REASON: totals.reasons_missing,
        DifferenceFilter.ALL: totals.rows,
    }
    return pages.render(
        "desk/counts/differences.html",
        desk=desk,
        record=record,
        page=page,
        form=form,
        totals=totals,
        waiting=waiting,
        stuck=stuck,
        show=show,
        filters=[
            (
                label,
                url_for(".differences", count_id=record.count_id, saring=filter_.value),
                filter_ is show,
                figures[filter_],
            )
            for filter_, label in words.DIFFERENCE_FILTERS.items()
        ],
        reasons=[(reason.value, text) for reason, text in words.REASONS.items()],
        is_open=record.state is CountState.HANDED_IN,
        is_maker=counts_queries.is_maker(actor=actor, count_id=record.count_id),
        action=_href(record.count_id, request.args.get("sesudah")),
        next_href=page.after and _href(record.count_id, page.after),
        words=words,
    )


def _typed_reasons() -> list[tuple[int, int, DifferenceReason | None, str]]:
    """Return the reasons of a page; everything that does not fit is named at once.

    Raises:
        Invalid: With one error for each row.
    """
    reasons, wrong = [], []
    for name, value in request.form.items():
        prefix, _, rest = name.partition("-")
        if prefix != "r" or not rest.isdecimal():
            continue
        try:
            command = ReasonRow.parse(
                {
                    "reason": value or None,
                    "note": request.form.get(f"t-{rest}", ""),
                    "version": request.form.get(f"v-{rest}", ""),
                }
            )
            reasons.append((int(rest), command.version, command.reason, command.note))
        except Invalid as refusal:
            wrong += [FieldError(f"r-{rest}", error.code, error.params) for error in refusal.errors]
    if wrong:
        raise Invalid(*wrong)
    return reasons


@blueprint.post("/<int:count_id>/baris/<int:row_id>/ulang")
@policy.staff(STOCK_COUNT)
def ask_recount(count_id: int, row_id: int) -> Response:
    """Ask for a second number; the first one is kept, and so are reasons typed on the page."""
    actor, at = session.current_actor(), clock.now()

    def work() -> int:
        reasons = _typed_reasons()
        if reasons:
            counts_services.give_reasons(actor=actor, count_id=count_id, reasons=reasons, at=at)
        return counts_services.ask_recount(actor=actor, count_id=count_id, row_ids=[row_id], at=at)

    refusal, asked = base.attempt(work)
    if refusal is not None:
        base.tell(refusal)
    else:
        pages.notify("success", "counts.recount_done", asked=asked)
    return redirect(url_for(".differences", count_id=count_id), code=303)


@blueprint.route("/<int:count_id>/baris/<int:row_id>/hitung-ulang", methods=["GET", "POST"])
@policy.staff(STOCK_COUNT)
def recount(count_id: int, row_id: int) -> Response | str:
    """Count one row a second time, knowing neither the book nor the first number."""
    desk = base.sheet(count_id)
    actor = session.current_actor()
    waiting = counts_queries.recount_rows(actor=actor, count_id=count_id)
    row = next((row for row in waiting if row.row_id == row_id), None)
    if request.method == "GET":
        if row is None:
            raise NotFound
        return pages.render(
            "desk/counts/recount.html", desk=desk, row=row, form=forms.blank(), words=words
        )
    command, form = forms.bind(RecountRow, request.form)
    if command is None:
        if row is None:
            raise NotFound
        page = pages.render("desk/counts/recount.html", desk=desk, row=row, form=form, words=words)
        return make_response(page, 422)
    refusal, _ = base.attempt(
        lambda: counts_services.enter_recount(
            actor=actor, count_id=count_id, row_id=row_id, quantity=command.quantity,
            note=command.note, version=command.version, at=clock.now(),
        )
    )  # fmt: skip
    if refusal is not None:
        base.tell(refusal)
    else:
        pages.notify("success", "counts.recounted_done")
    return redirect(url_for(".differences", count_id=count_id), code=303)


@blueprint.post("/<int:count_id>/setujui")
@policy.staff(STOCK_APPROVE)
def approve(count_id: int) -> Response:
    """Approve the sheet and post its differences once; losses that cannot be taken are shown first."""
    command, _ = forms.bind(Decide, request.form)
    left = [int(text) for text in request.form.getlist("left") if text.isdecimal()]
    refusal, _ = base.attempt(
        lambda: counts_services.approve(
            actor=session.current_actor(), count_id=count_id,
            version=command.version if command else -1, left_row_ids=left, at=clock.now(),
        )
    )  # fmt: skip
    if isinstance(refusal, LossNotFree):
        shown = forms.blank().with_error("", refusal.code, number=len(refusal.rows))
        return make_response(_page(base.sheet(count_id), shown, refusal.rows), 409)
    if refusal is not None:
        base.tell(refusal)
        return redirect(url_for(".differences", count_id=count_id), code=303)
    desk = base.sheet(count_id)
    posting = counts_queries.get_posting(actor=session.current_actor(), count_id=count_id)
    assert posting is not None
    code = "counts.approved_left" if posting.left_rows else "counts.approved_done"
    pages.notify(
        "success", code, sheet=desk.record.code, posted=posting.posted_rows, left=posting.left_rows
    )
    return redirect(url_for(".show", count_id=count_id), code=303)


@blueprint.get("/<int:count_id>/selisih.csv")
@policy.staff(STOCK_VIEW)
def differences_csv(count_id: int) -> Response:
    """Hand out every row with its difference as a file for spreadsheets."""
    desk = base.sheet(count_id)
    page = counts_queries.differences(
        actor=session.current_actor(), count_id=count_id, show=DifferenceFilter.ALL,
        size=CSV_ROWS_MAX,
    )  # fmt: skip
    head = (
        "baris", "kode", "barang", "lot", "tempat", "harga", "buku", "gerak", "hitungan",
        "hitungan_ulang", "selisih", "nilai_selisih", "alasan", "keterangan", "catatan", "dibukukan",
    )  # fmt: skip
    content = as_csv([head, *(_csv_row(row) for row in page.items)])
    return base.download(content, name=f"{desk.record.code}-selisih.csv", mimetype="text/csv")


def _csv_row(row: DifferenceRow) -> tuple[object, ...]:
    return (
        row.number, row.sku, row.name, row.lot_code, words.PLACES[row.account], row.price_idr,
        row.book_quantity, row.moved_quantity, row.counted_quantity, row.recount_quantity,
        row.difference, row.value_idr, words.REASONS[row.reason] if row.reason else "",
        row.reason_note, row.note, "ya" if row.entry_id else "tidak" if row.is_left else "",
    )  # fmt: skip


def as_csv(rows: list[tuple[object, ...]]) -> bytes:
    """Return rows as UTF-8 with a mark that spreadsheets know; text is never taken for a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow(
            [
                f"'{value}"
                if isinstance(value, str) and value.startswith(_FORMULA_SIGNS)
                else ""
                if value is None
                else value
                for value in row
            ]
        )
    return ("﻿" + stream.getvalue()).encode()
