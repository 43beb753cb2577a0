"""The dated rate table."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, BigId


class ShippingRate(Base):
    """Price from province to province by one service, over a span of days.

    Province codes are kept as text without a foreign key, so that a rate table may be loaded
    before or without the places it names.
    """

    __tablename__ = "shipping_rate"
    __table_args__ = (
        UniqueConstraint(
            "origin_province_code",
            "destination_province_code",
            "service",
            "valid_from",
            name="uq_shipping_rate_way",
        ),
        CheckConstraint("first_kg_idr >= 0 AND next_kg_idr >= 0", name="fees_not_negative"),
        CheckConstraint("days_min >= 0 AND days_max >= days_min", name="days_in_order"),
        Index("ix_shipping_rate_destination", "destination_province_code", "origin_province_code"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    origin_province_code: Mapped[str] = mapped_column(String(13))
    destination_province_code: Mapped[str] = mapped_column(String(13))
    service: Mapped[str] = mapped_column(String(40))
    first_kg_idr: Mapped[int] = mapped_column(BigId)
    next_kg_idr: Mapped[int] = mapped_column(BigId)
    days_min: Mapped[int]
    days_max: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
