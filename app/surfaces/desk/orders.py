"""Orders of a UPT: a board of what waits, lists by state, and one page on which an order moves on.

Every step carries the version that the page showed. When a colleague was quicker, nothing happens
and the page says what the order looks like now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, TypeVar

from flask import Blueprint, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.checkout import services as checkout_services
from app.domain.media import queries as media_queries
from app.domain.media.types import ImageRecord
from app.domain.orders import queries as order_queries
from app.domain.orders import services as order_services
from app.domain.orders.commands import (
    AcceptOrder,
    HandOverOrder,
    PrepareOrder,
    RefuseOrder,
    ShipOrder,
)
from app.domain.orders.errors import (
    IllegalTransition,
    NoPieces,
    OrderChanged,
    PromiseInThePast,
    TooManyPieces,
    WrongDelivery,
)
from app.domain.orders.types import (
    CANCELLABLE_BY_UPT,
    LEAVES_IN_PARTS,
    PERMISSION_FULFIL,
    PERMISSION_VIEW,
    AlertLevel,
    AlertRecord,
    ReturnRecord,
    UptOrderPage,
    UptOrderRow,
    UptOrderState,
)
from app.domain.shipping.types import DeliveryMethod
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db
from app.kernel import clock, ids
from app.kernel.commands import Command
from app.kernel.errors import Conflict
from app.kernel.paging import Page
from app.surfaces.desk import order_rows, units
from app.surfaces.web import errors, filters, forms, messages, order_words, pages, policy, session

blueprint = Blueprint("orders", __name__, url_prefix="/pesanan")

AnyStep = TypeVar("AnyStep", bound=Command)

PROMISE_SUGGESTED_DAYS: Final = 2
"""Working days after today that the page suggests for the promised date."""

BOARD_MAX: Final = 100
LIST_SIZE: Final = 30

_SPECIFIC: Final[Mapping[tuple[str, str], str]] = {
    ("promised_on", "field.required"): "orders.promise_required",
    ("carrier", "field.required"): "orders.carrier_required",
    ("carrier", "field.too_short"): "orders.carrier_required",
    ("tracking_number", "field.required"): "orders.tracking_required",
    ("tracking_number", "field.pattern"): "orders.tracking_shape",
    ("tracking_number", "field.too_short"): "orders.tracking_shape",
    ("reason", "field.required"): "orders.reason_required",
    ("reason", "field.choice"): "orders.reason_required",
}


@blueprint.get("")
@policy.staff(PERMISSION_VIEW)
def index() -> str:
    """Show the board, or the list of one state, of the UPT being looked at."""
    at = clock.now()
    view = units.current(PERMISSION_VIEW)
    chosen = request.args.get("keadaan", order_rows.BOARD)
    if chosen not in order_rows.FILTERS:
        chosen = order_rows.BOARD
    timezone = view.upt.timezone if view.upt else filters.DEFAULT_TIMEZONE
    rows = _rows(view.upt, chosen).map(
        lambda row: order_rows.make_row(row, at=at, timezone=timezone)
    )
    return pages.render(
        "desk/orders/index.html",
        view=view,
        chosen=chosen,
        title=order_rows.FILTERS[chosen][0],
        tabs=order_rows.tabs(chosen, _counts(view.upt)),
        columns=order_rows.columns(rows.items) if chosen == order_rows.BOARD else (),
        rows=rows,
        alerts=_alerts(),
        returns=_returns(view.upt),
        return_words=order_words.RETURN_LABELS,
        return_tones=order_words.RETURN_TONES,
        text=order_rows.search_text(request.args.get("cari", "")),
        may_fulfil=view.upt is not None
        and session.current_actor().may(PERMISSION_FULFIL, upt_id=view.upt.upt_id),
        suggested=clock.add_working_days(
            start=clock.local_date(at=at, timezone=timezone), days=PROMISE_SUGGESTED_DAYS
        ),
        is_first="sesudah" not in request.args,
    )


@blueprint.get("/<number>")
@policy.staff(PERMISSION_VIEW)
def order(number: str) -> Response:
    """Show one order with the next step that this person may take."""
    page = read(number)
    today = clock.local_date(at=clock.now(), timezone=g.upt_timezone)
    suggested = clock.add_working_days(start=today, days=PROMISE_SUGGESTED_DAYS)
    return order_page(page, forms.blank(promised_on=suggested), status=200)


@blueprint.get("/<number>/label")
@policy.staff(PERMISSION_VIEW)
def label(number: str) -> str:
    """Show the address for printing and sticking on the parcel."""
    page = read(number)
    upt = upt_queries.records(upt_ids=(page.order.upt_id,), on=_placed_on(page))
    return pages.render("desk/orders/label.html", page=page, upt=upt[page.order.upt_id])


@blueprint.post("/<number>/terima")
@policy.staff(PERMISSION_FULFIL)
def accept(number: str) -> Response:
    """Promise the day on which the goods leave."""

    def run(command: AcceptOrder) -> None:
        order_services.accept(
            actor=session.current_actor(), number=number, command=command, at=clock.now()
        )

    def said(command: AcceptOrder) -> None:
        pages.notify("success", "orders.accepted", day=filters.local_date(command.promised_on))

    return _step(number, AcceptOrder, run, said)


@blueprint.post("/<number>/siapkan")
@policy.staff(PERMISSION_FULFIL)
def prepare(number: str) -> Response:
    """Start packing."""

    def run(command: PrepareOrder) -> None:
        order_services.start_preparing(
            actor=session.current_actor(), number=number, command=command, at=clock.now()
        )

    return _step(number, PrepareOrder, run, lambda _: pages.notify("success", "orders.prepared"))


@blueprint.post("/<number>/kirim")
@policy.staff(PERMISSION_FULFIL)
def ship(number: str) -> Response:
    """Hand the parcel to a courier."""

    def run(command: ShipOrder) -> None:
        order_services.ship(
            actor=session.current_actor(), number=number, command=command, at=clock.now()
        )

    def said(command: ShipOrder) -> None:
        carrier, tracking = command.carrier, command.tracking_number
        sent = read(number).parcels[-1].quantity_total
        code = "orders.part_shipped" if read(number).order.quantity_held else "orders.shipped"
        pages.notify("success", code, carrier=carrier, tracking_number=tracking, pieces=sent)

    return _step(number, ShipOrder, run, said)


@blueprint.post("/<number>/serahkan")
@policy.staff(PERMISSION_FULFIL)
def hand_over(number: str) -> Response:
    """Give the goods to the buyer at the gallery."""

    def run(command: HandOverOrder) -> None:
        order_services.hand_over(
            actor=session.current_actor(), number=number, command=command, at=clock.now()
        )

    return _step(
        number, HandOverOrder, run, lambda _: pages.notify("success", "orders.handed_over")
    )


@blueprint.get("/<number>/tolak")
@policy.staff(PERMISSION_FULFIL)
def refuse_question(number: str) -> Response:
    """Ask for the reason, and say what refusing does."""
    page = read(number)
    if page.order.state not in CANCELLABLE_BY_UPT:
        pages.notify("info", "orders.illegal_transition")
        return to_order(number)
    return _refuse_page(page, forms.blank(), status=200)


@blueprint.post("/<number>/tolak")
@policy.staff(PERMISSION_FULFIL)
def refuse(number: str) -> Response:
    """Refuse a paid order; its goods go back to the shelf and the money to the buyer."""
    command, form = forms.bind(RefuseOrder, request.form, words=_SPECIFIC)
    if command is None:
        return _refuse_page(read(number), form, status=422)
    try:
        due_idr = db.transact(
            lambda: checkout_services.refuse_order(
                actor=session.current_actor(), number=number, command=command, at=clock.now()
            )
        )
    except (OrderChanged, IllegalTransition) as error:
        return conflict(number, error)
    pages.notify("success", "orders.refused", amount_idr=due_idr)
    return to_order(number)


def _step(
    number: str,
    command_class: type[AnyStep],
    run: Callable[[AnyStep], None],
    said: Callable[[AnyStep], None],
) -> Response:
    command, form = forms.bind(command_class, request.form, words=_SPECIFIC)
    if command is None:
        return order_page(read(number), form, status=422)
    try:
        db.transact(lambda: run(command))
    except PromiseInThePast as error:
        return order_page(read(number), form.with_error("promised_on", error.code), status=422)
    except TooManyPieces as error:
        bad = form.with_error(f"pieces.{error.line_id}", error.code, **error.details())
        return order_page(read(number), bad, status=422)
    except (OrderChanged, IllegalTransition, WrongDelivery, NoPieces) as error:
        return conflict(number, error)
    said(command)
    return to_order(number)


def conflict(number: str, error: Conflict) -> Response:
    """Show an order as it is now, saying why a step was refused."""
    text = messages.for_error(error)
    return order_page(read(number), forms.blank(), status=errors.status_of(error), refusal=text)


def to_order(number: str) -> Response:
    """Go to the page of an order."""
    return redirect(url_for("desk.orders.order", number=number), code=303)


def _rows(upt: UptBrief | None, chosen: str) -> Page[UptOrderRow]:
    if upt is None:
        return Page(())
    return order_queries.list_for_upt(
        actor=session.current_actor(),
        upt_id=upt.upt_id,
        states=order_rows.FILTERS[chosen][1],
        text=order_rows.search_text(request.args.get("cari", "")),
        cursor=request.args.get("sesudah"),
        size=BOARD_MAX if chosen == order_rows.BOARD else LIST_SIZE,
    )


def _alerts() -> tuple[tuple[AlertRecord, str], ...]:
    """Return what offices above the UPT were told of and still waits, with its words."""
    actor = session.current_actor()
    if actor.holds(PERMISSION_FULFIL) and not actor.reach(PERMISSION_VIEW).is_national:
        found = order_queries.list_alerts(actor=actor, levels=tuple(AlertLevel))
    else:
        found = order_queries.list_alerts(actor=actor)
    return tuple((alert, order_words.ALERT_LABELS[alert.kind]) for alert in found)


def _returns(upt: UptBrief | None) -> tuple[ReturnRecord, ...]:
    if upt is None:
        return ()
    return order_queries.list_open_returns(actor=session.current_actor(), upt_id=upt.upt_id)


def _counts(upt: UptBrief | None) -> Mapping[UptOrderState, int]:
    if upt is None:
        return {}
    return order_queries.count_waiting(actor=session.current_actor(), upt_ids=(upt.upt_id,))


def read(number: str) -> UptOrderPage:
    """Return an order of a UPT in reach, and remember the UPT for the page."""
    page = order_queries.get_upt_order(actor=session.current_actor(), number=number)
    upt = upt_queries.briefs(upt_ids=(page.order.upt_id,))[page.order.upt_id]
    g.upt_label, g.upt_timezone = upt.short_name, upt.timezone
    return page


def _placed_on(page: UptOrderPage) -> date:
    return clock.local_date(at=page.group.placed_at, timezone=g.upt_timezone)


def order_page(page: UptOrderPage, form: forms.Form, *, status: int, refusal: str = "") -> Response:
    """Show one order."""
    timezone = g.upt_timezone
    actor = session.current_actor()
    today = clock.local_date(at=clock.now(), timezone=timezone)
    html = pages.render(
        "desk/orders/order.html",
        page=page,
        order=page.order,
        form=_with_pieces(form, page),
        refusal=refusal,
        names={line.line_id: line.product_name for line in page.order.lines},
        parcel_words=order_words.PARCEL_LABELS,
        parcel_tones=order_words.PARCEL_TONES,
        notes=order_queries.list_notes(upt_order_ids=(page.order.upt_order_id,)),
        returns=order_queries.list_returns(upt_order_ids=(page.order.upt_order_id,)),
        return_words=order_words.RETURN_LABELS,
        return_tones=order_words.RETURN_TONES,
        entry_key=ids.token(),
        may_refuse_part=page.order.state in LEAVES_IN_PARTS and page.order.quantity_total > 1,
        timezone=timezone,
        today=today,
        label=order_words.DESK_LABELS[page.order.state],
        tone=order_words.TONES[page.order.state],
        delivery=order_words.delivery_text(page.order),
        reason=order_words.reason_label(page.order.reason_code),
        is_pickup=page.order.delivery_method is DeliveryMethod.PICKUP,
        history=_history(page, timezone),
        images=_images(page),
        may_fulfil=actor.may(PERMISSION_FULFIL, upt_id=page.order.upt_id),
        may_refuse=page.order.state in CANCELLABLE_BY_UPT,
        is_late=page.order.act_by_at is not None
        and page.order.act_by_at < clock.now()
        and page.order.state in LEAVES_IN_PARTS,
    )
    return make_response(html, status)


def _with_pieces(form: forms.Form, page: UptOrderPage) -> forms.Form:
    """Suggest that all that waits leaves together, unless something was typed."""
    for line in page.order.lines:
        name = f"pieces.{line.line_id}"
        if line.quantity_held and name not in form.names:
            form = form.with_value(name, str(line.quantity_held))
    return form


def _refuse_page(page: UptOrderPage, form: forms.Form, *, status: int) -> Response:
    options = [(str(reason), text) for reason, text in order_words.STAFF_REASONS.items()]
    html = pages.render(
        "desk/orders/refuse_question.html", page=page, order=page.order, form=form, options=options
    )
    return make_response(html, status)


def _history(page: UptOrderPage, timezone: str) -> tuple[order_words.Step, ...]:
    return tuple(
        order_words.Step(
            label=order_words.EVENT_LABELS.get(event.event, event.event),
            at_text=f"{filters.local_datetime(event.at, timezone)} · {_who(event.actor_kind, event.actor_label)}",
            state="failed" if event.to_state in ("cancelled", "expired") else "done",
            note=event.note,
        )
        for event in page.events
    )


def _who(kind: str, label: str) -> str:
    if kind == "system":
        return "sistem"
    return label if kind == "user" else "pembeli"


def _images(page: UptOrderPage) -> Mapping[int, ImageRecord]:
    alts = {
        line.cover_asset_id: line.product_name
        for line in page.order.lines
        if line.cover_asset_id is not None
    }
    return media_queries.images(asset_ids=tuple(alts), alts=alts) if alts else {}
