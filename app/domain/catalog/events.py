"""Facts about products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.infra.jobs import Event


@dataclass(frozen=True)
class ProductPublished(Event):
    """A product is public with new content: published, or changed while public."""

    name: ClassVar[str] = "catalog.product_published.v1"

    product_id: int


@dataclass(frozen=True)
class ProductWithdrawn(Event):
    """A product is no longer public."""

    name: ClassVar[str] = "catalog.product_withdrawn.v1"

    product_id: int
