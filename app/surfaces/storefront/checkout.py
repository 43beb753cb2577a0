"""Checkout on one page: contact, address, delivery for each UPT, payment, and one clear total.

Every press of a button posts the whole page; only *Pesan sekarang* tries to place the order. The
page carries a placement key, so a double click, a reload or a lost answer leads to one order.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from flask import Blueprint, current_app, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.checkout import services as checkout_services
from app.domain.checkout.commands import PlaceOrder, delivery_choices
from app.domain.checkout.errors import (
    EmptyCart,
    ItemsShort,
    ItemsWithdrawn,
    PlacementUnderWay,
    TotalChanged,
)
from app.domain.checkout.types import CheckoutPreview, PlacedOrder, Problem
from app.domain.media import queries as media_queries
from app.domain.media.types import ImageRecord
from app.domain.orders import queries as order_queries
from app.domain.orders.errors import OrderNumberTaken
from app.domain.orders.types import SERVICE_TIMEZONE
from app.domain.payments.errors import ReferenceTaken
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import DomainError, IdempotencyMismatch, Invalid, Unavailable
from app.surfaces.storefront import account_privacy, card_pay, checkout_form
from app.surfaces.storefront.checkout_form import Address
from app.surfaces.web import errors, forms, messages, pages, policy, session, slot_words

blueprint = Blueprint("checkout", __name__)

ATTEMPTS_MAX: Final = 3
"""How often a fresh random number is drawn when one was taken."""

_DRAWN_TWICE: Final = (OrderNumberTaken, ReferenceTaken, PlacementUnderWay)


@blueprint.get("/checkout")
@policy.public
def checkout() -> Response:
    """Show the page, with what we know about a signed-in buyer filled in."""
    at = clock.now()
    values = _first_values()
    address = checkout_form.resolve_address(values)
    preview = _preview(values, address, at)
    if not preview.groups:
        return redirect(url_for("storefront.cart.cart"), code=303)
    return _page(values, address, preview, checkout_form.form_of(values), status=200)


@blueprint.post("/checkout")
@policy.public
def place() -> Response:
    """Take the next step: look a place up, count again, or place the order."""
    at = clock.now()
    values = MultiDict(request.form.items())
    address = checkout_form.resolve_address(values)
    if values.get("langkah") != "pesan":
        return _next_page(values, address, at)
    preview = _preview(values, address, at)
    fields = [group.field for group in preview.groups]
    try:
        command = checkout_form.parse(values, address, fields)
    except Invalid as error:
        form = checkout_form.form_of(values).with_errors(error)
        return _again(values, address, form, at, status=422)
    try:
        placed = _place(command, at)
    except (EmptyCart, IdempotencyMismatch) as error:
        return _nothing_left(values, address, error, at)
    except (TotalChanged, ItemsShort, ItemsWithdrawn, Unavailable) as error:
        form = checkout_form.form_of(values)
        refusal = _refusal_text(error)
        return _again(values, address, form, at, status=errors.status_of(error), refusal=refusal)
    except Invalid as error:
        form = checkout_form.form_of(values).with_errors(error)
        return _again(values, address, form, at, status=422)
    session.remember_order(placed.number)
    if command.payment_method == "card":
        return card_pay.to_pay_page(placed.number, at)
    return redirect(url_for("storefront.orders.order", number=placed.number), code=303)


def _place(command: PlaceOrder, at: datetime) -> PlacedOrder:
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return db.transact(
                lambda: checkout_services.place_order(
                    command=command,
                    actor=session.current_actor(),
                    cart_key=session.cart_key(),
                    number=ids.order_number(),
                    reference=ids.payment_reference(),
                    pay_hours=current_app.config["KARYABINA"].transfer_hours,
                    at=at,
                )
            )
        except _DRAWN_TWICE:
            if attempt == ATTEMPTS_MAX:
                raise
    raise AssertionError("unreachable")


def _refusal_text(error: DomainError) -> str:
    if not isinstance(error, ItemsShort):
        return messages.for_error(error)
    names = [
        f"{item.name} (tersisa {item.available}, Anda minta {item.wanted})"
        if item.available > 0
        else f"{item.name} (habis)"
        for item in error.items
    ]
    return messages.text(error.code, names=", ".join(names))


def _first_values() -> MultiDict[str, str]:
    values: MultiDict[str, str] = MultiDict(
        {"placement_key": ids.token(), "payment_method": "bank_transfer"}
    )
    found = session.signed_in()
    if found is None:
        return values
    values["contact_name"], values["contact_email"] = found.user.name, found.user.email
    latest = order_queries.list_for_buyer(user_id=found.user.user_id, size=1).items
    if latest:
        group = order_queries.get_group(number=latest[0].number).group
        values["contact_phone"] = group.contact.phone
    values.update(account_privacy.first_address(found.user.user_id))
    if latest and group.address is not None and "village_code" not in values:
        values["village_code"] = values["village_before"] = group.address.village_code
        values["street"] = group.address.street
        values["postcode"] = group.address.postcode
    return values


def _preview(values: MultiDict[str, str], address: Address, at: datetime) -> CheckoutPreview:
    return checkout_services.preview(
        key=session.cart_key(),
        destination_province_code=address.place.province_code if address.place else None,
        destination_regency_code=address.place.regency_code if address.place else "",
        choices=delivery_choices(values),
        with_slots=True,
        at=at,
    )


def _next_page(values: MultiDict[str, str], address: Address, at: datetime) -> Response:
    form = checkout_form.form_of(values)
    if values.get("langkah") == "cari":
        code = address.error or ("" if address.place else "checkout.place_required")
        if code:
            form = form.with_error("place_query", code)
    return _again(values, address, form, at, status=200)


def _again(
    values: MultiDict[str, str],
    address: Address,
    form: forms.Form,
    at: datetime,
    *,
    status: int,
    refusal: str = "",
) -> Response:
    preview = _preview(values, address, at)
    if not preview.groups:
        pages.notify("info", "checkout.empty_cart")
        return redirect(url_for("storefront.cart.cart"), code=303)
    return _page(values, address, preview, form, status=status, refusal=refusal)


def _nothing_left(
    values: MultiDict[str, str], address: Address, error: DomainError, at: datetime
) -> Response:
    """Answer a form that has become an order already, or whose cart was emptied elsewhere."""
    if isinstance(error, IdempotencyMismatch):
        values["placement_key"] = ids.token()
        pages.notify("info", "checkout.already_placed")
        form = checkout_form.form_of(values)
        return _again(values, address, form, at, status=409)
    pages.notify("info", error.code)
    return redirect(url_for("storefront.cart.cart"), code=303)


def _page(
    values: MultiDict[str, str],
    address: Address,
    preview: CheckoutPreview,
    form: forms.Form,
    *,
    status: int,
    refusal: str = "",
) -> Response:
    galleries = upt_queries.records(
        upt_ids=[group.upt_id for group in preview.groups],
        on=clock.local_date(at=clock.now(), timezone=SERVICE_TIMEZONE),
    )
    page = pages.render(
        "storefront/checkout/checkout.html",
        form=form,
        address=address,
        preview=preview,
        galleries=galleries,
        images=_images(preview),
        refusal=refusal,
        problems=tuple(_problem_text(problem) for problem in preview.problems),
        has_all_deliveries=all(group.chosen is not None for group in preview.groups),
        is_guest=session.signed_in() is None,
        pay_methods=card_pay.methods(),
        slot_span=slot_words.span,
    )
    return make_response(page, status)


def _problem_text(problem: Problem) -> str:
    return messages.text(
        problem.code, name=problem.name, wanted=problem.wanted, available=problem.available
    )


def _images(preview: CheckoutPreview) -> dict[int, ImageRecord]:
    alts = {
        line.cover_asset_id: line.product_name
        for group in preview.groups
        for line in group.lines
        if line.cover_asset_id is not None
    }
    return dict(media_queries.images(asset_ids=tuple(alts), alts=alts)) if alts else {}
