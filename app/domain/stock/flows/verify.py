"""Proving the ledger: everything is replayed and compared with what is stored and published.

Each UPT is read in its own snapshot, so shops go on selling meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from app.domain.stock import ports, queries, rules
from app.domain.stock.types import Fault, PeriodRecord, VerifyReport
from app.infra import db

NATION = 0
"""Stands for a UPT in faults that concern the whole nation."""

Points = Mapping[int, Sequence[tuple[int, str, str]]]
"""By UPT: number, hash and place of every head in the open file."""


def verify(*, upt_id: int | None = None, since_close: bool = False) -> VerifyReport:
    """Replay the ledgers of all UPT, or of one, and compare.

    Every entry's hash, sequence and link is checked, every guarded balance after every entry, every
    published head and closed month on the way, then head, balances and holds against the replay.
    Nothing is repaired.

    Args:
        since_close: Begin at each UPT's last closed month instead of its first entry.
    """
    published, faults, heads = _read_published(is_whole=upt_id is None)
    with db.snapshot():
        known = queries.list_upt_ids() if upt_id is None else (upt_id,)
    known = tuple(sorted({*known, *published})) if upt_id is None else known
    entries = balances = holds = chains = periods = 0
    for each in known:
        found, stored_balances, closed = verify_one(
            upt_id=each, published=published, since_close=since_close
        )
        if found.entries or found.faults or stored_balances:
            chains += 1
        entries += found.entries
        balances += stored_balances
        holds += len(found.holds)
        periods += closed
        faults += found.faults
    return VerifyReport(entries, chains, balances, holds, tuple(faults), heads, periods)


def verify_one(
    *, upt_id: int, published: Points, since_close: bool = False
) -> tuple[rules.Replay, int, int]:
    """Return the replay of one UPT with its faults, and how many balances and months it compared.

    Args:
        published: Heads in the open file, as ``read_published`` returns them.
    """
    with db.snapshot():
        head = queries.list_heads(upt_id=upt_id).get(upt_id)
        months = queries.list_periods(upt_id=upt_id)[::-1]
        marks = marks_of(upt_id=upt_id, months=months, published=published)
        found = replay(upt_id=upt_id, months=months, marks=marks, since_close=since_close)
        stored = queries.read_balances(upt_id=upt_id)
        if head is not None or found.entries or stored:
            holds = queries.read_holds(upt_id=upt_id)
            if since_close:
                holds = {
                    hold_id: facts
                    for hold_id, facts in holds.items()
                    if hold_id in found.holds or facts[7] == "open"
                }
            rules.compare(found=found, head=head, balances=stored, holds=holds)
    return found, len(stored), len(months)


def marks_of(*, upt_id: int, months: Sequence[PeriodRecord], published: Points) -> rules.Marks:
    """Return the points that a UPT's replay must pass: heads in table and file, closed months."""
    points = [
        (head.sequence, head.hash, f"the head of {head.day.isoformat()}")
        for head in queries.heads_of_upt(upt_id=upt_id)
    ]
    points += [(month.sequence, month.hash, f"the month {month.label}") for month in months]
    return rules.merge_marks([*points, *published.get(upt_id, ())])


def replay(
    *,
    upt_id: int,
    months: Sequence[PeriodRecord],
    marks: rules.Marks,
    since_close: bool = False,
) -> rules.Replay:
    """Return the replay of a UPT within the present snapshot, past every mark.

    Args:
        months: Closed months, oldest first; each is compared with the replay at its position.
    """
    if since_close and months:
        last = months[-1]
        found = rules.begin_at(
            period=last,
            balances=queries.read_period_balances(upt_id=upt_id, month=last.month),
            holds=queries.read_period_holds(upt_id=upt_id, month=last.month),
        )
        rows = rules.watch(queries.stream_entries(upt_id=upt_id, after=last.sequence), marks, found)
        found = rules.replay_entries(upt_id=upt_id, rows=rows, found=found)
    else:
        found = rules.Replay(upt_id)
        rows = rules.watch(queries.stream_entries(upt_id=upt_id), marks, found)
        for month in months:
            part = islice(rows, max(0, month.sequence - found.entries))
            rules.replay_entries(upt_id=upt_id, rows=part, found=found)
            rules.compare_period(
                found=found,
                period=month,
                balances=queries.read_period_balances(upt_id=upt_id, month=month.month),
                holds=queries.read_period_holds(upt_id=upt_id, month=month.month),
            )
        rules.replay_entries(upt_id=upt_id, rows=rows, found=found)
    rules.beyond(marks, found)
    return found


def read_published() -> Points:
    """Return the heads in the open file by UPT."""
    return _points(rules.read_blocks(ports.heads_file().lines()))


def _points(blocks: rules.Blocks) -> dict[int, list[tuple[int, str, str]]]:
    found: dict[int, list[tuple[int, str, str]]] = {}
    for _, lines in blocks:
        for upt_id, day, sequence, hash_ in rules.heads_in(lines):
            where = f"the open file of {day}"
            found.setdefault(upt_id, []).append((sequence, hash_, where))
    return found


def _read_published(*, is_whole: bool) -> tuple[Points, list[Fault], int]:
    """Read the open file; compare it day by day with the database when everything is verified."""
    blocks = tuple(rules.read_blocks(ports.heads_file().lines()))
    points, kept = _points(blocks), rules.first_of_each_day(blocks)
    if not is_whole:
        return points, [], sum(len(lines) - 1 for lines in kept.values())
    faults: list[Fault] = []
    stored: dict[str, list[str]] = {}
    with db.snapshot():
        signer, before = ports.signer(), None
        for root in queries.all_roots():
            heads = queries.list_daily_heads(day=root.day)
            day = root.day.isoformat()
            stored[day] = rules.day_block(root=root, heads=heads).splitlines()
            if not rules.is_root_sound(
                root=root, heads=heads, before=before, is_signed=signer.is_signed
            ):
                faults.append(
                    Fault(NATION, None, "published", f"the root of {day} is not what was signed")
                )
            before = root
    faults += [
        Fault(NATION, None, "published", f"database and open file differ on {day}")
        for day in rules.differing_days(kept=kept, published=stored)
    ]
    return points, faults, sum(len(lines) - 1 for lines in stored.values())
