"""Dated rate tables, rules of free delivery, and times of pick-up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.shipping.types import FreeRule, RateRecord, RateRow, Tier
from app.infra.db import Base, BigId, UtcDateTime


class ShippingRate(Base):
    """Price of one service from a UPT or province to a province or regency, over a span of days.

    Origin and destination are kept as plain codes without foreign keys, so that a rate table may be
    loaded before or without the places it names; 0 stands for every UPT of the province.
    """

    __tablename__ = "shipping_rate"
    __table_args__ = (
        UniqueConstraint(
            "origin_upt_id",
            "origin_province_code",
            "destination_province_code",
            "destination_regency_code",
            "carrier",
            "service",
            "valid_from",
            name="uq_shipping_rate_way",
        ),
        CheckConstraint("first_kg_idr >= 0 AND next_kg_idr >= 0", name="fees_not_negative"),
        CheckConstraint("days_min >= 0 AND days_max >= days_min", name="days_in_order"),
        CheckConstraint("first_kg >= 1", name="first_kg_positive"),
        CheckConstraint("(origin_upt_id = 0) <> (origin_province_code = '')", name="one_origin"),
        Index("ix_shipping_rate_destination", "destination_province_code", "origin_province_code"),
        Index("ix_shipping_rate_upt", "origin_upt_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    origin_upt_id: Mapped[int] = mapped_column(BigId)
    origin_province_code: Mapped[str] = mapped_column(String(13))
    destination_province_code: Mapped[str] = mapped_column(String(13))
    destination_regency_code: Mapped[str] = mapped_column(String(5))
    carrier: Mapped[str] = mapped_column(String(12))
    service: Mapped[str] = mapped_column(String(40))
    first_kg: Mapped[int]
    first_kg_idr: Mapped[int] = mapped_column(BigId)
    next_kg_idr: Mapped[int] = mapped_column(BigId)
    tiers: Mapped[str] = mapped_column(String(200))
    days_min: Mapped[int]
    days_max: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))

    @classmethod
    def values(
        cls, rate: RateRow, *, valid_from: date, valid_to: date | None, source: str
    ) -> dict[str, Any]:
        """Return the columns of a new row."""
        return {
            "origin_upt_id": rate.origin_upt_id,
            "origin_province_code": rate.origin_province_code,
            "destination_province_code": rate.destination_province_code,
            "destination_regency_code": rate.destination_regency_code,
            "carrier": rate.carrier,
            "service": rate.service,
            "first_kg": rate.first_kg,
            "first_kg_idr": rate.first_kg_idr,
            "next_kg_idr": rate.next_kg_idr,
            "tiers": " ".join(f"{tier.above_kg}={tier.per_kg_idr}" for tier in rate.tiers),
            "days_min": rate.days_min,
            "days_max": rate.days_max,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "source": source,
        }

    def record(self) -> RateRecord:
        """Return what other packages may see."""
        steps = (part.split("=") for part in self.tiers.split())
        rate = RateRow(
            origin_province_code=self.origin_province_code,
            destination_province_code=self.destination_province_code,
            service=self.service,
            first_kg_idr=self.first_kg_idr,
            next_kg_idr=self.next_kg_idr,
            days_min=self.days_min,
            days_max=self.days_max,
            carrier=self.carrier,
            origin_upt_id=self.origin_upt_id,
            destination_regency_code=self.destination_regency_code,
            first_kg=self.first_kg,
            tiers=tuple(Tier(int(above), int(price)) for above, price in steps),
        )
        return RateRecord(self.id, rate, self.valid_from, self.valid_to, self.source)


class ShippingFreeRule(Base):
    """From an amount on, the UPT pays for the cheapest courier."""

    __tablename__ = "shipping_free_rule"
    __table_args__ = (
        UniqueConstraint("entry_key"),
        CheckConstraint("from_idr >= 0", name="amount_not_negative"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="days_in_order"),
        Index("ix_shipping_free_rule_upt", "upt_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    from_idr: Mapped[int] = mapped_column(BigId)
    province_code: Mapped[str] = mapped_column(String(2))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    entry_key: Mapped[str] = mapped_column(String(80))

    def record(self) -> FreeRule:
        """Return what other packages may see."""
        return FreeRule(
            self.id, self.upt_id, self.from_idr, self.province_code, self.valid_from, self.valid_to
        )


class PickupPlanRow(Base):
    """When goods can be fetched at one gallery; its lock orders the bookings of the gallery."""

    __tablename__ = "pickup_plan"
    __table_args__ = (
        CheckConstraint(
            "opens_minute >= 0 AND closes_minute <= 1440 AND closes_minute > opens_minute",
            name="hours_in_order",
        ),
        CheckConstraint("slot_minutes BETWEEN 10 AND 480", name="slot_length"),
        CheckConstraint("capacity BETWEEN 1 AND 500", name="capacity_in_range"),
    )

    upt_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("upt.id"), primary_key=True, autoincrement=False
    )
    weekdays: Mapped[str] = mapped_column(String(7))
    opens_minute: Mapped[int]
    closes_minute: Mapped[int]
    slot_minutes: Mapped[int]
    capacity: Mapped[int]
    lead_hours: Mapped[int]
    days_ahead: Mapped[int]
    version: Mapped[int]


class PickupBooking(Base):
    """A time taken by one child order; ``released_at`` gives it back."""

    __tablename__ = "pickup_booking"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_pickup_booking_upt", "upt_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(28))
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
