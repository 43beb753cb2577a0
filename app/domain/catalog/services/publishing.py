"""Showing products and taking them back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.domain.catalog import rules
from app.domain.catalog.errors import WrongProductState
from app.domain.catalog.models import Listing, Product
from app.domain.catalog.queries.desk import read_draft
from app.domain.catalog.services import change
from app.domain.catalog.types import PERMISSION_PUBLISH, ProductState
from app.infra import db
from app.kernel.actor import Actor


def publish(
    *, actor: Actor, product_id: int, at: datetime, expected_version: int | None = None
) -> None:
    """Show a product to everybody.

    The place in the newest-first order is that of the first publishing, so that withdrawing and
    publishing again wins nothing.

    Raises:
        NotFound: No such product, or of a UPT outside the actor's reach.
        NotAllowed: The actor works there but may not publish.
        ProductChanged: It is no longer the version that the actor saw.
        WrongProductState: It is public already.
        NotPublishable: Naming everything that is missing.
    """
    product = change.lock_product(
        actor=actor,
        permission=PERMISSION_PUBLISH,
        product_id=product_id,
        expected_version=expected_version,
    )
    if product.state == ProductState.PUBLISHED.value:
        raise WrongProductState
    product.state = ProductState.PUBLISHED.value
    product.published_at = product.published_at or at
    change.finish(actor=actor, product=product, action="product.publish", at=at)


def withdraw(*, actor: Actor, product_id: int, at: datetime) -> None:
    """Take a product off the public side at once.

    Raises:
        NotFound: No such product, or of a UPT outside the actor's reach.
        NotAllowed: The actor works there but may not publish.
        WrongProductState: It is not public.
    """
    product = change.lock_product(actor=actor, permission=PERMISSION_PUBLISH, product_id=product_id)
    if product.state != ProductState.PUBLISHED.value:
        raise WrongProductState
    product.state = ProductState.WITHDRAWN.value
    change.make_private(product=product, at=at)
    change.finish(actor=actor, product=product, action="product.withdraw", at=at)


def refresh_listings(*, upt_id: int, at: datetime) -> int:
    """Write the listing rows of a UPT anew, after its name or town changed; return how many."""
    products = db.session().scalars(
        select(Product)
        .join(Listing, Listing.product_id == Product.id)
        .where(Product.upt_id == upt_id)
        .order_by(Product.id)
    )
    count = 0
    for product in products.all():
        draft = read_draft(product=product)
        change.write_listing(draft=draft, content=rules.content_of(draft), at=at)
        count += 1
    return count
