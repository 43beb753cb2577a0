"""People with accounts, and the roles they hold for a scope and a time."""

from __future__ import annotations

from typing import Any, Final

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.identity import queries as identity_queries
from app.domain.identity import services as identity_services
from app.domain.identity.commands import CreateUser, GrantRole
from app.domain.identity.types import ROLE_SCOPE, GrantRecord, Role, ScopeKind
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import clock
from app.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from app.surfaces.desk.admin.base import again, blueprint
from app.surfaces.web import errors, forms, pages, policy, session

ROLE_LABELS: Final = {
    Role.UPT_CLERK: "Petugas galeri UPT",
    Role.UPT_HEAD: "Kepala unit UPT",
    Role.KANWIL_STAFF: "Staf kanwil",
    Role.TREASURER: "Bendahara",
    Role.CURATOR: "Kurator",
    Role.AUDITOR: "Auditor",
    Role.NATIONAL_ADMIN: "Admin nasional",
}
SCOPE_WORDS: Final = {
    ScopeKind.NATIONAL: "nasional",
    ScopeKind.KANWIL: "untuk satu kanwil",
    ScopeKind.UPT: "untuk satu UPT",
}


@blueprint.get("/pengguna")
@policy.staff("identity.manage")
def users() -> str:
    """List people by name, narrowed by text."""
    text = request.args.get("q", "").strip()
    page = identity_queries.list_users(
        actor=session.current_actor(),
        at=clock.now(),
        after=request.args.get("sesudah"),
        text=text,
    )
    following = None
    if page.after:
        following = url_for("desk.admin.users", q=text or None, sesudah=page.after)
    return pages.render(
        "desk/admin/users.html",
        users=page.items,
        form=forms.blank(q=text),
        role_labels=ROLE_LABELS,
        next_href=following,
        first_href=url_for("desk.admin.users", q=text or None)
        if request.args.get("sesudah")
        else None,
    )


@blueprint.get("/pengguna/baru")
@policy.staff("identity.manage")
def user_create() -> str:
    """Show an empty form for an account."""
    session.current_actor().ensure_national("identity.manage")
    return pages.render("desk/admin/user_create.html", form=forms.blank())


@blueprint.post("/pengguna/baru")
@policy.staff("identity.manage")
def user_create_post() -> Response:
    """Make an account for somebody."""
    actor = session.current_actor()
    actor.ensure_national("identity.manage")
    command, form = forms.bind(CreateUser, request.form)
    if command is None:
        return again("desk/admin/user_create.html", form)
    try:
        user_id = db.transact(
            lambda: identity_services.create_user(actor=actor, command=command, at=clock.now())
        )
    except Invalid as error:
        return again("desk/admin/user_create.html", form.with_errors(error))
    pages.notify("success", "identity.user_created", name=command.name)
    return _to(user_id)


@blueprint.get("/pengguna/<int:user_id>")
@policy.staff("identity.manage")
def user(user_id: int) -> str:
    """Show a person with every role they hold or held, and a form to give one."""
    return pages.render("desk/admin/user.html", form=forms.blank(), **_person(user_id))


@blueprint.post("/pengguna/<int:user_id>/peran")
@policy.staff("identity.manage")
def grant(user_id: int) -> Response:
    """Give a person a role."""
    actor = session.current_actor()
    person = _person(user_id)
    command, form = forms.bind(GrantRole, request.form, user_id=user_id)
    if command is None:
        return again("desk/admin/user.html", form, **person)
    try:
        _ensure_scope_exists(command)
        db.transact(
            lambda: identity_services.grant_role(actor=actor, command=command, at=clock.now())
        )
    except Invalid as error:
        return again("desk/admin/user.html", form.with_errors(error), **person)
    except (Conflict, NotAllowed) as error:
        response = again("desk/admin/user.html", form.with_error("", error.code), **person)
        response.status_code = errors.status_of(error)
        return response
    pages.notify("success", "identity.role_granted")
    return _to(user_id)


@blueprint.post("/pengguna/<int:user_id>/peran/<int:grant_id>/cabut")
@policy.staff("identity.manage")
def revoke(user_id: int, grant_id: int) -> Response:
    """Take a role back, from now on."""
    actor = session.current_actor()
    grants = identity_queries.list_grants(actor=actor, user_id=user_id)
    if grant_id not in {record.grant_id for record in grants}:
        raise NotFound
    db.transact(
        lambda: identity_services.revoke_grant(actor=actor, grant_id=grant_id, at=clock.now())
    )
    pages.notify("success", "identity.role_revoked")
    return _to(user_id)


@blueprint.post("/pengguna/<int:user_id>/status")
@policy.staff("identity.manage")
def set_active(user_id: int) -> Response:
    """Close an account at once, or open it again."""
    actor = session.current_actor()
    person = identity_queries.get_user(actor=actor, user_id=user_id).user
    is_active = request.form.get("is_active") == "1"
    db.transact(
        lambda: identity_services.set_active(
            actor=actor, user_id=user_id, is_active=is_active, at=clock.now()
        )
    )
    code = "identity.user_opened" if is_active else "identity.user_closed"
    pages.notify("success", code, name=person.name)
    return _to(user_id)


@blueprint.post("/pengguna/<int:user_id>/sesi")
@policy.staff("identity.manage")
def end_sessions(user_id: int) -> Response:
    """Sign a person out everywhere."""
    actor = session.current_actor()
    person = identity_queries.get_user(actor=actor, user_id=user_id).user
    db.transact(
        lambda: identity_services.end_sessions(actor=actor, user_id=user_id, at=clock.now())
    )
    pages.notify("success", "identity.sessions_ended", name=person.name)
    return _to(user_id)


def _to(user_id: int) -> Response:
    return redirect(url_for("desk.admin.user", user_id=user_id), code=303)


def _ensure_scope_exists(command: GrantRole) -> None:
    """Refuse an office or unit that is not there, as the choice lists would."""
    if command.kanwil_id is not None:
        upt_queries.get_kanwil(kanwil_id=command.kanwil_id)
    if command.upt_id is not None and not upt_queries.briefs(upt_ids=(command.upt_id,)):
        raise NotFound


def _person(user_id: int) -> dict[str, Any]:
    """Return what the page of a person shows beside its form."""
    actor = session.current_actor()
    at = clock.now()
    row = identity_queries.get_user(actor=actor, user_id=user_id)
    grants = identity_queries.list_grants(actor=actor, user_id=user_id)
    offices = upt_queries.list_kanwil()
    upts = upt_queries.list_register(actor=actor)
    names = {
        "kanwil": {office.kanwil_id: office.name for office in offices},
        "upt": {upt.upt_id: upt.short_name for upt in upts},
    }
    return {
        "person": row,
        "is_own": row.user.user_id == actor.user_id,
        "grants": [_grant_line(record, names, at=at) for record in grants],
        "sessions": identity_queries.list_sessions(user_id=user_id, at=at),
        "roles": [
            (role.value, label, SCOPE_WORDS[ROLE_SCOPE[role]])
            for role, label in ROLE_LABELS.items()
        ],
        "offices": [(office.kanwil_id, office.name) for office in offices],
        "upts": [(upt.upt_id, upt.short_name) for upt in upts],
    }


def _grant_line(
    record: GrantRecord, names: dict[str, dict[int, str]], *, at: Any
) -> dict[str, object]:
    scope = "Nasional"
    if record.upt_id is not None:
        scope = names["upt"].get(record.upt_id, f"UPT {record.upt_id}")
    elif record.kanwil_id is not None:
        scope = names["kanwil"].get(record.kanwil_id, f"Kanwil {record.kanwil_id}")
    if record.revoked_at is not None:
        state, tone = "Dicabut", "neutral"
    elif record.is_in_force(at):
        state, tone = "Berlaku", "success"
    elif record.valid_from > at:
        state, tone = "Belum mulai", "info"
    else:
        state, tone = "Berakhir", "neutral"
    return {
        "record": record,
        "role": ROLE_LABELS[record.role],
        "scope": scope,
        "state": state,
        "tone": tone,
        "may_revoke": record.revoked_at is None and state != "Berakhir",
    }
