"""Published products by name and by id, for finding them when the search index cannot answer."""

from __future__ import annotations

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
