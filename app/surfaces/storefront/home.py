"""The front page: a true story, goods of many workshops, kinds, regions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import ListingRecord
from app.domain.media.types import ImageRecord
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptRecord
from app.infra.memo import Memo
from app.kernel import clock
from app.kernel.errors import NotFound
from app.surfaces.storefront import cards, galleries, labels
from app.surfaces.storefront.choices import Choices
from app.surfaces.web import pages, policy

blueprint = Blueprint("home", __name__)

SHELF: Final = 8
KINDS_MAX: Final = 10
STORIES: Final = 3
GALLERIES_MAX: Final = 5
LOOKED_AT: Final = 36

_story: Final[Memo[UptRecord | None]] = Memo("home.story", seconds=60.0)


@dataclass(frozen=True, slots=True)
class Story:
    """The story at the top of the page."""

    title: str
    text: str
    upt_name: str
    town: str
    href: str
    image: ImageRecord | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A top category with what it holds."""

    name: str
    href: str
    icon: str
    count: int
    image: ImageRecord | None = None


@blueprint.get("/")
@policy.public
def home() -> str:
    """Show the front page.

    The template gets ``story`` (or None), ``featured`` and ``newest`` (cards), ``kinds``,
    ``regions`` and ``counts``.
    """
    at = clock.now()
    newest = catalog_queries.list_listings(
        filter=labels.EVERYTHING, cursor=None, size=LOOKED_AT
    ).items
    upt = _story.get(labels.today(at), lambda: _choose_story(at))
    cover_id = upt.cover_asset_id if upt else None
    facts = cards.read_facts(
        newest, at=at, alts={cover_id: f"Karya {upt.short_name}"} if upt and cover_id else {}
    )
    shown = _one_of_each(newest, facts)
    rest = [one for one in newest if one not in shown][:SHELF]
    return pages.render(
        "storefront/home/home.html",
        story=_tell(upt, facts) if upt else None,
        featured=cards.make(shown, facts),
        newest=cards.make(rest, facts),
        kinds=_kinds(),
        regions=galleries.list_regions(with_pictures=False, most=GALLERIES_MAX),
        counts=galleries.count_all(),
    )


def _one_of_each(listings: tuple[ListingRecord, ...], facts: cards.Facts) -> list[ListingRecord]:
    """Return goods in stock, with a picture, from as many UPT as there are."""
    ready = [
        one
        for one in listings
        if one.cover_asset_id in facts.images
        and any(facts.available.get(variant_id, 0) > 0 for variant_id in one.variant_ids)
    ]
    turns: dict[int, int] = {}
    ranked = []
    for place, one in enumerate(ready):
        turn = turns.get(one.upt_id, 0)
        turns[one.upt_id] = turn + 1
        ranked.append((turn, place, one))
    ranked.sort(key=lambda entry: entry[:2])
    return [one for _turn, _place, one in ranked[:SHELF]]


def _choose_story(at: datetime) -> UptRecord | None:
    """Return the UPT whose story is told this week: those with most goods take turns."""
    counts = labels.facets().by_upt
    briefs = [one for one in labels.get().upts.values() if one.cover_asset_id]
    briefs.sort(key=lambda one: (-counts.get(one.slug, 0), one.short_name))
    today = labels.today(at)
    week = today.toordinal() // 7
    most = briefs[:STORIES]
    for turn in range(len(most)):
        brief = most[(week + turn) % len(most)]
        try:
            record = upt_queries.get(upt_id=brief.upt_id, on=today)
        except NotFound:
            continue
        if record.story:
            return record
    return None


def _tell(upt: UptRecord, facts: cards.Facts) -> Story:
    return Story(
        title=upt.story_title or f"Dari bengkel {upt.short_name}",
        text=upt.story,
        upt_name=upt.short_name,
        town=upt.town,
        href=f"/galeri/{upt.slug}",
        image=facts.images.get(upt.cover_asset_id or 0),
    )


def _kinds() -> list[Kind]:
    counts = labels.facets().by_category
    leaves = [one for one in labels.categories().values() if one.parent_id is not None]
    most = sorted(leaves, key=lambda one: -counts.get(one.category_id, 0))[:KINDS_MAX]
    return [
        Kind(
            name=one.name,
            href=Choices(path="/produk", category=one).href(),
            icon=one.icon,
            count=counts.get(one.category_id, 0),
        )
        for one in leaves
        if one in most and counts.get(one.category_id)
    ]
