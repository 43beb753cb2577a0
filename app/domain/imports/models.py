"""Tables of imports: files, what was in them, and their rows as they were understood."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.imports.errors import ImportRepeated
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime

_TAKEN: Final = text("state IN ('queued', 'running', 'halted', 'done')")


class ImportFile(Base):
    """A file that somebody sent, how far it is, and who decided what."""

    __tablename__ = "import_file"
    __table_args__ = (
        UniqueConstraint("upt_id", "entry_key"),
        Index(
            "uq_import_file_content",
            "upt_id",
            "mode",
            "fingerprint",
            unique=True,
            postgresql_where=_TAKEN,
            sqlite_where=_TAKEN,
        ),
        Index("ix_import_file_upt_id_id", "upt_id", "id"),
        CheckConstraint("mode IN ('receipts', 'count', 'prices')", name="mode"),
        CheckConstraint(
            "state IN ('checked', 'queued', 'running', 'halted', 'done', 'cancelled')",
            name="state",
        ),
        CheckConstraint("rows_posted BETWEEN 0 AND rows_total", name="posted"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    mode: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(160))
    format: Mapped[str] = mapped_column(String(4))
    target: Mapped[str] = mapped_column(String(40))
    target_sequence: Mapped[int | None] = mapped_column(BigInteger)
    fingerprint: Mapped[str] = mapped_column(String(64))
    entry_key: Mapped[str] = mapped_column(String(64))
    unread: Mapped[str] = mapped_column(Text)
    rows_total: Mapped[int]
    rows_blank: Mapped[int]
    rows_wrong: Mapped[int]
    rows_known: Mapped[int]
    rows_same: Mapped[int]
    rows_posted: Mapped[int]
    pieces: Mapped[int] = mapped_column(BigInteger)
    goods: Mapped[int]
    is_whole: Mapped[bool]
    with_known: Mapped[bool]
    wants_stop: Mapped[bool]
    uploaded_by: Mapped[int | None] = mapped_column(BigId)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(BigId)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stop_code: Mapped[str] = mapped_column(String(80))
    has_rows: Mapped[bool]


class ImportContent(Base):
    """The file itself, byte by byte."""

    __tablename__ = "import_content"

    file_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("import_file.id"), primary_key=True, autoincrement=False
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(Base):
    """A row of a file, by the number of its line."""

    __tablename__ = "import_row"
    __table_args__ = (
        Index("ix_import_row_row_key", "row_key"),
        CheckConstraint("state IN ('ready', 'wrong', 'known', 'same', 'posted')", name="state"),
    )

    file_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("import_file.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8))
    sku: Mapped[str] = mapped_column(String(120))
    variant_id: Mapped[int | None] = mapped_column(BigId)
    quantity: Mapped[int | None]
    price_idr: Mapped[int | None] = mapped_column(BigInteger)
    before_idr: Mapped[int | None] = mapped_column(BigInteger)
    place: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(12))
    lot_code: Mapped[str] = mapped_column(String(40))
    produced_on: Mapped[date | None] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    happened_on: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(300))
    row_key: Mapped[str] = mapped_column(String(32))
    errors: Mapped[str] = mapped_column(Text)


db.translate_constraint("uq_import_file_content", ImportRepeated)
db.translate_constraint("uq_import_file_upt_id_entry_key", ImportRepeated)
