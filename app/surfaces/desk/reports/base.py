"""The blueprint of the reports, and the UPT, day and reach that a page of them is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, request, url_for

from app.domain.reports.types import STOCK_VIEW
from app.domain.upt.types import UptBrief
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.surfaces.desk import units
from app.surfaces.web import session

blueprint = Blueprint("reports", __name__, url_prefix="/laporan")


@dataclass(frozen=True, slots=True)
class Place:
    """The UPT that a page is about, seen by somebody at an instant."""

    actor: Actor
    upt: UptBrief
    view: units.View
    at: datetime

    @property
    def upt_id(self) -> int:
        """Return the UPT's id."""
        return self.upt.upt_id

    @property
    def timezone(self) -> str:
        """Return the UPT's time zone."""
        return self.upt.timezone

    @property
    def today(self) -> date:
        """Return the local day."""
        return clock.local_date(at=self.at, timezone=self.upt.timezone)

    def href(self, endpoint: str, **values: Any) -> str:
        """Return an address of the reports that stays with this UPT."""
        if self.view.can_switch:
            values["upt"] = self.upt_id
        kept = {name: value for name, value in values.items() if value not in (None, "")}
        return url_for(f"desk.reports.{endpoint}", **kept)


def place() -> Place:
    """Return the UPT in view.

    Raises:
        NotFound: None is in reach, or the one asked for is not.
    """
    view = units.current(STOCK_VIEW)
    if view.upt is None:
        raise NotFound
    return Place(session.current_actor(), view.upt, view, clock.now())


def choice(name: str, known: tuple[int, ...], usual: int) -> int:
    """Return a number from the address when it is one of those offered."""
    found = request.args.get(name, type=int)
    return found if found in known else usual
