"""What identity writes into the audit trail."""

from __future__ import annotations

from datetime import datetime

from app.domain.audit import services as audit_services
from app.domain.identity.models import User
from app.kernel.actor import Actor, ActorKind


def oneself(*, user: User) -> Actor:
    """Return a person as the actor of what they do to their own account."""
    return Actor(kind=ActorKind.USER, user_id=user.id, label=user.name)


def note(*, actor: Actor, action: str, user_id: int, at: datetime) -> None:
    """Add an entry about an account."""
    audit_services.record(actor=actor, action=action, subject=f"user:{user_id}", at=at)
