"""The ledger's own pages: closing a month, signed heads, differences, entries that came late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.counts import queries as count_queries
from app.domain.counts.types import UNFINISHED
from app.domain.identity import queries as identity_queries
from app.domain.stock import queries as stock_queries
from app.domain.stock import services as stock_services
from app.domain.stock.commands import CloseMonth, HandleIncident
from app.domain.stock.errors import IncidentHandled, IncidentStanding, PeriodClosed, PeriodUnfit
from app.domain.stock.types import (
    AUDIT_VIEW,
    STOCK_CLOSE,
    STOCK_VIEW,
    Account,
    IncidentRecord,
    LateRow,
)
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import NotFound
from app.surfaces.desk import stock_words, units
from app.surfaces.web import forms, messages, pages, policy, session
from app.surfaces.web.filters import MONTHS, integer
from app.surfaces.web.forms import Form

blueprint = Blueprint("ledger", __name__, url_prefix="/buku")

CODES: Final = {
    "balance": "Saldo berbeda",
    "hold_state": "Janji berbeda",
    "head": "Ujung rantai berbeda",
    "hash": "Isi catatan berubah",
    "gap": "Catatan hilang",
    "link": "Rantai putus",
    "id": "Nomor catatan berubah",
    "time": "Waktu mundur",
    "tail": "Ekor terpotong",
    "negative": "Lebih banyak keluar daripada yang ada",
    "hold": "Janji diselesaikan keliru",
    "published": "Berbeda dengan ujung yang diumumkan",
    "period": "Berbeda dengan bulan yang ditutup",
}
STATES: Final = {
    "open": ("Belum dilihat", "danger"),
    "acknowledged": ("Sedang diperiksa", "warning"),
    "resolved": ("Selesai", "success"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at before a month is closed; nothing here forbids closing."""

    label: str
    value: str
    is_fine: bool
    href: str | None = None


def month_name(month: date) -> str:
    """Return a month such as ``Oktober 2026``."""
    return f"{MONTHS[month.month - 1]} {month.year}"


@blueprint.get("")
@policy.staff(STOCK_VIEW)
def index() -> Response | str:
    """Show a UPT's chain, its published heads, its closed months and the one to close."""
    return _index_page(_upt(STOCK_VIEW))


def _index_page(upt: UptBrief, refusal: str | None = None) -> str:
    actor, at = session.current_actor(), clock.now()
    wanted = stock_queries.next_to_close(upt_id=upt.upt_id, timezone=upt.timezone, at=at)
    periods = stock_queries.list_periods(upt_id=upt.upt_id)
    return pages.render(
        "desk/ledger/index.html",
        view=units.current(STOCK_VIEW),
        upt=upt,
        head=stock_queries.head(actor=actor, upt_id=upt.upt_id),
        published=stock_queries.last_daily_head(upt_id=upt.upt_id),
        proof=stock_queries.find_proof(upt_id=upt.upt_id),
        wanted=wanted,
        wanted_name=month_name(wanted.month) if wanted.month else "",
        checks=_checks(upt, wanted.ends_at) if wanted.has_ended else (),
        can_close=actor.may(STOCK_CLOSE, upt_id=upt.upt_id),
        periods=[(period, month_name(period.month)) for period in periods],
        names=_names(period.closed_by for period in periods),
        entry_key=ids.token(),
        refusal=messages.text(refusal) if refusal else None,
    )


def _checks(upt: UptBrief, ends_at: datetime | None) -> tuple[Check, ...]:
    actor = session.current_actor()
    counts = count_queries.list_counts(actor=actor, upt_id=upt.upt_id).items
    unfinished = sum(
        1
        for count in counts
        if count.state in UNFINISHED and (ends_at is None or count.opened_at < ends_at)
    )
    incidents = stock_queries.count_open_incidents(upt_ids=[upt.upt_id]).get(upt.upt_id, 0)
    pieces: dict[Account, int] = {}
    for figures in stock_queries.places(upt_id=upt.upt_id).values():
        for account, figure in figures.items():
            pieces[account] = pieces.get(account, 0) + figure.on_hand
    return (
        _check("Selisih buku", incidents, "selisih", ".incidents"),
        _check("Opname belum selesai", unfinished, "lembar", "desk.counts.index"),
        _check(
            "Di jalan ke UPT lain", pieces.get(Account.TRANSIT_UPT, 0), "buah",
            "desk.transfers.index",
        ),
        _check("Di pameran", pieces.get(Account.FAIR, 0), "buah", "desk.transfers.index"),
        _check(
            "Dikirim, belum sampai ke pembeli", pieces.get(Account.TRANSIT_CUSTOMER, 0), "buah",
            "desk.orders.index",
        ),
    )  # fmt: skip


def _check(label: str, value: int, unit: str, endpoint: str) -> Check:
    words = f"{integer(value)} {unit}" if value else "Tidak ada"
    return Check(label, words, value == 0, url_for(endpoint) if value else None)


@blueprint.post("/tutup")
@policy.staff(STOCK_CLOSE)
def close() -> Response | str:
    """Close a month of the UPT at hand."""
    upt = _upt(STOCK_CLOSE)
    command, _ = forms.bind(CloseMonth, request.form)
    if command is None:
        raise NotFound
    at = clock.now()
    try:
        period = db.transact(
            lambda: stock_services.close_period(
                actor=session.current_actor(),
                upt_id=upt.upt_id,
                month=command.month,
                timezone=upt.timezone,
                entry_key=command.entry_key,
                at=at,
            )
        )
    except (PeriodClosed, PeriodUnfit) as refusal:
        return make_response(_index_page(upt, refusal.code), 409)
    pages.notify(
        "success",
        "stock.period_done",
        month=month_name(period.month),
        sequence=integer(period.sequence),
    )
    return redirect(url_for(".index"), code=303)


@blueprint.get("/susulan")
@policy.staff(STOCK_VIEW)
def late() -> str:
    """Show the entries that tell of a month that was closed before they were written."""
    upt = _upt(STOCK_VIEW)
    cursor = request.args.get("sesudah")
    page = stock_queries.list_late(actor=session.current_actor(), upt_id=upt.upt_id, cursor=cursor)
    return pages.render(
        "desk/ledger/late.html",
        view=units.current(STOCK_VIEW),
        upt=upt,
        rows=[(row, _goods(row)) for row in page.items],
        kinds=stock_words.KINDS,
        names=_names(row.actor for row in page.items),
        first_href=url_for(".late") if cursor else None,
        next_href=page.after and url_for(".late", sesudah=page.after),
    )


def _goods(row: LateRow) -> str:
    return stock_words.name(row.variant_id)


@blueprint.get("/selisih")
@policy.staff(STOCK_VIEW)
def incidents() -> str:
    """Show the differences in reach, of every UPT or of one, open ones or all."""
    upt_id = request.args.get("milik", type=int)
    with_resolved = request.args.get("tampil") == "semua"
    cursor = request.args.get("sesudah")
    page = stock_queries.list_incidents(
        actor=session.current_actor(), upt_id=upt_id, with_resolved=with_resolved, cursor=cursor
    )
    kept: dict[str, Any] = {"milik": upt_id, "tampil": "semua" if with_resolved else None}
    return pages.render(
        "desk/ledger/incidents.html",
        items=page.items,
        upts=upt_queries.briefs(upt_ids={item.upt_id for item in page.items}),
        codes=CODES,
        states=STATES,
        names=_names(item.handled_by for item in page.items),
        tabs=[
            ("Belum selesai", url_for(".incidents", milik=upt_id), not with_resolved),
            ("Semua", url_for(".incidents", milik=upt_id, tampil="semua"), with_resolved),
        ],
        first_href=url_for(".incidents", **kept) if cursor else None,
        next_href=page.after and url_for(".incidents", **kept, sesudah=page.after),
    )


@blueprint.get("/selisih/<int:incident_id>")
@policy.staff(STOCK_VIEW)
def incident(incident_id: int) -> str:
    """Show one difference with both figures and what may be done about it."""
    return _incident_page(_incident(incident_id), forms.blank())


@blueprint.post("/selisih/<int:incident_id>")
@policy.staff(STOCK_VIEW)
def handle(incident_id: int) -> Response | str:
    """Write down who looks into a difference, or that it is settled."""
    found = _incident(incident_id)
    command, form = forms.bind(HandleIncident, request.form)
    if command is None:
        stock_queries.ensure_may_handle(actor=session.current_actor(), upt_id=found.upt_id)
        return make_response(_incident_page(found, form), 422)
    is_resolving = command.deed == "resolve"
    service = (
        stock_services.resolve_incident if is_resolving else stock_services.acknowledge_incident
    )
    at = clock.now()
    try:
        db.transact(
            lambda: service(
                actor=session.current_actor(), incident_id=incident_id, note=command.note, at=at
            )
        )
    except (IncidentHandled, IncidentStanding) as refusal:
        shown = form.with_error("", refusal.code)
        return make_response(_incident_page(found, shown), 409)
    pages.notify(
        "success", "stock.incident_resolved_done" if is_resolving else "stock.incident_noted"
    )
    return redirect(url_for(".incident", incident_id=incident_id), code=303)


def _incident(incident_id: int) -> IncidentRecord:
    row = stock_queries.get_incident_row(incident_id=incident_id)
    session.current_actor().ensure(STOCK_VIEW, upt_id=row.upt_id)
    return stock_queries.incident_record(row=row)


def _incident_page(found: IncidentRecord, form: Form) -> str:
    actor = session.current_actor()
    upt = upt_queries.briefs(upt_ids=[found.upt_id])[found.upt_id]
    may_handle = actor.may(STOCK_CLOSE, upt_id=found.upt_id) or actor.may(
        AUDIT_VIEW, upt_id=found.upt_id
    )
    return pages.render(
        "desk/ledger/incident.html",
        item=found,
        upt=upt,
        form=form,
        word=CODES.get(found.code, found.code),
        state=STATES[found.state],
        names=_names([found.handled_by]),
        can_handle=may_handle and found.state != "resolved",
    )


def _upt(permission: str) -> UptBrief:
    upt = units.current(permission).upt
    if upt is None:
        raise NotFound
    return upt


def _names(actors: Iterable[str]) -> dict[str, str]:
    """Return who it was, in words, by stable name."""
    told = {actor for actor in actors if actor}
    user_ids = {int(actor[5:]) for actor in told if actor.startswith("user:")}
    names = identity_queries.staff_names(user_ids=user_ids)
    return {
        actor: names.get(int(actor[5:]), actor) if actor.startswith("user:") else "Sistem"
        for actor in told
    }
