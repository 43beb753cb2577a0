"""The desk's trial sum, and the plan of pick-up as its form shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from pydantic import Field
from werkzeug.datastructures import MultiDict

from app.domain.shipping import queries
from app.domain.shipping.types import Item, Parcel, PickupPlan, Ways
from app.domain.upt.types import UptBrief
from app.kernel.commands import Command, Text, Whole
from app.surfaces.web import destinations, forms
from app.surfaces.web.destinations import Place
from app.surfaces.web.forms import Form

SIDE_MM_MAX: Final = 20_000

SideCm = Annotated[Whole, Field(ge=0, le=SIDE_MM_MAX // 10)]


class Trial(Command):
    """A parcel to be counted; sizes in centimetres, as people measure them."""

    tujuan: Text
    berat_g: Annotated[Whole, Field(ge=1, le=1_000_000)]
    panjang_cm: SideCm = 0
    lebar_cm: SideCm = 0
    tinggi_cm: SideCm = 0
    jumlah: Annotated[Whole, Field(ge=1, le=999)] = 1


@dataclass(frozen=True, slots=True)
class Counted:
    """What the page shows: the form, and the ways once everything is known."""

    form: Form
    place: Place | None = None
    matches: tuple[Place, ...] = ()
    ways: Ways | None = None


def count(typed: Mapping[str, str], upt: UptBrief, *, on: date) -> Counted:
    """Return what one parcel from a UPT would cost; the empty form when nothing was asked."""
    values = MultiDict({name: typed.get(name, "") for name in Trial.model_fields})
    if not any(value.strip() for value in values.values()):
        return Counted(forms.blank(jumlah=1))
    command, form = forms.bind(Trial, values)
    if command is None:
        return Counted(form)
    found = destinations.find(command.tujuan)
    if found.place is None:
        return Counted(form.and_error("tujuan", found.code), matches=found.matches)
    item = Item(
        command.berat_g,
        command.panjang_cm * 10,
        command.lebar_cm * 10,
        command.tinggi_cm * 10,
        command.jumlah,
    )
    parcel = Parcel(upt.province_code, command.berat_g * command.jumlah, (item,))
    ways = queries.ways(
        parcels={upt.upt_id: parcel},
        destination_province_code=found.place.province_code,
        destination_regency_code=found.place.regency_code,
        on=on,
    )
    return Counted(form, found.place, ways=ways[upt.upt_id])


def plan_form(plan: PickupPlan | None) -> Form:
    """Return the form of a plan; a sensible one when there is none yet."""
    if plan is None:
        return forms.blank(
            weekdays=("1", "2", "3", "4", "5"), opens="09:00", closes="15:00", slot_minutes=60,
            capacity=4, lead_hours=24, days_ahead=14, version=0,
        )  # fmt: skip
    return forms.blank(
        weekdays=plan.weekdays,
        opens=_clock(plan.opens_minute),
        closes=_clock(plan.closes_minute),
        slot_minutes=plan.slot_minutes,
        capacity=plan.capacity,
        lead_hours=plan.lead_hours,
        days_ahead=plan.days_ahead,
        version=plan.version,
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
