"""Categories, products, variants and pictures for tests; each function stands alone."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from PIL import Image, ImageDraw
from sqlalchemy import func, select, update

from app.domain.audit.models import AuditEntry
from app.domain.catalog import queries as catalog_queries
from app.domain.catalog import services as catalog_services
from app.domain.catalog.commands import SaveCategory, SaveProduct, SaveVariant
from app.domain.catalog.models import Listing, Product, ProductVersion, Variant
from app.domain.catalog.types import ProductDraft
from app.domain.media import services as media_services
from app.domain.media.models import Asset
from app.domain.media.types import AssetState, CheckedPicture, PictureFormat, PictureHeader
from app.infra import db
from app.kernel import actor as actors
from app.kernel import ids
from app.kernel.actor import Actor

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=5)
SYSTEM: Actor = actors.system("tests")

Result = TypeVar("Result")

_numbers = itertools.count(1)


def _written(work: Callable[[], Result]) -> Result:
    if db.read_session().info.get("unit_of_work"):
        return work()
    return db.transact(work)


def picture_bytes(
    width: int = 640,
    height: int = 480,
    *,
    kind: str = "PNG",
    colour: str = "#a0703c",
    **options: Any,
) -> bytes:
    """Return a small real picture file."""
    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).ellipse((10, 10, width // 2, height // 2), fill="#1e3a5f")
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def make_category(slug: str = "serat-alam", *, parent_slug: str = "", **more: Any) -> int:
    """Return the id of a category, making it when it is not there."""
    values = {"name": slug.replace("-", " ").capitalize(), "icon": "leaf", **more}
    command = SaveCategory.parse({"slug": slug, "parent_slug": parent_slug, **values})
    return _written(lambda: catalog_services.save_category(actor=SYSTEM, command=command, at=AT))


@cache
def _usual_picture() -> bytes:
    return picture_bytes()


def make_picture(
    upt_id: int | None = None, *, content: bytes | None = None, is_ready: bool = True
) -> int:
    """Return the id of a stored picture; ready ones claim renditions without having files."""
    data = content or _usual_picture()
    header = PictureHeader(PictureFormat.PNG, 640, 480)

    def work() -> int:
        asset_id = media_services.store_checked(
            actor=SYSTEM,
            upt_id=upt_id,
            picture=CheckedPicture(header, data, ids.digest(data.hex())),
            public_id=ids.public_id(),
            at=AT,
        )
        if is_ready:
            db.session().execute(
                update(Asset)
                .where(Asset.id == asset_id)
                .values(
                    state=AssetState.READY.value,
                    rendition_revision=1,
                    rendition_widths="320 640",
                    colour="#a0703c",
                )
            )
        return asset_id

    return _written(work)


def variant_values(**more: Any) -> dict[str, Any]:
    """Return the values of a complete variant."""
    number = next(_numbers)
    return {
        "sku": f"UJI-{number:05d}",
        "name": "",
        "price_idr": 185_000,
        "weight_g": 900,
        "length_mm": 300,
        "width_mm": 200,
        "height_mm": 100,
        **more,
    }


def product_values(category_id: int, **more: Any) -> dict[str, Any]:
    """Return the values of a complete product."""
    return {
        "name": f"Karya uji {next(_numbers)}",
        "category_id": category_id,
        "kind": "ready",
        "summary": "Ringkasan yang cukup.",
        "description": "Penjelasan yang cukup panjang.",
        "materials": "Serat sabut kelapa",
        "maker_credit": "Kelompok Uji",
        "variants": [variant_values()],
        **more,
    }


def make_product(
    upt_id: int,
    published: bool = True,
    *,
    category_id: int | None = None,
    variants: list[dict[str, Any]] | None = None,
    with_picture: bool = True,
    at: datetime = AT,
    **more: Any,
) -> int:
    """Return the id of a product with one variant and one picture.

    Args:
        upt_id: Its UPT.
        published: Whether it is public.
        category_id: Its category; made when not given.
        variants: Values that differ from ``variant_values``, one entry a variant.
        with_picture: Whether it has a picture.
        at: When it was made and published.
        more: Values that differ from ``product_values``.
    """
    category = category_id or make_category()
    if variants is not None:
        more["variants"] = [variant_values(**values) for values in variants]
    command = SaveProduct.parse(product_values(category, **more))

    def work() -> int:
        product_id = catalog_services.create_product(
            actor=SYSTEM, upt_id=upt_id, command=command, at=at
        )
        if with_picture:
            catalog_services.add_image(
                actor=SYSTEM,
                product_id=product_id,
                asset_id=make_picture(upt_id),
                alt="Gambar karya uji",
                at=at,
            )
        if published:
            catalog_services.publish(actor=SYSTEM, product_id=product_id, at=at)
        return product_id

    return _written(work)


def make_variant(product_id: int, **more: Any) -> int:
    """Add a variant to a product and return its id."""
    command = SaveVariant.parse(variant_values(**more))
    return _written(
        lambda: catalog_services.save_variant(
            actor=SYSTEM, product_id=product_id, command=command, at=AT
        )
    )


def variant_ids(product_id: int) -> tuple[int, ...]:
    """Return the ids of a product's variants in order."""
    draft = catalog_queries.get_product(actor=SYSTEM, product_id=product_id)
    return tuple(variant.variant_id for variant in draft.variants)


def slug_of(product_id: int) -> str:
    """Return the address part of a product."""
    return catalog_queries.get_product(actor=SYSTEM, product_id=product_id).slug


def draft_of(product_id: int) -> ProductDraft:
    """Return a product as it is being edited."""
    return catalog_queries.get_product(actor=SYSTEM, product_id=product_id)


def command_of(product_id: int, **more: Any) -> SaveProduct:
    """Return the command that would save a product as it is, with some values changed."""
    draft = draft_of(product_id)
    values = {name: getattr(draft, name) for name in SaveProduct.model_fields if name != "variants"}
    values["variants"] = [
        {name: getattr(variant, name) for name in SaveVariant.model_fields}
        for variant in draft.variants
    ]
    return SaveProduct.parse({**values, **more})


def save(product_id: int, command: SaveProduct, *, version: int | None = None) -> int:
    """Change a product as its form would; return the new version."""
    expected = draft_of(product_id).version if version is None else version
    return db.transact(
        lambda: catalog_services.update_product(
            actor=SYSTEM,
            product_id=product_id,
            command=command,
            expected_version=expected,
            at=LATER,
        )
    )


def publish(product_id: int, *, at: datetime = LATER) -> None:
    """Show a product to everybody."""
    db.transact(lambda: catalog_services.publish(actor=SYSTEM, product_id=product_id, at=at))


def withdraw(product_id: int) -> None:
    """Take a product off the public side."""
    db.transact(lambda: catalog_services.withdraw(actor=SYSTEM, product_id=product_id, at=LATER))


def count(model: type[Any]) -> int:
    """Return how many rows a table has."""
    return db.read_session().scalar(select(func.count()).select_from(model)) or 0


def state() -> tuple[int, ...]:
    """Return the size of every table that writing a product touches, to prove that nothing changed."""
    return tuple(count(model) for model in (Product, Variant, ProductVersion, Listing, AuditEntry))
