"""The basket: what is in it, grouped by the UPT that will send it, with everything that changed.

A cart promises nothing, so the page says for each line what is true now: the price of today beside
the one seen when it was put in, and how many pieces are left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, jsonify, make_response, redirect, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response as BaseResponse

from app.domain.cart import queries as cart_queries
from app.domain.cart import services as cart_services
from app.domain.cart.commands import AddToCart, ChangeCartLine
from app.domain.cart.types import CartSummary
from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import Offer
from app.domain.checkout import services as checkout_services
from app.domain.checkout.types import CheckoutPreview, PreviewGroup, PreviewLine
from app.domain.media import queries as media_queries
from app.domain.media.types import ImageRecord
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db
from app.kernel import clock
from app.kernel.errors import Conflict, NotFound
from app.kernel.quantity import CART_QUANTITY_MAX
from app.surfaces.web import destinations, errors, forms, messages, pages, policy, session

blueprint = Blueprint("cart", __name__)

_PRICES: Final = "cart_prices"
_REMOVED: Final = "cart_removed"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the page shows it.

    Attributes:
        quantity: As typed when it was refused, else as stored.
        problem: Why the line cannot be ordered as it stands; empty when it can.
        former_price_idr: Price when it was put in, if it has changed since.
        maximum: Most pieces that can be asked for now.
    """

    variant_id: int
    name: str
    variant_name: str
    href: str | None
    image: ImageRecord | None
    price_idr: int
    quantity: int
    line_total_idr: int
    problem: str
    note: str
    former_price_idr: int | None
    maximum: int


@dataclass(frozen=True, slots=True)
class Group:
    """The lines that one UPT will send."""

    upt: UptBrief
    lines: tuple[Line, ...]
    subtotal_idr: int


@dataclass(frozen=True, slots=True)
class Removed:
    """A line just taken out, for putting it back."""

    variant_id: int
    quantity: int
    name: str


@blueprint.get("/keranjang")
@policy.public
def cart() -> str:
    """Show the basket."""
    return _page(clock.now(), forms.blank())


@blueprint.post("/keranjang/tambah")
@policy.public
def add() -> BaseResponse:
    """Put pieces into the basket; scripts get JSON, others the basket."""
    command, form = forms.bind(AddToCart, request.form)
    if command is None:
        return _add_refused(form, 422)
    at = clock.now()
    session.ensure_cart_token()
    try:
        summary = db.transact(
            lambda: cart_services.add(
                key=session.cart_key(),
                variant_id=command.variant_id,
                quantity=command.quantity,
                at=at,
            )
        )
    except Conflict as error:
        return _add_refused(form.with_error("quantity", error.code, **error.details()), 409)
    offer = catalog_queries.offers(variant_ids=(command.variant_id,))[command.variant_id]
    _remember_price(offer)
    is_undo = "kembalikan" in request.form
    return _changed("cart.restored" if is_undo else "cart.added", summary, name=full_name(offer))


@blueprint.post("/keranjang/ubah")
@policy.public
def change() -> BaseResponse:
    """Set the pieces of a line; zero takes it out, and the next page offers to put it back."""
    at = clock.now()
    command, form = forms.bind(ChangeCartLine, request.form)
    if command is None:
        return make_response(_page(at, form), 422)
    key = session.cart_key()
    before = {line.variant_id: line.quantity for line in cart_queries.find_lines(key=key)}
    try:
        summary = db.transact(
            lambda: cart_services.set_quantity(
                key=key, variant_id=command.variant_id, quantity=command.quantity, at=at
            )
        )
    except NotFound:
        pages.notify("info", "cart.line_gone")
        return redirect(url_for("storefront.cart.cart"), code=303)
    offer = catalog_queries.offers(variant_ids=(command.variant_id,)).get(command.variant_id)
    name = full_name(offer) if offer else "Barang"
    if command.quantity:
        return _changed("cart.changed", summary, name=name, quantity=command.quantity)
    cookie[_REMOVED] = [command.variant_id, before.get(command.variant_id, 1)]
    _forget_price(command.variant_id)
    return redirect(url_for("storefront.cart.cart"), code=303)


def full_name(offer: Offer) -> str:
    """Return product and variant as one name."""
    return (
        f"{offer.product_name}, {offer.variant_name}" if offer.variant_name else offer.product_name
    )


def _changed(code: str, summary: CartSummary, **params: object) -> BaseResponse:
    if errors.wants_json():
        text = messages.text(code, **params)
        return jsonify({"cart_quantity": summary.quantity_total, "message": text})
    pages.notify("success", code, **params)
    return redirect(url_for("storefront.cart.cart"), code=303)


def _add_refused(form: forms.Form, status: int) -> Response:
    text = next((words for _field, words in form.all_errors), messages.text("input.invalid"))
    if errors.wants_json():
        return errors.respond(status, code="input.invalid", text=text)
    raw = form.value("variant_id")
    variant_id = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 15 else 0
    offer = catalog_queries.offers(variant_ids=(variant_id,)).get(variant_id)
    if offer is None or not offer.is_published:
        raise NotFound
    page = pages.render(
        "storefront/cart/add.html",
        form=form,
        offer=offer,
        name=full_name(offer),
        upt=upt_queries.briefs(upt_ids=(offer.upt_id,))[offer.upt_id],
        image=_cover(offer),
        maximum=CART_QUANTITY_MAX,
    )
    return make_response(page, status)


def _page(at: datetime, form: forms.Form) -> str:
    place = destinations.remembered()
    preview = checkout_services.preview(
        key=session.cart_key(),
        destination_province_code=place.province_code if place else None,
        destination_regency_code=place.regency_code if place else "",
        choices={},
        at=at,
    )
    covers = {
        line.cover_asset_id: line.product_name
        for part in preview.groups
        for line in part.lines
        if line.cover_asset_id is not None
    }
    images = media_queries.images(asset_ids=tuple(covers), alts=covers) if covers else {}
    seen = _seen_prices()
    groups = tuple(_group(part, images, seen) for part in preview.groups)
    lines = [line for group in groups for line in group.lines]
    return pages.render(
        "storefront/cart/cart.html",
        form=form,
        groups=groups,
        place=place,
        shipping_idr=_shipping(preview) if place else None,
        removed=_take_removed(),
        goods_total_idr=sum(group.subtotal_idr for group in groups),
        quantity_total=sum(line.quantity for line in lines),
        has_problems=any(line.problem for line in lines),
    )


def _shipping(preview: CheckoutPreview) -> int | None:
    """Return what the cheapest couriers ask; None when some UPT has none to the destination."""
    if all(group.chosen for group in preview.groups):
        return preview.shipping_total_idr
    return None


def _group(part: PreviewGroup, images: Mapping[int, ImageRecord], seen: Mapping[int, int]) -> Group:
    lines = tuple(
        _line(line, images.get(line.cover_asset_id or 0), seen.get(line.variant_id))
        for line in part.lines
    )
    subtotal_idr = sum(line.line_total_idr for line in lines if not line.problem)
    return Group(part.upt, lines, subtotal_idr)


def _line(line: PreviewLine, image: ImageRecord | None, seen_idr: int | None) -> Line:
    is_sold = line.problem is None or line.problem.code != "checkout.item_withdrawn"
    has_changed = seen_idr is not None and seen_idr != line.unit_price_idr
    is_nearly_gone = line.problem is None and line.available - line.quantity < 3
    return Line(
        variant_id=line.variant_id,
        name=line.product_name,
        variant_name=line.variant_name,
        href=f"/produk/{line.product_slug}" if is_sold else None,
        image=image,
        price_idr=line.unit_price_idr,
        quantity=line.quantity,
        line_total_idr=line.line_total_idr,
        problem=_problem(line),
        note=f"Tersisa {line.available}." if is_nearly_gone else "",
        former_price_idr=seen_idr if is_sold and has_changed else None,
        maximum=max(1, min(line.available, CART_QUANTITY_MAX)),
    )


def _problem(line: PreviewLine) -> str:
    if line.problem is None:
        return ""
    return messages.text(f"cart.line.{line.problem.code.partition('.')[2]}", left=line.available)


def _cover(offer: Offer) -> ImageRecord | None:
    asset_id = offer.cover_asset_id
    if asset_id is None:
        return None
    return media_queries.images(asset_ids=(asset_id,), alts={asset_id: ""}).get(asset_id)


def _take_removed() -> Removed | None:
    found = cookie.pop(_REMOVED, None)
    if not isinstance(found, list) or len(found) != 2:
        return None
    variant_id, quantity = int(found[0]), int(found[1])
    offer = catalog_queries.offers(variant_ids=(variant_id,)).get(variant_id)
    if offer is None or not offer.is_published:
        return None
    return Removed(variant_id, quantity, full_name(offer))


def _seen_prices() -> dict[int, int]:
    kept = cookie.get(_PRICES, {})
    return {int(variant_id): int(price) for variant_id, price in kept.items()}


def _remember_price(offer: Offer) -> None:
    prices = dict(cookie.get(_PRICES, {}))
    prices[str(offer.variant_id)] = offer.price_idr
    cookie[_PRICES] = dict(list(prices.items())[-60:])


def _forget_price(variant_id: int) -> None:
    prices = dict(cookie.get(_PRICES, {}))
    if prices.pop(str(variant_id), None) is not None:
        cookie[_PRICES] = prices
