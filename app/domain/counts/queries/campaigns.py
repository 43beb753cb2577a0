"""National counts and how far each UPT is, in a fixed number of statements."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from app.domain.counts.models import CountCampaign, CountSheet
from app.domain.counts.queries import sheets
from app.domain.counts.types import (
    STOCK_VIEW,
    CampaignLine,
    CampaignRecord,
    CampaignState,
    CountState,
)
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotAllowed, NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor


def _record(row: CountCampaign) -> CampaignRecord:
    return CampaignRecord(
        campaign_id=row.id,
        title=row.title,
        kanwil_id=row.kanwil_id,
        scope=sheets.scope_of(row=row),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        state=CampaignState(row.state),
        opened_by=row.opened_by,
        opened_at=row.opened_at,
    )


def list_campaigns(*, actor: Actor, cursor: str | None = None) -> Page[CampaignRecord]:
    """Return the campaigns that reach any UPT of the actor, newest first.

    Raises:
        NotAllowed: ``stock.view`` is held nowhere.
    """
    statement = select(CountCampaign).order_by(CountCampaign.id.desc()).limit(PAGE_SIZE + 1)
    offices = _offices(actor)
    if offices is not None:
        statement = statement.where(
            or_(CountCampaign.kanwil_id.is_(None), CountCampaign.kanwil_id.in_(offices))
        )
    last = decode_cursor(cursor, kinds=(int,))
    if last is not None:
        statement = statement.where(CountCampaign.id < last[0])
    rows = db.read_session().scalars(statement).all()
    shown = tuple(_record(row) for row in rows[:PAGE_SIZE])
    after = encode_cursor((shown[-1].campaign_id,)) if len(rows) > PAGE_SIZE else None
    return Page(shown, after=after)


def _offices(actor: Actor) -> frozenset[int] | None:
    """Return the regional offices of the actor's UPT; None for the whole nation."""
    reach = actor.reach(STOCK_VIEW)
    if reach.is_national:
        return None
    if not reach.upt_ids:
        raise NotAllowed(STOCK_VIEW)
    return frozenset(upt.kanwil_id for upt in upt_queries.briefs(upt_ids=reach.upt_ids).values())


def list_campaigns_of(
    *, actor: Actor, upt_id: int
) -> tuple[tuple[CampaignRecord, int | None, CountState | None], ...]:
    """Return the open campaigns that a UPT takes part in, each with its sheet there, if begun.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    upt = upt_queries.briefs(upt_ids=[upt_id]).get(upt_id)
    if upt is None:
        raise NotFound
    rows = db.read_session().execute(
        select(CountCampaign, CountSheet.id, CountSheet.state)
        .outerjoin(
            CountSheet,
            (CountSheet.campaign_id == CountCampaign.id)
            & (CountSheet.upt_id == upt_id)
            & (CountSheet.state != CountState.CANCELLED.value),
        )
        .where(
            CountCampaign.state == CampaignState.OPEN.value,
            or_(CountCampaign.kanwil_id.is_(None), CountCampaign.kanwil_id == upt.kanwil_id),
        )
        .order_by(CountCampaign.id.desc())
        .limit(PAGE_SIZE)
    )
    return tuple((_record(row[0]), row[1], CountState(row[2]) if row[2] else None) for row in rows)


def get_campaign(*, actor: Actor, campaign_id: int) -> CampaignRecord:
    """Return a campaign.

    Raises:
        NotFound: No such campaign, or it reaches no UPT of the actor.
        NotAllowed: ``stock.view`` is held nowhere.
    """
    row = db.read_session().get(CountCampaign, campaign_id)
    offices = _offices(actor)
    if row is None or (offices is not None and row.kanwil_id not in (None, *offices)):
        raise NotFound
    return _record(row)


def campaign_lines(*, actor: Actor, campaign_id: int) -> tuple[CampaignLine, ...]:
    """Return how far each UPT in the actor's reach is, by office and name, in three statements.

    Raises:
        NotFound: No such campaign, or it reaches no UPT of the actor.
        NotAllowed: ``stock.view`` is held nowhere.
    """
    campaign = get_campaign(actor=actor, campaign_id=campaign_id)
    reach = actor.reach(STOCK_VIEW)
    found: dict[int, Any] = {
        row.upt_id: row
        for row in db.read_session().execute(
            select(
                CountSheet.upt_id, CountSheet.id, CountSheet.code, CountSheet.state,
                CountSheet.row_count, CountSheet.differing, CountSheet.gain_idr,
                CountSheet.loss_idr,
            ).where(
                CountSheet.campaign_id == campaign_id,
                CountSheet.state != CountState.CANCELLED.value,
            )
        )
    }  # fmt: skip
    lines = []
    for upt in upt_queries.list_all():
        if campaign.kanwil_id not in (None, upt.kanwil_id) or not reach.covers(upt.upt_id):
            continue
        sheet = found.get(upt.upt_id)
        lines.append(
            CampaignLine(
                upt_id=upt.upt_id,
                upt_name=upt.short_name,
                town=upt.town,
                province_name=upt.province_name,
                kanwil_id=upt.kanwil_id,
                state=CountState(sheet.state) if sheet else None,
                count_id=sheet.id if sheet else None,
                code=sheet.code if sheet else "",
                row_count=sheet.row_count if sheet else 0,
                differing=sheet.differing if sheet else None,
                gain_idr=sheet.gain_idr if sheet else None,
                loss_idr=sheet.loss_idr if sheet else None,
            )
        )
    return tuple(sorted(lines, key=lambda line: (line.kanwil_id, line.upt_name, line.upt_id)))
