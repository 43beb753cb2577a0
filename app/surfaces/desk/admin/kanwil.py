"""Regional offices and the provinces they cover."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.places import queries as places_queries
from app.domain.upt import queries as upt_queries
from app.domain.upt import services as upt_services
from app.domain.upt.commands import SaveKanwil
from app.infra import db
from app.kernel import clock
from app.kernel.errors import Invalid
from app.surfaces.desk.admin.base import again, blueprint
from app.surfaces.web import forms, pages, policy, session


@blueprint.get("/kanwil")
@policy.staff("upt.manage")
def kanwils() -> str:
    """List the regional offices with their provinces."""
    session.current_actor().ensure_national("upt.manage")
    return pages.render(
        "desk/admin/kanwils.html",
        offices=upt_queries.list_kanwil(),
        provinces=dict(places_queries.list_provinces()),
    )


@blueprint.get("/kanwil/baru")
@policy.staff("upt.manage")
def kanwil_create() -> str:
    """Show an empty form for a regional office."""
    session.current_actor().ensure_national("upt.manage")
    return _page(forms.blank(), None)


@blueprint.post("/kanwil/baru")
@policy.staff("upt.manage")
def kanwil_create_post() -> Response:
    """Add a regional office."""
    return _save(None)


@blueprint.get("/kanwil/<int:kanwil_id>")
@policy.staff("upt.manage")
def kanwil(kanwil_id: int) -> str:
    """Show a regional office's form."""
    session.current_actor().ensure_national("upt.manage")
    office = upt_queries.get_kanwil(kanwil_id=kanwil_id)
    form = forms.blank(code=office.code, name=office.name, province_codes=office.province_codes)
    return _page(form, kanwil_id)


@blueprint.post("/kanwil/<int:kanwil_id>")
@policy.staff("upt.manage")
def kanwil_post(kanwil_id: int) -> Response:
    """Change a regional office."""
    return _save(kanwil_id)


def _save(kanwil_id: int | None) -> Response:
    actor = session.current_actor()
    actor.ensure_national("upt.manage")
    if kanwil_id is not None:
        upt_queries.get_kanwil(kanwil_id=kanwil_id)
    command, form = forms.bind(SaveKanwil, request.form)
    if command is None:
        return again("desk/admin/kanwil.html", form, kanwil_id=kanwil_id, provinces=_provinces())
    try:
        db.transact(
            lambda: upt_services.save_kanwil(
                actor=actor, command=command, at=clock.now(), kanwil_id=kanwil_id
            )
        )
    except Invalid as error:
        wrong = form.with_errors(error)
        return again("desk/admin/kanwil.html", wrong, kanwil_id=kanwil_id, provinces=_provinces())
    pages.notify("success", "upt.kanwil_saved", name=command.name)
    return redirect(url_for("desk.admin.kanwils"), code=303)


def _page(form: forms.Form, kanwil_id: int | None) -> str:
    return pages.render(
        "desk/admin/kanwil.html", form=form, kanwil_id=kanwil_id, provinces=_provinces()
    )


def _provinces() -> tuple[tuple[str, str], ...]:
    return places_queries.list_provinces()
