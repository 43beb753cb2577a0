"""What waits for me today: one figure for each kind of work that this person may do, linked to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, url_for

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import PERMISSION_EDIT, ProductState
from app.domain.identity.types import DESK_ENTER
from app.domain.orders import queries as order_queries
from app.domain.orders.types import PERMISSION_VIEW, WAITING_FOR_UPT, UptOrderState
from app.domain.payments import queries as payment_queries
from app.domain.payments.types import PERMISSION_VIEW as PAYMENT_VIEW
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import STOCK_VIEW, StockFilter
from app.domain.upt.types import UptBrief
from app.infra import jobs
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.paging import Page
from app.surfaces.desk import order_rows, start_stock, units
from app.surfaces.web import pages, policy, session

blueprint = Blueprint("start", __name__)

NEXT_MAX: Final = 8
"""Orders shown on the start page."""

_STATES: Final = (
    (UptOrderState.PLACED, "pesanan perlu diterima", "perlu-diterima"),
    (UptOrderState.ACCEPTED, "pesanan perlu disiapkan", "perlu-disiapkan"),
    (UptOrderState.PREPARING, "pesanan perlu dikirim", "perlu-dikirim"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One kind of waiting work."""

    value: str
    label: str
    href: str
    tone: str | None


@dataclass(frozen=True, slots=True)
class Load:
    """What waits in one UPT, for people who look after several."""

    upt: UptBrief
    waiting: int
    href: str


@blueprint.get("/")
@policy.staff(DESK_ENTER)
def start() -> str:
    """Show what waits, by what this person may do."""
    at = clock.now()
    actor = session.current_actor()
    permission = PERMISSION_VIEW if actor.holds(PERMISSION_VIEW) else DESK_ENTER
    view = units.current(permission)
    has_own_upt = view.upt is not None and not actor.reach(permission).is_national
    upt = view.upt if has_own_upt else None
    figures = [
        *(_order_figures(actor, upt) if upt else ()),
        *(_goods_figures(actor, upt, at) if upt else ()),
        *_money_figures(actor),
        *_system_figures(actor),
    ]
    found = session.signed_in()
    return pages.render(
        "desk/start/start.html",
        view=view,
        shows_switcher=has_own_upt,
        name=found.user.name if found else "",
        now=at,
        figures=figures,
        is_quiet=all(figure.tone is None for figure in figures),
        orders=_next_orders(actor, upt, at) if upt else (),
        loads=_loads(actor, view, upt),
        upt=upt,
    )


def _order_figures(actor: Actor, upt: UptBrief) -> tuple[Figure, ...]:
    if not actor.may(PERMISSION_VIEW, upt_id=upt.upt_id):
        return ()
    counts = order_queries.count_waiting(actor=actor, upt_ids=(upt.upt_id,))
    return tuple(
        _figure(
            counts.get(state, 0), label, url_for("desk.orders.index", keadaan=word), tone="info"
        )
        for state, label, word in _STATES
    )


def _goods_figures(actor: Actor, upt: UptBrief, at: datetime) -> tuple[Figure, ...]:
    found = []
    if actor.may(STOCK_VIEW, upt_id=upt.upt_id):
        for show, label, tone in (
            (StockFilter.LOW, "barang menipis", "warning"),
            (StockFilter.OUT, "barang habis", "danger"),
        ):
            page = stock_queries.stock_table(actor=actor, upt_id=upt.upt_id, at=at, show=show)
            href = url_for("desk.stock.index", saring=str(show))
            found.append(_figure(page, label, href, tone=tone))
    for one in start_stock.waiting(actor=actor, upt=upt, at=at):
        found.append(_figure(one.count, one.label, one.href, tone=one.tone))
    if actor.may(PERMISSION_EDIT, upt_id=upt.upt_id):
        drafts = catalog_queries.list_products(
            actor=actor, upt_id=upt.upt_id, state=ProductState.DRAFT
        )
        href = url_for("desk.products.index", status=str(ProductState.DRAFT))
        found.append(_figure(drafts, "produk masih draf", href, tone="info"))
    return tuple(found)


def _money_figures(actor: Actor) -> tuple[Figure, ...]:
    if not actor.reach(PAYMENT_VIEW).is_national:
        return ()
    return (
        _figure(
            payment_queries.list_waiting(actor=actor),
            "transfer ditunggu",
            url_for("desk.payments.index"),
            tone="info",
        ),
        _figure(
            len(payment_queries.list_reviews(actor=actor)),
            "uang perlu diperiksa",
            url_for("desk.payments.reviews"),
            tone="danger",
        ),
        _figure(
            len(payment_queries.list_refunds_due(actor=actor)),
            "uang perlu dikembalikan",
            url_for("desk.payments.refunds"),
            tone="warning",
        ),
        *_rare_money_figures(actor),
    )


def _rare_money_figures(actor: Actor) -> tuple[Figure, ...]:
    """Return what mostly is not there, and is named only when it is."""
    found = (
        (
            payment_queries.count_unmatched(actor=actor),
            "uang di rekening belum dikenali",
            "statements.index",
            "warning",
        ),
        (
            payment_queries.count_unseen_proofs(actor=actor),
            "bukti transfer belum dilihat",
            "proofs.index",
            "info",
        ),
        (
            payment_queries.count_differences(actor=actor),
            "beda dengan penyedia kartu",
            "cards.index",
            "danger",
        ),
    )
    return tuple(
        _figure(count, label, url_for(f"desk.payments.{name}"), tone=tone)
        for count, label, name, tone in found
        if count
    )


def _system_figures(actor: Actor) -> tuple[Figure, ...]:
    if not actor.holds("jobs.manage"):
        return ()
    return (
        _figure(
            len(jobs.list_dead()), "pekerjaan gagal", url_for("desk.jobs.index"), tone="danger"
        ),
    )


def _figure(found: int | Page[Any], label: str, href: str, *, tone: str) -> Figure:
    if isinstance(found, int):
        count, more = found, ""
    else:
        count, more = len(found.items), "+" if found.after else ""
    return Figure(f"{count}{more}", label, href, tone if count else None)


def _next_orders(actor: Actor, upt: UptBrief, at: datetime) -> tuple[order_rows.Row, ...]:
    if not actor.may(PERMISSION_VIEW, upt_id=upt.upt_id):
        return ()
    page = order_queries.list_for_upt(
        actor=actor, upt_id=upt.upt_id, states=WAITING_FOR_UPT, size=50
    )
    rows = [order_rows.make_row(row, at=at, timezone=upt.timezone) for row in page.items]
    rows.sort(key=lambda one: (one.row.act_by_at or at, one.row.number))
    return tuple(rows[:NEXT_MAX])


def _loads(actor: Actor, view: units.View, upt: UptBrief | None) -> tuple[Load, ...]:
    """Return what waits in each UPT, for people who look after more than one."""
    if len(view.choices) < 2 or not actor.holds(PERMISSION_VIEW):
        return ()
    loads = []
    counts = order_queries.count_waiting_by_upt(
        actor=actor, upt_ids=[choice.upt_id for choice in view.choices]
    )
    for choice in view.choices:
        href = url_for("desk.orders.index", upt=choice.upt_id)
        loads.append(Load(choice, counts.get(choice.upt_id, 0), href))
    return tuple(sorted(loads, key=lambda load: (-load.waiting, load.upt.short_name)))
