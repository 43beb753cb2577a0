"""What can go wrong with products."""

from __future__ import annotations

from typing import Any, ClassVar

from app.domain.catalog.types import ProductDraft
from app.kernel.errors import Conflict, FieldError, Invalid


class NotPublishable(Conflict):
    """The product lacks something that the public needs.

    Attributes:
        missing: Everything that it lacks, as names for which there are words.
    """

    code: ClassVar[str] = "catalog.not_publishable"

    def __init__(self, *, missing: tuple[str, ...]) -> None:
        super().__init__(self.code)
        self.missing = missing

    def details(self) -> dict[str, Any]:
        """Return what is missing."""
        return {"missing": self.missing}


class ProductChanged(Conflict):
    """Somebody else changed the product since the form was opened.

    Attributes:
        current: The product as it stands now, to be shown beside what was typed.
    """

    code: ClassVar[str] = "catalog.product_changed"

    def __init__(self, *, current: ProductDraft) -> None:
        super().__init__(self.code)
        self.current = current

    def details(self) -> dict[str, Any]:
        """Return the version that stands now."""
        return {"current_version": self.current.version}


class WrongProductState(Conflict):
    """Publishing what is public, or withdrawing what is not."""

    code: ClassVar[str] = "catalog.wrong_state"


class TooManyImages(Conflict):
    """The product has as many pictures as it may have."""

    code: ClassVar[str] = "catalog.too_many_images"

    def __init__(self, *, limit: int) -> None:
        super().__init__(self.code)
        self.limit = limit

    def details(self) -> dict[str, Any]:
        """Return the limit."""
        return {"limit": self.limit}


class SkuTaken(Invalid):
    """The SKU is used by another variant of the same UPT."""

    code: ClassVar[str] = "catalog.sku_taken"

    def __init__(self, *fields: str) -> None:
        super().__init__(*(FieldError(field, self.code) for field in fields or ("",)))


class SlugTaken(Conflict):
    """The address is used by another product; trying again finds a free one."""

    code: ClassVar[str] = "catalog.slug_taken"
