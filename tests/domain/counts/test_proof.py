"""One command proves ledger and papers: a paper that tells another story is named, and by whom it was."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.counts import queries
from app.domain.stock.types import Account, EntryKind
from app.domain.till import queries as till_queries
from app.infra import db
from tests.factories import counts, forging, till
from tests.factories.counts import approve, count, hand_in, open_sheet, reason_all

pytestmark = pytest.mark.usefixtures("app")


def approved() -> tuple[counts.Team, str]:
    """Return a team whose approved sheet found goods elsewhere, a loss, and a gain."""
    team = counts.make_team(pieces=(10, 4, 6))
    first, second, third = team.shelf.variant_ids
    counts.move(team, first, 3, EntryKind.MOVED, Account.AVAILABLE, Account.GALLERY, at=counts.AT)
    sheet = open_sheet(team)
    numbers = {second: 1, third: 8}
    count(team, sheet, numbers, default=5)
    hand_in(team, sheet)
    reason_all(team, sheet)
    approve(team, sheet)
    return team, sheet.code


def said(app: Flask, *arguments: str) -> tuple[int, str]:
    answer = app.test_cli_runner().invoke(args=["stock", "verify", *arguments])
    return answer.exit_code, answer.output


def test_papers_that_agree_with_the_ledger_are_said_to(app: Flask) -> None:
    approved()
    counter = till.make_counter()
    till.stock(counter, 3)
    till.scan(counter)
    till.pay(counter)
    db.read_session().rollback()
    assert queries.find_faults() == ()
    assert till_queries.list_upt_ids() == (counter.upt_id,)
    exit_code, output = said(app)
    assert (exit_code, "Kasir, opname, kiriman, dan pameran cocok" in output) == (0, True), output
    assert said(app, "--upt", "lapas-indramayu")[0] == 0


@pytest.mark.parametrize(
    ("forgery", "named"),
    [
        ("UPDATE count_row SET quantity = quantity + 2 WHERE number = 1", "ledger of {code}"),
        ("UPDATE count_sheet SET ledger_hash = 'x'", "position of {code}"),
        ("DELETE FROM count_posting", "posting of {code}"),
        ("UPDATE count_posting SET left_rows = 1", "posting of {code}"),
        ("UPDATE count_sheet SET state = 'handed_in'", "posting of {code}"),
    ],
)
def test_a_count_that_was_changed_after_it_was_posted_is_named(
    app: Flask, database_kind: str, forgery: str, named: str
) -> None:
    team, code = approved()
    with forging.tampering(database_kind) as forger:
        forger.execute(text(forgery))
    wanted = named.format(code=code)
    assert any(wanted in fault for fault in queries.find_faults(upt_id=team.upt_id))
    assert queries.find_faults(upt_id=team.upt_id + 1) == ()
    db.read_session().rollback()
    exit_code, output = said(app)
    assert (exit_code, f"opname [count] {wanted}" in output) == (1, True), output


def test_a_sale_without_receipt_and_a_receipt_without_sale_are_named(
    app: Flask, database_kind: str
) -> None:
    counter = till.make_counter()
    till.stock(counter, 3)
    till.scan(counter)
    number = till.pay(counter)
    with forging.tampering(database_kind) as forger:
        forger.execute(text("DELETE FROM till_line"))
    found = till_queries.find_faults(upt_id=counter.upt_id)
    assert f"sums of {number}" in found
    assert any(fault.startswith("no receipt for ") for fault in found), found
    db.read_session().rollback()
    exit_code, output = said(app)
    assert (exit_code, "lapas-indramayu [till] no receipt for" in output) == (1, True), output
