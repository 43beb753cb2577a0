"""What the ledger stores and shows after a step, held against the model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import or_, select

from app.domain.stock import queries
from app.domain.stock.models import StockBalance, StockEntry, StockHold, StockLot
from app.domain.stock.types import (
    SEQUENCE_BITS,
    Account,
    PlaceFigure,
    StockPosition,
)
from app.infra import db
from tests.domain.stock.model import Book
from tests.domain.stock.shelves import FOR_SALE, GUARDED, Row

SHELVES = ("available", "gallery")


class Run(Protocol):
    """A history under way."""

    book: Book
    upts: list[int]
    variants: list[tuple[int, int]]
    lot_ids: dict[tuple[int, str], int]
    at: Any


def _number(entry_id: int | None) -> int | None:
    return None if entry_id is None else entry_id & (2**SEQUENCE_BITS - 1)


def compare_stored(run: Run, rows: Sequence[Row]) -> None:
    """Compare lots, the entries of this step, balances and holds."""
    _compare_lots(run)
    names = {lot_id: code for (_, code), lot_id in run.lot_ids.items()}
    assert _new_entries(run, rows, names) == list(rows)
    _compare_balances(run, names)
    _compare_holds(run)


def _compare_lots(run: Run) -> None:
    found = db.read_session().execute(
        select(StockLot.id, StockLot.variant_id, StockLot.code, StockLot.state,
               StockLot.produced_on, StockLot.expires_on)
        .where(StockLot.upt_id.in_(run.upts)).order_by(StockLot.id)
    ).all()  # fmt: skip
    run.lot_ids = {(row.variant_id, row.code): row.id for row in found}
    assert [(row[1], row[2], row[3] == "open", row[4], row[5]) for row in found] == [
        (lot.variant, lot.code, lot.is_open, lot.produced, lot.expires) for lot in run.book.lots
    ]


def _new_entries(run: Run, rows: Sequence[Row], names: dict[int, str]) -> list[Row]:
    """Return the entries beyond those that the model knew before this step."""
    after = [
        (upt << SEQUENCE_BITS)
        + len(run.book.entries.get(upt, ()))
        - sum(row.upt == upt for row in rows)
        for upt in run.upts
    ]
    found = db.read_session().execute(
        select(
            StockEntry.upt_id, StockEntry.phase, StockEntry.kind, StockEntry.variant_id,
            StockEntry.lot_id, StockEntry.from_account, StockEntry.to_account, StockEntry.quantity,
            StockEntry.hold_id, StockEntry.reverses_id, StockEntry.expires_at,
        )
        .where(
            or_(*[
                StockEntry.id.between(start + 1, (upt + 1) << SEQUENCE_BITS)
                for upt, start in zip(run.upts, after, strict=True)
            ])
        )
        .order_by(StockEntry.id)
    )  # fmt: skip
    return [
        Row(*row[:4], names[row[4]], *row[5:8], _number(row[8]), _number(row[9]), row[10])
        for row in found
    ]


def _compare_balances(run: Run, names: dict[int, str]) -> None:
    found = db.read_session().execute(
        select(
            StockBalance.variant_id, StockBalance.lot_id, StockBalance.account,
            StockBalance.in_posted - StockBalance.out_posted, StockBalance.in_pending,
            StockBalance.out_pending,
        ).where(StockBalance.upt_id.in_(run.upts))
    )  # fmt: skip
    stored = {(row[0], names[row[1]], row[2]): tuple(row[3:]) for row in found}
    expected = {key: [pieces, 0, 0] for key, pieces in run.book.pieces.items()}
    for hold in run.book.holds.values():
        if hold.state == "open":
            row = hold.row
            for key, place in (((row.variant, row.lot, row.end), 1), (row[3:6], 2)):
                expected.setdefault(key, [0, 0, 0])[place] += row.quantity
    assert {key: counters for key, counters in stored.items() if any(counters)} == {
        key: tuple(counters) for key, counters in expected.items() if any(counters)
    }
    assert sum(counters[0] for counters in stored.values()) == 0


def _compare_holds(run: Run) -> None:
    found = db.read_session().execute(
        select(
            StockHold.entry_id, StockHold.variant_id, StockHold.quantity,
            StockHold.quantity_posted, StockHold.expires_at, StockHold.state,
        ).where(StockHold.upt_id.in_(run.upts))
    )  # fmt: skip
    assert {row[0]: tuple(row[1:]) for row in found} == {
        (upt << SEQUENCE_BITS) + number: (
            hold.row.variant, hold.row.quantity, hold.shipped, hold.ends, hold.state
        )
        for (upt, number), hold in run.book.holds.items()
    }  # fmt: skip


def position(run: Run, upt: int, variant: int) -> StockPosition:
    """Return the figures that the model would show."""
    book = run.book
    held = sum(
        hold.row.quantity
        for hold in book.holds.values()
        if hold.row.variant == variant and hold.row.start in SHELVES
        and hold.state == "open" and not hold.is_lapsed(run.at)
    )  # fmt: skip
    return StockPosition(
        upt, variant, book.figure(variant, SHELVES), held,
        available=book.promisable(variant, run.at, FOR_SALE),
        capacity=book.promisable(variant, run.at, ("capacity",)),
    )  # fmt: skip


def compare_positions(run: Run) -> None:
    """Compare what pages, carts and the stock table ask for."""
    expected = {variant: position(run, upt, variant) for upt, variant in run.variants}
    assert queries.availability(variant_ids=list(expected), at=run.at) == {
        variant: figures.available for variant, figures in expected.items()
    }
    for upt in run.upts:
        for variant, figures in queries.of_upt(upt_id=upt, at=run.at).items():
            assert figures == expected[variant]
    upt, variant = run.variants[0]
    assert queries.get_position(upt_id=upt, variant_id=variant, at=run.at) == expected[variant]


def compare_places(run: Run) -> None:
    """Compare figures by place, and lots in the order in which they leave."""
    book = run.book
    for upt in run.upts:
        places: dict[int, dict[Account, PlaceFigure]] = {}
        lots = []
        for lot in book.lots:
            for account in GUARDED:
                pieces = book.pieces[lot.variant, lot.code, account]
                if lot.upt == upt and pieces:
                    figures = places.setdefault(lot.variant, {})
                    before = figures.get(Account(account), PlaceFigure(0, 0))
                    held = book.held(lot.variant, lot.code, account)
                    figures[Account(account)] = PlaceFigure(
                        before.on_hand + pieces, before.held + held
                    )
                    lots.append((lot.variant, lot.expires or date.max, book.lots.index(lot),
                                 account, lot.code, lot.is_open, pieces, held))  # fmt: skip
        assert queries.places(upt_id=upt) == places
        found = queries.lots_in(upt_id=upt, accounts=[Account(each) for each in GUARDED])
        assert [
            (lot.variant_id, lot.account, lot.code, lot.is_open, lot.on_hand, lot.held)
            for lot in found
        ] == [(row[0], *row[3:]) for row in sorted(lots)]
