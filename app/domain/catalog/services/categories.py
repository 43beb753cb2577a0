"""The tree of categories."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.domain.audit import services as audit_services
from app.domain.catalog.commands import SaveCategory
from app.domain.catalog.models import Category
from app.domain.catalog.queries.categories import forget_categories
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid

PERMISSION_NATIONAL = "upt.manage"


def save_category(*, actor: Actor, command: SaveCategory, at: datetime) -> int:
    """Add a category or change the one with the same address; return its id.

    Called again with the same content it changes nothing.

    Raises:
        NotAllowed: The actor does not manage the nation's lists.
        Invalid: The parent is unknown, is the category itself, or has a parent of its own.
    """
    actor.ensure_national(PERMISSION_NATIONAL)
    session = db.session()
    row = session.scalar(db.for_update(select(Category).where(Category.slug == command.slug)))
    parent_id = None
    if command.parent_slug:
        parent = session.scalar(select(Category).where(Category.slug == command.parent_slug))
        if parent is None or parent.parent_id is not None or parent is row:
            raise Invalid(FieldError("parent_slug", "field.choice"))
        parent_id = parent.id
    wanted = {
        "name": command.name,
        "name_en": command.name_en,
        "parent_id": parent_id,
        "position": command.position,
        "icon": command.icon,
    }
    if row is not None and all(getattr(row, name) == value for name, value in wanted.items()):
        return row.id
    if row is None:
        row = Category(slug=command.slug, **wanted)
        db.add(row)
    else:
        for name, value in wanted.items():
            setattr(row, name, value)
        session.flush()
    audit_services.record(
        actor=actor, action="category.save", subject=f"category:{command.slug}", at=at
    )
    forget_categories()
    return row.id
