"""Tables of identity. Secrets are stored as hashes only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.identity.errors import EmailTaken
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime


class User(Base):
    """A person with an account."""

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("email"), Index("ix_user_name", "name", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UserSession(Base):
    """A signed-in browser; the token itself is only in its cookie."""

    __tablename__ = "user_session"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_user_session_user_id", "user_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user_agent: Mapped[str] = mapped_column(String(200))


class RoleGrant(Base):
    """A role given for a scope and a time. Kanwil and UPT are named by id only: they lie above."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(
            "(scope_kind = 'national' AND kanwil_id IS NULL AND upt_id IS NULL)"
            " OR (scope_kind = 'kanwil' AND kanwil_id IS NOT NULL AND upt_id IS NULL)"
            " OR (scope_kind = 'upt' AND kanwil_id IS NULL AND upt_id IS NOT NULL)",
            name="scope",
        ),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="period"),
        Index("ix_role_grant_user_id", "user_id"),
        Index("ix_role_grant_role", "role"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    role: Mapped[str] = mapped_column(String(20))
    scope_kind: Mapped[str] = mapped_column(String(10))
    kanwil_id: Mapped[int | None] = mapped_column(BigId)
    upt_id: Mapped[int | None] = mapped_column(BigId)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    granted_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))


class SignInAttempt(Base):
    """One attempt under one key (an account or a client), counted by the throttle."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_key_hash", "key_hash", "at"),
        Index("ix_sign_in_attempt_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    succeeded: Mapped[bool]


db.translate_constraint("uq_user_email", EmailTaken)
