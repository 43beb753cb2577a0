"""Reads of the catalogue, one module for each kind of reader; callers see one room.

Lists read the ``listing`` projection with a keyset: the cursor names the last card, the next page
starts there by index. A product page reads the archived version that was published, so what a
buyer sees is exactly what an order will later refer to.
"""

from app.domain.catalog.queries.categories import find_category, list_categories
from app.domain.catalog.queries.desk import (
    find_product_id,
    find_variant,
    get_product,
    list_products,
    variant_briefs,
    variants_of_upt,
)
from app.domain.catalog.queries.goods import goods_of_upt
from app.domain.catalog.queries.lists import (
    AvailableFilter,
    count_listings,
    facet_counts,
    forget_counts,
    list_listings,
    listings,
    similar,
)
from app.domain.catalog.queries.shop import (
    find_product,
    get_version,
    list_product_pages,
    offers,
    product_pages,
)

__all__ = [
    "AvailableFilter",
    "count_listings",
    "facet_counts",
    "find_category",
    "find_product",
    "find_product_id",
    "find_variant",
    "forget_counts",
    "get_product",
    "get_version",
    "goods_of_upt",
    "list_categories",
    "list_listings",
    "list_product_pages",
    "list_products",
    "listings",
    "offers",
    "product_pages",
    "similar",
    "variant_briefs",
    "variants_of_upt",
]
