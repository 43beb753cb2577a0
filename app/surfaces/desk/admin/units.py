"""Units: the list with search, adding one, changing one with its dated names."""

from __future__ import annotations

from typing import Any, Final

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.catalog import services as catalog_services
from app.domain.places import queries as places_queries
from app.domain.upt import queries as upt_queries
from app.domain.upt import services as upt_services
from app.domain.upt.commands import SaveUpt
from app.domain.upt.types import KIND_LABELS, TIMEZONES, UPT_CLASSES, UptCard, UptSubkind
from app.infra import db
from app.kernel import clock
from app.kernel.errors import Invalid
from app.surfaces.desk.admin.base import again, blueprint, today
from app.surfaces.web import forms, pages, policy, session

ZONES: Final = {
    "Asia/Jakarta": "WIB (Asia/Jakarta)",
    "Asia/Makassar": "WITA (Asia/Makassar)",
    "Asia/Jayapura": "WIT (Asia/Jayapura)",
}
SUBKINDS: Final = {
    UptSubkind.UMUM: "Umum",
    UptSubkind.PEREMPUAN: "Perempuan",
    UptSubkind.NARKOTIKA: "Narkotika",
    UptSubkind.PEMUDA: "Pemuda",
    UptSubkind.TERBUKA: "Terbuka",
    UptSubkind.KHUSUS: "Khusus",
}
SHOWN_MAX: Final = 200


def _choices() -> dict[str, Any]:
    offices = upt_queries.list_kanwil()
    return {
        "kinds": [(kind.value, label) for kind, label in KIND_LABELS.items()],
        "subkinds": [(kind.value, label) for kind, label in SUBKINDS.items()],
        "classes": [(value, value) for value in UPT_CLASSES if value],
        "zones": [(zone, ZONES[zone]) for zone in TIMEZONES],
        "offices": [(office.kanwil_id, office.name) for office in offices],
        "regencies": [(code, f"{name} ({code})") for code, name in places_queries.list_regencies()],
    }


@blueprint.get("/upt")
@policy.staff("upt.manage")
def upts() -> str:
    """List the units, closed ones too, narrowed by text and office."""
    text = request.args.get("q", "").strip()
    kanwil_id = request.args.get("kanwil", type=int)
    found = upt_queries.list_register(actor=session.current_actor(), text=text, kanwil_id=kanwil_id)
    offices = upt_queries.list_kanwil()
    return pages.render(
        "desk/admin/upts.html",
        upts=found[:SHOWN_MAX],
        count=len(found),
        shown_max=SHOWN_MAX,
        form=forms.blank(q=text, kanwil=kanwil_id),
        kanwil_names={office.kanwil_id: office.name for office in offices},
        offices=[(office.kanwil_id, office.name) for office in offices],
    )


@blueprint.get("/upt/baru")
@policy.staff("upt.manage")
def upt_create() -> str:
    """Show an empty form for a unit."""
    session.current_actor().ensure_national("upt.manage")
    form = forms.blank(
        kind="lapas", subkind="umum", timezone="Asia/Jakarta", valid_from=today(), is_active="1"
    )
    return pages.render("desk/admin/upt.html", form=form, card=None, **_choices())


@blueprint.post("/upt/baru")
@policy.staff("upt.manage")
def upt_create_post() -> Response:
    """Add a unit."""
    return _save(None)


@blueprint.get("/upt/<int:upt_id>")
@policy.staff("upt.manage")
def upt(upt_id: int) -> str:
    """Show a unit's form with every name it had."""
    card = upt_queries.get_card(actor=session.current_actor(), upt_id=upt_id, on=today())
    return pages.render("desk/admin/upt.html", form=_form_of(card), card=card, **_choices())


@blueprint.post("/upt/<int:upt_id>")
@policy.staff("upt.manage")
def upt_post(upt_id: int) -> Response:
    """Change a unit."""
    return _save(upt_id)


def _save(upt_id: int | None) -> Response:
    actor = session.current_actor()
    actor.ensure_national("upt.manage")
    card = None
    if upt_id is not None:
        card = upt_queries.get_card(actor=actor, upt_id=upt_id, on=today())
    village_code = _village_code()
    command, form = forms.bind(
        SaveUpt,
        request.form,
        aliases=request.form.get("aliases", ""),
        village_code=village_code or "",
    )
    if village_code is None:
        form = form.and_error("village_query", "upt.village_unclear")
        command = None
    if command is None:
        return again("desk/admin/upt.html", form, card=card, **_choices())

    def work() -> int:
        at = clock.now()
        changed_id = upt_services.save_upt(actor=actor, command=command, at=at, upt_id=upt_id)
        catalog_services.refresh_listings(upt_id=changed_id, at=at)
        return changed_id

    try:
        saved_id = db.transact(work)
    except Invalid as error:
        return again("desk/admin/upt.html", form.with_errors(error), card=card, **_choices())
    record = upt_queries.get(upt_id=saved_id, on=today())
    pages.notify("success", "upt.saved", name=record.short_name)
    return redirect(url_for("desk.admin.upt", upt_id=saved_id), code=303)


def _village_code() -> str | None:
    """Return the code chosen, or found from the words alone; None when they fit several places."""
    query = request.form.get("village_query", "").strip()
    code = request.form.get("village_code", "").strip()
    if not query or code:
        return code if query else ""
    found = places_queries.search(text=query, limit=2)
    return found[0].village_code if len(found) == 1 else None


def _village_label(code: str) -> str:
    place = places_queries.find_village(code=code) if code else None
    return place.label if place else ""


def _form_of(card: UptCard) -> forms.Form:
    record, latest = card.record, card.names[0]
    return forms.blank(
        slug=record.slug,
        kind=record.kind.value,
        subkind=card.subkind.value,
        upt_class=latest.upt_class,
        place=card.place,
        full_name=latest.name,
        valid_from=latest.valid_from,
        kanwil_id=record.kanwil_id,
        regency_code=record.regency_code,
        timezone=record.timezone,
        aliases="\n".join(card.aliases),
        is_active="1" if record.is_active else None,
        source=card.source,
        address_line=record.address_line,
        village_code=card.village_code,
        village_query=_village_label(card.village_code),
        postcode=record.postcode,
        phone=record.phone,
        opening_hours=record.opening_hours,
        about=record.about,
        story_title=record.story_title,
        story=record.story,
    )
