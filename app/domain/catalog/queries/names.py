"""Published products by name and by id, for finding them when the search index cannot answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func as sql
from sqlalchemy import select

from app.domain.catalog.models import Listing
from app.infra import db
from app.kernel.text import fold

_LAST_SIGN = "\U0010fffd"


def list_ids_by_name(*, text: str, limit: int) -> tuple[int, ...]:
    """Return published products whose name begins with the text, by name, in one statement."""
    begin = fold(text)
    if not begin:
        return ()
    rows = db.read_session().scalars(
        select(Listing.product_id)
        .where(Listing.search_name >= begin, Listing.search_name < begin + _LAST_SIGN)
        .order_by(Listing.search_name, Listing.product_id)
        .limit(limit)
    )
    return tuple(rows)


def list_published_ids(*, after_product_id: int, limit: int) -> tuple[int, ...]:
    """Return the ids of published products by rising id."""
    rows = db.read_session().scalars(
        select(Listing.product_id)
        .where(Listing.product_id > after_product_id)
        .order_by(Listing.product_id)
        .limit(limit)
    )
    return tuple(rows)


def list_ids_of_upts(*, upt_ids: Collection[int]) -> tuple[int, ...]:
    """Return the published products of some UPT by rising id."""
    rows = db.read_session().scalars(
        select(Listing.product_id).where(Listing.upt_id.in_(upt_ids)).order_by(Listing.product_id)
    )
    return tuple(rows)


def list_addresses(
    *, after_product_id: int, up_to_product_id: int
) -> tuple[tuple[str, datetime], ...]:
    """Return address and publication of the published products in a range of ids."""
    rows = db.read_session().execute(
        select(Listing.slug, Listing.published_at)
        .where(Listing.product_id > after_product_id, Listing.product_id <= up_to_product_id)
        .order_by(Listing.product_id)
    )
    return tuple((slug, published_at) for slug, published_at in rows)


def find_last_id() -> int:
    """Return the highest id of a published product, 0 when there is none."""
    return db.read_session().scalar(select(sql.max(Listing.product_id))) or 0
