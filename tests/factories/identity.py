"""Short ways to sign in, look and count, shared by the tests of identity."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from app.domain.audit.models import AuditEntry
from app.domain.identity import flows, queries, services
from app.domain.identity.commands import GrantRole, SignIn
from app.domain.identity.types import Role, SignedIn, SignedInSession
from app.infra import db
from tests.factories import people
from tests.factories.people import AT, SYSTEM

NEW_PASSWORD = "angin-timur-membawa-hujan"


def minutes(number: int) -> datetime:
    return AT + timedelta(minutes=number)


def enter(
    email: str = "pembeli@contoh.example",
    password: str = people.PASSWORD,
    token: str = "t1",
    client: str = "192.0.2.1",
    at: datetime = AT,
) -> SignedInSession:
    command = SignIn(email=email, password=SecretStr(password))
    return flows.sign_in(
        command=command, client_key=client, at=at, token=token, user_agent="x" * 500
    )


def here(token: str = "t1", at: datetime = AT) -> SignedIn | None:
    return queries.find_signed_in(token=token, at=at)


def count(model: Any) -> int:
    return db.read_session().scalar(sa.select(sa.func.count()).select_from(model)) or 0


def actions() -> list[str]:
    return list(db.read_session().scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def grant(user_id: int, role: Role, **values: Any) -> int:
    command = GrantRole(user_id=user_id, role=role, **values)
    with db.unit_of_work():
        return services.grant_role(actor=SYSTEM, command=command, at=AT)


def admin(email: str = "admin@contoh.example") -> int:
    user = people.make_user(email)
    people.grant(user.user_id, "national_admin")
    return user.user_id
