"""The desk's stock: the table of a UPT, receiving, adjusting, the stock card and taking back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import VariantBrief
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock import services as stock_services
from app.domain.stock.commands import AdjustStock, ReceiveStock, ReverseStock
from app.domain.stock.errors import InsufficientStock, LotMismatch, NotReversible
from app.domain.stock.types import (
    STOCK_ADJUST,
    STOCK_RECEIVE,
    STOCK_VIEW,
    CardRow,
    EntrySource,
    LotChoice,
    Phase,
    StockFilter,
)
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import DomainError, IdempotencyMismatch, Invalid, NotFound
from app.surfaces.desk import stock_words
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.forms import Form

blueprint = Blueprint("stock", __name__)


@dataclass(frozen=True, slots=True)
class _Place:
    upt_id: int
    upt: UptBrief

    @property
    def timezone(self) -> str:
        return self.upt.timezone

    def today(self, at: datetime) -> date:
        return clock.local_date(at=at, timezone=self.upt.timezone)

    def happened_at(self, on: date | None, at: datetime) -> datetime:
        """Return the instant meant by a local date: now for today, noon for another day."""
        if on is None or on == self.today(at):
            return at
        return datetime.combine(on, time(12), ZoneInfo(self.upt.timezone))


def _place(permission: str) -> _Place:
    upt_id = session.current_upt_id(permission)
    if upt_id is None:
        raise NotFound
    upt = upt_queries.briefs(upt_ids=[upt_id]).get(upt_id)
    if upt is None:
        raise NotFound
    g.upt_label = upt.short_name
    return _Place(upt_id, upt)


def _may(permission: str, place: _Place) -> bool:
    return session.current_actor().may(permission, upt_id=place.upt_id)


@blueprint.get("/stok")
@policy.staff(STOCK_VIEW)
def index() -> str:
    """Show the stock of the UPT at hand; search and filter stay in the address."""
    if "pilih" in request.args or session.current_upt_id(STOCK_VIEW) is None:
        return pages.render("desk/stock/choose.html", upts=_upts_in_reach())
    place = _place(STOCK_VIEW)
    text = request.args.get("q", "").strip()[:80]
    chosen = request.args.get("saring", "")
    show = StockFilter(chosen) if chosen in set(StockFilter) else StockFilter.ALL
    actor, at = session.current_actor(), clock.now()
    page = stock_queries.stock_table(
        actor=actor,
        upt_id=place.upt_id,
        at=at,
        text=text,
        show=show,
        cursor=request.args.get("sesudah"),
    )
    kept: dict[str, Any] = {
        "q": text or None,
        "saring": None if show is StockFilter.ALL else show.value,
    }
    return pages.render(
        "desk/stock/index.html",
        page=page,
        text=text,
        show=show,
        is_narrowed=bool(text) or show is not StockFilter.ALL,
        filters=[
            (label, url_for(".index", q=text or None, saring=filter_.value), filter_ is show)
            for filter_, label in stock_words.FILTERS.items()
        ],
        next_href=page.after and url_for(".index", **kept, sesudah=page.after),
        head=stock_queries.head(actor=actor, upt_id=place.upt_id),
        timezone=place.timezone,
        can_receive=_may(STOCK_RECEIVE, place),
        can_adjust=_may(STOCK_ADJUST, place),
        has_several_upts=_reaches_several(),
        keys={row.variant_id: ids.token() for row in page.items},
        reasons=_reasons(),
    )


def _reaches_several() -> bool:
    reach = session.current_actor().reach(STOCK_VIEW)
    return reach.is_national or len(reach.upt_ids) > 1


def _upts_in_reach() -> list[UptBrief]:
    reach = session.current_actor().reach(STOCK_VIEW)
    return [upt for upt in upt_queries.list_all() if reach.covers(upt.upt_id)]


def _reasons() -> dict[str, list[tuple[str, str]]]:
    return {
        name: [
            (reason.value, stock_words.REASONS[reason])
            for reason in stock_rules.reasons(direction=way)
        ]
        for name, way in (("minus", -1), ("plus", 1))
    }


@blueprint.route("/stok/terima", methods=["GET", "POST"])
@policy.staff(STOCK_RECEIVE)
def receive() -> Response | str:
    """Receive finished goods into the store."""
    place, at = _place(STOCK_RECEIVE), clock.now()
    variants = catalog_queries.variants_of_upt(upt_id=place.upt_id, text="")
    if request.method == "GET":
        today = place.today(at)
        return _receive_page(
            forms.blank(
                variant_id=request.args.get("barang", type=int),
                lot_code=stock_rules.lot_code(made_on=today),
                produced_on=today,
                entry_key=ids.token(),
            ),
            variants,
        )
    command, form = forms.bind(ReceiveStock, request.form)
    if command is None:
        return make_response(_receive_page(form, variants), 422)
    refusal, position = _try(
        lambda: stock_services.receive_output(
            actor=session.current_actor(),
            upt_id=place.upt_id,
            variant_id=command.variant_id,
            quantity=command.quantity,
            lot=LotChoice(command.lot_code, command.produced_on, command.expires_on),
            source=EntrySource(stock_words.FORM, command.entry_key),
            happened_at=place.happened_at(command.happened_on, at),
            at=at,
            note=command.note,
        )
    )
    if refusal is not None:
        shown, status = _refused(form, refusal)
        return make_response(_receive_page(shown, variants), status)
    pages.notify(
        "success",
        "stock.received_done",
        quantity=command.quantity,
        name=stock_words.name(command.variant_id),
        available=position.available,
    )
    return redirect(url_for(".card", variant_id=command.variant_id), code=303)


def _receive_page(form: Form, variants: tuple[VariantBrief, ...]) -> str:
    options = [
        (brief.variant_id, stock_words.label(brief)) for brief in variants if brief.is_active
    ]
    return pages.render(
        "desk/stock/receive.html", form=form, entry_key=_key(form), variants=options
    )


@blueprint.route("/stok/<int:variant_id>/sesuaikan", methods=["GET", "POST"])
@policy.staff(STOCK_ADJUST)
def adjust(variant_id: int) -> Response | str:
    """Add or take pieces by hand, with a reason."""
    place, at = _place(STOCK_ADJUST), clock.now()
    stock_queries.ensure_variant(upt_id=place.upt_id, variant_id=variant_id)
    if request.method == "GET":
        blank = forms.blank(direction="minus", entry_key=ids.token())
        return _adjust_page(blank, place, variant_id, at)
    command, form = forms.bind(AdjustStock, request.form, variant_id=variant_id)
    if command is None:
        return make_response(_adjust_page(form, place, variant_id, at), 422)
    refusal, position = _try(
        lambda: stock_services.adjust(
            actor=session.current_actor(),
            upt_id=place.upt_id,
            variant_id=variant_id,
            lot_id=command.lot_id,
            quantity_delta=command.quantity_delta,
            reason=command.reason,
            note=command.note,
            source=EntrySource(stock_words.FORM, command.entry_key),
            happened_at=place.happened_at(command.happened_on, at),
            at=at,
        )
    )
    if refusal is not None:
        shown, status = _refused(form, refusal)
        return make_response(_adjust_page(shown, place, variant_id, at), status)
    pages.notify(
        "success",
        "stock.adjusted_done",
        name=stock_words.name(variant_id),
        available=position.available,
    )
    if request.form.get("kembali") == "tabel":
        return redirect(url_for(".index", **_kept_filters()), code=303)
    return redirect(url_for(".card", variant_id=variant_id), code=303)


def _kept_filters() -> dict[str, Any]:
    return {name: request.form.get(name) or None for name in ("q", "saring")}


def _adjust_page(form: Form, place: _Place, variant_id: int, at: datetime) -> str:
    lots = stock_queries.list_lots(
        actor=session.current_actor(), upt_id=place.upt_id, variant_id=variant_id
    )
    return pages.render(
        "desk/stock/adjust.html",
        form=form,
        entry_key=_key(form),
        variant_id=variant_id,
        name=stock_words.name(variant_id),
        position=stock_queries.get_position(upt_id=place.upt_id, variant_id=variant_id, at=at),
        lots=[(lot.lot_id, f"{lot.code} ({lot.on_hand - lot.held} bebas)") for lot in lots],
        reasons=[(reason.value, words) for reason, words in stock_words.REASONS.items()],
    )


@blueprint.get("/stok/<int:variant_id>")
@policy.staff(STOCK_VIEW)
def card(variant_id: int) -> str:
    """Show the stock card (kartu stok) of a variant, newest line first."""
    place = _place(STOCK_VIEW)
    actor, at = session.current_actor(), clock.now()
    page = stock_queries.stock_card(
        actor=actor,
        upt_id=place.upt_id,
        variant_id=variant_id,
        at=at,
        cursor=request.args.get("sesudah"),
    )
    return pages.render(
        "desk/stock/card.html",
        page=page,
        variant_id=variant_id,
        name=stock_words.name(variant_id),
        timezone=place.timezone,
        head=stock_queries.head(actor=actor, upt_id=place.upt_id),
        actors=stock_words.actor_names(page.rows),
        kinds=stock_words.KINDS,
        accounts=stock_words.ACCOUNTS,
        line=stock_words.line(page.rows),
        is_first=request.args.get("sesudah") is None,
        next_href=page.after and url_for(".card", variant_id=variant_id, sesudah=page.after),
        can_receive=_may(STOCK_RECEIVE, place),
        can_adjust=_may(STOCK_ADJUST, place),
        reversible={row.sequence for row in page.rows if _is_reversible(row)},
    )


def _is_reversible(row: CardRow) -> bool:
    return row.phase is Phase.MOVE and row.source.kind != "order" and row.kind.value != "reversed"


@blueprint.route("/stok/<int:variant_id>/balik/<int:sequence>", methods=["GET", "POST"])
@policy.staff(STOCK_ADJUST)
def reverse(variant_id: int, sequence: int) -> Response | str:
    """Take back an entry by a new one the other way."""
    place, at = _place(STOCK_ADJUST), clock.now()
    stock_queries.ensure_variant(upt_id=place.upt_id, variant_id=variant_id)
    entry_id = stock_rules.entry_id(upt_id=place.upt_id, sequence=sequence)
    entry = stock_queries.get_entry(upt_id=place.upt_id, entry_id=entry_id)
    if entry.variant_id != variant_id:
        raise NotFound
    values = {
        "variant_id": variant_id,
        "sequence": sequence,
        "name": stock_words.name(variant_id),
        "quantity": entry.quantity,
    }
    if request.method == "GET":
        return _reverse_page(forms.blank(entry_key=ids.token()), values)
    command, form = forms.bind(ReverseStock, request.form)
    if command is None:
        return make_response(_reverse_page(form, values), 422)
    refusal, _ = _try(
        lambda: stock_services.reverse_entry(
            actor=session.current_actor(),
            upt_id=place.upt_id,
            entry_id=entry_id,
            reason=command.note,
            source=EntrySource(stock_words.FORM, command.entry_key),
            at=at,
        )
    )
    if refusal is not None:
        shown, status = _refused(form, refusal)
        return make_response(_reverse_page(shown, values), status)
    pages.notify("success", "stock.reversed_done", sequence=sequence)
    return redirect(url_for(".card", variant_id=variant_id), code=303)


def _reverse_page(form: Form, values: Mapping[str, Any]) -> str:
    return pages.render("desk/stock/reverse.html", form=form, entry_key=_key(form), **values)


def _try(work: Callable[[], Any]) -> tuple[DomainError | None, Any]:
    """Run a service in a transaction; hand back a refusal that belongs beside the form."""
    try:
        return None, db.transact(work)
    except (Invalid, InsufficientStock, LotMismatch, NotReversible, IdempotencyMismatch) as refusal:
        return refusal, None


def _refused(form: Form, refusal: DomainError) -> tuple[Form, int]:
    if isinstance(refusal, Invalid):
        return form.with_errors(refusal), 422
    if isinstance(refusal, InsufficientStock) and refusal.shortages:
        short = refusal.shortages[0]
        shown = form.with_error(
            "quantity", "stock.too_few", wanted=short.wanted, available=short.available
        )
        return shown, 409
    fields: dict[type[DomainError], str] = {
        LotMismatch: "lot_code",
        IdempotencyMismatch: "entry_key",
    }
    return form.with_error(fields.get(type(refusal), ""), refusal.code), 409


def _key(form: Form) -> str:
    """Return the entry key to show: the one sent, or a fresh one when that cannot be used."""
    return ids.token() if form.errors("entry_key") else form.value("entry_key")
