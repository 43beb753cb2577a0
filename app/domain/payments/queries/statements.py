"""Reads of bank statements: accounts, files, rows, and what each row may belong to."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import exists, func, or_, select

from app.domain.orders import queries as orders_queries
from app.domain.orders.types import SERVICE_TIMEZONE
from app.domain.payments import rules
from app.domain.payments.adapters import statement_file
from app.domain.payments.models import BankAccount, BankFile, BankRow, MoneyEntry, Payment
from app.domain.payments.queries.reads import sums_by_payment
from app.domain.payments.types import (
    LINK_WINDOW,
    PERMISSION_VIEW,
    AccountSums,
    BankAccountRecord,
    BankFileRecord,
    BankRowRecord,
    Candidate,
    Columns,
    FileState,
    MoneyKind,
    RecordedMoney,
    RowOffers,
    RowState,
    StatementPreview,
)
from app.infra import db
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import Page, decode_cursor, encode_cursor

ROWS_SIZE: Final = 50
_ACCOUNTS_MAX: Final = 50
_FILES_MAX: Final = 30
_CANDIDATES_MAX: Final = 1_000
_AT_ONCE: Final = 5_000


def list_accounts(*, actor: Actor) -> tuple[BankAccountRecord, ...]:
    """Return the accounts whose statements are read, with their sums.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    rows = db.read_session().scalars(
        select(BankAccount).order_by(BankAccount.bank, BankAccount.id).limit(_ACCOUNTS_MAX)
    )
    sums = _sums(BankRow.account_id)
    return tuple(
        BankAccountRecord(
            row.id, row.bank, row.number, _columns(row.columns), sums.get(row.id, AccountSums())
        )
        for row in rows
    )


def count_unmatched(*, actor: Actor) -> int:
    """Return how many rows of money in nobody has decided about.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    statement = select(func.count()).where(BankRow.state == RowState.NEW)
    return db.read_session().scalar(statement) or 0


def list_statements(*, actor: Actor) -> tuple[tuple[BankFileRecord, AccountSums], ...]:
    """Return the newest files, with what became of the rows that each brought.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    rows = db.read_session().scalars(
        select(BankFile)
        .where(BankFile.state != FileState.DISCARDED)
        .order_by(BankFile.id.desc())
        .limit(_FILES_MAX)
    ).all()  # fmt: skip
    sums = _sums(BankRow.file_id, BankRow.file_id.in_([row.id for row in rows]))
    return tuple((_file(row), sums.get(row.id, AccountSums())) for row in rows)


def get_statement(*, actor: Actor, file_id: int) -> tuple[BankFileRecord, BankAccountRecord]:
    """Return a file and its account.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
        NotFound: No such file.
    """
    actor.ensure_national(PERMISSION_VIEW)
    file = db.read_session().get(BankFile, file_id)
    if file is None:
        raise NotFound
    account = db.read_session().get_one(BankAccount, file.account_id)
    sums = _sums(BankRow.account_id, BankRow.account_id == account.id)
    record = BankAccountRecord(
        account.id, account.bank, account.number, _columns(account.columns),
        sums.get(account.id, AccountSums()),
    )  # fmt: skip
    return _file(file), record


def preview_statement(*, actor: Actor, file_id: int, at: datetime) -> StatementPreview:
    """Return what importing a file would do now; reads its bytes anew and writes nothing.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
        NotFound: No such file, or its bytes were let go.
    """
    actor.ensure_national(PERMISSION_VIEW)
    row = db.read_session().execute(
        select(BankFile.account_id, BankFile.content, BankFile.columns)
        .where(BankFile.id == file_id)
    ).first()  # fmt: skip
    if row is None or row.content is None:
        raise NotFound
    sheet = statement_file.read(row.content)
    checked = rules.check_statement(
        rows=sheet.rows,
        first_line=sheet.first_line,
        columns=_columns(row.columns),
        today=clock.local_date(at=at, timezone=SERVICE_TIMEZONE),
    )
    prints = [each.fingerprint for each in checked.rows]
    known: set[str] = set()
    for start in range(0, len(prints), _AT_ONCE):
        known |= set(
            db.read_session().scalars(
                select(BankRow.fingerprint).where(
                    BankRow.account_id == row.account_id,
                    BankRow.fingerprint.in_(prints[start : start + _AT_ONCE]),
                )
            )
        )
    return StatementPreview(checked, frozenset(known))


def list_bank_rows(
    *, actor: Actor, state: RowState, cursor: str | None = None, size: int = ROWS_SIZE
) -> Page[BankRowRecord]:
    """Return a page of rows in a state, oldest first.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    conditions: list[Any] = [BankRow.state == state]
    if values := decode_cursor(cursor, kinds=(int,)):
        conditions.append(BankRow.id > values[0])
    found = _rows(*conditions, limit=size + 1)
    shown = tuple(found[:size])
    return Page(shown, encode_cursor([shown[-1].row_id]) if len(found) > size else None)


def get_bank_rows(*, actor: Actor, row_ids: Collection[int]) -> tuple[BankRowRecord, ...]:
    """Return rows by their ids, those that exist.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    return tuple(_rows(BankRow.id.in_(sorted(row_ids)), limit=len(row_ids)))


def get_bank_row(*, actor: Actor, row_id: int) -> BankRowRecord:
    """Return one row.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
        NotFound: No such row.
    """
    found = get_bank_rows(actor=actor, row_ids=(row_id,))
    if not found:
        raise NotFound
    return found[0]


def row_offers(*, actor: Actor, rows: Sequence[BankRowRecord]) -> dict[int, RowOffers]:
    """Return what each row may belong to; a few statements whatever the number of rows.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    if not rows:
        return {}
    found = rules.suggest(rows=rows, candidates=_candidates(rows), recorded=_recorded(rows))
    return {offers.row_id: offers for offers in found}


def _candidates(rows: Sequence[BankRowRecord]) -> list[Candidate]:
    amounts = {row.amount_idr for row in rows}
    is_open = Payment.closed_reason.is_(None)
    found: dict[int, Payment] = {}
    wanted = sorted(rules.wanted_references(rows=rows))
    for start in range(0, len(wanted), _AT_ONCE):
        codes = wanted[start : start + _AT_ONCE]
        for row in db.read_session().scalars(select(Payment).where(Payment.reference.in_(codes))):
            found[row.id] = row
    by_amount = (
        select(Payment)
        .where(is_open, Payment.expected_idr.in_(sorted(amounts)))
        .order_by(Payment.id.desc())
        .limit(_CANDIDATES_MAX)
    )
    for row in db.read_session().scalars(by_amount):
        found[row.id] = row
    if not found:
        return []
    sums = sums_by_payment(payment_ids=found.keys())
    briefs = orders_queries.group_briefs(group_ids={row.group_id for row in found.values()})
    return [
        Candidate(
            payment_id=row.id,
            reference=row.reference,
            order_number=briefs[row.group_id].number,
            contact_name=briefs[row.group_id].contact_name,
            expected_idr=row.expected_idr,
            missing_idr=row.expected_idr - sums[row.id].unsettled_idr,
            is_open=row.closed_reason is None,
            placed_on=clock.local_date(at=row.created_at, timezone=SERVICE_TIMEZONE),
            pay_by_on=clock.local_date(at=row.pay_by_at, timezone=SERVICE_TIMEZONE),
        )
        for row in found.values()
    ]


def _recorded(rows: Sequence[BankRowRecord]) -> list[RecordedMoney]:
    """Return transfers typed by hand that no statement showed yet."""
    days = [row.happened_on for row in rows]
    is_linked = exists().where(BankRow.money_entry_id == MoneyEntry.id)
    statement = (
        select(
            MoneyEntry.id, Payment.reference, MoneyEntry.amount_idr, MoneyEntry.happened_on,
            MoneyEntry.bank_reference,
        )
        .join(Payment, Payment.id == MoneyEntry.payment_id)
        .where(
            MoneyEntry.kind == MoneyKind.RECEIVED,
            MoneyEntry.amount_idr.in_({row.amount_idr for row in rows}),
            MoneyEntry.happened_on.between(min(days) - LINK_WINDOW, max(days) + LINK_WINDOW),
            ~or_(MoneyEntry.entry_key.startswith("card:"), MoneyEntry.entry_key.startswith("bank:")),
            ~is_linked,
        )
        .order_by(MoneyEntry.id)
        .limit(_CANDIDATES_MAX)
    )  # fmt: skip
    return [RecordedMoney(*row) for row in db.read_session().execute(statement)]


def _rows(*conditions: Any, limit: int) -> list[BankRowRecord]:
    statement = (
        select(BankRow, Payment.reference)
        .outerjoin(MoneyEntry, MoneyEntry.id == BankRow.money_entry_id)
        .outerjoin(Payment, Payment.id == MoneyEntry.payment_id)
        .where(*conditions)
        .order_by(BankRow.id)
        .limit(limit)
    )
    return [
        BankRowRecord(
            row_id=row.id, account_id=row.account_id, file_id=row.file_id, line=row.line,
            happened_on=row.happened_on, amount_idr=row.amount_idr, description=row.description,
            bank_reference=row.bank_reference, fingerprint=row.fingerprint,
            state=RowState(row.state), reason=row.reason, money_entry_id=row.money_entry_id,
            payment_reference=reference,
        )
        for row, reference in db.read_session().execute(statement)
    ]  # fmt: skip


def _sums(owner: Any, *conditions: Any) -> dict[int, AccountSums]:
    rows = db.read_session().execute(
        select(owner, BankRow.state, func.count(), func.sum(BankRow.amount_idr))
        .where(*conditions)
        .group_by(owner, BankRow.state)
    )
    found: dict[int, dict[str, int]] = {}
    for owner_id, state, count, amount_idr in rows:
        found.setdefault(owner_id, {}).update({state: count, f"{state}_idr": int(amount_idr)})
    return {owner_id: AccountSums(**values) for owner_id, values in found.items()}


def _file(row: BankFile) -> BankFileRecord:
    return BankFileRecord(
        file_id=row.id, account_id=row.account_id, name=row.name, sha256=row.sha256,
        state=FileState(row.state), columns=_columns(row.columns), rows_new=row.rows_new,
        rows_known=row.rows_known, rows_out=row.rows_out, uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at, imported_at=row.imported_at,
    )  # fmt: skip


def _columns(text: str) -> Columns:
    return Columns(**json.loads(text))
