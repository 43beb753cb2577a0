"""The desk's calendar of work: what each workshop promises week by week, its plan, weeks off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final

from flask import Blueprint, make_response, redirect, request, url_for
from pydantic import Field, StringConstraints
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock import services as stock_services
from app.domain.stock.commands import EntryKey
from app.domain.stock.errors import NotMadeToOrder, OverAllotted, WorkshopChanged, WorkshopNameTaken
from app.domain.stock.queries import capacity as capacity_queries
from app.domain.stock.rules import capacity as capacity_rules
from app.domain.stock.types import STOCK_VIEW
from app.domain.stock.types.capacity import (
    HORIZON_WEEKS,
    STOCK_APPROVE,
    UNITS_MAX,
    WORKSHOP_NAME_MAX,
    WeekLot,
    WorkshopRecord,
)
from app.domain.upt.types import UptBrief
from app.infra import db
from app.kernel import clock, ids
from app.kernel.commands import Command, Text, Whole
from app.kernel.errors import DomainError, FieldError, IdempotencyMismatch, Invalid, NotFound
from app.surfaces.desk import stock_words, units
from app.surfaces.web import filters, forms, pages, policy, session
from app.surfaces.web.forms import Form

blueprint = Blueprint("capacity", __name__, url_prefix="/kapasitas")

WEEKS_MAX: Final = 26
"""Weeks shown side by side."""

LONGEST_LEAD: Final = timedelta(days=3_650)

Units = Annotated[Whole, Field(ge=0, le=UNITS_MAX)]


class SavePlan(Command):
    """A workshop's name, its week, and what each variant gets of it."""

    name: Annotated[Text, StringConstraints(min_length=2, max_length=WORKSHOP_NAME_MAX)]
    units_per_week: Units
    units: Mapping[int, Units]
    version: Annotated[Whole, Field(ge=0)] = 0
    entry_key: EntryKey

    @classmethod
    def read_form(cls, form: MultiDict[str, str]) -> dict[str, Any]:
        """Return the values of a form whose fields follow the goods: ``units.17`` is variant 17."""
        values: dict[str, Any] = {
            name: form[name] for name in ("name", "units_per_week", "version", "entry_key")
            if form.get(name, "").strip()
        }  # fmt: skip
        shares = {
            name.removeprefix("units."): form[name]
            for name in form
            if name.startswith("units.") and name.removeprefix("units.").isdecimal()
        }
        values["units"] = {
            int(variant_id): text for variant_id, text in shares.items() if text.strip()
        }
        return values


class Pause(Command):
    """A week to be closed or opened."""

    week_on: date
    is_paused: bool
    entry_key: EntryKey


@dataclass(frozen=True, slots=True)
class _Cell:
    """One week of one variant."""

    opened: int
    free: int
    is_paused: bool
    is_open: bool

    @property
    def css(self) -> str:
        """Return its look."""
        if self.is_paused:
            return "week--paused"
        if self.opened and not self.free:
            return "week--full"
        return "" if self.opened else "week--none"


@dataclass(frozen=True, slots=True)
class _Row:
    variant_id: int
    name: str
    units: int
    lead_days: int
    cells: tuple[_Cell, ...]


@dataclass(frozen=True, slots=True)
class _Calendar:
    """A workshop as the page shows it."""

    shop: WorkshopRecord
    weeks: tuple[date, ...]
    rows: tuple[_Row, ...]
    promised: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    upt: UptBrief
    view: units.View
    at: datetime

    @property
    def upt_id(self) -> int:
        return self.upt.upt_id


def _place(permission: str) -> _Place:
    view = units.current(permission)
    if view.upt is None:
        raise NotFound
    return _Place(view.upt, view, clock.now())


@blueprint.get("")
@policy.staff(STOCK_VIEW)
def index() -> str:
    """Show the weeks of every workshop: opened, promised, free."""
    here = _place(STOCK_VIEW)
    actor = session.current_actor()
    shops = stock_queries.list_workshops(actor=actor, upt_id=here.upt_id)
    leads = capacity_queries.lead_days(upt_id=here.upt_id)
    today = stock_rules.selling_date(at=here.at)
    weeks = capacity_queries.list_weeks(upt_id=here.upt_id, since=today - LONGEST_LEAD)
    names = _names([each for shop in shops for each in shop.units])
    planned = {variant_id for shop in shops for variant_id in shop.units}
    return pages.render(
        "desk/capacity/index.html",
        here=here,
        calendars=[_calendar(shop, weeks, leads, names, today) for shop in shops],
        without_plan=len(leads.keys() - planned),
        has_goods=bool(leads),
        can_plan=actor.may(STOCK_APPROVE, upt_id=here.upt_id),
        keys={shop.workshop_id: ids.token() for shop in shops},
        horizon=HORIZON_WEEKS,
        week_words=_week_words,
    )


def _names(variant_ids: Sequence[int]) -> dict[int, str]:
    found = catalog_queries.variant_briefs(variant_ids=variant_ids)
    return {variant_id: stock_words.label(brief) for variant_id, brief in found.items()}


def _week_words(week_on: date) -> str:
    end = week_on + timedelta(days=6)
    month = filters.MONTHS[end.month - 1][:3]
    if week_on.month == end.month:
        return f"{week_on.day}–{end.day} {month}"
    return f"{week_on.day} {filters.MONTHS[week_on.month - 1][:3]}–{end.day} {month}"


def _calendar(
    shop: WorkshopRecord,
    lots: Sequence[WeekLot],
    leads: Mapping[int, int],
    names: Mapping[int, str],
    today: date,
) -> _Calendar:
    this_week = capacity_rules.monday(day=today)
    known = {
        (lot.variant_id, lot.week_on): lot
        for lot in lots
        if lot.variant_id in shop.units and lot.week_on >= this_week
    }
    shown = {week for (_, week), lot in known.items() if lot.opened}
    for variant_id in shop.units:
        shown.update(capacity_rules.open_weeks(today=today, lead_days=leads.get(variant_id, 0)))
    first, last = min(shown, default=this_week), max(shown, default=this_week)
    count = min((last - first).days // 7 + 1, WEEKS_MAX)
    weeks = tuple(first + timedelta(weeks=number) for number in range(count))
    rows = tuple(
        _Row(
            variant_id,
            names.get(variant_id, ""),
            units_each,
            leads.get(variant_id, 0),
            tuple(_cell(shop, known.get((variant_id, week)), week, today) for week in weeks),
        )
        for variant_id, units_each in sorted(
            shop.units.items(), key=lambda pair: names.get(pair[0], "")
        )
    )
    promised = tuple(
        sum(row.cells[place].opened - row.cells[place].free for row in rows)
        for place in range(len(weeks))
    )
    return _Calendar(shop, weeks, rows, promised)


def _cell(shop: WorkshopRecord, lot: WeekLot | None, week: date, today: date) -> _Cell:
    is_paused = week in shop.paused
    if lot is None:
        return _Cell(0, 0, is_paused, False)
    return _Cell(lot.opened, lot.free, is_paused, lot.last_day >= today)


@blueprint.route("/bengkel", methods=["GET", "POST"])
@policy.staff(STOCK_APPROVE)
def create() -> Response | str:
    """Add a workshop."""
    here = _place(STOCK_APPROVE)
    if request.method == "GET":
        return _plan_page(forms.blank(version=0, entry_key=ids.token()), here, None)
    return _save(here, None)


@blueprint.route("/bengkel/<int:workshop_id>", methods=["GET", "POST"])
@policy.staff(STOCK_APPROVE)
def plan(workshop_id: int) -> Response | str:
    """Change a workshop's plan; only what nobody was promised opens or closes."""
    here = _place(STOCK_APPROVE)
    shop = _shop(here, workshop_id)
    if request.method == "GET":
        values: dict[str, object] = {
            f"units.{variant_id}": each for variant_id, each in shop.units.items()
        }
        form = forms.blank(
            name=shop.name, units_per_week=shop.units_per_week, version=shop.version,
            entry_key=ids.token(), **values,
        )  # fmt: skip
        return _plan_page(form, here, shop)
    return _save(here, shop)


def _shop(here: _Place, workshop_id: int) -> WorkshopRecord:
    shops = stock_queries.list_workshops(actor=session.current_actor(), upt_id=here.upt_id)
    found = next((shop for shop in shops if shop.workshop_id == workshop_id), None)
    if found is None:
        raise NotFound
    return found


def _save(here: _Place, shop: WorkshopRecord | None) -> Response | str:
    command, form = forms.bind(SavePlan, request.form)
    if command is None:
        return make_response(_plan_page(form, here, shop), 422)
    work = partial(
        stock_services.save_workshop,
        actor=session.current_actor(),
        upt_id=here.upt_id,
        workshop_id=shop.workshop_id if shop else None,
        name=command.name,
        units_per_week=command.units_per_week,
        units=command.units,
        expected_version=command.version,
        entry_key=command.entry_key,
        at=here.at,
    )
    shown, status = _try(work, form)
    if shown is not None:
        return make_response(_plan_page(shown, here, shop), status)
    pages.notify("success", "capacity.saved", name=command.name)
    return redirect(url_for(".index", **_kept(here)), code=303)


def _try(work: Callable[[], object], form: Form) -> tuple[Form | None, int]:
    """Run a service in a transaction; hand back the form to be shown again, with its status."""
    try:
        db.transact(work)
    except (OverAllotted, NotMadeToOrder) as refusal:
        return form.with_errors(refusal), 422
    except Invalid as refusal:
        codes = [FieldError("", error.code, error.params) for error in refusal.errors]
        return form.with_errors(Invalid(*codes)), 422
    except (WorkshopNameTaken, WorkshopChanged, IdempotencyMismatch) as refusal:
        return form.with_error(_field_of(refusal), refusal.code), 409
    return None, 200


def _field_of(refusal: DomainError) -> str:
    return "name" if isinstance(refusal, WorkshopNameTaken) else ""


def _kept(here: _Place) -> dict[str, Any]:
    return {"upt": here.upt_id} if here.view.can_switch else {}


def _plan_page(form: Form, here: _Place, shop: WorkshopRecord | None) -> str:
    leads = capacity_queries.lead_days(upt_id=here.upt_id)
    names = _names(list(leads))
    key = ids.token() if form.errors("entry_key") else form.value("entry_key")
    return pages.render(
        "desk/capacity/plan.html",
        here=here,
        form=form,
        shop=shop,
        entry_key=key,
        goods=sorted(
            ((variant_id, names[variant_id], lead) for variant_id, lead in leads.items()),
            key=lambda row: row[1],
        ),
        back_href=url_for(".index", **_kept(here)),
    )


@blueprint.post("/bengkel/<int:workshop_id>/pekan")
@policy.staff(STOCK_APPROVE)
def pause(workshop_id: int) -> Response:
    """Close a week of a workshop, or open it again; promises stay."""
    here = _place(STOCK_APPROVE)
    command, _ = forms.bind(Pause, request.form)
    if command is None:
        pages.notify("danger", "field.date")
        return redirect(url_for(".index", **_kept(here)), code=303)
    week = capacity_rules.monday(day=command.week_on)
    db.transact(
        lambda: stock_services.set_pause(
            actor=session.current_actor(),
            upt_id=here.upt_id,
            workshop_id=workshop_id,
            week_on=week,
            is_paused=command.is_paused,
            entry_key=command.entry_key,
            at=here.at,
        )
    )
    code = "capacity.paused_done" if command.is_paused else "capacity.resumed_done"
    pages.notify("success", code, week=_week_words(week))
    return redirect(url_for(".index", **_kept(here)) + f"#bengkel-{workshop_id}", code=303)
