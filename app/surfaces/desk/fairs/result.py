"""What became of goods at a fair: sales, returns and gaps; taking such a record back; closing."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.stock.errors import NotReversible
from app.domain.transfers import services as transfer_services
from app.domain.transfers.commands import SettleFair, StepDocument
from app.domain.transfers.errors import FairUnsettled, MoreThanSent
from app.domain.transfers.types import ARRIVAL_PLACES, STOCK_TRANSFER, FairState
from app.kernel import clock, ids
from app.kernel.errors import DomainError, FieldError, Invalid, NotFound
from app.surfaces.desk import goods_lines, row_forms, stock_words
from app.surfaces.desk.fairs import base, draft
from app.surfaces.desk.fairs.base import Fair, blueprint
from app.surfaces.desk.stock import base as stock_base
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.forms import Form

FIELDS = ("line_id", "sold", "price_idr", "returned", "damaged", "lost")


@blueprint.route("/pameran/<number>/hasil", methods=["GET", "POST"])
@policy.staff(STOCK_TRANSFER)
def settle(number: str) -> Response | str:
    """Write down what was sold, came back or is missing since the last time."""
    at = clock.now()
    fair = base.read(number, at)
    if not fair.may_work or fair.page.record.state not in (FairState.OUT, FairState.CLOSED):
        raise NotFound
    if request.method == "GET":
        return _page(fair, _blank(fair, back="kembali" in request.args))
    sent = row_forms.compact(request.form, typed_by=("line_id",))
    command, form = forms.bind(SettleFair, sent, lines=row_forms.values(sent, fields=FIELDS))
    if command is None:
        return make_response(_page(fair, form), 422)
    refusal, _ = goods_lines.attempt(
        lambda: transfer_services.settle_fair(
            actor=session.current_actor(),
            number=number,
            command=command,
            happened_at=fair.where.happened_at(command.happened_on, at),
            at=at,
        )
    )
    fresh = base.read(number, at)
    record = fresh.page.record
    if refusal is not None:
        shown, status = goods_lines.refused(form, _told(refusal))
        shown = shown.with_value("expected_version", str(record.version))
        return make_response(_page(fresh, shown), status)
    pages.notify("success", "fairs.settled", left=record.pieces_sent - record.pieces_settled)
    return redirect(url_for(".show", number=number), code=303)


def _told(refusal: DomainError) -> DomainError:
    """Say what is too many at a fair in the words of a fair."""
    if not isinstance(refusal, MoreThanSent):
        return refusal
    return Invalid(
        *(FieldError(error.field, "fairs.more_than_sent", error.params) for error in refusal.errors)
    )


def _blank(fair: Fair, *, back: bool) -> Form:
    return forms.blank(
        place=ARRIVAL_PLACES[0].value,
        expected_version=fair.page.record.version,
        entry_key=ids.token(),
        **row_forms.filled(
            [
                {
                    "line_id": line.line_id,
                    "price_idr": line.price_idr,
                    "returned": line.left if back else None,
                }
                for line in fair.page.lines
                if line.left
            ]
        ),
    )


def _page(fair: Fair, form: Form) -> str:
    lines = {str(line.line_id): line for line in fair.page.lines}
    shown = [
        (row, lines[form.value(row.prefix + "line_id")])
        for row in row_forms.rows(row_forms.count(form.names))
        if form.value(row.prefix + "line_id") in lines
    ]
    return pages.render(
        "desk/fairs/settle.html",
        fair=fair,
        record=fair.page.record,
        form=form,
        entry_key=stock_base.key_of(form),
        rows=shown,
        places=stock_words.place_options(ARRIVAL_PLACES),
        payments=[(each.value, words) for each, words in base.PAYMENTS.items()],
    )


@blueprint.post("/pameran/<number>/catatan/<int:sequence>/batal")
@policy.staff(STOCK_TRANSFER)
def undo(number: str, sequence: int) -> Response:
    """Take a record of sales and returns back."""
    command, _ = forms.bind(StepDocument, request.form)
    if command is None:
        raise Invalid
    try:
        refusal, _ = goods_lines.attempt(
            lambda: transfer_services.undo_settlement(
                actor=session.current_actor(),
                number=number,
                sequence=sequence,
                command=command,
                at=clock.now(),
            )
        )
    except NotReversible as found:
        refusal = found
    if refusal is None:
        pages.notify("success", "fairs.undone", sequence=sequence)
    else:
        draft.tell(refusal)
    return redirect(url_for(".show", number=number), code=303)


@blueprint.post("/pameran/<number>/tutup")
@policy.staff(STOCK_TRANSFER)
def close(number: str) -> Response:
    """Close a loan whose pieces are all accounted for."""
    command, _ = forms.bind(StepDocument, request.form)
    if command is None:
        raise Invalid
    try:
        refusal, _ = goods_lines.attempt(
            lambda: transfer_services.close_fair(
                actor=session.current_actor(), number=number, command=command, at=clock.now()
            )
        )
    except FairUnsettled as found:
        refusal = found
    if refusal is None:
        pages.notify("success", "fairs.closed", number=number)
    else:
        draft.tell(refusal)
    return redirect(url_for(".show", number=number), code=303)
