"""Four levels of places, keyed by the official dotted code."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, UtcDateTime

Folded: Final = String(80).with_variant(String(80, collation="C"), "postgresql")
"""Folded text compared byte by byte, so that a prefix is a range of the index on both databases."""


class Province(Base):
    """A province."""

    __tablename__ = "province"

    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class Regency(Base):
    """A regency or city; its name begins with ``Kab.`` or ``Kota``."""

    __tablename__ = "regency"
    __table_args__ = (Index("ix_regency_province_code", "province_code"),)

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    province_code: Mapped[str] = mapped_column(String(2), ForeignKey("province.code"))
    name: Mapped[str] = mapped_column(String(80))


class District(Base):
    """A district (kecamatan); ``trail`` is its folded name with those above it."""

    __tablename__ = "district"
    __table_args__ = (
        Index("ix_district_regency_code", "regency_code"),
        Index("ix_district_search_name", "search_name"),
    )

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    regency_code: Mapped[str] = mapped_column(String(5), ForeignKey("regency.code"))
    name: Mapped[str] = mapped_column(String(80))
    search_name: Mapped[str] = mapped_column(Folded)
    trail: Mapped[str] = mapped_column(String(240))


class Village(Base):
    """A village or urban ward with its postcode."""

    __tablename__ = "village"
    __table_args__ = (
        Index("ix_village_search_name", "search_name", "code"),
        Index("ix_village_postcode", "postcode", "code"),
        Index("ix_village_district_code", "district_code"),
    )

    code: Mapped[str] = mapped_column(String(13), primary_key=True)
    district_code: Mapped[str] = mapped_column(String(8), ForeignKey("district.code"))
    name: Mapped[str] = mapped_column(String(80))
    postcode: Mapped[str] = mapped_column(
        String(5).with_variant(String(5, collation="C"), "postgresql")
    )
    search_name: Mapped[str] = mapped_column(Folded)


class PlaceRelease(Base):
    """Which edition of the reference data was loaded to the end."""

    __tablename__ = "place_release"

    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
