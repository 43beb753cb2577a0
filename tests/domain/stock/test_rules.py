"""Decisions of the ledger: lots, reasons, checks, chains."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.stock import rules
from app.domain.stock.errors import (
    HappenedInFuture,
    InsufficientStock,
    LotDatesUnfit,
    LotMismatch,
    NotReversible,
    QuantityOutOfRange,
    ReasonUnfit,
)
from app.domain.stock.rules import EntryLine, HoldLine, Line, LotFree, Pick, Posting
from app.domain.stock.types import (
    GENESIS_HASH,
    Account,
    AdjustReason,
    Demand,
    EntryKind,
    EntrySource,
    HeadRecord,
    LotChoice,
    Phase,
    Shortage,
)
from app.kernel import actor as actors
from app.kernel.actor import Actor, ActorKind
from app.kernel.errors import IdempotencyMismatch, Invalid

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
CLERK = Actor(kind=ActorKind.USER, user_id=17, label="Seorang Petugas")
SOURCE = EntrySource("form", "kunci")
HOLD = HoldLine(101, 1, 2, 3, "available", "transit_customer", 5, 4, "open")


def lot(lot_id: int, free: int, expires_on: date | None = None, is_open: bool = True) -> LotFree:
    return LotFree(1, 2, lot_id, free, expires_on, is_open)


def posting(**changes: object) -> Posting:
    values: dict[str, object] = {"actor": CLERK, "source": SOURCE, "content": ("x",), "at": AT}
    return rules.posting(**{**values, **changes})  # type: ignore[arg-type]  # one argument differs


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001, 10**9, True, 1.0, "1", None])
def test_only_whole_quantities_within_limits_pass(quantity: object) -> None:
    with pytest.raises(QuantityOutOfRange) as refusal:
        rules.ensure_quantity(quantity)  # type: ignore[arg-type]  # wrong on purpose
    assert refusal.value.errors[0].code == "stock.quantity_out_of_range"


@pytest.mark.parametrize("quantity", [1, 999, 1_000_000])
def test_quantities_at_the_limits_pass(quantity: int) -> None:
    rules.ensure_quantity(quantity)


def test_every_reason_adds_or_takes_as_listed() -> None:
    adding, taking = rules.reasons(direction=5), rules.reasons(direction=-5)
    assert set(adding) == {AdjustReason.OPENING, AdjustReason.FOUND, AdjustReason.COUNT}
    assert set(adding) | set(taking) == set(AdjustReason)
    for reason in AdjustReason:
        for delta, fitting in ((1, adding), (-1, taking)):
            if reason in fitting:
                rule = rules.adjustment(reason=reason, quantity_delta=delta)
                store = rule.to_account if delta > 0 else rule.from_account
                assert store is Account.AVAILABLE
            else:
                with pytest.raises(ReasonUnfit):
                    rules.adjustment(reason=reason, quantity_delta=delta)


def test_demands_for_one_variant_are_summed_in_key_order() -> None:
    demands = [Demand(2, 1, 1), Demand(1, 9, 2), Demand(1, 3, 4), Demand(1, 9, 5)]
    assert rules.merge_demands(demands) == {(1, 3): 4, (1, 9): 7, (2, 1): 1}
    assert list(rules.merge_demands(demands)) == [(1, 3), (1, 9), (2, 1)]


def test_demands_are_refused_alone_and_in_sum() -> None:
    with pytest.raises(QuantityOutOfRange):
        rules.merge_demands([Demand(1, 1, 0)])
    with pytest.raises(QuantityOutOfRange):
        rules.merge_demands([Demand(1, 1, 999_999), Demand(1, 1, 2)])


def test_lots_that_expire_first_go_first_and_undated_ones_last() -> None:
    lots = [lot(1, 5), lot(2, 5, TODAY + timedelta(30)), lot(3, 5, TODAY), lot(4, 0, TODAY)]
    picks, shortages = rules.pick(wanted={(1, 2): 12}, lots=lots, on=TODAY)
    assert shortages == ()
    assert picks == (Pick(1, 2, 3, 5), Pick(1, 2, 2, 5), Pick(1, 2, 1, 2))


def test_expired_and_blocked_lots_are_promised_to_nobody_but_can_be_taken_out() -> None:
    lots = [lot(1, 5, TODAY - timedelta(1)), lot(2, 5, is_open=False)]
    assert rules.pick(wanted={(1, 2): 1}, lots=lots, on=TODAY) == ((), (Shortage(1, 2, 1, 0),))
    assert rules.pick(wanted={(1, 2): 6}, lots=lots, on=None)[1] == ()


def test_every_shortage_is_named_together() -> None:
    wanted = {(1, 2): 9, (1, 3): 1, (2, 2): 4}
    lots = [lot(1, 4), LotFree(2, 2, 7, 4, None)]
    picks, shortages = rules.pick(wanted=wanted, lots=lots, on=TODAY)
    assert shortages == (Shortage(1, 2, 9, 4), Shortage(1, 3, 1, 0))
    assert Pick(2, 2, 7, 4) in picks


@given(
    frees=st.lists(st.integers(-3, 20), max_size=6),
    wanted=st.integers(1, 60),
)
def test_picks_and_shortage_always_add_up(frees: list[int], wanted: int) -> None:
    lots = [lot(number, free) for number, free in enumerate(frees, start=1)]
    picks, shortages = rules.pick(wanted={(1, 2): wanted}, lots=lots, on=TODAY)
    taken = sum(pick.quantity for pick in picks)
    there = sum(free for free in frees if free > 0)
    assert taken == min(there, wanted)
    assert bool(shortages) is (there < wanted)
    assert all(0 < pick.quantity <= frees[pick.lot_id - 1] for pick in picks)


def test_lapsed_holds_free_their_lot() -> None:
    lots = [lot(3, 1), lot(4, 0)]
    assert rules.free_again(lots=lots, lapsed=[HOLD, HOLD]) == [lot(3, 11), lot(4, 0)]


def test_a_lot_without_a_code_gets_one_from_its_day() -> None:
    assert rules.choose_lot(lot=LotChoice(), at=AT).code == "L261122"
    made = LotChoice(None, date(2026, 11, 3), date(2027, 1, 1))
    assert rules.choose_lot(lot=made, at=AT) == LotChoice(
        "L261103", *(made.produced_on, made.expires_on)
    )
    assert rules.choose_lot(lot=LotChoice("K-7"), at=AT).code == "K-7"


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (LotChoice("A", date(2026, 11, 23)), "produced_on"),
        (LotChoice("A", date(2026, 11, 2), date(2026, 11, 1)), "expires_on"),
    ],
)
def test_lots_from_the_future_or_expired_before_made_are_refused(
    choice: LotChoice, field: str
) -> None:
    with pytest.raises(LotDatesUnfit) as refusal:
        rules.choose_lot(lot=choice, at=AT)
    assert refusal.value.errors[0].field == field


def test_a_lot_code_has_a_longest_length() -> None:
    with pytest.raises(Invalid):
        rules.choose_lot(lot=LotChoice("A" * 41), at=AT)


def test_a_known_lot_takes_the_same_dates_or_none() -> None:
    known = {"produced_on": TODAY, "expires_on": None}
    rules.ensure_same_lot(chosen=LotChoice("A"), **known)
    rules.ensure_same_lot(chosen=LotChoice("A", TODAY), **known)
    for chosen in (LotChoice("A", date(2026, 1, 1)), LotChoice("A", None, TODAY)):
        with pytest.raises(LotMismatch):
            rules.ensure_same_lot(chosen=chosen, **known)


def test_the_last_selling_day_is_that_of_the_east() -> None:
    assert rules.selling_date(at=datetime(2026, 11, 22, 14, 59, tzinfo=UTC)) == TODAY
    assert rules.selling_date(at=datetime(2026, 11, 22, 15, 0, tzinfo=UTC)) == TODAY + timedelta(1)


def test_a_posting_names_no_person() -> None:
    assert posting().actor == "user:17"
    assert posting(actor=actors.system("jobs")).actor == "system:jobs"
    assert posting(actor=actors.ANONYMOUS).actor == "visitor"
    assert (posting().happened_at, posting().at) == (AT, AT)


def test_a_posting_keeps_when_it_happened() -> None:
    yesterday = AT - timedelta(days=1)
    assert posting(happened_at=yesterday).happened_at == yesterday
    assert posting(happened_at=AT + timedelta(minutes=5)).happened_at > AT
    with pytest.raises(HappenedInFuture):
        posting(happened_at=AT + timedelta(minutes=5, seconds=1))


@pytest.mark.parametrize(
    "changes",
    [
        {"note": "n" * 301},
        {"source": EntrySource("", "k")},
        {"source": EntrySource("form", "")},
        {"source": EntrySource("form", "k" * 81)},
    ],
)
def test_texts_fit_their_columns(changes: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        posting(**changes)


def test_the_fingerprint_stands_for_the_content_and_its_order() -> None:
    same, other = rules.fingerprint(("a", 1)), rules.fingerprint(("a", 2))
    assert same == rules.fingerprint(("a", "1"))
    assert same != other
    assert len(same) == 16
    assert rules.fingerprint(("a\tb",)) != rules.fingerprint(("a", "b"))
    rules.ensure_same(found=same, given=same)
    with pytest.raises(IdempotencyMismatch):
        rules.ensure_same(found=same, given=other)


def test_what_ends_a_hold_repeats_its_accounts() -> None:
    kept = rules.kept(HOLD, expires_at=AT)
    assert (kept.phase, kept.kind, kept.expires_at) == (Phase.KEEP, EntryKind.KEPT, AT)
    voided, expired = rules.voided(HOLD), rules.expired(HOLD)
    assert (voided.kind, expired.kind) == (EntryKind.VOIDED, EntryKind.EXPIRED)
    assert {voided.phase, expired.phase} == {Phase.VOID}
    assert rules.shipped(HOLD, parts={}).quantity == 5
    assert rules.shipped(HOLD, parts={101: 2}).quantity == 2
    for line in (kept, voided, expired, rules.shipped(HOLD, parts={})):
        assert (line.hold_id, line.lot_id, line.from_account, line.to_account) == (
            101, 3, "available", "transit_customer",
        )  # fmt: skip


def test_a_delivery_brings_what_was_shipped_to_the_customer() -> None:
    line = rules.delivery(HOLD)
    assert (line.from_account, line.to_account) == ("transit_customer", Account.CUSTOMER)
    assert (line.quantity, line.hold_id, line.phase) == (4, 101, Phase.MOVE)


def test_a_promise_moves_nothing_yet() -> None:
    line = rules.promise(Pick(1, 2, 3, 4), expires_at=AT)
    assert (line.phase, line.quantity, line.expires_at, line.hold_id) == (Phase.HOLD, 4, AT, None)


def entry(**changes: object) -> EntryLine:
    values: dict[str, object] = {
        "entry_id": 9, "phase": "move", "variant_id": 2, "lot_id": 3, "from_account": "production",
        "to_account": "available", "quantity": 5, "reverses_id": None, "is_reversed": False,
        "free_there": 5,
    }  # fmt: skip
    return EntryLine(**{**values, **changes})  # type: ignore[arg-type]  # one field differs


def test_a_reversal_goes_the_other_way() -> None:
    line = rules.reversal(upt_id=1, entry=entry())
    assert (line.from_account, line.to_account) == ("available", "production")
    assert (line.quantity, line.reverses_id, line.kind) == (5, 9, EntryKind.REVERSED)
    assert rules.reversal(upt_id=1, entry=entry(phase="post")).quantity == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"phase": "hold"},
        {"phase": "void"},
        {"phase": "keep"},
        {"reverses_id": 4},
        {"is_reversed": True},
    ],
)
def test_what_moved_nothing_or_was_taken_back_is_not_reversible(changes: dict[str, object]) -> None:
    with pytest.raises(NotReversible):
        rules.reversal(upt_id=1, entry=entry(**changes))


def test_a_reversal_needs_the_pieces_where_they_went() -> None:
    with pytest.raises(InsufficientStock) as refusal:
        rules.reversal(upt_id=1, entry=entry(free_there=4))
    assert refusal.value.shortages == (Shortage(1, 2, 5, 4),)
    assert rules.reversal(upt_id=1, entry=entry(to_account="loss", free_there=-9)).quantity == 5


HEAD = HeadRecord(7, 0, GENESIS_HASH, None)
RECEIVED = Line(7, Phase.MOVE, EntryKind.PRODUCED, 2, 3, "production", "available", 10)
CANONICAL = (
    "karyabina-stock-1\t7\t1\t2026-11-22T03:00:00.000000Z\t2026-11-21T03:00:00.000000Z\tmove"
    "\tproduced\t2\t3\tproduction\tavailable\t10\t\t\t\tuser:17\t\tbaris\\nbaru\tform\tkunci\t0\t"
)


def test_the_canonical_line_is_the_published_one() -> None:
    given = posting(happened_at=AT - timedelta(days=1), note="baris\nbaru")
    (row,) = rules.link(head=HEAD, lines=[RECEIVED], posting=given)
    assert rules.canonical_line(row) == CANONICAL + given.fingerprint
    text = f"{GENESIS_HASH}\t{CANONICAL}{given.fingerprint}"
    assert row["hash"] == hashlib.sha256(text.encode()).hexdigest()


def test_ids_are_made_of_upt_and_sequence() -> None:
    assert rules.entry_id(upt_id=7, sequence=3) == 7 * 2**40 + 3
    assert rules.sequence_of(7 * 2**40 + 3) == 3


def test_lines_are_numbered_and_chained_to_the_head() -> None:
    first, second = rules.link(head=HEAD, lines=[RECEIVED, RECEIVED], posting=posting())
    assert (first["sequence"], second["sequence"]) == (1, 2)
    assert (first["previous_hash"], second["previous_hash"]) == (GENESIS_HASH, first["hash"])
    assert (first["source_line"], second["source_line"]) == (0, 1)
    assert first["hash"] != second["hash"]


def test_lines_name_holds_and_reversals_by_their_sequence() -> None:
    line = Line(7, Phase.VOID, EntryKind.VOIDED, 2, 3, "a", "b", 1, hold_id=7 * 2**40 + 5)
    back = Line(7, Phase.MOVE, EntryKind.REVERSED, 2, 3, "a", "b", 1, reverses_id=7 * 2**40 + 6)
    rows = rules.link(head=HEAD, lines=[line, back], posting=posting())
    fields = [rules.canonical_line(row).split("\t")[12:15] for row in rows]
    assert fields == [["5", "", ""], ["", "6", ""]]


def test_the_time_of_writing_never_goes_back() -> None:
    later = AT + timedelta(hours=1)
    head = HeadRecord(7, 4, "a" * 64, later)
    (row,) = rules.link(head=head, lines=[RECEIVED], posting=posting())
    assert row["written_at"] == later


def test_a_posting_over_several_upt_chains_each_to_its_own_head() -> None:
    other = Line(8, Phase.MOVE, EntryKind.PRODUCED, 2, 3, "production", "available", 1)
    heads = {7: HEAD, 8: HeadRecord(8, 5, "b" * 64, AT)}
    rows = rules.link_all(heads=heads, lines=[other, RECEIVED], posting=posting())
    assert [(row["upt_id"], row["sequence"]) for row in rows] == [(7, 1), (8, 6)]
    assert rules.only_upt_id(rows) is None
    assert rules.only_upt_id(rows[:1]) == 7
    assert rules.audit_detail(rows) == {"entries": 2, "pieces": 11, "variant_id": 2, "sequence": 1}


def test_instants_are_written_in_utc_to_the_microsecond() -> None:
    there = datetime(2026, 11, 22, 10, 0, tzinfo=timezone(timedelta(hours=7)))
    assert rules.instant(there) == "2026-11-22T03:00:00.000000Z"


@given(st.text())
def test_escaped_text_has_no_separator_and_is_one_to_one(text: str) -> None:
    escaped = rules.escape(text)
    assert not set("\t\n\r") & set(escaped)
    back = escaped.replace("\\\\", "\0").replace("\\t", "\t").replace("\\n", "\n")
    if "\0" not in text:
        assert back.replace("\\r", "\r").replace("\0", "\\") == text
