"""What a buyer can still do about an order: cancel a part, ask for help, send it elsewhere."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.checkout import services as checkout_services
from app.domain.orders import services as order_services
from app.domain.orders.commands import AddNote
from app.domain.orders.errors import AddressElsewhere, AddressFixed, IllegalTransition
from app.domain.orders.types import Address, OrderPage
from app.infra import db
from app.kernel import clock, ids
from app.surfaces.storefront import checkout_form, orders
from app.surfaces.web import forms, pages, policy, session

blueprint = Blueprint("order_parts", __name__, url_prefix="/pesanan")

_WORDS: Final = {
    ("text", "field.required"): "orders.note_required",
    ("text", "field.too_short"): "orders.note_required",
}
STREET_MAX: Final = 300
NAME_MAX: Final = 120


@blueprint.get("/<number>/batal/<part>")
@policy.public
def cancel_question(number: str, part: str) -> str:
    """Ask whether a paid part shall really be cancelled."""
    page = orders.own_order(number)
    child = orders.own_part(page, part)
    found = next(order for order in page.upt_orders if order.number == child)
    return pages.render("storefront/order_parts/cancel_part.html", page=page, part=found)


@blueprint.post("/<number>/batal/<part>")
@policy.public
def cancel(number: str, part: str) -> Response:
    """Cancel a paid part of which nothing left; its money goes back."""
    child = orders.own_part(orders.own_order(number), part)
    actor, at = session.current_actor(), clock.now()
    try:
        due_idr = db.transact(
            lambda: checkout_services.cancel_paid(number=child, actor=actor, at=at)
        )
        pages.notify("success", "order.part_cancelled", amount_idr=due_idr)
    except IllegalTransition:
        pages.notify("info", "order.cannot_cancel")
    return orders.to_order(number)


@blueprint.get("/<number>/bantuan/<part>")
@policy.public
def help_form(number: str, part: str) -> Response:
    """Ask what is wrong."""
    page = orders.own_order(number)
    child = orders.own_part(page, part)
    return _help_page(page, child, forms.blank(entry_key=ids.token()), status=200)


@blueprint.post("/<number>/bantuan/<part>")
@policy.public
def ask_help(number: str, part: str) -> Response:
    """Keep the buyer's words with the order, for the UPT and its regional office."""
    page = orders.own_order(number)
    child = orders.own_part(page, part)
    command, form = forms.bind(AddNote, request.form, words=_WORDS)
    if command is None:
        return _help_page(page, child, form, status=422)
    actor, at = session.current_actor(), clock.now()
    db.transact(lambda: order_services.ask_help(actor=actor, number=child, command=command, at=at))
    pages.notify("success", "order.help_sent")
    return orders.to_order(number)


@blueprint.get("/<number>/alamat")
@policy.public
def address_form(number: str) -> Response:
    """Show the address for changing it."""
    page = orders.own_order(number)
    before = page.group.address
    if before is None:
        pages.notify("info", "orders.address_fixed")
        return orders.to_order(number)
    form = forms.blank(
        recipient=before.recipient,
        recipient_phone=before.phone,
        street=before.street,
        postcode=before.postcode,
        village_code=before.village_code,
        village_before=before.village_code,
    )
    return _address_page(page, form, status=200)


@blueprint.post("/<number>/alamat")
@policy.public
def change_address(number: str) -> Response:
    """Send the order elsewhere in the same regency, before a UPT accepted it."""
    page = orders.own_order(number)
    values: MultiDict[str, str] = MultiDict(request.form)
    found = checkout_form.resolve_address(values)
    form = forms.typed(values)
    street, name = values.get("street", "").strip(), values.get("recipient", "").strip()
    if found.place is None:
        form = form.and_error("place_query", found.error or "checkout.place_required")
    if not 5 <= len(street) <= STREET_MAX:
        form = form.and_error("street", "checkout.street_required")
    if not 2 <= len(name) <= NAME_MAX:
        form = form.and_error("recipient", "checkout.name_required")
    phone = values.get("recipient_phone", "").strip()
    if not 8 <= len(phone) <= 20:
        form = form.and_error("recipient_phone", "checkout.phone_required")
    if found.place is None or form.has_errors:
        return _address_page(page, form, status=422)
    place = found.place
    address = Address(
        recipient=name,
        phone=phone,
        street=street,
        village_code=place.village_code,
        village=place.village,
        district=place.district,
        regency=place.regency,
        province=place.province,
        province_code=place.province_code,
        postcode=place.postcode,
    )
    actor, at = session.current_actor(), clock.now()
    try:
        db.transact(
            lambda: order_services.change_address(
                group_id=page.group.group_id, address=address, actor=actor, at=at
            )
        )
    except AddressElsewhere as error:
        return _address_page(page, form.with_error("place_query", error.code), status=409)
    except AddressFixed as error:
        pages.notify("warning", error.code)
        return orders.to_order(number)
    pages.notify("success", "order.address_changed")
    return redirect(url_for("storefront.orders.order", number=number), code=303)


def _help_page(page: OrderPage, part: str, form: forms.Form, *, status: int) -> Response:
    html = pages.render("storefront/order_parts/help.html", page=page, part=part, form=form)
    return make_response(html, status)


def _address_page(page: OrderPage, form: forms.Form, *, status: int) -> Response:
    html = pages.render("storefront/order_parts/address.html", page=page, form=form)
    return make_response(html, status)
