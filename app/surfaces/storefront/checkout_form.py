"""The checkout form while it is being filled in: which place is meant, what the buyer typed.

Works in plain steps without a script: type a village or postcode, press *Cari alamat*, pick one of
the matches. A script does the same with fewer pages. What was typed is always kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import MultiDict

from app.domain.checkout.commands import DELIVERY_PREFIX, SLOT_PREFIX, PlaceOrder
from app.domain.places import queries as place_queries
from app.domain.places.types import PlaceRecord
from app.kernel.errors import FieldError, Invalid
from app.surfaces.web import forms

MATCHES_MAX: Final = 12

FIELDS: Final = (
    "contact_name",
    "contact_email",
    "contact_phone",
    "place_query",
    "postcode",
    "street",
    "recipient",
    "recipient_phone",
    "payment_method",
    "note",
)
"""In the order of the page, which is also the order of the error summary."""

_SPECIFIC: Final[Mapping[tuple[str, str], str]] = {
    ("contact_name", "field.required"): "checkout.name_required",
    ("contact_name", "field.too_short"): "checkout.name_required",
    ("contact_email", "field.required"): "checkout.email_required",
    ("contact_phone", "field.required"): "checkout.phone_required",
    ("street", "field.required"): "checkout.street_required",
    ("postcode", "field.required"): "checkout.postcode_required",
    ("place_query", "field.required"): "checkout.place_required",
    ("payment_method", "field.required"): "checkout.payment_required",
    ("payment_method", "field.choice"): "checkout.payment_required",
}


@dataclass(frozen=True, slots=True)
class Address:
    """What is known about the destination.

    Attributes:
        place: The village meant; None while it is open.
        matches: Villages to choose from when several fit what was typed.
        error: Code of what is wrong with the search; empty when nothing is.
    """

    place: PlaceRecord | None = None
    matches: tuple[PlaceRecord, ...] = ()
    error: str = ""


def resolve_address(values: MultiDict[str, str]) -> Address:
    """Find the place that the form means, and write it back into the form's values."""
    query = values.get("place_query", "").strip()
    picked = _village(values.get("village_pick", ""))
    known = _village(values.get("village_code", ""))
    if picked is None and known is not None and (not query or query == known.label):
        picked = known
    if picked is None and query:
        matches = place_queries.search(text=query, limit=MATCHES_MAX)
        if len(matches) == 1:
            picked = matches[0]
        else:
            values["village_code"] = ""
            return Address(
                None, matches, "checkout.place_pick" if matches else "checkout.place_unknown"
            )
    if picked is None:
        values["village_code"] = ""
        return Address()
    if (
        values.get("village_before", "") != picked.village_code
        or not values.get("postcode", "").strip()
    ):
        values["postcode"] = picked.postcode
    values["place_query"] = picked.label
    values["village_code"] = values["village_before"] = picked.village_code
    return Address(picked)


def parse(
    values: MultiDict[str, str], address: Address, delivery_fields: Collection[str]
) -> PlaceOrder:
    """Return the command of a complete form.

    Args:
        delivery_fields: The fields that must say how each UPT's goods travel.

    Raises:
        Invalid: Every wrong field at once, in the order of the page.
    """
    given = {
        name: values[name].strip()
        for name in values
        if (name in PlaceOrder.model_fields or name.startswith((DELIVERY_PREFIX, SLOT_PREFIX)))
        and values[name].strip()
    }
    given.pop("deliveries", None)
    given.pop("slots", None)
    more = _missing(given, address, delivery_fields)
    try:
        command = PlaceOrder.parse(given)
    except Invalid as error:
        found = [_worded(item, address) for item in error.errors]
        raise Invalid(*_ordered([*found, *more])) from None
    if more:
        raise Invalid(*_ordered(more))
    return command


def _missing(
    given: Mapping[str, str], address: Address, delivery_fields: Collection[str]
) -> list[FieldError]:
    """Return what the page lacks: a delivery, or the address without which no courier is offered."""
    open_fields = [name for name in delivery_fields if name not in given]
    if not open_fields:
        return []
    if address.place is not None:
        return [FieldError(name, "checkout.delivery_required") for name in open_fields]
    found = [FieldError("place_query", address.error or "checkout.place_required")]
    if "street" not in given:
        found.append(FieldError("street", "checkout.street_required"))
    return found


def _worded(error: FieldError, address: Address) -> FieldError:
    field, code = error.field, error.code
    if field == "village_code":
        field = "place_query"
        if address.error:
            return FieldError(field, address.error)
    if field.startswith(DELIVERY_PREFIX):
        return FieldError(field, "checkout.delivery_required")
    if field.startswith(SLOT_PREFIX):
        return FieldError(field, "shipping.slot_required")
    if field in ("placement_key", "confirmed_total_idr"):
        return FieldError("", "checkout.page_stale")
    return FieldError(field, _SPECIFIC.get((field, code), code), error.params)


def _ordered(errors: Sequence[FieldError]) -> tuple[FieldError, ...]:
    order = {name: position for position, name in enumerate(FIELDS)}
    seen: dict[str, FieldError] = {}
    for error in errors:
        seen.setdefault(error.field, error)
    return tuple(sorted(seen.values(), key=lambda error: order.get(error.field, len(order) - 2)))


def form_of(values: MultiDict[str, str]) -> forms.Form:
    """Return the form as typed, with what the place search filled in."""
    return forms.typed(values)


def _village(code: str) -> PlaceRecord | None:
    return place_queries.find_village(code=code) if code and len(code) <= 13 else None
