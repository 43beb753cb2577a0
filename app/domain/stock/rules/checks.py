"""What a posting must satisfy before anything is locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from app.domain.stock.errors import (
    HappenedInFuture,
    LotDatesUnfit,
    LotMismatch,
    QuantityOutOfRange,
)
from app.domain.stock.rules.chain import fingerprint
from app.domain.stock.rules.shapes import Key, Posting
from app.domain.stock.types import (
    LOT_CODE_MAX,
    NOTE_MAX,
    SOURCE_KEY_MAX,
    Demand,
    EntrySource,
    LotChoice,
)
from app.kernel import clock
from app.kernel.actor import Actor, ActorKind
from app.kernel.errors import FieldError, IdempotencyMismatch, Invalid
from app.kernel.quantity import QUANTITY_MAX

LATEST_TIMEZONE: Final = "Asia/Jayapura"
"""The eastern zone of the country: its date changes first, so no lot is sold after its last day."""

CLOCK_TOLERANCE: Final = timedelta(minutes=5)


def ensure_quantity(quantity: int, *, field: str = "quantity") -> None:
    """Refuse quantities that are not whole numbers from 1 to ``QUANTITY_MAX``.

    Raises:
        QuantityOutOfRange: It is not one.
    """
    if type(quantity) is not int or not 1 <= quantity <= QUANTITY_MAX:
        raise QuantityOutOfRange(field)


def posting(
    *,
    actor: Actor,
    source: EntrySource,
    content: Sequence[object],
    at: datetime,
    happened_at: datetime | None = None,
    reason: str = "",
    note: str = "",
) -> Posting:
    """Return what the entries of one posting share.

    Args:
        content: What was asked for; a repeat of the source must ask for the same.
        happened_at: None means now.

    Raises:
        HappenedInFuture: Later than the writing, beyond what clocks differ.
        Invalid: A text is too long or the source is not named.
    """
    if happened_at is not None and happened_at > at + CLOCK_TOLERANCE:
        raise HappenedInFuture
    if len(note) > NOTE_MAX:
        raise Invalid(FieldError("note", "field.too_long", (("max_length", NOTE_MAX),)))
    if not source.kind or not 1 <= len(source.key) <= SOURCE_KEY_MAX:
        raise Invalid(FieldError("entry_key", "field.invalid"))
    return Posting(
        actor=actor_name(actor),
        source=source,
        fingerprint=fingerprint(content),
        happened_at=happened_at or at,
        at=at,
        reason=reason,
        note=note,
    )


def ensure_same(*, found: str, given: str) -> None:
    """Refuse a known source with other content.

    Raises:
        IdempotencyMismatch: The fingerprints differ.
    """
    if found != given:
        raise IdempotencyMismatch


def lot_code(*, made_on: date) -> str:
    """Return the code suggested for a lot made on a day, for example ``L261122``."""
    return f"L{made_on:%y%m%d}"


def choose_lot(*, lot: LotChoice, at: datetime) -> LotChoice:
    """Return the choice with its code filled in.

    Raises:
        LotDatesUnfit: Made in the future, or expired before it was made.
        Invalid: The code is too long.
    """
    today = selling_date(at=at)
    if lot.produced_on and lot.produced_on > today:
        raise LotDatesUnfit("produced_on")
    if lot.produced_on and lot.expires_on and lot.expires_on < lot.produced_on:
        raise LotDatesUnfit
    code = lot.code or lot_code(made_on=lot.produced_on or today)
    if len(code) > LOT_CODE_MAX:
        raise Invalid(FieldError("lot_code", "field.too_long", (("max_length", LOT_CODE_MAX),)))
    return LotChoice(code, lot.produced_on, lot.expires_on)


def ensure_same_lot(
    *, chosen: LotChoice, produced_on: date | None, expires_on: date | None
) -> None:
    """Refuse a receipt that gives a known lot other dates.

    Raises:
        LotMismatch: A date was given and differs.
    """
    if chosen.produced_on not in (None, produced_on) or chosen.expires_on not in (None, expires_on):
        raise LotMismatch


def selling_date(*, at: datetime) -> date:
    """Return the date that lots are compared with: the latest in the country at that instant."""
    return clock.local_date(at=at, timezone=LATEST_TIMEZONE)


def merge_demands(demands: Iterable[Demand]) -> dict[Key, int]:
    """Return one quantity for each UPT and variant, in key order.

    Raises:
        QuantityOutOfRange: A demand, or the sum for one variant, is outside the limits.
    """
    merged: dict[Key, int] = {}
    for demand in sorted(demands):
        ensure_quantity(demand.quantity)
        key = (demand.upt_id, demand.variant_id)
        merged[key] = merged.get(key, 0) + demand.quantity
    for quantity in merged.values():
        ensure_quantity(quantity)
    return merged


def actor_name(actor: Actor) -> str:
    """Return the stable name of an actor for the ledger; never a person's name."""
    if actor.kind is ActorKind.USER:
        return f"user:{actor.user_id}"
    return actor.label[:60] if actor.kind is ActorKind.SYSTEM else "visitor"


def audit_detail(rows: Sequence[Mapping[str, Any]]) -> dict[str, int | str]:
    """Return what the audit trail keeps of a posting: how much, and where the ledger has it."""
    return {
        "entries": len(rows),
        "pieces": sum(row["quantity"] for row in rows),
        "variant_id": rows[0]["variant_id"],
        "sequence": rows[0]["sequence"],
    }


def only_upt_id(rows: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the UPT of a posting, or None when it concerns several."""
    found = {int(row["upt_id"]) for row in rows}
    return found.pop() if len(found) == 1 else None
