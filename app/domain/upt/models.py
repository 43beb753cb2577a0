"""Regional offices, units, their dated names and their other names."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.upt.errors import KanwilCodeTaken, ProvinceTaken, SlugTaken
from app.infra import db
from app.infra.db import Base, BigId


class Kanwil(Base):
    """A regional office; not the same as a province."""

    __tablename__ = "kanwil"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120))


class KanwilProvince(Base):
    """A province belongs to one regional office."""

    __tablename__ = "kanwil_province"

    province_code: Mapped[str] = mapped_column(
        String(2), ForeignKey("province.code"), primary_key=True
    )
    kanwil_id: Mapped[int] = mapped_column(BigId, ForeignKey("kanwil.id"))


class Upt(Base):
    """A unit; ``short_name`` is kept beside its parts so that lists need no arithmetic.

    ``cover_asset_id`` names a picture of the media package, which stands beside this one.
    """

    __tablename__ = "upt"
    __table_args__ = (
        UniqueConstraint("slug"),
        Index("ix_upt_kanwil_id", "kanwil_id"),
        Index("ix_upt_short_name", "short_name", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    subkind: Mapped[str] = mapped_column(String(12))
    place: Mapped[str] = mapped_column(String(80))
    short_name: Mapped[str] = mapped_column(String(120))
    kanwil_id: Mapped[int] = mapped_column(BigId, ForeignKey("kanwil.id"))
    regency_code: Mapped[str] = mapped_column(String(5), ForeignKey("regency.code"))
    village_code: Mapped[str | None] = mapped_column(String(13), ForeignKey("village.code"))
    address_line: Mapped[str] = mapped_column(String(200))
    postcode: Mapped[str] = mapped_column(String(5))
    phone: Mapped[str] = mapped_column(String(30))
    timezone: Mapped[str] = mapped_column(String(40))
    opening_hours: Mapped[str] = mapped_column(String(300))
    about: Mapped[str] = mapped_column(Text)
    story_title: Mapped[str] = mapped_column(String(120))
    story: Mapped[str] = mapped_column(Text)
    cover_asset_id: Mapped[int | None] = mapped_column(BigId)
    is_active: Mapped[bool]
    source: Mapped[str] = mapped_column(String(300))


class UptName(Base):
    """An official name with its class; ``valid_to`` is the first day on which it no longer holds."""

    __tablename__ = "upt_name"
    __table_args__ = (
        UniqueConstraint("upt_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    name: Mapped[str] = mapped_column(String(200))
    upt_class: Mapped[str] = mapped_column("class", String(10))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class UptAlias(Base):
    """Another way in which people write a unit's name."""

    __tablename__ = "upt_alias"
    __table_args__ = (UniqueConstraint("upt_id", "text"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    text: Mapped[str] = mapped_column(String(200))


db.translate_constraint("uq_upt_slug", SlugTaken)
db.translate_constraint("uq_kanwil_code", KanwilCodeTaken)
db.translate_constraint("pk_kanwil_province", ProvinceTaken)
