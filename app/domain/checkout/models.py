"""The table of placement keys: one key, one order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.checkout.errors import PlacementUnderWay
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime


class Placement(Base):
    """A key that a checkout page carried, and the order that came of it."""

    __tablename__ = "placement"
    __table_args__ = (UniqueConstraint("group_id"),)

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    group_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_group.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


db.translate_constraint("pk_placement", PlacementUnderWay)
