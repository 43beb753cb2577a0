"""Daily heads and the national root: the published lines, the tree over them, the open file.

The formats are published in docs/ledger/FORMAT.md. The tree is that of RFC 9162, section 2.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from app.domain.stock.types import (
    GENESIS_HASH,
    HEAD_FORMAT,
    ROOT_FORMAT,
    DailyHead,
    DailyRoot,
    HeadRecord,
)

_TAB: Final = "\t"
Blocks = Iterable[tuple[str, list[str]]]
"""Days of an open file with their lines."""


def head_line(*, day: date, upt_id: int, slug: str, sequence: int, hash_: str) -> str:
    """Return the line of one UPT that is signed on a day."""
    return _TAB.join((HEAD_FORMAT, day.isoformat(), str(upt_id), slug, str(sequence), hash_))


def line_of_head(head: DailyHead) -> str:
    """Return the signed line of a head."""
    return head_line(
        day=head.day, upt_id=head.upt_id, slug=head.slug, sequence=head.sequence, hash_=head.hash
    )


def root_line(
    *, day: date, heads: int, merkle: str, previous_day: date | None, previous: str, key: str
) -> str:
    """Return the line of the nation that is signed on a day."""
    before = previous_day.isoformat() if previous_day else ""
    return _TAB.join((ROOT_FORMAT, day.isoformat(), str(heads), merkle, before, previous, key))


def line_of_root(root: DailyRoot) -> str:
    """Return the signed line of a root."""
    return root_line(
        day=root.day,
        heads=root.heads,
        merkle=root.merkle,
        previous_day=root.previous_day,
        previous=root.previous,
        key=root.key,
    )


def root_hash(root: DailyRoot | None) -> str:
    """Return what the next day's root names: the hash of this one's line, or zeros."""
    return GENESIS_HASH if root is None else hashlib.sha256(line_of_root(root).encode()).hexdigest()


def leaf(line: str) -> bytes:
    """Return the leaf of a head line."""
    return hashlib.sha256(b"\0" + line.encode()).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over leaves in order."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return _node(merkle_root(leaves[:split]), merkle_root(leaves[split:]))


def merkle_path(leaves: Sequence[bytes], index: int) -> tuple[str, ...]:
    """Return the steps from a leaf to the root, lowest first."""
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    if index < split:
        below, beside, side = merkle_path(leaves[:split], index), leaves[split:], "R"
    else:
        below, beside, side = merkle_path(leaves[split:], index - split), leaves[:split], "L"
    return (*below, f"{side}:{merkle_root(beside).hex()}")


def _split(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def day_block(*, root: DailyRoot, heads: Sequence[DailyHead]) -> str:
    """Return one day as the open file and the public text have it: heads, then the root."""
    lines = [f"{line_of_head(head)}\t{head.signature}\n" for head in heads]
    endorsed = f"\t{root.endorsement}" if root.endorsement else ""
    return "".join(lines) + f"{line_of_root(root)}\t{root.signature}{endorsed}\n"


def read_blocks(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield (day, lines) of every complete day of an open file; torn lines are passed over."""
    heads: list[str] = []
    last = ("", -1)
    for raw in lines:
        line = raw.rstrip("\n")
        fields = line.split(_TAB)
        if fields[0] == HEAD_FORMAT and len(fields) == 7 and fields[2].isdigit():
            place = (fields[1], int(fields[2]))
            if heads and (place[0] != last[0] or place[1] <= last[1]):
                heads = []
            heads.append(line)
            last = place
        else:
            if fields[0] == ROOT_FORMAT and len(fields) in (8, 9):
                yield fields[1], [*heads, line]
            heads = []


def first_of_each_day(blocks: Blocks) -> dict[str, list[str]]:
    """Return each day as it was written first: what is added later never hides it."""
    found: dict[str, list[str]] = {}
    for day, lines in blocks:
        found.setdefault(day, lines)
    return found


def heads_in(lines: Iterable[str]) -> Iterator[tuple[int, str, int, str]]:
    """Yield (UPT, day, sequence, hash) of the head lines of a day."""
    for line in lines:
        fields = line.split(_TAB)
        if fields[0] == HEAD_FORMAT and fields[2].isdigit() and fields[4].isdigit():
            yield int(fields[2]), fields[1], int(fields[4]), fields[5]


def head_to_sign(
    *,
    head: HeadRecord,
    last: DailyHead | None,
    hash_at_last: str | None,
) -> tuple[int, str, bool]:
    """Return (sequence, hash, is sound) to be signed for a UPT.

    A ledger that no longer holds its last published head is not signed anew: the last head is
    repeated, so that a rewritten chain never gets a signature.

    Args:
        hash_at_last: Hash of the entry at the last published sequence, as it is now.
    """
    if last is None:
        return head.sequence, head.hash, True
    now = GENESIS_HASH if last.sequence == 0 else hash_at_last
    if now == last.hash and head.sequence >= last.sequence:
        return head.sequence, head.hash, True
    return last.sequence, last.hash, False


def differing_days(
    *, kept: Mapping[str, Sequence[str]], published: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Return the days that the database and the open file tell differently, or only one knows."""
    return tuple(
        day
        for day in sorted(kept.keys() | published.keys())
        if list(kept.get(day, ())) != list(published.get(day, ()))
    )


def is_root_sound(
    *,
    root: DailyRoot,
    heads: Sequence[DailyHead],
    before: DailyRoot | None,
    is_signed: Callable[..., bool],
) -> bool:
    """Say whether a root fits its heads, its signature and the root before it."""
    leaves = [leaf(line_of_head(head)) for head in heads]
    return (
        root.heads == len(heads)
        and root.merkle == merkle_root(leaves).hex()
        and root.previous == root_hash(before)
        and root.previous_day == (before.day if before else None)
        and is_signed(line_of_root(root), key=root.key, signature=root.signature)
    )
