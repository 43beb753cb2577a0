"""The blueprint that the pages of counts share, the sheet at hand, and how refusals come back."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, g
from werkzeug.wrappers import Response

from app.domain.counts import queries as counts_queries
from app.domain.counts.types import STOCK_APPROVE, STOCK_COUNT, CountRecord
from app.domain.identity import queries as identity_queries
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db
from app.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from app.surfaces.web import pages, session

blueprint = Blueprint("counts", __name__, url_prefix="/opname")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Desk:
    """A sheet as the person at the desk meets it."""

    record: CountRecord
    upt: UptBrief
    can_count: bool
    can_approve: bool


def sheet(count_id: int) -> Desk:
    """Return the sheet at hand; the frame shows its UPT.

    Raises:
        NotFound: No such sheet, or nothing to do with its UPT.
    """
    actor = session.current_actor()
    record = counts_queries.get_count(actor=actor, count_id=count_id)
    upt = upt_of(record.upt_id)
    return Desk(
        record,
        upt,
        actor.may(STOCK_COUNT, upt_id=record.upt_id),
        actor.may(STOCK_APPROVE, upt_id=record.upt_id),
    )


def upt_of(upt_id: int) -> UptBrief:
    """Return a UPT and name it in the frame.

    Raises:
        NotFound: No such UPT.
    """
    upt = upt_queries.briefs(upt_ids=[upt_id]).get(upt_id)
    if upt is None:
        raise NotFound
    g.upt_label = upt.short_name
    return upt


def attempt(work: Callable[[], Result]) -> tuple[DomainError | None, Result | None]:
    """Run a service in a transaction; hand back a refusal that belongs on the page."""
    try:
        return None, db.transact(work)
    except (Invalid, Conflict) as refusal:
        return refusal, None
    except NotAllowed as refusal:
        if refusal.code == "counts.own_count":
            return refusal, None
        raise


def tell(refusal: DomainError) -> None:
    """Leave the sentence of a refusal for the next page."""
    pages.notify("danger", refusal.code, **refusal.details())


def names(user_ids: Collection[int | None]) -> dict[int, str]:
    """Return the names of staff, for people who may see the sheet."""
    known = {user_id for user_id in user_ids if user_id is not None}
    return dict(identity_queries.staff_names(user_ids=known)) if known else {}


def with_status(page: str, status: int) -> Response:
    """Return a page with a status of its own."""
    return Response(page, status, mimetype="text/html")


def download(content: bytes, *, name: str, mimetype: str, is_shown: bool = False) -> Response:
    """Return a file to keep, or to be shown by the browser."""
    way = "inline" if is_shown else "attachment"
    headers: dict[str, Any] = {"Content-Disposition": f'{way}; filename="{name}"'}
    return Response(content, mimetype=mimetype, headers=headers)
