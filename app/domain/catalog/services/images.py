"""The pictures of a product: which, in what order, with what words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.domain.catalog.commands import SaveImages
from app.domain.catalog.errors import TooManyImages
from app.domain.catalog.models import Product, ProductImageRow
from app.domain.catalog.services import change
from app.domain.catalog.types import IMAGES_MAX, PERMISSION_EDIT
from app.domain.media import queries as media_queries
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid, NotFound


def add_image(*, actor: Actor, product_id: int, asset_id: int, alt: str, at: datetime) -> int:
    """Put a stored picture at the end of a product's pictures; return the id of its place.

    Args:
        asset_id: A picture of the same UPT.
        alt: What the picture shows, for those who do not see it.

    Raises:
        NotFound: No such product or picture, or of a UPT outside the actor's reach.
        NotAllowed: The actor works there but may not edit products.
        Invalid: The words are missing.
        TooManyImages: The product has as many as it may have.
    """
    product = change.lock_product(actor=actor, permission=PERMISSION_EDIT, product_id=product_id)
    alt = alt.strip()
    if not alt:
        raise Invalid(FieldError("alt", "catalog.alt_required"))
    asset = media_queries.get_asset(asset_id=asset_id)
    if asset.upt_id != product.upt_id:
        raise NotFound
    present = _images(product)
    known = next((image for image in present if image.asset_id == asset_id), None)
    if known is not None:
        return known.id
    if len(present) >= IMAGES_MAX:
        raise TooManyImages(limit=IMAGES_MAX)
    row = ProductImageRow(
        product_id=product.id, asset_id=asset_id, alt=alt[:200], position=len(present)
    )
    db.add(row)
    change.finish(
        actor=actor,
        product=product,
        action="product.add_image",
        at=at,
        detail={"asset_id": asset_id},
    )
    return row.id


def save_images(*, actor: Actor, product_id: int, command: SaveImages, at: datetime) -> None:
    """Put a product's pictures into a new order, with new words.

    Raises:
        NotFound: No such product, or of a UPT outside the actor's reach, or a picture that is
            not of this product.
        NotAllowed: The actor works there but may not edit products.
    """
    product = change.lock_product(actor=actor, permission=PERMISSION_EDIT, product_id=product_id)
    images = _images(product)
    known = {image.id: image for image in images}
    if not known.keys() >= {*command.image_ids, *command.alts}:
        raise NotFound
    ordered = [known[image_id] for image_id in dict.fromkeys(command.image_ids)]
    ordered += [image for image in images if image not in ordered]
    before = [(image.id, image.alt) for image in images]
    for position, image in enumerate(ordered):
        image.position = position
        image.alt = command.alts.get(image.id, image.alt)
    if before == [(image.id, image.alt) for image in ordered]:
        return
    db.session().flush()
    change.finish(actor=actor, product=product, action="product.save_images", at=at)


def remove_image(*, actor: Actor, product_id: int, image_id: int, at: datetime) -> None:
    """Take a picture off a product; archived versions keep theirs.

    Raises:
        NotFound: No such product, or of a UPT outside the actor's reach, or no such picture.
        NotAllowed: The actor works there but may not edit products.
        NotPublishable: It is the last picture of a public product.
    """
    product = change.lock_product(actor=actor, permission=PERMISSION_EDIT, product_id=product_id)
    images = _images(product)
    gone = next((image for image in images if image.id == image_id), None)
    if gone is None:
        raise NotFound
    db.session().delete(gone)
    for position, image in enumerate(image for image in images if image is not gone):
        image.position = position
    db.session().flush()
    change.finish(
        actor=actor,
        product=product,
        action="product.remove_image",
        at=at,
        detail={"asset_id": gone.asset_id},
    )


def _images(product: Product) -> list[ProductImageRow]:
    rows = db.session().scalars(
        select(ProductImageRow)
        .where(ProductImageRow.product_id == product.id)
        .order_by(ProductImageRow.position, ProductImageRow.id)
    )
    return list(rows)
