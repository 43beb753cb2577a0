"""The draft of a transfer: rows by scan or choice, saved, sent, thrown away."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.stock.errors import InsufficientStock
from app.domain.transfers import services as transfer_services
from app.domain.transfers.commands import SaveTransfer, StepDocument
from app.domain.transfers.types import LEAVING_PLACES, STOCK_TRANSFER, TransferState
from app.domain.upt import queries as upt_queries
from app.kernel import clock, ids
from app.kernel.errors import Invalid, NotFound
from app.surfaces.desk import goods_lines, row_forms
from app.surfaces.desk.stock import base as stock_base
from app.surfaces.desk.transfers import base
from app.surfaces.desk.transfers.base import blueprint
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.forms import Form

DEFAULTS = {"from_place": LEAVING_PLACES[0].value}


@blueprint.route("/kirim/baru", methods=["GET", "POST"])
@policy.staff(STOCK_TRANSFER)
def create() -> Response | str:
    """Write a draft for another UPT."""
    where, at = stock_base.place(STOCK_TRANSFER), clock.now()
    if request.method == "GET":
        row = {**DEFAULTS, "variant_id": request.args.get("barang", type=int)}
        blank = forms.blank(entry_key=ids.token(), **row_forms.filled([row]))
        return _page(where.upt_id, blank, rows=1)
    sent = goods_lines.sent_rows(request.form)
    if row_forms.ADD_ROW in request.form:
        form, rows = goods_lines.add_row(sent, upt_id=where.upt_id, defaults=DEFAULTS)
        return _page(where.upt_id, form, rows=rows)
    command, form, rows = _bind(sent, where.upt_id)
    if command is None:
        return make_response(_page(where.upt_id, form, rows=rows), 422)
    refusal, number = goods_lines.attempt(
        lambda: transfer_services.create_transfer(
            actor=session.current_actor(),
            upt_id=where.upt_id,
            number=f"KRM-{ids.payment_reference()}",
            command=command,
            at=at,
        )
    )
    if refusal is not None:
        shown, status = goods_lines.refused(form, refusal)
        return make_response(_page(where.upt_id, shown, rows=rows), status)
    pages.notify("success", "transfers.created", number=number)
    return redirect(url_for(".show", number=number), code=303)


@blueprint.route("/kirim/<number>/ubah", methods=["GET", "POST"])
@policy.staff(STOCK_TRANSFER)
def edit(number: str) -> Response | str:
    """Change a draft."""
    at = clock.now()
    side = base.read(number, at)
    record = side.page.record
    if record.state is not TransferState.DRAFT or not side.may_send:
        raise NotFound
    upt_id = record.sender_upt_id
    if request.method == "GET":
        variant_ids = [line.variant_id for line in side.page.lines]
        codes = goods_lines.lot_codes(upt_id=upt_id, variant_ids=variant_ids)
        form = forms.blank(
            receiver_upt_id=record.receiver_upt_id,
            carrier=record.carrier,
            note=record.note,
            due_on=record.due_on,
            expected_version=record.version,
            entry_key=ids.token(),
            **goods_lines.typed_lines(side.page.lines, codes),
        )
        return _page(upt_id, form, rows=len(side.page.lines), number=number)
    sent = goods_lines.sent_rows(request.form)
    if row_forms.ADD_ROW in request.form:
        form, rows = goods_lines.add_row(sent, upt_id=upt_id, defaults=DEFAULTS)
        return _page(upt_id, form, rows=rows, number=number)
    command, form, rows = _bind(sent, upt_id)
    if command is None:
        return make_response(_page(upt_id, form, rows=rows, number=number), 422)
    refusal, _ = goods_lines.attempt(
        lambda: transfer_services.save_transfer(
            actor=session.current_actor(), number=number, command=command, at=at
        )
    )
    if refusal is not None:
        shown, status = goods_lines.refused(form, refusal)
        return make_response(_page(upt_id, shown, rows=rows, number=number), status)
    pages.notify("success", "transfers.saved", number=number)
    return redirect(url_for(".show", number=number), code=303)


def _bind(sent: row_forms.FormData, upt_id: int) -> tuple[SaveTransfer | None, Form, int]:
    rows, errors = goods_lines.read(sent, upt_id=upt_id)
    command, form = forms.bind(SaveTransfer, sent, lines=rows)
    if errors:
        command, form = None, form.plus_errors(errors)
    if command is not None and not command.lines:
        command, form = None, form.and_error("", "transfers.nothing_written")
    return command, form, max(len(rows), 1)


def _page(upt_id: int, form: Form, *, rows: int, number: str | None = None) -> str:
    units = [
        (upt.upt_id, upt.short_name)
        for upt in upt_queries.list_all()
        if upt.upt_id != upt_id and upt.is_active
    ]
    return pages.render(
        "desk/transfers/edit.html",
        form=form,
        entry_key=stock_base.key_of(form),
        number=number,
        units=units,
        **goods_lines.page_values(
            form, upt_id=upt_id, rows=rows, at=clock.now(), places=LEAVING_PLACES
        ),
    )


@blueprint.post("/kirim/<number>/berangkat")
@policy.staff(STOCK_TRANSFER)
def send(number: str) -> Response:
    """Take the goods of a draft out of the store."""
    command, _ = forms.bind(StepDocument, request.form)
    if command is None:
        raise Invalid
    at = clock.now()
    refusal, _ = goods_lines.attempt(
        lambda: transfer_services.send_transfer(
            actor=session.current_actor(), number=number, command=command, at=at
        )
    )
    if refusal is None:
        pieces = base.read(number, at).page.record.pieces_sent
        pages.notify("success", "transfers.sent", number=number, pieces=pieces)
    elif isinstance(refusal, InsufficientStock) and refusal.shortages:
        for error in goods_lines.shortages(refusal):
            pages.notify("danger", error.code, **dict(error.params))
    else:
        pages.notify("danger", refusal.code, **refusal.details())
    return redirect(url_for(".show", number=number), code=303)


@blueprint.post("/kirim/<number>/buang")
@policy.staff(STOCK_TRANSFER)
def discard(number: str) -> Response:
    """Throw a draft away."""
    command, _ = forms.bind(StepDocument, request.form)
    if command is None:
        raise Invalid
    refusal, _ = goods_lines.attempt(
        lambda: transfer_services.discard_transfer(
            actor=session.current_actor(), number=number, command=command, at=clock.now()
        )
    )
    if refusal is None:
        pages.notify("success", "transfers.discarded", number=number)
    else:
        pages.notify("danger", refusal.code, **refusal.details())
    return redirect(url_for(".show", number=number), code=303)
