"""Counts for tests: a shop with goods on several shelves, people of each kind, and the steps."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from app.domain.counts import queries, services
from app.domain.counts.types import CountRecord, RowWrite, SaveOutcome, Scope, ScopeKind
from app.domain.stock import services as stock_services
from app.domain.stock.types import Account, EntryKind, Move
from app.infra import db
from app.kernel.actor import Actor
from tests.factories import ledger, people
from tests.factories.ledger import Shelf, source

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
WHOLE = Scope(ScopeKind.WHOLE)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Team:
    """A UPT with goods, somebody who counts, and somebody who approves."""

    shelf: Shelf
    clerk: Actor
    head: Actor

    @property
    def upt_id(self) -> int:
        """Return the UPT."""
        return self.shelf.upt_id


def make_team(slug: str = "lapas-contoh", pieces: tuple[int, ...] = (10, 4)) -> Team:
    """Return a UPT whose store holds these pieces, one lot for each variant."""
    shelf = ledger.make_shelf(slug, variants=len(pieces))
    for variant_id, quantity in zip(shelf.variant_ids, pieces, strict=True):
        if quantity:
            ledger.receive(shelf.upt_id, variant_id, quantity, lot_code="L1")
    clerk = people.make_user(f"petugas.{slug}@contoh.example", "Petugas Contoh")
    head = people.make_user(f"kepala.{slug}@contoh.example", "Kepala Contoh")
    return Team(
        shelf,
        people.actor("upt_clerk", shelf.upt_id, user_id=clerk.user_id),
        people.actor("upt_head", shelf.upt_id, user_id=head.user_id),
    )


def open_sheet(
    team: Team, scope: Scope = WHOLE, *, actor: Actor | None = None, **more: Any
) -> CountRecord:
    """Open a sheet as the clerk."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "code": f"OP-{number:04d}-UJI", "entry_key": f"kunci-{number:020d}", "at": AT, **more,
    }  # fmt: skip
    with people.writing():
        return services.open_count(
            actor=actor or team.clerk, upt_id=team.upt_id, scope=scope, **values
        )


def rows(team: Team, sheet: CountRecord) -> tuple[Any, ...]:
    """Return the rows as the clerk sees them."""
    db.read_session().rollback()
    return queries.blind_rows(actor=team.clerk, count_id=sheet.count_id, size=500).items


def count(
    team: Team,
    sheet: CountRecord,
    numbers: Mapping[int, int | None] | None = None,
    *,
    default: int | None = None,
    actor: Actor | None = None,
    **more: Any,
) -> SaveOutcome:
    """Write numbers by variant; all other rows get ``default`` when it is given."""
    given = numbers or {}
    writes = [
        RowWrite(row.row_id, row.version, given.get(row.variant_id, default), row.note)
        for row in rows(team, sheet)
        if row.variant_id in given or default is not None
    ]  # fmt: skip
    with people.writing():
        return services.count_rows(
            actor=actor or team.clerk, count_id=sheet.count_id, writes=writes,
            **{"at": LATER, **more},
        )  # fmt: skip


def hand_in(team: Team, sheet: CountRecord, *, actor: Actor | None = None) -> None:
    """Hand the sheet in as the clerk."""
    with people.writing():
        services.hand_in(actor=actor or team.clerk, count_id=sheet.count_id, version=None, at=LATER)


def approve(team: Team, sheet: CountRecord, *, actor: Actor | None = None, **more: Any) -> None:
    """Approve the sheet as the head."""
    with people.writing():
        services.approve(
            actor=actor or team.head, count_id=sheet.count_id,
            **{"version": None, "at": LATER, **more},
        )  # fmt: skip


def reason_all(team: Team, sheet: CountRecord) -> None:
    """Give every difference a reason."""
    from app.domain.counts.types import DifferenceReason

    found = queries.differences(actor=team.head, count_id=sheet.count_id, size=500).items
    with people.writing():
        services.give_reasons(
            actor=team.head,
            count_id=sheet.count_id,
            reasons=[(row.row_id, row.version, DifferenceReason.UNKNOWN, "") for row in found],
            at=LATER,
        )


def move(
    team: Team,
    variant_id: int,
    quantity: int,
    kind: EntryKind,
    from_place: Account,
    to_place: Account,
    *,
    at: datetime = LATER,
    happened_at: datetime | None = None,
) -> None:
    """Post one move in the team's ledger."""
    with people.writing():
        stock_services.post_moves(
            actor=ledger.SYSTEM, permission="stock.adjust", acting_upt_id=team.upt_id,
            action="stock.tested", source=source(), happened_at=happened_at or at, at=at,
            moves=[Move(team.upt_id, variant_id, kind, from_place, to_place, quantity)],
        )  # fmt: skip


def sell(team: Team, variant_id: int, quantity: int, *, at: datetime = LATER) -> None:
    """Sell pieces over the counter."""
    move(team, variant_id, quantity, EntryKind.SOLD, Account.AVAILABLE, Account.CUSTOMER, at=at)


def shelf_of(team: Team) -> dict[tuple[int, str], int]:
    """Return pieces by variant and place."""
    db.read_session().rollback()
    found = db.read_session().execute(
        text(
            "SELECT variant_id, account, SUM(in_posted - out_posted) FROM stock_balance"
            " WHERE upt_id = :upt AND account IN"
            " ('available', 'gallery', 'second_grade', 'quarantine', 'returned')"
            " GROUP BY variant_id, account"
        ),
        {"upt": team.upt_id},
    )
    return {(row[0], row[1]): int(row[2]) for row in found if row[2]}
