"""An order as its buyer sees it: how to pay, where each parcel is, what can still be done.

Three ways lead here: the account that placed it, the browser that placed it, or the secret link,
whose key is taken out of the address on the first visit. Everybody else gets the same 404 as for a
number that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, current_app, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.checkout import flows as checkout_flows
from app.domain.checkout import services as checkout_services
from app.domain.media import queries as media_queries
from app.domain.media.types import ImageRecord
from app.domain.orders import queries as order_queries
from app.domain.orders import rules as order_rules
from app.domain.orders.errors import IllegalTransition, ParcelClosed
from app.domain.orders.types import (
    CANCELLABLE_BY_UPT,
    WAITING_FOR_UPT,
    OrderPage,
    ParcelRecord,
    ReturnRecord,
    UptOrderRecord,
    UptOrderState,
)
from app.domain.payments import queries as payment_queries
from app.domain.payments.errors import GatewayRefused, GatewayUnavailable, PaidMeanwhile
from app.domain.payments.types import PaymentMethod, PaymentRecord
from app.domain.shipping import queries as shipping_queries
from app.domain.shipping import rules as shipping_rules
from app.domain.shipping import services as shipping_services
from app.domain.shipping.errors import SlotUnavailable
from app.domain.shipping.types import Booking, DeliveryMethod, Slot
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptRecord
from app.infra import db
from app.kernel import clock
from app.kernel.errors import NotFound
from app.surfaces.storefront import card_pay
from app.surfaces.web import (
    order_link,
    order_words,
    pages,
    paper_press,
    policy,
    session,
    slot_words,
)

blueprint = Blueprint("orders", __name__, url_prefix="/pesanan")

LOOK_AGAIN_S: Final = 3
"""Seconds after which a page that waits for the provider's notice is loaded again."""


_TO_BE_FETCHED: Final = frozenset({UptOrderState.HELD, *WAITING_FOR_UPT})


@dataclass(frozen=True, slots=True)
class Parcel:
    """The part of an order that one UPT fulfils, ready for the page."""

    order: UptOrderRecord
    upt: UptRecord
    label: str
    tone: str
    delivery: str
    is_pickup: bool
    steps: tuple[order_words.Step, ...]
    can_confirm: bool
    sent: tuple[tuple[ParcelRecord, str], ...]
    refusals: tuple[str, ...]
    can_cancel: bool
    booking: Booking | None = None
    slots: tuple[Slot, ...] = ()


@blueprint.get("/<number>")
@policy.public
def order(number: str) -> str | Response:
    """Show the order."""
    if "kunci" in request.args:
        return _open_by_key(number, request.args["kunci"])
    page = own_order(number)
    at = clock.now()
    payment = payment_queries.get_payment(group_id=page.group.group_id)
    attempt = payment_queries.find_open_attempt(payment_id=payment.payment_id)
    is_waiting = attempt is not None and request.args.get("bayar") == "selesai"
    answer = make_response(_render(page, payment, at, is_waiting=is_waiting))
    if is_waiting:
        answer.headers["Refresh"] = str(LOOK_AGAIN_S)
    return answer


def _render(page: OrderPage, payment: PaymentRecord, at: datetime, *, is_waiting: bool) -> str:
    return pages.render(
        "storefront/orders/order.html",
        page=page,
        state=page.state,
        label=order_words.BUYER_LABELS[page.state],
        tone=order_words.TONES[page.state],
        parcels=_parcels(page, at),
        slot_span=slot_words.span,
        images=_images(page),
        returns=_returns(page, at),
        return_words=order_words.RETURN_LABELS,
        return_tones=order_words.RETURN_TONES,
        parcel_words=order_words.PARCEL_LABELS,
        parcel_tones=order_words.PARCEL_TONES,
        can_change_address=page.group.address is not None
        and all(
            part.state in (UptOrderState.HELD, UptOrderState.PLACED) for part in page.upt_orders
        ),
        payment=payment,
        money=_money(page, payment),
        is_overdue=at > payment.pay_by_at,
        account=current_app.config["KARYABINA"].transfer_account,
        secret_link=order_link.link_to(page.group.number),
        has_card=checkout_flows.card_gateway() is not None,
        is_card=payment.method is PaymentMethod.CARD,
        is_stand_in=card_pay.is_stand_in(),
        is_waiting=is_waiting,
        **paper_press.values_of(page),
    )


@blueprint.post("/<number>/bayar")
@policy.public
def pay(number: str) -> Response:
    """Go to the provider's pay page."""
    own_order(number)
    return card_pay.to_pay_page(number, clock.now())


@blueprint.post("/<number>/jam")
@policy.public
def move_slot(number: str) -> Response:
    """Choose another time to fetch the goods of one UPT."""
    page = own_order(number)
    asked = request.form.get("bagian", "")
    part = next((one for one in page.upt_orders if one.number == asked), None)
    if part is None:
        raise NotFound
    if not _waits_to_be_fetched(part):
        pages.notify("info", "shipping.slot_not_needed")
        return to_order(number)
    try:
        db.transact(
            lambda: shipping_services.move_slot(
                upt_id=part.upt_id,
                number=part.number,
                key=request.form.get("slot", ""),
                at=clock.now(),
            )
        )
        pages.notify("success", "shipping.slot_moved")
    except SlotUnavailable as error:
        pages.notify("warning", error.code)
    return to_order(number)


@blueprint.get("/<number>/batal")
@policy.public
def cancel_question(number: str) -> str | Response:
    """Ask whether the order shall really be cancelled."""
    page = own_order(number)
    if not page.can_be_cancelled:
        pages.notify("info", "order.cannot_cancel")
        return to_order(number)
    return pages.render("storefront/orders/cancel_question.html", page=page)


@blueprint.post("/<number>/batal")
@policy.public
def cancel(number: str) -> Response:
    """Cancel an order that nobody paid; its goods go back to the shelf."""
    own_order(number)
    try:
        checkout_flows.cancel_unpaid(number=number, actor=session.current_actor(), at=clock.now())
        pages.notify("success", "order.cancelled")
    except (PaidMeanwhile, GatewayUnavailable, GatewayRefused) as error:
        pages.notify("warning", error.code)
    except IllegalTransition:
        pages.notify("info", "order.cannot_cancel")
    return to_order(number)


@blueprint.post("/<number>/diterima")
@policy.public
def received(number: str) -> Response:
    """Record that the buyer has the goods of one UPT."""
    page = own_order(number)
    child = own_part(page, request.form.get("bagian", ""))
    typed = request.form.get("paket", "")
    position = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else None
    try:
        db.transact(
            lambda: checkout_services.confirm_received(
                number=child, actor=session.current_actor(), at=clock.now(), position=position
            )
        )
        pages.notify("success", "order.received")
    except IllegalTransition:
        pages.notify("info", "order.not_shipped_yet")
    except ParcelClosed as error:
        pages.notify("info", error.code)
    return to_order(number)


def own_part(page: OrderPage, number: str) -> str:
    """Return the number of a part of an order.

    Raises:
        NotFound: It is not a part of it.
    """
    if number not in {part.number for part in page.upt_orders}:
        raise NotFound
    return number


def _open_by_key(number: str, key: str) -> Response:
    if not order_link.is_key_of(number, key) or order_queries.find_group_id(number=number) is None:
        raise NotFound
    session.remember_order(number)
    return to_order(number)


def to_order(number: str) -> Response:
    """Go to the page of an order."""
    return redirect(url_for("storefront.orders.order", number=number), code=303)


def own_order(number: str) -> OrderPage:
    """Return an order that this browser or account may see.

    Raises:
        NotFound: It may not, or there is none.
    """
    page = order_queries.get_group(number=number)
    user_id = session.current_user_id()
    is_owner = user_id is not None and page.group.buyer_user_id == user_id
    if not is_owner and number not in session.own_order_numbers():
        raise NotFound
    return page


def _waits_to_be_fetched(part: UptOrderRecord) -> bool:
    return part.delivery_method is DeliveryMethod.PICKUP and part.state in _TO_BE_FETCHED


def _parcels(page: OrderPage, at: datetime) -> tuple[Parcel, ...]:
    found = []
    upts = upt_queries.records(
        upt_ids=[part.upt_id for part in page.upt_orders],
        on=clock.local_date(at=page.group.placed_at, timezone="Asia/Jakarta"),
    )
    fetched = [part for part in page.upt_orders if _waits_to_be_fetched(part)]
    bookings = shipping_queries.bookings(numbers=[part.number for part in fetched])
    slots = shipping_queries.list_slots(upt_ids={part.upt_id for part in fetched}, at=at)
    for part in page.upt_orders:
        upt = upts[part.upt_id]
        found.append(
            Parcel(
                order=part,
                upt=upt,
                label=order_words.BUYER_LABELS[part.state],
                tone=order_words.TONES[part.state],
                delivery=order_words.delivery_text(part),
                is_pickup=part.delivery_method is DeliveryMethod.PICKUP,
                steps=order_words.steps(part, page.events, timezone=upt.timezone),
                can_confirm=part.state in (UptOrderState.SHIPPED, UptOrderState.PART_SHIPPED),
                sent=tuple(
                    (sent, _tracking_link(sent))
                    for sent in page.parcels
                    if sent.upt_order_id == part.upt_order_id
                ),
                refusals=_refusals(part, page),
                can_cancel=part.state in CANCELLABLE_BY_UPT,
                booking=bookings.get(part.number),
                slots=slots.get(part.upt_id, ()),
            )
        )
    return tuple(found)


def _returns(page: OrderPage, at: datetime) -> dict[str, tuple[bool, tuple[ReturnRecord, ...]]]:
    """Return by part whether its goods can still be sent back, and what was asked before."""
    there = [part.upt_order_id for part in page.upt_orders if part.delivered_at is not None]
    found = order_queries.list_returns(upt_order_ids=there) if there else ()
    return {
        part.number: (
            order_rules.may_return(state=part.state, delivered_at=part.delivered_at, at=at)
            and any(line.quantity_with_buyer for line in part.lines),
            tuple(one for one in found if one.upt_order_id == part.upt_order_id),
        )
        for part in page.upt_orders
    }


def _tracking_link(sent: ParcelRecord) -> str:
    return shipping_rules.tracking_link(carrier_name=sent.carrier, number=sent.tracking_number)


def _refusals(part: UptOrderRecord, page: OrderPage) -> tuple[str, ...]:
    """Return what the UPT said about pieces that it could not send."""
    return tuple(
        event.note
        for event in page.events
        if event.upt_order_id == part.upt_order_id and event.event in ("refuse_part", "refuse_rest")
    )


def _images(page: OrderPage) -> dict[int, ImageRecord]:
    alts = {
        line.cover_asset_id: line.product_name
        for part in page.upt_orders
        for line in part.lines
        if line.cover_asset_id is not None
    }
    return dict(media_queries.images(asset_ids=tuple(alts), alts=alts)) if alts else {}


def _money(page: OrderPage, payment: PaymentRecord) -> str:
    """Return which payment panel the page shows."""
    if payment.sums.refund_due_idr > 0:
        return "refund_due"
    if payment.sums.unsettled_idr > 0:
        return "review"
    if payment.sums.refunded_idr > 0:
        return "refunded"
    if page.state is UptOrderState.HELD:
        return "pay"
    if page.state is UptOrderState.EXPIRED:
        return "expired"
    return "paid" if payment.sums.settled_idr > 0 else "closed"
