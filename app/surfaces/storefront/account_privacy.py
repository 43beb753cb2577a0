"""A buyer's own data: saved addresses, a file with everything, and being forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.buyers import flows as buyer_flows
from app.domain.buyers import queries as buyer_queries
from app.domain.buyers import services as buyer_services
from app.domain.buyers.commands import EraseAccount, SaveAddress
from app.domain.buyers.errors import AddressesFull, OrdersOpen
from app.domain.buyers.types import AddressRecord
from app.domain.identity.errors import StaffAccount, WrongPassword
from app.domain.identity.types import SignedIn
from app.domain.places import queries as place_queries
from app.infra import db
from app.kernel import clock
from app.kernel.errors import NotFound
from app.surfaces.storefront import checkout_form
from app.surfaces.storefront.checkout_form import Address
from app.surfaces.web import forms, pages, policy, session

blueprint = Blueprint("account_privacy", __name__, url_prefix="/akun")

_WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("street", "field.required"): "checkout.street_required",
    ("postcode", "field.required"): "checkout.postcode_required",
    ("recipient", "field.required"): "checkout.name_required",
}


@blueprint.get("/alamat")
@policy.buyer
def addresses() -> Response:
    """List the saved addresses, with a form for a further one."""
    name = _signed_in().user.name
    return _addresses_page(forms.blank(recipient=name), Address())


@blueprint.post("/alamat")
@policy.buyer
def save_address() -> Response:
    """Look a place up, or keep the address."""
    values = MultiDict(request.form.items())
    address = checkout_form.resolve_address(values)
    if values.get("langkah") != "simpan":
        return _addresses_page(forms.typed(values), address)
    command, form = forms.bind(SaveAddress, values, words=_WORDS)
    if address.place is None:
        form = form.and_error("place_query", address.error or "checkout.place_required")
    if command is None or address.place is None:
        return _addresses_page(form, address, status=422)
    user_id = _signed_in().user.user_id
    try:
        db.transact(
            lambda: buyer_services.save_address(user_id=user_id, command=command, at=clock.now())
        )
    except AddressesFull as error:
        full = form.with_error("", error.code, **error.details())
        return _addresses_page(full, address, status=409)
    pages.notify("success", "account.address_saved")
    return redirect(url_for("storefront.account_privacy.addresses"), code=303)


@blueprint.post("/alamat/<int:address_id>/utama")
@policy.buyer
def make_default(address_id: int) -> Response:
    """Offer an address first at checkout."""
    user_id = _signed_in().user.user_id
    db.transact(lambda: buyer_services.make_default(user_id=user_id, address_id=address_id))
    pages.notify("success", "account.address_default")
    return redirect(url_for("storefront.account_privacy.addresses"), code=303)


@blueprint.post("/alamat/<int:address_id>/hapus")
@policy.buyer
def remove_address(address_id: int) -> Response:
    """Forget an address."""
    user_id = _signed_in().user.user_id
    db.transact(lambda: buyer_services.remove_address(user_id=user_id, address_id=address_id))
    pages.notify("success", "account.address_removed")
    return redirect(url_for("storefront.account_privacy.addresses"), code=303)


@blueprint.get("/data")
@policy.buyer
def privacy() -> Response:
    """Say what we keep, with the file and the form to be forgotten."""
    return _privacy_page(forms.blank())


@blueprint.get("/data.json")
@policy.buyer
def export() -> Response:
    """Return everything that we keep about the account."""
    values = buyer_queries.export(user_id=_signed_in().user.user_id, at=clock.now())
    answer = make_response(json.dumps(values, ensure_ascii=False, indent=2) + "\n")
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = 'attachment; filename="data-karyabina.json"'
    return answer


@blueprint.post("/data/hapus")
@policy.buyer
def erase() -> Response:
    """Forget the person behind the account."""
    command, form = forms.bind(EraseAccount, request.form)
    if command is None:
        return _privacy_page(form, status=422)
    try:
        buyer_flows.erase(user_id=_signed_in().user.user_id, command=command, at=clock.now())
    except WrongPassword as error:
        return _privacy_page(form.with_error("password", error.code), status=422)
    except (OrdersOpen, StaffAccount) as error:
        return _privacy_page(form.with_error("", error.code, **error.details()), status=409)
    pages.notify("success", "account.erased")
    return redirect("/", code=303)


def first_address(user_id: int) -> dict[str, str]:
    """Return the fields of checkout that the default address fills, none without one."""
    found: AddressRecord | None = next(iter(buyer_queries.list_addresses(user_id=user_id)), None)
    if found is None:
        return {}
    return {
        "recipient": found.recipient,
        "recipient_phone": found.phone,
        "street": found.street,
        "village_code": found.village_code,
        "village_before": found.village_code,
        "postcode": found.postcode,
    }


def _addresses_page(form: forms.Form, address: Address, *, status: int = 200) -> Response:
    saved = buyer_queries.list_addresses(user_id=_signed_in().user.user_id)
    places = {one.village_code: place_queries.find_village(code=one.village_code) for one in saved}
    page = pages.render(
        "storefront/account_privacy/addresses.html",
        form=form,
        address=address,
        saved=saved,
        places={code: place.label for code, place in places.items() if place},
    )
    return make_response(page, status)


def _privacy_page(form: forms.Form, *, status: int = 200) -> Response:
    found = _signed_in()
    page = pages.render(
        "storefront/account_privacy/privacy.html", form=form, email=found.user.email
    )
    return make_response(page, status)


def _signed_in() -> SignedIn:
    found = session.signed_in()
    if found is None:
        raise NotFound
    return found
