"""What arrived: counted line by line, mapped to own goods; and the sender ending what is on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import PERMISSION_EDIT
from app.domain.transfers import queries as transfer_queries
from app.domain.transfers import rules as transfer_rules
from app.domain.transfers import services as transfer_services
from app.domain.transfers.commands import RecallTransfer, ReceiveTransfer
from app.domain.transfers.errors import NoPublishedVersion, TransferChanged
from app.domain.transfers.types import (
    ARRIVAL_PLACES,
    ON_THE_WAY,
    STOCK_TRANSFER,
    TransferLine,
    TransferState,
)
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import NotFound
from app.surfaces.desk import goods_lines, row_forms, stock_words
from app.surfaces.desk.stock import base as stock_base
from app.surfaces.desk.stock.base import Place
from app.surfaces.desk.transfers import base, document
from app.surfaces.desk.transfers.base import Side, blueprint
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.forms import Form

COPY = "salin"
FIELDS = ("line_id", "variant_id", "received", "lost", "damaged", "not_sent", "reason")


@blueprint.route("/kirim/<number>/terima", methods=["GET", "POST"])
@policy.staff(STOCK_TRANSFER)
def receive(number: str) -> Response | str:
    """Count what arrived; what is not counted stays on the way."""
    at = clock.now()
    side = base.read(number, at)
    if not side.may_receive or side.page.record.sent_at is None:
        raise NotFound
    if request.method == "GET":
        if side.page.record.state not in ON_THE_WAY:
            return redirect(url_for(".show", number=number), code=303)
        return _page(side, _blank(side, fill="semua" in request.args))
    sent = row_forms.compact(request.form, typed_by=("line_id",))
    if COPY in sent:
        return _copied(side, sent, at)
    command, form = forms.bind(ReceiveTransfer, sent, lines=row_forms.values(sent, fields=FIELDS))
    if command is None:
        return make_response(_page(side, form), 422)
    where = Place(side.receiver.upt_id, side.receiver)
    refusal, state = goods_lines.attempt(
        lambda: transfer_services.receive_transfer(
            actor=session.current_actor(),
            number=number,
            command=command,
            happened_at=where.happened_at(command.happened_on, at),
            at=at,
        )
    )
    if refusal is not None:
        fresh = base.read(number, at)
        shown, status = goods_lines.refused(form, refusal)
        shown = shown.with_value("expected_version", str(fresh.page.record.version))
        return make_response(_page(fresh, shown), status)
    if state is TransferState.SETTLED:
        pages.notify("success", "transfers.settled", number=number)
    else:
        record = base.read(number, at).page.record
        pages.notify(
            "success", "transfers.received", left=record.pieces_sent - record.pieces_settled
        )
    return redirect(url_for(".show", number=number), code=303)


def _suggestions(side: Side) -> dict[int, int]:
    """Return the receiver's variant for each variant of the sender: chosen before, or alike."""
    lines = side.page.lines
    found = {
        line.variant_id: line.receiver_variant_id for line in lines if line.receiver_variant_id
    }
    goods = catalog_queries.variant_briefs(variant_ids={line.variant_id for line in lines})
    by_sku = transfer_queries.find_by_sku(
        upt_id=side.receiver.upt_id, skus={brief.sku for brief in goods.values()}
    )
    own = catalog_queries.variants_of_upt(upt_id=side.receiver.upt_id, text="")
    for variant_id, brief in goods.items():
        suggested = by_sku.get(brief.sku) or transfer_rules.suggest_variant(goods=brief, own=own)
        if variant_id not in found and suggested:
            found[variant_id] = suggested
    return found


def _blank(side: Side, *, fill: bool) -> Form:
    suggested = _suggestions(side)
    return forms.blank(
        place=ARRIVAL_PLACES[0].value,
        expected_version=side.page.record.version,
        entry_key=ids.token(),
        **row_forms.filled(
            [
                {
                    "line_id": line.line_id,
                    "variant_id": suggested.get(line.variant_id),
                    "received": line.left if fill else None,
                }
                for line in open_lines(side.page.lines)
            ]
        ),
    )


def open_lines(lines: Sequence[TransferLine]) -> list[TransferLine]:
    """Return the lines of which something is still on the way."""
    return [line for line in lines if line.left]


def _page(side: Side, form: Form) -> str:
    lines = {str(line.line_id): line for line in side.page.lines}
    count = row_forms.count(form.names)
    shown = [
        (row, lines[form.value(row.prefix + "line_id")])
        for row in row_forms.rows(count)
        if form.value(row.prefix + "line_id") in lines
    ]
    own = catalog_queries.variants_of_upt(upt_id=side.receiver.upt_id, text="")
    may_copy = session.current_actor().may(PERMISSION_EDIT, upt_id=side.receiver.upt_id)
    names = document.names_of(side.page.lines)
    return pages.render(
        "desk/transfers/receive.html",
        side=side,
        record=side.page.record,
        form=form,
        entry_key=stock_base.key_of(form),
        rows=shown,
        names=names,
        variants=row_forms.options(own, form, [row for row, _ in shown]),
        copyable=_copyable(side, names) if may_copy else {},
        places=stock_words.place_options(ARRIVAL_PLACES),
    )


def _copyable(side: Side, names: Mapping[int, Any]) -> dict[int, bool]:
    """Return the lines whose goods the sender published and the receiver does not have."""
    offers = catalog_queries.offers(variant_ids=[line.variant_id for line in side.page.lines])
    known = transfer_queries.find_by_sku(
        upt_id=side.receiver.upt_id, skus={brief.sku for brief in names.values()}
    )
    return {
        line.line_id: True
        for line in side.page.lines
        if line.variant_id in offers
        and offers[line.variant_id].product_version_id
        and offers[line.variant_id].sku not in known
    }


def _copied(side: Side, sent: row_forms.FormData, at: datetime) -> str:
    """Make a draft of the own catalogue from the sender's goods, and choose it in its row."""
    number = side.page.record.number
    line_id = sent.get(COPY, type=int)
    try:
        db.transact(
            lambda: transfer_services.copy_to_catalogue(
                actor=session.current_actor(), number=number, line_id=line_id or 0, at=at
            )
        )
        pages.notify("success", "transfers.copied")
    except NoPublishedVersion as refusal:
        pages.notify("warning", refusal.code)
    except TransferChanged:
        pages.notify("info", "transfers.already_here")
    suggested = _suggestions(side)
    lines = {str(line.line_id): line for line in side.page.lines}
    form = forms.typed(sent)
    for row in row_forms.rows(row_forms.count(sent)):
        line = lines.get(form.value(row.prefix + "line_id"))
        if line and not form.value(row.prefix + "variant_id") and line.variant_id in suggested:
            form = form.with_value(row.prefix + "variant_id", str(suggested[line.variant_id]))
    return _page(side, form)


@blueprint.route("/kirim/<number>/tarik", methods=["GET", "POST"])
@policy.staff(STOCK_TRANSFER)
def recall(number: str) -> Response | str:
    """End what is on the way: back into the store, or written off with a reason."""
    at = clock.now()
    side = base.read(number, at)
    if not side.may_send:
        raise NotFound
    if request.method == "GET":
        if side.page.record.state not in ON_THE_WAY:
            return redirect(url_for(".show", number=number), code=303)
        blank = forms.blank(expected_version=side.page.record.version, entry_key=ids.token())
        return _recall_page(side, blank)
    command, form = forms.bind(RecallTransfer, request.form)
    if command is None:
        return make_response(_recall_page(side, form), 422)
    refusal, _ = goods_lines.attempt(
        lambda: transfer_services.recall_transfer(
            actor=session.current_actor(), number=number, command=command, at=at
        )
    )
    if refusal is not None:
        fresh = base.read(number, at)
        shown, status = goods_lines.refused(form, refusal)
        shown = shown.with_value("expected_version", str(fresh.page.record.version))
        return make_response(_recall_page(fresh, shown), status)
    told = "transfers.recalled_back" if command.choice == "back" else "transfers.recalled_off"
    pages.notify("success", told, number=number)
    return redirect(url_for(".show", number=number), code=303)


def _recall_page(side: Side, form: Form) -> str:
    return pages.render(
        "desk/transfers/recall.html",
        side=side,
        record=side.page.record,
        form=form,
        entry_key=stock_base.key_of(form),
        choices=base.CHOICES,
        lines=open_lines(side.page.lines),
        names=document.names_of(side.page.lines),
    )
