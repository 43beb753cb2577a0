"""The table of letters. It holds no personal data: reader and words are looked up when one leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.notifications.types import KEY_MAX
from app.infra.db import Base, BigId, UtcDateTime


class Mail(Base):
    """One letter about one fact."""

    __tablename__ = "mail"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'skipped', 'refused', 'given_up')",
            name="state_known",
        ),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_instant"),
        Index("ix_mail_due", "state", "next_try_at"),
        Index("ix_mail_group", "group_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_MAX))
    kind: Mapped[str] = mapped_column(String(24))
    group_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_group.id"))
    upt_order_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("upt_order.id"))
    amount_idr: Mapped[int | None] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int]
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(200))
