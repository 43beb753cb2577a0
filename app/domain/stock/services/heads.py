"""Writing down the day's signed heads and the national root over them."""

from __future__ import annotations

from datetime import date, datetime

from app.domain.audit import services as audit_services
from app.domain.stock import ports, queries, rules
from app.domain.stock.models import StockDailyHead, StockDailyRoot
from app.domain.stock.services import incidents
from app.domain.stock.types import (
    SEQUENCE_BITS,
    DailyHead,
    DailyRoot,
    Difference,
    HeadRecord,
)
from app.infra import db
from app.kernel.actor import Actor


def publish_day(*, actor: Actor, day: date, at: datetime) -> DailyRoot | None:
    """Sign the head of every chain and one root over them all, once a day.

    A ledger that no longer holds its last published head gets that head again and an incident
    instead of a new signature.

    Returns:
        The root of the day, also when it was published before; None while no chain exists.
    """
    before = queries.latest_root()
    if before is not None and before.day >= day:
        return before
    heads = _heads(day, before, at=at)
    if not heads:
        return None
    signer = ports.signer()
    leaves = [rules.leaf(rules.line_of_head(head)) for head in heads]
    merkle = rules.merkle_root(leaves).hex()
    previous_day, previous = before.day if before else None, rules.root_hash(before)
    line = rules.root_line(
        day=day,
        heads=len(heads),
        merkle=merkle,
        previous_day=previous_day,
        previous=previous,
        key=signer.key,
    )
    is_new_key = before is not None and before.key != signer.key
    root = DailyRoot(
        day=day,
        heads=len(heads),
        merkle=merkle,
        previous_day=previous_day,
        previous=previous,
        key=signer.key,
        signature=signer.sign(line),
        endorsement=signer.endorse(line, key=before.key) if before and is_new_key else "",
        published_at=at,
    )
    _write(root, heads)
    audit_services.record(
        actor=actor,
        action="stock.heads_published",
        subject=f"day:{day.isoformat()}",
        at=at,
        detail={"heads": len(heads), "merkle": merkle, "key": root.key},
    )
    return root


def _write(root: DailyRoot, heads: list[DailyHead]) -> None:
    names = DailyRoot.__slots__
    db.add(StockDailyRoot(**{name: getattr(root, name) for name in names}))
    db.insert_rows(
        StockDailyHead,
        [{name: getattr(head, name) for name in DailyHead.__slots__} for head in heads],
    )


def _heads(day: date, before: DailyRoot | None, *, at: datetime) -> list[DailyHead]:
    signer = ports.signer()
    last = (
        {head.upt_id: head for head in queries.list_daily_heads(day=before.day)} if before else {}
    )
    hashes = queries.hashes_at(
        entry_ids=[(head.upt_id << SEQUENCE_BITS) + head.sequence for head in last.values()]
    )
    now = {row[0]: row for row in queries.heads_to_publish()}
    found = []
    for upt_id in sorted(now.keys() | last.keys()):
        known = last.get(upt_id)
        _, slug, sequence, hash_ = now.get(upt_id) or (upt_id, known.slug if known else "", -1, "")
        at_last = hashes.get((upt_id << SEQUENCE_BITS) + known.sequence) if known else None
        signed, made, is_sound = rules.head_to_sign(
            head=HeadRecord(upt_id, sequence, hash_, None), last=known, hash_at_last=at_last
        )
        if not is_sound:
            _report(upt_id, signed, made, sequence, at_last, at=at)
        line = rules.head_line(day=day, upt_id=upt_id, slug=slug, sequence=signed, hash_=made)
        found.append(DailyHead(day, upt_id, slug, signed, made, signer.sign(line)))
    return found


def _report(
    upt_id: int, sequence: int, hash_: str, now: int, hash_now: str | None, *, at: datetime
) -> None:
    difference = Difference(
        code="published",
        subject=f"published:{sequence}",
        ledger_figure=f"{sequence} {hash_[:12]}",
        stored_figure=f"{now} {(hash_now or 'none')[:12]}",
    )
    incidents.note(upt_id=upt_id, differences=[difference], at=at)
