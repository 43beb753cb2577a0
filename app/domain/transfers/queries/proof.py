"""Whether every document agrees with its own history and with the ledgers; nothing is repaired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Select, case, column, func, select, table

from app.domain.stock.types import Account
from app.domain.transfers.models import (
    FairEvent,
    FairLineRow,
    FairLoan,
    FairOutcomeRow,
    Transfer,
    TransferLineRow,
    TransferOutcome,
)
from app.domain.transfers.types import (
    TRANSFER_SOURCE,
    FairOutcome,
    FairState,
    Fault,
    Outcome,
    TransferState,
)
from app.infra import db

NUMBER_LENGTH: Final = 12
"""Every number is as long as ``KRM-7F3K9QWD``, so that it can be cut from a source key."""

_ENTRY: Final = table(
    "stock_entry",
    *(column(name) for name in (
        "source_kind", "source_key", "from_account", "to_account", "quantity", "phase",
    )),
)  # fmt: skip
_BALANCE: Final = table(
    "stock_balance",
    *(column(name) for name in (
        "upt_id", "variant_id", "lot_id", "account", "in_posted", "out_posted",
    )),
)  # fmt: skip
_RETURNED: Final = (Outcome.NOT_SENT.value, Outcome.CALLED_BACK.value)
_LOST: Final = (Outcome.LOST.value, Outcome.DAMAGED.value, Outcome.WRITTEN_OFF.value)


def verify() -> tuple[Fault, ...]:
    """Compare all transfers and loans with their outcomes, their sums and the ledgers.

    Returns:
        One fault for each document or balance that differs: ``lines`` (counters of a line against
        its outcomes), ``sums`` (the document against its lines), ``pair`` (what left one ledger for
        another UPT against what entered there), ``balance`` (pieces on the way or at fairs).
    """
    return (
        *_line_faults(),
        *_sum_faults(),
        *_pair_faults(),
        *_balance_faults(_on_the_way(), Account.TRANSIT_UPT),
        *_balance_faults(_at_fairs(), Account.FAIR),
    )


def _line_faults() -> Iterator[Fault]:
    def counted(model: Any, *outcomes: str) -> Any:
        return func.coalesce(
            func.sum(case((model.outcome.in_(outcomes), model.quantity), else_=0)), 0
        )

    of_transfers = (
        select(
            Transfer.number, TransferLineRow.position,
            TransferLineRow.received - counted(TransferOutcome, Outcome.RECEIVED.value),
            TransferLineRow.returned - counted(TransferOutcome, *_RETURNED),
            TransferLineRow.lost - counted(TransferOutcome, *_LOST),
        )
        .join(Transfer, Transfer.id == TransferLineRow.transfer_id)
        .outerjoin(TransferOutcome, TransferOutcome.line_id == TransferLineRow.id)
        .group_by(Transfer.number, TransferLineRow.id)
    )  # fmt: skip
    kept = (
        select(FairOutcomeRow.line_id, FairOutcomeRow.outcome, FairOutcomeRow.quantity)
        .where(
            FairOutcomeRow.event_id.not_in(
                select(FairEvent.undoes_id).where(FairEvent.undoes_id.is_not(None))
            )
        )
        .subquery()
        .c
    )
    of_fairs = (
        select(
            FairLoan.number, FairLineRow.position,
            FairLineRow.sold - counted(kept, FairOutcome.SOLD.value),
            FairLineRow.returned - counted(kept, FairOutcome.RETURNED.value),
            FairLineRow.lost - counted(kept, FairOutcome.DAMAGED.value, FairOutcome.LOST.value),
        )
        .join(FairLoan, FairLoan.id == FairLineRow.loan_id)
        .outerjoin(kept.line_id.table, kept.line_id == FairLineRow.id)
        .group_by(FairLoan.number, FairLineRow.id)
    )  # fmt: skip
    for statement in (of_transfers, of_fairs):
        for number, position, *differences in db.read_session().execute(statement):
            if any(differences):
                yield Fault(number, "lines", f"line {position}: counters off by {differences}")


def _sum_faults() -> Iterator[Fault]:
    transfers = (
        select(
            Transfer.number, Transfer.pieces_sent, Transfer.pieces_settled,
            func.sum(TransferLineRow.quantity),
            func.sum(TransferLineRow.received + TransferLineRow.returned + TransferLineRow.lost),
        )
        .join(TransferLineRow, TransferLineRow.transfer_id == Transfer.id)
        .where(
            Transfer.state.not_in((TransferState.DRAFT.value, TransferState.DISCARDED.value))
        )
        .group_by(Transfer.id)
    )  # fmt: skip
    fairs = (
        select(
            FairLoan.number, FairLoan.pieces_sent, FairLoan.pieces_settled,
            func.sum(FairLineRow.quantity),
            func.sum(FairLineRow.sold + FairLineRow.returned + FairLineRow.lost),
        )
        .join(FairLineRow, FairLineRow.loan_id == FairLoan.id)
        .where(FairLoan.state.not_in((FairState.DRAFT.value, FairState.DISCARDED.value)))
        .group_by(FairLoan.id)
    )  # fmt: skip
    for statement in (transfers, fairs):
        for number, sent, settled, line_sent, line_settled in db.read_session().execute(statement):
            if (sent, settled) != (line_sent, line_settled):
                yield Fault(
                    number, "sums", f"{settled} of {sent}, by lines {line_settled} of {line_sent}"
                )


def _pair_faults() -> Iterator[Fault]:
    """Yield transfers whose pieces did not enter one ledger as they left the other."""
    other = Account.OTHER_UPT.value
    balance = func.sum(
        case((_ENTRY.c.to_account == other, _ENTRY.c.quantity), else_=-_ENTRY.c.quantity)
    )
    number = func.substr(_ENTRY.c.source_key, 1, NUMBER_LENGTH)
    rows = db.read_session().execute(
        select(number, balance)
        .where(
            _ENTRY.c.source_kind == TRANSFER_SOURCE,
            (_ENTRY.c.to_account == other) | (_ENTRY.c.from_account == other),
        )
        .group_by(number)
        .having(balance != 0)
    )
    for found, difference in rows:
        yield Fault(found, "pair", f"{difference} pieces left one ledger and entered no other")


def _on_the_way() -> Select[*tuple[Any, ...]]:
    left = (
        TransferLineRow.quantity
        - TransferLineRow.received
        - TransferLineRow.returned
        - TransferLineRow.lost
    )
    return (
        select(
            Transfer.sender_upt_id, TransferLineRow.variant_id, TransferLineRow.lot_id,
            func.sum(left),
        )
        .join(Transfer, Transfer.id == TransferLineRow.transfer_id)
        .where(
            Transfer.state.in_((TransferState.SENT.value, TransferState.PART_RECEIVED.value))
        )
        .group_by(Transfer.sender_upt_id, TransferLineRow.variant_id, TransferLineRow.lot_id)
    )  # fmt: skip


def _at_fairs() -> Select[*tuple[Any, ...]]:
    left = FairLineRow.quantity - FairLineRow.sold - FairLineRow.returned - FairLineRow.lost
    return (
        select(FairLoan.upt_id, FairLineRow.variant_id, FairLineRow.lot_id, func.sum(left))
        .join(FairLoan, FairLoan.id == FairLineRow.loan_id)
        .where(FairLoan.state == FairState.OUT.value)
        .group_by(FairLoan.upt_id, FairLineRow.variant_id, FairLineRow.lot_id)
    )


def _balance_faults(documents: Select[*tuple[Any, ...]], account: Account) -> Iterator[Fault]:
    session = db.read_session()
    told = {tuple(key): int(pieces) for *key, pieces in session.execute(documents)}
    rows = session.execute(
        select(
            _BALANCE.c.upt_id, _BALANCE.c.variant_id, _BALANCE.c.lot_id,
            _BALANCE.c.in_posted - _BALANCE.c.out_posted,
        ).where(_BALANCE.c.account == account.value)
    )  # fmt: skip
    booked = {tuple(key): int(pieces) for *key, pieces in rows}
    for key in sorted(told.keys() | booked.keys()):
        if told.get(key, 0) != booked.get(key, 0):
            what = f"{account} of {key}: {booked.get(key, 0)} booked, {told.get(key, 0)} on papers"
            yield Fault("", "balance", what)
