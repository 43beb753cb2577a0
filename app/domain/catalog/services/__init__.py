"""Writes of the catalogue, one module for each matter; callers see one room.

A change to a public product is public at once: the same transaction archives the new version,
rewrites the listing row and publishes the event, or refuses because something would be missing.
"""

from app.domain.catalog.services.bulk import import_products
from app.domain.catalog.services.categories import save_category
from app.domain.catalog.services.images import add_image, remove_image, save_images
from app.domain.catalog.services.prices import set_prices
from app.domain.catalog.services.products import create_product, save_variant, update_product
from app.domain.catalog.services.publishing import publish, refresh_listings, withdraw

__all__ = [
    "add_image",
    "create_product",
    "import_products",
    "publish",
    "refresh_listings",
    "remove_image",
    "save_category",
    "save_images",
    "save_variant",
    "set_prices",
    "update_product",
    "withdraw",
]
