"""Tables of bank statements: accounts with the columns of their files, files, rows of money in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.payments.errors import RowTaken, StatementUnderWay
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime


class BankAccount(Base):
    """An account whose statements are read, with the columns that its last file had."""

    __tablename__ = "bank_account"
    __table_args__ = (UniqueConstraint("number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    bank: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(40))
    columns: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BankFile(Base):
    """A statement as it was sent; its bytes are kept only until it is decided."""

    __tablename__ = "bank_file"
    __table_args__ = (
        UniqueConstraint("entry_key"),
        CheckConstraint("state IN ('checked', 'imported', 'discarded')", name="state_known"),
        CheckConstraint("(state = 'checked') = (content IS NOT NULL)", name="content_kept"),
        Index("ix_bank_file_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("bank_account.id"))
    name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    entry_key: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12))
    columns: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    rows_new: Mapped[int]
    rows_known: Mapped[int]
    rows_out: Mapped[int]
    uploaded_by: Mapped[int | None] = mapped_column(BigId)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BankRow(Base):
    """Money that came in as the bank wrote it; leads to at most one money row, and that to it."""

    __tablename__ = "bank_row"
    __table_args__ = (
        UniqueConstraint("account_id", "fingerprint", name="uq_bank_row_account_id_fingerprint"),
        UniqueConstraint("money_entry_id"),
        CheckConstraint("amount_idr >= 1", name="amount_positive"),
        CheckConstraint("state IN ('new', 'matched', 'ignored')", name="state_known"),
        CheckConstraint(
            "(state = 'matched') = (money_entry_id IS NOT NULL)", name="matched_has_money"
        ),
        CheckConstraint("(state = 'ignored') = (reason <> '')", name="ignored_has_reason"),
        Index("ix_bank_row_state", "account_id", "state", "id"),
        Index("ix_bank_row_file", "file_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("bank_account.id"))
    file_id: Mapped[int] = mapped_column(BigId, ForeignKey("bank_file.id"))
    line: Mapped[int]
    happened_on: Mapped[date]
    amount_idr: Mapped[int] = mapped_column(BigId)
    description: Mapped[str] = mapped_column(Text)
    bank_reference: Mapped[str] = mapped_column(String(80))
    fingerprint: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200))
    money_entry_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("money_entry.id"))
    decided_by: Mapped[int | None] = mapped_column(BigId)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


db.translate_constraint("uq_bank_row_account_id_fingerprint", StatementUnderWay)
db.translate_constraint("uq_bank_file_entry_key", StatementUnderWay)
db.translate_constraint("uq_bank_account_number", StatementUnderWay)
db.translate_constraint("uq_bank_row_money_entry_id", RowTaken)
