"""The desk's pages for delivery: rates, a trial sum, rate tables from files, free delivery, pick-up.

A file is kept under its digest between looking and storing, and judged again before it is stored.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.shipping import queries, rules, services
from app.domain.shipping.adapters import rates_file
from app.domain.shipping.commands import AddFreeRule, SavePlan
from app.domain.shipping.errors import PlanChanged, RatesRefused, RatesUnreadable
from app.domain.shipping.rules import sheet as sheet_rules
from app.domain.shipping.types import (
    PERMISSION_NATIONAL,
    PERMISSION_VIEW,
    RATE_BYTES_MAX,
    RatePreview,
)
from app.domain.upt.types import UptBrief
from app.infra import db, sheets, storage
from app.infra.sheets import Column, ColumnKind
from app.kernel import clock, ids
from app.kernel.errors import NotAllowed, NotFound
from app.surfaces.desk import shipping_trial, units
from app.surfaces.web import (
    destinations,
    forms,
    messages,
    pages,
    policy,
    session,
    slot_words,
)
from app.surfaces.web.forms import Form

blueprint = Blueprint("shipping", __name__, url_prefix="/ongkir")

ROWS_SHOWN: Final = 100
ERRORS_SHOWN: Final = 300
SLOTS_SHOWN: Final = 12
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Here:
    """The UPT in view, and what this person may do there."""

    upt: UptBrief
    view: units.View
    at: datetime
    may_write: bool

    @property
    def today(self) -> date:
        """Return the day at the UPT."""
        return clock.local_date(at=self.at, timezone=self.upt.timezone)

    @property
    def query(self) -> dict[str, Any]:
        """Return what keeps the UPT in addresses."""
        return {"upt": self.upt.upt_id} if self.view.can_switch else {}


def _here() -> Here:
    view = units.current(PERMISSION_VIEW)
    if view.upt is None:
        raise NotFound
    may_write = services.may_write(actor=session.current_actor(), upt_id=view.upt.upt_id)
    return Here(view.upt, view, clock.now(), may_write)


def _writer() -> Here:
    here = _here()
    if not here.may_write:
        raise NotAllowed(PERMISSION_VIEW)
    return here


def _render(name: str, here: Here, *, status: int = 200, **values: Any) -> Response:
    parts = [
        ("Tarif", "index"), ("Coba hitung", "trial"), ("Gratis ongkir", "free"),
        ("Jam ambil", "pickup"),
    ]  # fmt: skip
    if here.may_write:
        parts.append(("Impor tarif", "sheet"))
    tabs = [(label, url_for(f".{part}", **here.query), part == name) for label, part in parts]
    shown = pages.render(f"desk/shipping/{name}.html", here=here, tabs=tabs, **values)
    return make_response(shown, status)


@blueprint.get("")
@policy.staff(PERMISSION_VIEW)
def index() -> Response:
    """Show the rates that hold for this UPT, narrowed to a destination or a day."""
    here = _here()
    typed = request.args.get("tujuan", "").strip()
    found = destinations.find(typed)
    place = found.place
    is_all = request.args.get("semua") == "1"
    page = queries.list_rates(
        upt_id=here.upt.upt_id,
        province_code=here.upt.province_code,
        destination_code=place.code if place else "",
        on=None if is_all else here.today,
        cursor=request.args.get("sesudah"),
    )
    kept: dict[str, Any] = {**here.query, "tujuan": typed or None, "semua": "1" if is_all else None}
    return _render(
        "index",
        here,
        page=page,
        typed=typed,
        place=place,
        hint="" if place or not typed else messages.text(found.code),
        is_all=is_all,
        names=destinations.names(),
        carriers=rules.CARRIERS,
        is_national=session.current_actor().reach(PERMISSION_NATIONAL).is_national,
        next_href=page.after and url_for(".index", sesudah=page.after, **kept),
    )


@blueprint.post("/tarif/<int:rate_id>/akhiri")
@policy.staff(PERMISSION_VIEW)
def end_rate(rate_id: int) -> BaseResponse:
    """Let a rate count no more from today on."""
    here = _here()
    db.transact(
        lambda: services.end_rate(
            actor=session.current_actor(), rate_id=rate_id, today=here.today, at=here.at
        )
    )
    pages.notify("success", "shipping.rate_ended")
    return redirect(url_for(".index", **here.query), code=303)


@blueprint.get("/hitung")
@policy.staff(PERMISSION_VIEW)
def trial() -> Response:
    """Count what a parcel would cost a buyer; writes nothing."""
    here = _here()
    shown = shipping_trial.count(request.args, here.upt, on=here.today)
    return _render("trial", here, status=422 if shown.form.has_errors else 200, trial=shown)


@blueprint.get("/gratis")
@policy.staff(PERMISSION_VIEW)
def free() -> Response:
    """Show the rules of free delivery, and the form for another."""
    here = _here()
    return _free_page(here, forms.blank(valid_from=here.today, entry_key=ids.token()), 200)


@blueprint.post("/gratis")
@policy.staff(PERMISSION_VIEW)
def add_free() -> BaseResponse:
    """Let the UPT pay for the cheapest courier from an amount on."""
    here = _writer()
    command, form = forms.bind(AddFreeRule, request.form)
    if command is not None and command.province_code not in {"", *destinations.names()}:
        command, form = None, form.with_error("province_code", "field.choice")
    if command is None:
        return _free_page(here, form, 422)
    db.transact(
        partial(
            services.add_free_rule,
            actor=session.current_actor(), upt_id=here.upt.upt_id, command=command, at=here.at,
        )
    )  # fmt: skip
    pages.notify("success", "shipping.rule_saved")
    return redirect(url_for(".free", **here.query), code=303)


@blueprint.post("/gratis/<int:rule_id>/akhiri")
@policy.staff(PERMISSION_VIEW)
def end_free(rule_id: int) -> BaseResponse:
    """End a rule of free delivery."""
    here = _writer()
    db.transact(
        lambda: services.end_free_rule(
            actor=session.current_actor(),
            upt_id=here.upt.upt_id,
            rule_id=rule_id,
            today=here.today,
            at=here.at,
        )
    )
    pages.notify("success", "shipping.rule_ended")
    return redirect(url_for(".free", **here.query), code=303)


def _free_page(here: Here, form: Form, status: int) -> Response:
    return _render(
        "free",
        here,
        status=status,
        form=form,
        rules=queries.list_free_rules(upt_id=here.upt.upt_id),
        names=destinations.names(),
        provinces=destinations.provinces(),
    )


@blueprint.route("/ambil", methods=["GET", "POST"])
@policy.staff(PERMISSION_VIEW)
def pickup() -> BaseResponse:
    """Show or set when goods can be fetched at the gallery."""
    here = _here()
    plan = queries.find_plan(upt_id=here.upt.upt_id)
    if request.method == "GET":
        return _pickup_page(here, shipping_trial.plan_form(plan), 200)
    _writer()
    command, form = forms.bind(SavePlan, request.form)
    if command is None:
        return _pickup_page(here, form, 422)
    try:
        db.transact(
            lambda: services.save_plan(
                actor=session.current_actor(),
                upt_id=here.upt.upt_id,
                command=command,
                at=here.at,
            )
        )
    except PlanChanged as error:
        return _pickup_page(here, form.with_error("", error.code), 409)
    pages.notify("success", "shipping.plan_saved")
    return redirect(url_for(".pickup", **here.query), code=303)


def _pickup_page(here: Here, form: Form, status: int) -> Response:
    upt_id = here.upt.upt_id
    return _render(
        "pickup",
        here,
        status=status,
        form=form,
        slots=queries.list_slots(upt_ids=(upt_id,), at=here.at).get(upt_id, ())[:SLOTS_SHOWN],
        plan=queries.find_plan(upt_id=upt_id),
        bookings=queries.list_bookings(actor=session.current_actor(), upt_id=upt_id, since=here.at),
        slot_span=slot_words.span,
    )


@blueprint.get("/impor")
@policy.staff(PERMISSION_VIEW)
def sheet() -> Response:
    """Show the upload form and the columns it understands."""
    here = _writer()
    return _sheet_page(here, forms.blank(valid_from=here.today), None, "", 200)


@blueprint.get("/impor/contoh.csv")
@policy.staff(PERMISSION_VIEW)
def template() -> Response:
    """Give a table with every column and two rows to be overwritten."""
    kinds = {"harga_pertama": ColumnKind.MONEY, "harga_berikutnya": ColumnKind.MONEY}
    columns = [Column(name, kinds.get(name, ColumnKind.TEXT)) for name in sheet_rules.COLUMNS]
    rows = (
        ("", "31", "kurir", "reguler", 1, 12_000, 9_000, "", 2, 3, "", ""),
        ("", "31.74", "kargo", "kargo", 10, 60_000, 4_000, "50=3500|100=3000", 4, 7, "", ""),
    )
    answer = Response(sheets.write_csv(columns=columns, rows=rows), mimetype=sheets.CSV_TYPE)
    answer.headers["Content-Disposition"] = "attachment; filename=contoh-ongkir.csv"
    return answer


@blueprint.post("/impor")
@policy.staff(PERMISSION_VIEW)
def judge_sheet() -> BaseResponse:
    """Judge an uploaded rate table; nothing is changed."""
    here = _writer()
    form = forms.typed(request.form)
    content = _uploaded()
    if content is None:
        return _sheet_page(here, form.with_error("file", "shipping.file_missing"), None, "", 422)
    valid_from = _valid_from()
    if valid_from is None:
        return _sheet_page(here, form.with_error("valid_from", "field.date"), None, "", 422)
    try:
        preview = _judge(content, here, valid_from)
    except RatesUnreadable as error:
        return _sheet_page(here, form.with_errors(error), None, "", 422)
    digest = hashlib.sha256(content).hexdigest()
    if not preview.errors:
        storage.originals().write(_key(digest), content)
    return _sheet_page(here, form, preview, digest, 422 if preview.errors else 200)


@blueprint.post("/impor/terapkan")
@policy.staff(PERMISSION_VIEW)
def apply_sheet() -> BaseResponse:
    """Store the rate table that was looked at; the same table again changes nothing."""
    here = _writer()
    digest = request.form.get("digest", "")
    valid_from = _valid_from()
    is_there = _DIGEST.fullmatch(digest) and storage.originals().exists(_key(digest))
    if not is_there or valid_from is None:
        form = forms.blank(valid_from=here.today).with_error("file", "shipping.file_gone")
        return _sheet_page(here, form, None, "", 422)
    preview = _judge(storage.originals().read(_key(digest)), here, valid_from)
    try:
        count = db.transact(
            lambda: services.apply_rates(
                actor=session.current_actor(),
                upt_id=here.upt.upt_id,
                preview=preview,
                at=here.at,
            )
        )
    except RatesRefused:
        return _sheet_page(here, forms.typed(request.form), preview, digest, 422)
    storage.originals().delete(_key(digest))
    known = len(preview.rows) - count
    pages.notify("success", "shipping.rates_loaded", new=count, known=known)
    return redirect(url_for(".index", semua="1", **here.query), code=303)


def _judge(content: bytes, here: Here, valid_from: date) -> RatePreview:
    actor = session.current_actor()
    context = sheet_rules.SheetContext(
        upt_id=here.upt.upt_id,
        is_national=actor.reach(PERMISSION_NATIONAL).is_national,
        valid_from=valid_from,
        source=f"tabel {here.today.isoformat()}",
        places=frozenset(destinations.names()),
    )
    preview = sheet_rules.read_sheet(rows=rates_file.read_rows(content=content), context=context)
    rates = [row.rate for row in preview.rows]
    known = queries.known_rates(
        origins={(rate.origin_upt_id, rate.origin_province_code) for rate in rates},
        days={row.period.valid_from for row in preview.rows},
    )
    return sheet_rules.mark_known(preview=preview, known=known)


def _sheet_page(
    here: Here, form: Form, preview: RatePreview | None, digest: str, status: int
) -> Response:
    errors = preview.errors if preview else ()
    return _render(
        "sheet",
        here,
        status=status,
        form=form,
        preview=preview,
        digest=digest,
        error_lines=[(one, messages.text(one.code)) for one in errors[:ERRORS_SHOWN]],
        rows=preview.rows[:ROWS_SHOWN] if preview else (),
        columns=[(name, name in sheet_rules.COLUMNS_REQUIRED) for name in sheet_rules.COLUMNS],
        names=destinations.names(),
        carriers=rules.CARRIERS,
    )


def _valid_from() -> date | None:
    try:
        return date.fromisoformat(request.form.get("valid_from", "").strip())
    except ValueError:
        return None


def _uploaded() -> bytes | None:
    """Return the file's bytes, at most one more than allowed; None when none was chosen."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return None
    try:
        return upload.stream.read(RATE_BYTES_MAX + 1)
    finally:
        upload.close()


def _key(digest: str) -> str:
    return f"imports/rates-{digest}"
