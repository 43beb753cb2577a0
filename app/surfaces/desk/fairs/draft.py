"""The draft of a loan: the fair, rows by scan or choice, saved, taken along, thrown away."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.stock.errors import InsufficientStock
from app.domain.transfers import services as transfer_services
from app.domain.transfers.commands import SaveFair, SendMore, StepDocument
from app.domain.transfers.types import FAIR_PLACES, STOCK_TRANSFER, FairState
from app.kernel import clock, ids
from app.kernel.errors import DomainError, Invalid, NotFound
from app.surfaces.desk import goods_lines, row_forms
from app.surfaces.desk.fairs import base
from app.surfaces.desk.fairs.base import blueprint
from app.surfaces.desk.stock import base as stock_base
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.forms import Form

DEFAULTS = {"from_place": FAIR_PLACES[0].value}


@blueprint.route("/pameran/baru", methods=["GET", "POST"])
@policy.staff(STOCK_TRANSFER)
def create() -> Response | str:
    """Write a draft for a fair."""
    where, at = stock_base.place(STOCK_TRANSFER), clock.now()
    if request.method == "GET":
        row = {**DEFAULTS, "variant_id": request.args.get("barang", type=int)}
        today = where.today(at)
        blank = forms.blank(
            entry_key=ids.token(), starts_on=today, ends_on=today, **row_forms.filled([row])
        )
        return _page(where.upt_id, blank, rows=1)
    sent = goods_lines.sent_rows(request.form)
    if row_forms.ADD_ROW in request.form:
        form, rows = goods_lines.add_row(sent, upt_id=where.upt_id, defaults=DEFAULTS)
        return _page(where.upt_id, form, rows=rows)
    command, form, rows = _bind(sent, where.upt_id)
    if command is None:
        return make_response(_page(where.upt_id, form, rows=rows), 422)
    refusal, number = goods_lines.attempt(
        lambda: transfer_services.create_fair(
            actor=session.current_actor(),
            upt_id=where.upt_id,
            number=f"PMR-{ids.payment_reference()}",
            command=command,
            at=at,
        )
    )
    if refusal is not None:
        shown, status = goods_lines.refused(form, refusal)
        return make_response(_page(where.upt_id, shown, rows=rows), status)
    pages.notify("success", "fairs.created", number=number)
    return redirect(url_for(".show", number=number), code=303)


@blueprint.route("/pameran/<number>/ubah", methods=["GET", "POST"])
@policy.staff(STOCK_TRANSFER)
def edit(number: str) -> Response | str:
    """Change a draft."""
    at = clock.now()
    fair = base.read(number, at)
    record = fair.page.record
    if record.state is not FairState.DRAFT or not fair.may_work:
        raise NotFound
    if request.method == "GET":
        variant_ids = [line.variant_id for line in fair.page.lines]
        codes = goods_lines.lot_codes(upt_id=record.upt_id, variant_ids=variant_ids)
        names = ("name", "place", "starts_on", "ends_on", "responsible", "note")
        form = forms.blank(
            **{name: getattr(record, name) for name in names},
            expected_version=record.version,
            entry_key=ids.token(),
            **goods_lines.typed_lines(fair.page.lines, codes),
        )
        return _page(record.upt_id, form, rows=len(fair.page.lines), number=number)
    sent = goods_lines.sent_rows(request.form)
    if row_forms.ADD_ROW in request.form:
        form, rows = goods_lines.add_row(sent, upt_id=record.upt_id, defaults=DEFAULTS)
        return _page(record.upt_id, form, rows=rows, number=number)
    command, form, rows = _bind(sent, record.upt_id)
    if command is None:
        return make_response(_page(record.upt_id, form, rows=rows, number=number), 422)
    refusal, _ = goods_lines.attempt(
        lambda: transfer_services.save_fair(
            actor=session.current_actor(), number=number, command=command, at=at
        )
    )
    if refusal is not None:
        shown, status = goods_lines.refused(form, refusal)
        return make_response(_page(record.upt_id, shown, rows=rows, number=number), status)
    pages.notify("success", "fairs.saved", number=number)
    return redirect(url_for(".show", number=number), code=303)


def _bind(sent: row_forms.FormData, upt_id: int) -> tuple[SaveFair | None, Form, int]:
    rows, errors = goods_lines.read(sent, upt_id=upt_id)
    command, form = forms.bind(SaveFair, sent, lines=rows)
    if errors:
        command, form = None, form.plus_errors(errors)
    if not rows:
        command, form = None, form.and_error("", "transfers.nothing_written")
    return command, form, max(len(rows), 1)


def _page(upt_id: int, form: Form, *, rows: int, number: str | None = None) -> str:
    return pages.render(
        "desk/fairs/edit.html",
        form=form,
        entry_key=stock_base.key_of(form),
        number=number,
        **goods_lines.page_values(
            form, upt_id=upt_id, rows=rows, at=clock.now(), places=FAIR_PLACES
        ),
    )


@blueprint.route("/pameran/<number>/tambah", methods=["GET", "POST"])
@policy.staff(STOCK_TRANSFER)
def more(number: str) -> Response | str:
    """Send further goods to a fair that goes on."""
    at = clock.now()
    fair = base.read(number, at)
    record = fair.page.record
    if record.state is not FairState.OUT or not fair.may_work:
        raise NotFound
    if request.method == "GET":
        form = forms.blank(
            expected_version=record.version, entry_key=ids.token(), **row_forms.filled([DEFAULTS])
        )
        return _more_page(fair, form, rows=1)
    sent = goods_lines.sent_rows(request.form)
    if row_forms.ADD_ROW in request.form:
        form, rows = goods_lines.add_row(sent, upt_id=record.upt_id, defaults=DEFAULTS)
        return _more_page(fair, form, rows=rows)
    lines, errors = goods_lines.read(sent, upt_id=record.upt_id)
    command, form = forms.bind(SendMore, sent, lines=lines)
    count = max(len(lines), 1)
    if errors or command is None:
        return make_response(_more_page(fair, form.plus_errors(errors), rows=count), 422)
    refusal, _ = goods_lines.attempt(
        lambda: transfer_services.send_more(
            actor=session.current_actor(), number=number, command=command, at=at
        )
    )
    if refusal is not None:
        shown, status = goods_lines.refused(form, refusal)
        version = base.read(number, at).page.record.version
        shown = shown.with_value("expected_version", str(version))
        return make_response(_more_page(fair, shown, rows=count), status)
    pieces = sum(line.quantity for line in command.lines)
    pages.notify("success", "fairs.sent", pieces=pieces)
    return redirect(url_for(".show", number=number), code=303)


def _more_page(fair: base.Fair, form: Form, *, rows: int) -> str:
    return pages.render(
        "desk/fairs/more.html",
        form=form,
        entry_key=stock_base.key_of(form),
        record=fair.page.record,
        **goods_lines.page_values(
            form, upt_id=fair.upt.upt_id, rows=rows, at=clock.now(), places=FAIR_PLACES
        ),
    )


@blueprint.post("/pameran/<number>/bawa")
@policy.staff(STOCK_TRANSFER)
def send(number: str) -> Response:
    """Take the goods of a draft to the fair."""
    command, _ = forms.bind(StepDocument, request.form)
    if command is None:
        raise Invalid
    at = clock.now()
    refusal, _ = goods_lines.attempt(
        lambda: transfer_services.send_fair(
            actor=session.current_actor(), number=number, command=command, at=at
        )
    )
    if refusal is None:
        pieces = base.read(number, at).page.record.pieces_sent
        pages.notify("success", "fairs.sent", pieces=pieces)
    elif isinstance(refusal, InsufficientStock) and refusal.shortages:
        for error in goods_lines.shortages(refusal):
            pages.notify("danger", error.code, **dict(error.params))
    else:
        tell(refusal)
    return redirect(url_for(".show", number=number), code=303)


@blueprint.post("/pameran/<number>/buang")
@policy.staff(STOCK_TRANSFER)
def discard(number: str) -> Response:
    """Throw a draft away."""
    command, _ = forms.bind(StepDocument, request.form)
    if command is None:
        raise Invalid
    refusal, _ = goods_lines.attempt(
        lambda: transfer_services.discard_fair(
            actor=session.current_actor(), number=number, command=command, at=clock.now()
        )
    )
    if refusal is None:
        pages.notify("success", "fairs.discarded", number=number)
    else:
        tell(refusal)
    return redirect(url_for(".show", number=number), code=303)


def tell(refusal: DomainError) -> None:
    """Leave the words of a refusal for the next page."""
    pages.notify("danger", refusal.code, **refusal.details())
