"""The list of transfers, one transfer with its history, and its paper (surat jalan)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import VariantBrief
from app.domain.identity import queries as identity_queries
from app.domain.transfers import queries as transfer_queries
from app.domain.transfers.types import (
    ON_THE_WAY,
    STOCK_TRANSFER,
    STOCK_VIEW,
    EventRecord,
    ListFilter,
    TransferLine,
    TransferState,
)
from app.domain.upt import queries as upt_queries
from app.infra import pdf
from app.kernel import clock, ids
from app.kernel.errors import NotFound
from app.surfaces.desk import stock_words, units
from app.surfaces.desk.transfers import base
from app.surfaces.desk.transfers.base import Side, blueprint
from app.surfaces.web import filters, pages, policy, session


@blueprint.get("/kirim")
@policy.staff(STOCK_VIEW)
def index() -> str:
    """Show transfers from and to the UPT at hand."""
    view, at = units.current(STOCK_VIEW), clock.now()
    if view.upt is None:
        raise NotFound
    chosen = request.args.get("saring", "")
    show = ListFilter(chosen) if chosen in set(ListFilter) else ListFilter.ALL
    page = transfer_queries.list_transfers(
        actor=session.current_actor(),
        upt_id=view.upt.upt_id,
        at=at,
        today=clock.local_date(at=at, timezone=view.upt.timezone),
        show=show,
        cursor=request.args.get("sesudah"),
    )
    sides = {row.record.sender_upt_id for row in page.items}
    sides |= {row.record.receiver_upt_id for row in page.items}
    kept = None if show is ListFilter.ALL else show.value
    return pages.render(
        "desk/transfers/index.html",
        view=view,
        page=page,
        show=show,
        upts=upt_queries.briefs(upt_ids=sides) if sides else {},
        states=base.STATES,
        filters=[
            (label, url_for(".index", saring=each.value), each is show)
            for each, label in base.FILTERS.items()
        ],
        next_href=page.after and url_for(".index", saring=kept, sesudah=page.after),
        can_send=session.current_actor().may(STOCK_TRANSFER, upt_id=view.upt.upt_id),
    )


@blueprint.get("/kirim/<number>")
@policy.staff(STOCK_VIEW)
def show(number: str) -> str:
    """Show one transfer with what each side may do next."""
    side = base.read(number, clock.now())
    record = side.page.record
    names = names_of(side.page.lines)
    return pages.render(
        "desk/transfers/show.html",
        side=side,
        page=side.page,
        record=record,
        names=names,
        state=base.STATES[record.state],
        places=stock_words.ACCOUNTS,
        is_draft=record.state is TransferState.DRAFT,
        is_on_the_way=record.state in ON_THE_WAY,
        history=[_told(event, side, names) for event in reversed(side.page.events)],
        timezone=side.here.timezone,
        keys=[ids.token() for _ in range(2)],
    )


def names_of(lines: tuple[TransferLine, ...]) -> dict[int, VariantBrief]:
    """Return the goods of the lines and what the receiver calls them, by variant."""
    wanted = {line.variant_id for line in lines}
    wanted |= {line.receiver_variant_id for line in lines if line.receiver_variant_id}
    return catalog_queries.variant_briefs(variant_ids=wanted)


def _told(event: EventRecord, side: Side, names: Mapping[int, VariantBrief]) -> dict[str, Any]:
    """Return one event in words: what, by whom, and where the pieces are."""
    lines = {line.line_id: line for line in side.page.lines}
    actors = identity_queries.staff_names(
        user_ids={each.actor_user_id for each in side.page.events if each.actor_user_id}
    )
    outcomes = []
    for outcome in event.outcomes:
        brief = names[lines[outcome.line_id].variant_id]
        words = base.OUTCOMES[outcome.outcome]
        place = f" di {_place(outcome.place)}" if outcome.place else ""
        reason = f": {outcome.reason}" if outcome.reason else ""
        goods = ", ".join(part for part in (brief.product_name, brief.variant_name) if part)
        outcomes.append(f"{filters.integer(outcome.quantity)} {goods} {words}{place}{reason}")
    return {
        "label": base.ACTIONS[event.action],
        "at_text": filters.local_datetime(event.happened_at, side.here.timezone),
        "by": actors.get(event.actor_user_id or 0, "Sistem"),
        "note": event.note,
        "outcomes": outcomes,
        "undone": False,
        "undo": None,
    }


def _place(account: str) -> str:
    return next(
        words.lower() for each, words in stock_words.ACCOUNTS.items() if each.value == account
    )


@blueprint.get("/kirim/<number>.pdf")
@policy.staff(STOCK_VIEW)
def paper(number: str) -> Response:
    """Return the paper that travels with the goods (surat jalan)."""
    at = clock.now()
    side = base.read(number, at)
    record, names = side.page.record, names_of(side.page.lines)
    when = record.sent_at or record.created_at
    values = {
        "title": "Surat jalan" if record.sent_at else "Rancangan surat jalan",
        "number": record.number,
        "unit": side.sender.short_name,
        "receiver": side.receiver.short_name,
        "receiver_town": side.receiver.town,
        "date": filters.local_date(when, side.sender.timezone),
        "due": filters.local_date(record.due_on) if record.due_on else "",
        "carrier": record.carrier,
        "note": record.note,
        "demo": pages.Shell().is_demo,
        "qr": pdf.qr_svg(base.address("desk.transfers.show", number=number)),
        "pieces": filters.integer(sum(line.quantity for line in side.page.lines)),
        "lines": [
            {
                "name": ", ".join(
                    part
                    for part in (
                        names[line.variant_id].product_name,
                        names[line.variant_id].variant_name,
                    )
                    if part
                ),
                "sku": names[line.variant_id].sku,
                "lot": line.lot_code,
                "expires": filters.local_date(line.expires_on) if line.expires_on else "",
                "quantity": filters.integer(line.quantity),
            }
            for line in side.page.lines
        ],
    }
    content = pdf.render("transfer_note", values=values, at=when)
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="surat-jalan-{record.number}.pdf"'},
    )
