"""The tree of categories, kept in memory for a minute."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from app.domain.catalog import rules
from app.domain.catalog.models import Category
from app.domain.catalog.types import CategoryRecord
from app.infra import db
from app.infra.memo import Memo

KEEP_SECONDS: Final = 60.0

categories_kept: Final[Memo[tuple[CategoryRecord, ...]]] = Memo(
    "catalog.categories", seconds=KEEP_SECONDS
)


def list_categories() -> tuple[CategoryRecord, ...]:
    """Return all categories, each top one followed by its children; at most a minute old."""
    return categories_kept.get("all", read_categories)


def read_categories() -> tuple[CategoryRecord, ...]:
    """Return all categories as they stand in the database, for writing by them."""
    rows = db.read_session().execute(
        select(
            Category.id,
            Category.slug,
            Category.name,
            Category.name_en,
            Category.parent_id,
            Category.position,
            Category.icon,
        )
    )
    return rules.arrange_categories(rows.all())


def find_category(*, slug: str) -> CategoryRecord | None:
    """Return the category with this address part."""
    return next((record for record in list_categories() if record.slug == slug), None)


def forget_categories() -> None:
    """Read the categories anew at the next question; for this process only."""
    categories_kept.clear()
