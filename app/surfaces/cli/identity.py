"""``flask identity``: the first administrator, roles, passwords and accounts from the server's shell.

Whoever can run this is trusted with the database anyway; every act is still audited. A password is
read without echo, never taken from the command line where others could see it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import click
from flask.cli import AppGroup

from app.domain.identity import queries as identity_queries
from app.domain.identity import services as identity_services
from app.domain.identity.commands import CreateUser, GrantRole
from app.domain.identity.types import ROLE_SCOPE, Role, ScopeKind
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import actor as kernel_actor
from app.kernel import clock
from app.kernel.errors import DomainError, Invalid
from app.surfaces.web import messages

SYSTEM: Final = kernel_actor.system("cli")

commands = AppGroup("identity", help="Accounts, roles and sessions.")


@commands.command("create-admin")
@click.option("--email", required=True, help="Address to sign in with.")
@click.option("--name", required=True, help="Name shown in the audit trail.")
@click.password_option("--password", help="Read without echo when not given.")
def create_admin(email: str, name: str, password: str) -> None:
    """Make the first national administrator; refused once there is one."""

    def work() -> None:
        at = clock.now()
        if identity_queries.lock_lasting_admins(at=at):
            raise click.ClickException("sudah ada admin nasional; pakai halaman Pengguna")
        command = CreateUser.parse({"email": email, "name": name, "password": password})
        user_id = identity_services.create_user(actor=SYSTEM, command=command, at=at)
        grant = GrantRole(user_id=user_id, role=Role.NATIONAL_ADMIN)
        identity_services.grant_role(actor=SYSTEM, command=grant, at=at)

    _run(work)
    click.echo(f"Admin nasional {email} dibuat.")


@commands.command("grant")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--upt", "slug", help="Address of the unit, for example lapas-indramayu.")
@click.option("--kanwil", "code", help="Code of the regional office, for example jawa-barat.")
@click.option("--from", "first_day", type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--until", "last_day", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
def grant_role(
    email: str,
    role: str,
    slug: str | None,
    code: str | None,
    first_day: datetime | None,
    last_day: datetime | None,
) -> None:
    """Give the person with EMAIL a ROLE."""
    command = GrantRole(
        user_id=_user_id(email),
        role=Role(role),
        upt_id=_upt_id(slug),
        kanwil_id=_kanwil_id(code),
        valid_from=first_day.date() if first_day else None,
        valid_until=last_day.date() if last_day else None,
    )
    _run(lambda: identity_services.grant_role(actor=SYSTEM, command=command, at=clock.now()))
    click.echo(f"{role} diberikan kepada {email}.")


@commands.command("revoke")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--upt", "slug", help="Address of the unit.")
@click.option("--kanwil", "code", help="Code of the regional office.")
def revoke(email: str, role: str, slug: str | None, code: str | None) -> None:
    """Take a ROLE back from the person with EMAIL, from now on."""
    at = clock.now()
    scope = (_kanwil_id(code), _upt_id(slug))
    grants = identity_queries.list_grants(actor=SYSTEM, user_id=_user_id(email))
    found = [
        grant.grant_id
        for grant in grants
        if grant.role == role
        and (grant.kanwil_id, grant.upt_id) == scope
        and grant.revoked_at is None
    ]
    if not found:
        raise click.ClickException(f"{email} tidak memegang {role} untuk lingkup itu")

    def work() -> None:
        for grant_id in found:
            identity_services.revoke_grant(actor=SYSTEM, grant_id=grant_id, at=at)

    _run(work)
    click.echo(f"{role} dicabut dari {email}.")


@commands.command("set-password")
@click.argument("email")
@click.password_option("--password", help="Read without echo when not given.")
def set_password(email: str, password: str) -> None:
    """Set the password of the person with EMAIL and end their sessions."""
    user_id = _user_id(email)
    _run(
        lambda: identity_services.set_password(
            actor=SYSTEM, user_id=user_id, password=password, at=clock.now()
        )
    )
    click.echo(f"Kata sandi {email} diganti; semua sesinya berakhir.")


@commands.command("show")
@click.argument("email")
def show(email: str) -> None:
    """Print the roles of the person with EMAIL."""
    at = clock.now()
    user_id = _user_id(email)
    for grant in identity_queries.list_grants(actor=SYSTEM, user_id=user_id):
        state = "berlaku" if grant.is_in_force(at) else "tidak berlaku"
        where = {
            ScopeKind.NATIONAL: "nasional",
            ScopeKind.KANWIL: f"kanwil {grant.kanwil_id}",
            ScopeKind.UPT: f"upt {grant.upt_id}",
        }[ROLE_SCOPE[grant.role]]
        click.echo(f"{grant.grant_id}\t{grant.role}\t{where}\t{state}")


def _run(work: Callable[[], object]) -> None:
    try:
        db.transact(work)
    except Invalid as error:
        lines = [f"{wrong.field or '-'}: {messages.for_field(wrong)}" for wrong in error.errors]
        raise click.ClickException("\n".join(lines)) from None
    except DomainError as error:
        raise click.ClickException(messages.for_error(error)) from None


def _user_id(email: str) -> int:
    user = identity_queries.find_user_by_email(email=email)
    if user is None:
        raise click.ClickException(f"tidak ada akun {email}")
    return user.user_id


def _upt_id(slug: str | None) -> int | None:
    if slug is None:
        return None
    upt_id = upt_queries.find_id_by_slug(slug=slug)
    if upt_id is None:
        raise click.ClickException(f"tidak ada UPT {slug}")
    return upt_id


def _kanwil_id(code: str | None) -> int | None:
    if code is None:
        return None
    office = upt_queries.find_kanwil_by_code(code=code)
    if office is None:
        raise click.ClickException(f"tidak ada kanwil {code}")
    return office.kanwil_id
