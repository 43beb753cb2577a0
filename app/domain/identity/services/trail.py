"""What identity writes into the audit trail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.domain.audit import services as audit_services
from app.domain.identity import rules
from app.domain.identity.models import RoleGrant, User
from app.infra import db
from app.kernel.actor import Actor, ActorKind


def oneself(*, user: User) -> Actor:
    """Return a person as the actor of what they do to their own account."""
    grant = select(RoleGrant.id).where(RoleGrant.user_id == user.id).limit(1)
    is_staff = db.read_session().scalar(grant) is not None
    label = rules.trail_label(user_id=user.id, name=user.name, is_staff=is_staff)
    return Actor(kind=ActorKind.USER, user_id=user.id, label=label)


def note(*, actor: Actor, action: str, user_id: int, at: datetime) -> None:
    """Add an entry about an account."""
    audit_services.record(actor=actor, action=action, subject=f"user:{user_id}", at=at)
