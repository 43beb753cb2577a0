"""A small corpus of goods like those of the shop, without a database."""

from __future__ import annotations

from pathlib import Path

from app.domain.search.adapters.whoosh_engine import WhooshEngine
from app.domain.search.types import ProductDocument, UptDocument

UPTS = (
    UptDocument(
        1,
        "lapas-indramayu",
        "Lapas Indramayu",
        "Kab. Indramayu",
        "Jawa Barat",
        ("Lapas IIB",),
        "u1",
    ),
    UptDocument(2, "lapas-pamekasan", "Lapas Pamekasan", "Kab. Pamekasan", "Jawa Timur", (), "u2"),
)

_GOODS = (
    # id, name, upt, category, root, names, province, price, materials, text
    (
        1,
        "Tirai sabut kelapa",
        1,
        11,
        1,
        ("Kriya", "Serat alam"),
        32,
        185_000,
        "Serat sabut",
        "Peneduh",
    ),
    (
        2,
        "Keranjang eceng gondok",
        1,
        12,
        1,
        ("Kriya", "Anyaman"),
        32,
        95_000,
        "Eceng",
        "Anyaman rapat",
    ),
    (3, "Tas eceng gondok", 1, 12, 1, ("Kriya", "Anyaman"), 32, 145_000, "Eceng", "Tas jinjing"),
    (4, "Kue kering nastar", 2, 21, 2, ("Pangan", "Kue kering"), 35, 65_000, "Tepung", "Isi nanas"),
    (5, "Miniatur perahu kayu", 2, 13, 1, ("Kriya", "Miniatur"), 35, 275_000, "Kayu", "Layar"),
    (6, "Kursi kayu", 2, 31, 3, ("Mebel", "Kursi"), 35, 650_000, "Kayu mahoni", "Tempat duduk"),
    (7, "Pot gantung", 1, 11, 1, ("Kriya", "Serat alam"), 32, 45_000, "Sabut", "Pot tirai air"),
)


def product(product_id: int, **changes: object) -> ProductDocument:
    """Return one product of the corpus, or one with changes."""
    row = next((row for row in _GOODS if row[0] == product_id), (product_id, *_GOODS[0][1:]))
    upt = UPTS[row[2] - 1]
    values = {
        "product_id": product_id,
        "slug": f"barang-{product_id}",
        "name": row[1],
        "upt_id": upt.upt_id,
        "upt_name": upt.name,
        "town": upt.town,
        "category_id": row[3],
        "root_category_id": row[4],
        "category_names": row[5],
        "province_number": row[6],
        "price_idr": row[7],
        "published_number": 1_000 + product_id,
        "materials": row[8],
        "text": row[9],
        "stamp": f"s{product_id}",
    }
    return ProductDocument(**{**values, **changes})  # type: ignore[arg-type]


def all_products() -> list[ProductDocument]:
    """Return the corpus."""
    return [product(row[0]) for row in _GOODS]


def make_engine(root: Path) -> WhooshEngine:
    """Return an engine over the corpus."""
    engine = WhooshEngine(root)
    engine.rebuild(all_products(), UPTS, refresh=lambda _ids: ())
    return engine
