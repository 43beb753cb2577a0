"""Galleries of UPT: all of them by province, and one with its goods, story, visit and ledger head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask import Blueprint, request

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import Direction, ListingFilter
from app.domain.media import queries as media_queries
from app.domain.media.types import ImageRecord
from app.domain.stock import queries as stock_queries
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptRecord
from app.kernel import clock
from app.kernel.errors import NotFound
from app.surfaces.storefront import cards, labels, ledger
from app.surfaces.storefront.choices import Choices
from app.surfaces.web import pages, policy
from app.surfaces.web.filters import integer

blueprint = Blueprint("galleries", __name__)


@dataclass(frozen=True, slots=True)
class Gallery:
    """One gallery in a list."""

    name: str
    href: str
    town: str
    about: str
    count: int
    image: ImageRecord | None


@dataclass(frozen=True, slots=True)
class Region:
    """The galleries of one province.

    Attributes:
        more_count: Galleries that a short list leaves out.
    """

    name: str
    href: str
    galleries: tuple[Gallery, ...]
    more_count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is in all."""

    products: int
    galleries: int
    provinces: int


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """The end of a UPT's stock ledger."""

    sequence: int
    short_hash: str
    at: datetime


def list_regions(*, with_pictures: bool, most: int | None = None) -> tuple[Region, ...]:
    """Return galleries by province and name, at most so many in each province."""
    known = labels.get()
    counts = labels.facets().by_upt
    covers = {brief.cover_asset_id for brief in known.upts.values() if brief.cover_asset_id}
    alts = dict.fromkeys(sorted(covers), "")
    images = media_queries.images(asset_ids=sorted(covers), alts=alts) if with_pictures else {}
    briefs = sorted(known.upts.values(), key=lambda one: (one.province_name, one.short_name))
    regions = []
    for (province, code), group in groupby(
        briefs, key=lambda one: (one.province_name, one.province_code)
    ):
        found = tuple(
            Gallery(
                name=brief.short_name,
                href=f"/galeri/{brief.slug}",
                town=brief.town,
                about="",
                count=counts.get(brief.slug, 0),
                image=images.get(brief.cover_asset_id or 0),
            )
            for brief in group
        )
        shown = found[:most]
        regions.append(Region(province, f"/galeri?provinsi={code}", shown, len(found) - len(shown)))
    return tuple(regions)


def count_all() -> Counts:
    """Return how many goods, galleries and provinces there are."""
    known = labels.get()
    total = labels.facets().total
    return Counts(total, len(known.upts), len(known.provinces))


@blueprint.get("/galeri")
@policy.public
def index() -> str:
    """Show every gallery, or those of one province."""
    known = labels.get()
    code = request.args.get("provinsi", "")
    if code and code not in known.provinces:
        raise NotFound
    regions = list_regions(with_pictures=True)
    chosen = known.provinces.get(code)
    return pages.render(
        "storefront/galleries/index.html",
        regions=[one for one in regions if chosen in (None, one.name)],
        counts=count_all(),
        provinces=[
            ("Semua", "/galeri", None, not code),
            *(
                (name, f"/galeri?provinsi={one}", None, one == code)
                for one, name in known.provinces.items()
            ),
        ],
    )


@blueprint.get("/galeri/<slug>")
@policy.public
def gallery(slug: str) -> str:
    """Show one gallery; a closed or unknown one is not found."""
    at = clock.now()
    upt = upt_queries.find_by_slug(slug=slug, on=labels.today(at))
    if not upt.is_active:
        raise NotFound
    narrowed = ListingFilter(upt_slug=upt.slug)
    before = request.args.get("sebelum")
    page = catalog_queries.list_listings(
        filter=narrowed,
        cursor=before or request.args.get("lanjut"),
        direction=Direction.BACK if before else Direction.FORWARD,
    )
    cover = {upt.cover_asset_id: f"Galeri {upt.short_name}"} if upt.cover_asset_id else {}
    facts = cards.read_facts(page.items, at=at, alts=cover)
    here = Choices(path=f"/galeri/{upt.slug}")
    counts = labels.facets(narrowed)
    return pages.render(
        "storefront/galleries/gallery.html",
        upt=upt,
        cover=facts.images.get(upt.cover_asset_id or 0),
        story_image=None,
        listings=cards.make(page.items, facts),
        kinds=_kinds(upt, counts.by_category),
        previous_href=here.href(sebelum=page.before) if page.before else None,
        next_href=here.href(lanjut=page.after) if page.after else None,
        position_text=f"{integer(counts.total)} karya" if counts.total else "",
        head=_head(upt),
        published=ledger.newest_heads().get(upt.upt_id),
    )


def _kinds(upt: UptRecord, counts: Mapping[int, int]) -> list[tuple[str, str]]:
    brief = labels.get().upts.get(upt.upt_id)
    return [
        (one.name, Choices(path="/produk", category=one, upt=brief).href())
        for one in labels.categories().values()
        if one.parent_id is not None and counts.get(one.category_id)
    ]


def _head(upt: UptRecord) -> LedgerHead | None:
    head = stock_queries.list_heads(upt_id=upt.upt_id).get(upt.upt_id)
    if head is None or head.written_at is None:
        return None
    return LedgerHead(head.sequence, head.short_hash, head.written_at)
