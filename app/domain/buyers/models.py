"""The table of saved addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, BigId, UtcDateTime

_DEFAULT: Final = text("is_default")


class SavedAddress(Base):
    """Where a buyer has goods sent; at most one of a buyer is offered first."""

    __tablename__ = "saved_address"
    __table_args__ = (
        Index("ix_saved_address_user", "user_id", "id"),
        Index(
            "uq_saved_address_default",
            "user_id",
            unique=True,
            postgresql_where=_DEFAULT,
            sqlite_where=_DEFAULT,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    label: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(20))
    street: Mapped[str] = mapped_column(String(300))
    village_code: Mapped[str] = mapped_column(String(13))
    postcode: Mapped[str] = mapped_column(String(5))
    is_default: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
