"""Tables of pictures.

``asset`` carries the widths and the revision of its renditions, from which every public address
follows, so that a page of cards reads one row a picture; ``rendition`` lists the files themselves.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, BigId, UtcDateTime


class Asset(Base):
    """One picture as it was handed in."""

    __tablename__ = "asset"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_asset_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40))
    upt_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("upt.id"))
    uploaded_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    original_key: Mapped[str] = mapped_column(String(180))
    original_format: Mapped[str] = mapped_column(String(8))
    width: Mapped[int]
    height: Mapped[int]
    byte_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))
    refused_reason: Mapped[str | None] = mapped_column(String(40))
    colour: Mapped[str | None] = mapped_column(String(7))
    rendition_revision: Mapped[int]
    rendition_widths: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Rendition(Base):
    """One re-encoded file of a picture."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("asset_id", "format", "width"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    asset_id: Mapped[int] = mapped_column(BigId, ForeignKey("asset.id"))
    format: Mapped[str] = mapped_column(String(8))
    width: Mapped[int]
    height: Mapped[int]
    key: Mapped[str] = mapped_column(String(180))
    byte_count: Mapped[int]
