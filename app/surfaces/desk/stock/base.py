"""What the stock pages share: the blueprint, the UPT at hand, refusals beside their fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, g
from flask import session as cookie

from app.domain.catalog import queries as catalog_queries
from app.domain.stock.errors import (
    InsufficientStock,
    LotMismatch,
    LotUnfit,
    MoveUnfit,
    NotReversible,
    UniqueTaken,
)
from app.domain.stock.types import EntrySource
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import DomainError, IdempotencyMismatch, Invalid, NotFound
from app.surfaces.desk import stock_words
from app.surfaces.web import session
from app.surfaces.web.forms import Form

blueprint = Blueprint("stock", __name__)

_UNDO: Final = "stock_undo"

_BESIDE: Final = (
    Invalid,
    InsufficientStock,
    LotMismatch,
    LotUnfit,
    MoveUnfit,
    NotReversible,
    UniqueTaken,
    IdempotencyMismatch,
)
"""Refusals that are shown with the form as it was typed."""

_FIELDS: Final[dict[type[DomainError], str]] = {
    LotMismatch: "lot_code",
    LotUnfit: "lot_id",
    UniqueTaken: "quantity",
    IdempotencyMismatch: "entry_key",
}


@dataclass(frozen=True, slots=True)
class Place:
    """The UPT at hand and its calendar."""

    upt_id: int
    upt: UptBrief

    @property
    def timezone(self) -> str:
        """Return the time zone of the UPT."""
        return self.upt.timezone

    def today(self, at: datetime) -> date:
        """Return the date in the UPT."""
        return clock.local_date(at=at, timezone=self.upt.timezone)

    def happened_at(self, on: date | None, at: datetime) -> datetime:
        """Return the instant meant by a local date: now for today, noon for another day."""
        if on is None or on == self.today(at):
            return at
        return datetime.combine(on, time(12), ZoneInfo(self.upt.timezone))


def place(permission: str) -> Place:
    """Return the UPT at hand for a permission.

    Raises:
        NotFound: None is chosen, or the one asked for is out of reach.
    """
    upt_id = session.current_upt_id(permission)
    upt = upt_queries.briefs(upt_ids=[upt_id]).get(upt_id) if upt_id is not None else None
    if upt_id is None or upt is None:
        raise NotFound
    g.upt_label = upt.short_name
    return Place(upt_id, upt)


def may(permission: str, where: Place) -> bool:
    """Say whether a permission is held in the UPT at hand."""
    return session.current_actor().may(permission, upt_id=where.upt_id)


def attempt(work: Callable[[], Any]) -> tuple[DomainError | None, Any]:
    """Run a service in a transaction; hand back a refusal that belongs beside the form."""
    try:
        return None, db.transact(work)
    except _BESIDE as refusal:
        return refusal, None


def refused(form: Form, refusal: DomainError, *, field: str = "quantity") -> tuple[Form, int]:
    """Return the form with the words of a refusal, and the status.

    Args:
        field: Where a shortage is shown.
    """
    if isinstance(refusal, Invalid):
        return form.with_errors(refusal), 422
    if isinstance(refusal, InsufficientStock) and refusal.shortages:
        short = refusal.shortages[0]
        shown = form.with_error(
            field, "stock.too_few", wanted=short.wanted, available=short.available
        )
        return shown, 409
    return form.with_error(_FIELDS.get(type(refusal), ""), refusal.code), 409


def key_of(form: Form) -> str:
    """Return the entry key to show: the one sent, or a fresh one when that cannot be used."""
    sent = form.value("entry_key")
    return ids.token() if not sent or form.errors("entry_key") else sent


def source(entry_key: str) -> EntrySource:
    """Return the ledger's source of a form."""
    return EntrySource(stock_words.FORM, entry_key)


def offer_undo(where: Place, entry_key: str) -> None:
    """Let the next stock page offer to take back the posting just made."""
    cookie[_UNDO] = {"upt_id": where.upt_id, "key": entry_key}


def take_undo(where: Place) -> dict[str, str] | None:
    """Return what can be taken back from this page, once: the posting's key and a fresh one."""
    found = cookie.pop(_UNDO, None)
    if not isinstance(found, dict) or found.get("upt_id") != where.upt_id:
        return None
    return {"posted_key": str(found.get("key", "")), "entry_key": ids.token()}


def goods_name(where: Place, variant_id: int) -> str:
    """Return a variant of the UPT by its full name.

    Raises:
        NotFound: It is not the UPT's own.
    """
    brief = catalog_queries.variant_briefs(variant_ids=[variant_id]).get(variant_id)
    if brief is None:
        raise NotFound
    return stock_words.label(brief)
