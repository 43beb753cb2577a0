"""Why is this 47: the figure equals a replay at any date or entry number, whatever happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.reports import queries, rules
from app.domain.reports.types import (
    INNER,
    PHYSICAL,
    SCOPE_ACCOUNTS,
    SELLABLE,
    Axis,
    Scope,
    Window,
)
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock import services, types
from app.domain.stock.errors import InsufficientStock, NotReversible
from app.domain.stock.rules import replay
from app.domain.stock.types import Account, AdjustReason, Demand, LotChoice
from app.infra import db
from app.kernel.errors import NotAllowed, NotFound
from tests.factories import browse, ledger, people
from tests.factories.ledger import SYSTEM, Shelf

pytestmark = pytest.mark.usefixtures("app")

BEGIN = datetime(2026, 10, 30, 15, 0, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["receive", "take", "hold", "ship", "void", "move", "reverse"]),
        st.integers(1, 9),
        st.integers(0, 90),
        st.integers(0, 3),
    ),
    min_size=6,
    max_size=14,
)
"""What, how many, minutes since the step before, days before which it is said to have happened."""


def write(shelf: Shelf, steps: Sequence[tuple[str, int, int, int]]) -> list[datetime]:
    """Write a history; refusals leave nothing. Return the instants of the steps."""
    at, instants, fresh = BEGIN, [], []
    for what, number, hours, days in steps:
        at += timedelta(hours=hours)
        instants.append(at)
        common: dict[str, Any] = {"actor": SYSTEM, "upt_id": shelf.upt_id, "at": at}
        told = {"happened_at": at - timedelta(days=days, hours=3), "source": ledger.source()}
        goods = {"variant_id": shelf.variant_ids[number % 2], **told, **common}
        try:
            with db.unit_of_work():
                if what == "receive":
                    services.receive_output(quantity=number + 5, lot=LotChoice(f"L{days}"), **goods)
                elif what == "take":
                    services.adjust(
                        lot_id=None, quantity_delta=-number, reason=AdjustReason.DAMAGED, note="",
                        **goods,
                    )  # fmt: skip
                elif what == "hold":
                    made = services.reserve(
                        actor=SYSTEM, at=at, expires_at=None, source=ledger.source(),
                        demands=[Demand(shelf.upt_id, shelf.variant_ids[number % 2], number)],
                    )  # fmt: skip
                    fresh.append([hold.hold_id for hold in made])
                elif what in ("ship", "void") and fresh:
                    held = {"hold_ids": fresh.pop(), "source": ledger.source(), **common}
                    if what == "ship":
                        services.ship(**held)
                    else:
                        services.release(reason="test", **held)
                elif what == "move":
                    _to_gallery(shelf, number, at, common)
                elif what == "reverse":
                    services.reverse_entry(
                        entry_id=_last_entry(shelf), reason="", source=ledger.source(), **common
                    )
        except (InsufficientStock, NotReversible, NotFound):
            continue
    return instants


def _last_entry(shelf: Shelf) -> int:
    head = stock_queries.list_heads(upt_id=shelf.upt_id).get(shelf.upt_id)
    return stock_rules.entry_id(upt_id=shelf.upt_id, sequence=head.sequence if head else 1)


def _to_gallery(shelf: Shelf, number: int, at: datetime, common: dict[str, Any]) -> None:
    services.post_moves(
        actor=SYSTEM, permission="stock.adjust", acting_upt_id=shelf.upt_id, action="stock.moved",
        moves=[
            types.Move(
                shelf.upt_id, shelf.variant_ids[number % 2], types.EntryKind.MOVED,
                Account.AVAILABLE, Account.GALLERY, number,
            )
        ],
        source=ledger.source(), happened_at=at - timedelta(hours=1), at=at,
    )  # fmt: skip


def replayed(upt_id: int, variant_id: int, accounts: Sequence[str], rows: list[Any]) -> int:
    """Return the figure that a replay of these entries gives."""
    found = replay.replay_entries(upt_id=upt_id, rows=rows)
    return sum(
        counters[0] - counters[1]
        for (variant, _, account), counters in found.balances.items()
        if variant == variant_id and account in accounts
    )


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_every_figure_equals_a_replay_at_any_date_or_position(
    steps: list[tuple[str, int, int, int]],
) -> None:
    shelf = ledger.make_shelf(f"lapas-uji{ledger.source().key[-6:]}", variants=2)
    instants = write(shelf, steps)
    entries = list(stock_queries.stream_entries(upt_id=shelf.upt_id))
    happened = [_instant(row[3]) for row in entries]
    written = [_instant(row[2]) for row in entries]
    edges = [None, *instants[:: max(len(instants) // 3, 1)], instants[-1] + timedelta(days=1)]
    variant_id = shelf.variant_ids[1]
    for scope in (Scope.SELLABLE, Scope.ALL, Scope.STORE, Scope.TRANSIT_CUSTOMER):
        accounts = SCOPE_ACCOUNTS[scope]

        def figure(rows: list[Any], accounts: Sequence[str] = accounts) -> int:
            return replayed(shelf.upt_id, variant_id, accounts, rows)

        def told(window: Window, scope: Scope = scope) -> Any:
            return queries.explain(
                actor=SYSTEM, upt_id=shelf.upt_id, variant_id=variant_id, scope=scope,
                window=window,
            )  # fmt: skip

        for sequence in range(0, len(entries) + 1, 3):
            found = told(Window(Axis.POSITION, start_sequence=sequence // 2, end_sequence=sequence))
            assert found.closing == figure(entries[:sequence])
            assert found.opening == figure(entries[: sequence // 2])
            assert found.opening + found.quantity_in - found.quantity_out == found.closing
        for start, end in zip(edges, edges[1:], strict=False):
            for axis, times in ((Axis.WRITTEN, written), (Axis.HAPPENED, happened)):
                found = told(Window(axis, start_at=start, end_at=end))
                closed = [row for row, at in zip(entries, times, strict=True) if at < end]
                opened = [
                    row
                    for row, at in zip(entries, times, strict=True)
                    if start is not None and at < start
                ]
                assert (found.opening, found.closing) == (figure(opened), figure(closed))
                assert found.now == figure(entries)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(replay.canonical_instant(text) or "")


@pytest.fixture
def shelf() -> Shelf:
    made = ledger.make_shelf(variants=2)
    for day in range(6):
        ledger.receive(made.upt_id, made.variant_id, 10, at=BEGIN + timedelta(days=day))
    return made


def test_the_position_of_an_instant_is_found_by_halving(shelf: Shelf) -> None:
    def at(instant: datetime) -> int:
        return queries.position_at(upt_id=shelf.upt_id, instant=instant)

    assert at(BEGIN) == 0
    assert at(BEGIN + timedelta(microseconds=1)) == 1
    assert [at(BEGIN + timedelta(days=day, hours=1)) for day in range(7)] == [1, 2, 3, 4, 5, 6, 6]
    assert queries.position_at(upt_id=999_999, instant=BEGIN) == 0


def test_entries_of_a_cause_come_in_pages_and_add_up(shelf: Shelf) -> None:
    window = Window(Axis.WRITTEN)
    asked: dict[str, Any] = {
        "actor": SYSTEM, "upt_id": shelf.upt_id, "variant_id": shelf.variant_id,
        "scope": Scope.SELLABLE, "window": window,
    }  # fmt: skip
    (cause,) = queries.explain(**asked).causes
    assert (cause.key, cause.quantity, cause.entries) == ("produced.production.available", 60, 6)
    first = queries.list_entries(
        **asked, cause=(cause.kind, cause.from_account, cause.to_account), size=4
    )
    rest = queries.list_entries(**asked, cursor=first.after, size=4)
    assert [row.sequence for row in (*first.items, *rest.items)] == [6, 5, 4, 3, 2, 1]
    assert rest.after is None
    assert queries.list_entries(**asked, cause=("sold", "available", "customer")).items == ()


def test_a_figure_costs_the_same_statements_with_few_and_many_entries(shelf: Shelf) -> None:
    window = Window(Axis.HAPPENED, start_at=BEGIN, end_at=BEGIN + timedelta(days=3))
    with browse.statements() as seen:
        queries.explain(
            actor=SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id, scope=Scope.ALL,
            window=window,
        )  # fmt: skip
    assert seen.count == 2


def test_other_units_goods_do_not_exist(shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-indramayu")
    clerk = people.actor("upt_clerk", shelf.upt_id)
    asked: dict[str, Any] = {"scope": Scope.ALL, "window": Window(Axis.WRITTEN)}
    for upt_id, variant_id in (
        (other.upt_id, other.variant_id), (shelf.upt_id, other.variant_id), (shelf.upt_id, 999_999),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            queries.explain(actor=clerk, upt_id=upt_id, variant_id=variant_id, **asked)
    with pytest.raises(NotFound):
        queries.find_owner(actor=clerk, variant_id=other.variant_id)
    with pytest.raises(NotAllowed):
        queries.find_owner(actor=people.actor("curator"), variant_id=shelf.variant_id)


def test_places_are_those_of_the_ledger() -> None:
    assert tuple(types.PLACES) != ()
    assert set(INNER) == set(types.PLACES)
    assert set(SELLABLE) == set(types.SELLABLE)
    guarded = set(Account) - set(types.UNGUARDED)
    assert set(PHYSICAL) == guarded - {Account.TRANSIT_CUSTOMER, Account.CAPACITY}
    assert {name for accounts in SCOPE_ACCOUNTS.values() for name in accounts} == guarded
    assert rules.start_of(day=date(2026, 11, 22), timezone="Asia/Makassar") == datetime(
        2026, 11, 21, 16, tzinfo=UTC
    )
