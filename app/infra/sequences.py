"""Gapless number series: a counter row under lock, taken in the transaction that uses the number."""

from __future__ import annotations

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.infra import db
from app.infra.db import Base


class Sequence(Base):
    """The last number given out in one series."""

    __tablename__ = "sequence"

    series: Mapped[str] = mapped_column(String(120), primary_key=True)
    last_number: Mapped[int]


def next_number(*, series: str) -> int:
    """Return the next number of a series, starting at 1.

    A rolled-back transaction gives its number back, so there are no gaps.
    """
    session = db.session()
    row = session.scalar(db.for_update(select(Sequence).where(Sequence.series == series)))
    if row is None:
        row = Sequence(series=series, last_number=0)
        session.add(row)
    row.last_number += 1
    session.flush()
    return row.last_number
