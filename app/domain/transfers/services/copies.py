"""Taking another UPT's goods into the own catalogue, so that what arrives has a name here."""

from __future__ import annotations

from datetime import datetime

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog import services as catalog_services
from app.domain.catalog.commands import SaveProduct
from app.domain.catalog.types import PERMISSION_EDIT, ProductContent
from app.domain.transfers import queries
from app.domain.transfers.errors import NoPublishedVersion, TransferChanged
from app.domain.transfers.types import STOCK_TRANSFER
from app.kernel.actor import Actor
from app.kernel.errors import NotFound


def copy_to_catalogue(*, actor: Actor, number: str, line_id: int, at: datetime) -> int:
    """Make a draft of the receiver from what the sender published; return its product.

    Pictures stay with the sender; the draft is published when the receiver has its own. Variants
    whose code is in use here already are left out; are all in use, nothing is made.

    Raises:
        NotFound: No such line on the way to a UPT of the actor.
        NotAllowed: ``stock.transfer`` or ``product.edit`` is not held there.
        NoPublishedVersion: The sender never published these goods.
        TransferChanged: Their codes are all in use here.
    """
    record = queries.lock_transfer(number=number)
    if record.sent_at is None:
        raise NotFound
    actor.ensure(STOCK_TRANSFER, upt_id=record.receiver_upt_id)
    actor.ensure(PERMISSION_EDIT, upt_id=record.receiver_upt_id)
    lines = queries.list_transfer_lines(transfer_id=record.transfer_id)
    line = next((each for each in lines if each.line_id == line_id), None)
    if line is None:
        raise NotFound
    offer = catalog_queries.offers(variant_ids=[line.variant_id]).get(line.variant_id)
    if offer is None or not offer.product_version_id:
        raise NoPublishedVersion
    content = catalog_queries.get_version(product_version_id=offer.product_version_id).content
    skus = [variant.sku for variant in content.variants]
    taken = queries.find_by_sku(upt_id=record.receiver_upt_id, skus=skus)
    if offer.sku in taken:
        raise TransferChanged
    return catalog_services.create_product(
        actor=actor,
        upt_id=record.receiver_upt_id,
        command=_copy(content, leaving_out=taken),
        at=at,
    )


def _copy(content: ProductContent, *, leaving_out: dict[str, int]) -> SaveProduct:
    names = (
        "name", "name_en", "summary", "description", "materials", "story", "maker_credit",
        "category_id", "kind", "lead_time_days", "shelf_life_days",
    )  # fmt: skip
    measures = ("sku", "name", "price_idr", "weight_g", "length_mm", "width_mm", "height_mm")
    variants = [
        {name: getattr(variant, name) or None for name in measures if name != "name"}
        | {"name": variant.name}
        for variant in content.variants
        if variant.sku not in leaving_out
    ]
    return SaveProduct.parse(
        {**{name: getattr(content, name) for name in names}, "variants": variants}
    )
