"""Treasurers who meet at one bank row, and one statement that is imported twice at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.checkout import services as checkout_services
from app.domain.payments import queries as payments_queries
from app.domain.payments import services as payments_services
from app.domain.payments.commands import IgnoreRow, MatchRow, UploadStatement
from app.domain.payments.errors import EntryKeyTaken, RowTaken
from app.domain.payments.models import BankRow, MoneyEntry
from app.domain.payments.types import RowState, TransferOutcome
from app.infra import db
from app.kernel.errors import IdempotencyMismatch
from tests.concurrency.test_checkout_races import together
from tests.factories import trade
from tests.factories.trade import AT, TREASURER

pytestmark = pytest.mark.concurrency
ROUNDS = 6
LATER = AT + timedelta(hours=1)


def stage(lines: list[str], key: str) -> int:
    content = "\n".join(["Tanggal;Keterangan;Kredit", *lines, ""]).encode()
    command = UploadStatement(entry_key=key * 16, bank="BCA", number="1")
    return db.transact(
        lambda: payments_services.stage_statement(
            actor=TREASURER, command=command, name="m.csv", content=content, at=AT
        )
    )


def importing(file_id: int) -> Callable[[], int]:
    return lambda: db.transact(
        lambda: payments_services.import_statement(actor=TREASURER, file_id=file_id, at=AT)
    )


def matching(row_id: int, reference: str) -> Callable[[], Any]:
    return lambda: db.transact(
        lambda: checkout_services.match_row(
            actor=TREASURER, row_id=row_id, command=MatchRow(reference=reference), at=LATER
        )
    )


def ignoring(row_id: int) -> Callable[[], None]:
    return lambda: db.transact(
        lambda: payments_services.ignore_row(
            actor=TREASURER, row_id=row_id, command=IgnoreRow(reason="Bunga"), at=LATER
        )
    )


def test_one_row_pays_one_order_whoever_confirms_it(pg_app: Flask) -> None:
    with pg_app.app_context():
        cookies = trade.make_item("lapas-pamekasan", quantity=40, price_idr=45_000, weight_g=400)
        found = [trade.payment(trade.place({cookies.variant_id: 1})) for _ in range(2 * ROUNDS)]
        price = found[0].expected_idr
        lines = [f"22/11/2026;BARIS {number};{price}" for number in range(ROUNDS)]
        files = [stage(lines, key) for key in "ab"]
    assert sorted(together(pg_app, [importing(file_id) for file_id in files])) == [0, ROUNDS]
    with pg_app.app_context():
        rows = payments_queries.list_bank_rows(actor=TREASURER, state=RowState.NEW).items
        assert len(rows) == ROUNDS
        db.read_session().rollback()
    for number, row in enumerate(rows):
        one, two = (found[2 * number + each].reference for each in (0, 1))
        works = [matching(row.row_id, one), matching(row.row_id, two), matching(row.row_id, one)]
        answers = together(pg_app, [*works, ignoring(row.row_id)])
        for answer in answers:
            expected = (TransferOutcome, RowTaken, EntryKeyTaken, IdempotencyMismatch, type(None))
            assert isinstance(answer, expected), answer
        with pg_app.app_context():
            entry_key = row.entry_key
            written = db.read_session().scalar(
                select(func.count()).where(MoneyEntry.entry_key == entry_key)
            )
            state = db.read_session().scalar(select(BankRow.state).where(BankRow.id == row.row_id))
            db.read_session().rollback()
            fresh = [each for each in answers if isinstance(each, TransferOutcome)]
            assert written == (1 if state == RowState.MATCHED else 0)
            assert len({each.payment_id for each in fresh}) == written
            assert sum(not each.is_repeat for each in fresh) == written
    with pg_app.app_context():
        assert payments_queries.verify().faults == ()
