"""What all pages of the till share: the blueprint, the UPT at hand, words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from flask import Blueprint, g

from app.domain.stock.types import Account
from app.domain.till.types import TILL_SELL, PayMethod
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import Conflict, DomainError, Invalid, NotFound
from app.surfaces.web import session
from app.surfaces.web.forms import Form

blueprint = Blueprint("till", __name__)

METHODS: Final[Mapping[PayMethod, str]] = {
    PayMethod.CASH: "Tunai",
    PayMethod.QRIS: "QRIS",
    PayMethod.TRANSFER: "Transfer",
}
PLACES: Final[Mapping[Account, str]] = {
    Account.GALLERY: "rak galeri",
    Account.AVAILABLE: "gudang",
    Account.SECOND_GRADE: "mutu kedua",
    Account.QUARANTINE: "karantina",
    Account.RETURNED: "barang kembali",
}


@dataclass(frozen=True, slots=True)
class Place:
    """The UPT whose counter this is."""

    upt: UptBrief

    @property
    def upt_id(self) -> int:
        """Return the id of the UPT."""
        return self.upt.upt_id

    def today(self, at: datetime) -> date:
        """Return the local day of an instant."""
        return clock.local_date(at=at, timezone=self.upt.timezone)


def place(permission: str = TILL_SELL) -> Place:
    """Return the UPT at hand.

    Raises:
        NotFound: The one asked for is out of reach.
    """
    upt_id = session.current_upt_id(permission)
    upt = upt_queries.briefs(upt_ids=[upt_id]).get(upt_id) if upt_id else None
    if upt is None:
        raise NotFound
    g.upt_label = upt.short_name
    return Place(upt)


def attempt(work: Callable[[], Any]) -> tuple[DomainError | None, Any]:
    """Run a service in a transaction; hand back a refusal that belongs on the page."""
    try:
        return None, db.transact(work)
    except (Invalid, Conflict) as refusal:
        return refusal, None


def refused(form: Form, refusal: DomainError) -> tuple[Form, int]:
    """Return the form with the words of a refusal, and the status."""
    if isinstance(refusal, Invalid):
        return form.with_errors(refusal), 422
    return form.with_error("", refusal.code, **refusal.details()), 409


def key_of(form: Form) -> str:
    """Return the entry key to show: the one sent, or a fresh one when that cannot be used."""
    sent = form.value("entry_key")
    return ids.token() if not sent or form.errors("entry_key") else sent
