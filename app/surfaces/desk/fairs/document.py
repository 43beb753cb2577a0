"""The list of loans, one loan with its running sums and its history, and its packing list."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from app.domain.identity import queries as identity_queries
from app.domain.transfers import queries as transfer_queries
from app.domain.transfers.types import (
    STOCK_TRANSFER,
    STOCK_VIEW,
    EventRecord,
    FairAction,
    FairState,
    ListFilter,
    PaidBy,
)
from app.infra import pdf
from app.kernel import clock, ids
from app.kernel.errors import NotFound
from app.surfaces.desk import stock_words, units
from app.surfaces.desk.fairs import base
from app.surfaces.desk.fairs.base import Fair, blueprint
from app.surfaces.desk.transfers.base import address
from app.surfaces.web import filters, pages, policy, session


@blueprint.get("/pameran")
@policy.staff(STOCK_VIEW)
def index() -> str:
    """Show the loans of the UPT at hand."""
    view, at = units.current(STOCK_VIEW), clock.now()
    if view.upt is None:
        raise NotFound
    chosen = request.args.get("saring", "")
    show = ListFilter(chosen) if chosen in set(base.FILTERS) else ListFilter.ALL
    page = transfer_queries.list_fairs(
        actor=session.current_actor(),
        upt_id=view.upt.upt_id,
        today=clock.local_date(at=at, timezone=view.upt.timezone),
        show=show,
        cursor=request.args.get("sesudah"),
    )
    kept = None if show is ListFilter.ALL else show.value
    return pages.render(
        "desk/fairs/index.html",
        view=view,
        page=page,
        states=base.STATES,
        filters=[
            (label, url_for(".index", saring=each.value), each is show)
            for each, label in base.FILTERS.items()
        ],
        next_href=page.after and url_for(".index", saring=kept, sesudah=page.after),
        can_send=session.current_actor().may(STOCK_TRANSFER, upt_id=view.upt.upt_id),
    )


@blueprint.get("/pameran/<number>")
@policy.staff(STOCK_VIEW)
def show(number: str) -> str:
    """Show one loan: each line's sum, what it sold, and what can be done next."""
    fair = base.read(number, clock.now())
    record = fair.page.record
    return pages.render(
        "desk/fairs/show.html",
        fair=fair,
        page=fair.page,
        record=record,
        state=base.STATES[record.state],
        places=stock_words.ACCOUNTS,
        payments=[
            (base.PAYMENTS[each], filters.idr(fair.page.sales.by_payment_idr[each]))
            for each in PaidBy
            if each in fair.page.sales.by_payment_idr
        ],
        is_draft=record.state is FairState.DRAFT,
        is_out=record.state is FairState.OUT,
        history=[_told(event, fair) for event in reversed(fair.page.events)],
        timezone=fair.upt.timezone,
        keys=[ids.token() for _ in range(3)],
    )


def _told(event: EventRecord, fair: Fair) -> dict[str, Any]:
    """Return one event in words, and how to take it back while that is possible."""
    lines = {line.line_id: line for line in fair.page.lines}
    actors = identity_queries.staff_names(
        user_ids={each.actor_user_id for each in fair.page.events if each.actor_user_id}
    )
    outcomes = []
    for outcome in event.outcomes:
        parts = [
            filters.integer(outcome.quantity),
            fair.goods(lines[outcome.line_id]),
            base.OUTCOMES[outcome.outcome],
        ]
        if outcome.amount_idr:
            parts.append(filters.idr(outcome.amount_idr))
        if outcome.place:
            parts.append("ke " + _place(outcome.place))
        outcomes.append(" ".join(parts))
    is_open = fair.may_work and fair.page.record.state is FairState.OUT
    can_undo = is_open and event.action == FairAction.SETTLE and event.undone_by is None
    number = fair.page.record.number
    return {
        "label": base.ACTIONS[event.action],
        "at_text": filters.local_datetime(event.happened_at, fair.upt.timezone),
        "by": actors.get(event.actor_user_id or 0, "Sistem"),
        "note": event.note,
        "outcomes": outcomes,
        "undone": event.undone_by is not None,
        "undo": can_undo
        and {
            "action": url_for(".undo", number=number, sequence=event.sequence),
            "hidden": {
                "expected_version": fair.page.record.version,
                "entry_key": ids.token(),
            },
        },
    }


def _place(account: str) -> str:
    return next(
        words.lower() for each, words in stock_words.ACCOUNTS.items() if each.value == account
    )


@blueprint.get("/pameran/<number>.pdf")
@policy.staff(STOCK_VIEW)
def paper(number: str) -> Response:
    """Return the packing list, with room to write down what was sold and came back."""
    fair = base.read(number, clock.now())
    record = fair.page.record
    values = {
        "title": "Daftar barang pameran",
        "number": record.number,
        "unit": fair.upt.short_name,
        "name": record.name,
        "place": record.place,
        "dates": f"{filters.local_date(record.starts_on)} sampai {filters.local_date(record.ends_on)}",
        "responsible": record.responsible,
        "note": record.note,
        "demo": pages.Shell().is_demo,
        "qr": pdf.qr_svg(address("desk.fairs.show", number=number)),
        "pieces": filters.integer(sum(line.quantity for line in fair.page.lines)),
        "lines": [
            {
                "name": fair.goods(line),
                "sku": fair.names[line.variant_id].sku,
                "lot": line.lot_code,
                "price": filters.idr(line.price_idr) if line.price_idr is not None else "",
                "quantity": filters.integer(line.quantity),
            }
            for line in fair.page.lines
        ],
    }
    content = pdf.render("fair_note", values=values, at=record.sent_at or record.created_at)
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="pameran-{record.number}.pdf"'},
    )
