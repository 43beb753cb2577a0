"""Races on counts: one posting however many approve, no lost number, and a shop that keeps selling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.counts import services
from app.domain.counts.types import CountRecord, RowWrite, SaveOutcome
from app.domain.stock import services as stock_services
from app.domain.stock.types import Account, EntryKind, EntrySource, Move
from app.infra import db
from tests.concurrency.test_stock import ensure_whole, race
from tests.factories import counts, people
from tests.factories.counts import LATER, Team

pytestmark = pytest.mark.concurrency


@pytest.fixture
def team(pg_app: Flask) -> Team:
    with pg_app.app_context():
        made = counts.make_team(pieces=(40, 4))
        db.db.session.remove()
    return made


def counted(app: Flask, team: Team, numbers: tuple[int, int]) -> CountRecord:
    """Return a sheet that waits for approval."""
    with app.app_context():
        sheet = counts.open_sheet(team)
        counts.count(team, sheet, dict(zip(team.shelf.variant_ids, numbers, strict=True)))
        counts.hand_in(team, sheet)
        counts.reason_all(team, sheet)
        db.db.session.remove()
    return sheet


def figures(app: Flask, statement: str, **values: Any) -> list[Any]:
    with app.app_context():
        found = [tuple(row) for row in db.read_session().execute(text(statement), values)]
        db.db.session.remove()
    return found


def selling(team: Team, key: str) -> Callable[[], Any]:
    move = Move(
        team.upt_id, team.shelf.variant_id, EntryKind.SOLD, Account.AVAILABLE, Account.CUSTOMER, 1
    )
    return lambda: stock_services.post_moves(
        actor=people.SYSTEM, permission="till.sell", acting_upt_id=team.upt_id,
        action="till.sold", moves=[move], source=EntrySource("race", key), happened_at=LATER,
        at=LATER,
    )  # fmt: skip


def test_two_approvers_and_sellers_at_once_make_one_posting_and_every_sale(
    pg_app: Flask, team: Team
) -> None:
    sheet = counted(pg_app, team, (37, 4))
    with pg_app.app_context():
        second = people.make_user("kepala2@contoh.example").user_id
        db.db.session.remove()
    heads = [team.head, people.actor("upt_head", team.upt_id, user_id=second)] * 3

    def approving(actor: Any) -> Callable[[], Any]:
        return lambda: services.approve(
            actor=actor, count_id=sheet.count_id, version=None, at=LATER
        )

    works = [approving(actor) for actor in heads] + [selling(team, str(n)) for n in range(8)]
    ends = race(pg_app, works)
    assert ends[6:] == ["done"] * 8
    assert sorted(set(ends[:6])) == ["CountClosed", "done"]
    assert figures(
        pg_app, "SELECT kind, quantity FROM stock_entry WHERE source_kind = 'count'"
    ) == [("counted_less", 3)]
    assert figures(pg_app, "SELECT count(*) FROM count_posting") == [(1,)]
    with pg_app.app_context():
        assert counts.shelf_of(team)[team.shelf.variant_id, "available"] == 40 - 8 - 3
        db.db.session.remove()
    ensure_whole(pg_app)


def test_editors_of_one_row_never_overwrite_each_other_unseen(pg_app: Flask, team: Team) -> None:
    with pg_app.app_context():
        sheet = counts.open_sheet(team)
        rows = counts.rows(team, sheet)
        db.db.session.remove()
    told: list[SaveOutcome] = []

    def writing(quantity: int) -> Callable[[], Any]:
        writes = [RowWrite(row.row_id, row.version, quantity) for row in reversed(rows)]

        def work() -> None:
            told.append(
                services.count_rows(
                    actor=team.clerk, count_id=sheet.count_id, writes=writes, at=LATER
                )
            )

        return work

    ends = race(pg_app, [writing(quantity) for quantity in range(10)])
    assert ends == ["done"] * 10
    saved = [outcome for outcome in told if outcome.saved]
    assert [len(outcome.saved) for outcome in saved] == [2]
    winner = saved[0].saved[0].quantity
    others = [outcome for outcome in told if not outcome.saved]
    assert {conflict.theirs.quantity for one in others for conflict in one.conflicts} == {winner}
    assert sum(len(one.conflicts) for one in others) == 18
    assert figures(pg_app, "SELECT count(*) FROM count_event WHERE event = 'counted'") == [(2,)]


def test_a_sheet_opened_between_sales_says_what_the_ledger_said_there(
    pg_app: Flask, team: Team
) -> None:
    opening = [lambda: counts.open_sheet(team)]
    ends = race(pg_app, [*(selling(team, f"v{n}") for n in range(6)), *opening])
    assert ends == ["done"] * 7
    ((sequence, book),) = figures(
        pg_app,
        "SELECT s.ledger_sequence, r.book_quantity FROM count_sheet s"
        " JOIN count_row r ON r.sheet_id = s.id WHERE r.variant_id = :variant",
        variant=team.shelf.variant_id,
    )
    sold_before = figures(
        pg_app,
        "SELECT count(*) FROM stock_entry WHERE kind = 'sold' AND sequence <= :sequence",
        sequence=sequence,
    )
    assert book == 40 - sold_before[0][0]


def test_handing_in_and_counting_at_once_leave_no_number_outside(pg_app: Flask, team: Team) -> None:
    with pg_app.app_context():
        sheet = counts.open_sheet(team)
        counts.count(team, sheet, default=4)
        rows = counts.rows(team, sheet)
        db.db.session.remove()

    def clear() -> None:
        writes = [RowWrite(row.row_id, row.version, None) for row in rows]
        services.count_rows(actor=team.clerk, count_id=sheet.count_id, writes=writes, at=LATER)

    def hand_in() -> None:
        services.hand_in(actor=team.clerk, count_id=sheet.count_id, version=None, at=LATER)

    ends = race(pg_app, [clear, hand_in])
    state = figures(pg_app, "SELECT state FROM count_sheet")[0][0]
    left = figures(pg_app, "SELECT count(*) FROM count_row WHERE quantity IS NULL")[0][0]
    assert (ends, state, left) in (
        (["CountClosed", "done"], "handed_in", 0),
        (["done", "RowsLeft"], "counting", 2),
    )
