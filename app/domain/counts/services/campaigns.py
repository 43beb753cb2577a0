"""National counts: called by the nation, counted by each UPT on its own sheet."""

from __future__ import annotations

from datetime import date, datetime

from app.domain.audit import services as audit_services
from app.domain.counts import queries
from app.domain.counts.errors import CampaignClosed
from app.domain.counts.models import CountCampaign
from app.domain.counts.types import UPT_MANAGE, CampaignState, Scope
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel.actor import Actor


def open_campaign(
    *,
    actor: Actor,
    title: str,
    kanwil_id: int | None,
    scope: Scope,
    starts_on: date,
    ends_on: date,
    entry_key: str,
    at: datetime,
) -> int:
    """Call a count of all UPT, or of those of one regional office; return its id.

    Args:
        entry_key: The same key again answers with the same campaign.

    Raises:
        NotAllowed: ``upt.manage`` is not held for the nation.
        NotFound: No such regional office.
    """
    actor.ensure_national(UPT_MANAGE)
    known = queries.find_campaign_by_key(entry_key=entry_key)
    if known is not None:
        return known.id
    if kanwil_id is not None:
        upt_queries.get_kanwil(kanwil_id=kanwil_id)
    campaign = CountCampaign(
        entry_key=entry_key, title=title, kanwil_id=kanwil_id, scope_kind=scope.kind.value,
        scope_place=scope.place and scope.place.value, scope_category_id=scope.category_id,
        starts_on=starts_on, ends_on=ends_on, state=CampaignState.OPEN.value,
        opened_by=actor.user_id, opened_at=at, closed_at=None,
    )  # fmt: skip
    db.add(campaign)
    audit_services.record(
        actor=actor, action="count.campaign_opened", subject=f"count_campaign:{campaign.id}", at=at
    )
    return campaign.id


def close_campaign(*, actor: Actor, campaign_id: int, at: datetime) -> None:
    """Take no more sheets for a campaign; those that are open can be finished.

    Raises:
        NotAllowed: ``upt.manage`` is not held for the nation.
        NotFound: No such campaign.
        CampaignClosed: It was closed before.
    """
    actor.ensure_national(UPT_MANAGE)
    campaign = queries.lock_campaign(campaign_id=campaign_id)
    if campaign.state != CampaignState.OPEN.value:
        raise CampaignClosed
    campaign.state = CampaignState.CLOSED.value
    campaign.closed_at = at
    audit_services.record(
        actor=actor, action="count.campaign_closed", subject=f"count_campaign:{campaign_id}", at=at
    )
