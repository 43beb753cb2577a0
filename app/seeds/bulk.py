"""Large generated data for tests of speed: the same numbers give the same shop, every time.

Goods come in chunks of rows with many values, each chunk in its own transaction, so a run that was
cut short goes on where it stopped. Pictures are those of the demo shop, used again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog import services as catalog_services
from app.domain.catalog.commands import ImportedProduct, SaveCategory, SaveProduct
from app.domain.catalog.types import ProductImage
from app.domain.media import queries as media_queries
from app.domain.places import queries as places_queries
from app.domain.stock import flows as stock_flows
from app.domain.stock.types import Demand, EntrySource
from app.domain.upt import queries as upt_queries
from app.domain.upt import services as upt_services
from app.domain.upt.commands import SaveUpt
from app.domain.upt.types import UptKind
from app.infra import db
from app.kernel import actor as kernel_actor
from app.seeds import demo

SYSTEM: Final = kernel_actor.system("seed")
CHUNK: Final = 500
ROOTS: Final = 10
CHILDREN: Final = 9
PICTURES_MAX: Final = 40
SPREADING_PRIME: Final = 1_000_003
"""A prime, to spread numbers over choices without drawing lots."""

FIRST: Final = (
    "Tirai", "Keranjang", "Nampan", "Tas", "Topi", "Syal", "Pot", "Miniatur", "Meja", "Kursi",
    "Rak", "Bangku", "Kotak", "Mangkuk", "Sapu", "Keset", "Bantal", "Selimut", "Kue", "Keripik",
    "Sambal", "Kopi", "Teh", "Sabun", "Lilin", "Papan", "Bingkai", "Gantungan", "Kain", "Sandal",
)  # fmt: skip
SECOND: Final = (
    "sabut kelapa", "eceng gondok", "rajut", "kayu jati", "kayu mahoni", "bambu", "rotan", "batok",
    "pandan", "mendong", "jahe", "kelapa", "pisang", "singkong", "batik", "tenun", "perca", "daur ulang",
    "tanah liat", "besi", "kulit", "lurik", "sutra", "kapas",
)  # fmt: skip
THIRD: Final = (
    "kecil", "besar", "bulat", "persegi", "panjang", "lipat", "gantung", "klasik", "polos", "warna alam",
    "motif ombak", "motif awan", "motif daun", "ganda", "berpenutup", "serbaguna",
)  # fmt: skip
KINDS: Final = ("ready", "ready", "ready", "ready", "ready", "made_to_order", "unique", "ready")

Progress = Callable[[str], None]


def load(*, products: int, upts: int, at: datetime, progress: Progress) -> None:
    """Add generated goods until there are as many as asked for.

    Args:
        products: Generated products in the end; those of an earlier run count.
        upts: Generated units over which they are spread.
        at: Instant of loading in UTC.
        progress: Called with a line of text for people.
    """
    assets = _assets(at, progress)
    upt_ids = _load_upts(upts, at, progress)
    categories = _load_categories(at)
    done = 0
    while done < products:
        numbers = range(done, min(done + CHUNK, products))
        if catalog_queries.find_product_id(slug=_slug(numbers[-1])) is None:
            _load_chunk(numbers, upt_ids, categories, assets, at)
        done = numbers[-1] + 1
        if done % (CHUNK * 4) == 0 or done == products:
            progress(f"Karya uji: {done:,} dari {products:,}".replace(",", "."))


def _assets(at: datetime, progress: Progress) -> tuple[int, ...]:
    found = media_queries.list_asset_ids(only_waiting=False, after_asset_id=0, limit=PICTURES_MAX)
    if not found:
        demo.load(at=at, progress=progress)
        found = media_queries.list_asset_ids(
            only_waiting=False, after_asset_id=0, limit=PICTURES_MAX
        )
    return found


def _load_upts(count: int, at: datetime, progress: Progress) -> list[int]:
    offices = [
        (office.kanwil_id, code)
        for office in upt_queries.list_kanwil()
        for code in office.province_codes
    ]
    regencies = {
        code: [regency for regency, _ in places_queries.list_regencies(province_code=code)]
        for _, code in offices
    }

    upt_ids: list[int] = []
    for start in range(0, count, 50):
        numbers = range(start, min(start + 50, count))
        upt_ids += db.transact(partial(_save_upts, numbers, offices, regencies, at))
    progress(f"UPT uji: {count}")
    return upt_ids


def _save_upts(
    numbers: range, offices: list[tuple[int, str]], regencies: dict[str, list[str]], at: datetime
) -> list[int]:
    return [_save_upt(number, offices, regencies, at) for number in numbers]


def _save_upt(
    number: int, offices: list[tuple[int, str]], regencies: dict[str, list[str]], at: datetime
) -> int:
    slug = f"lapas-uji-{number + 1:04d}"
    known = upt_queries.find_id_by_slug(slug=slug)
    if known is not None:
        return known
    kanwil_id, province = offices[number % len(offices)]
    choices = regencies[province]
    command = SaveUpt(
        slug=slug,
        kind=UptKind.LAPAS,
        upt_class="IIB",
        place=f"Uji {number + 1:04d}",
        full_name=f"Lembaga Pemasyarakatan Kelas IIB Uji {number + 1:04d}",
        valid_from=date(2025, 1, 1),
        kanwil_id=kanwil_id,
        regency_code=choices[number // len(offices) % len(choices)],
        about="Unit uji untuk mengukur kecepatan; tidak nyata.",
        is_active=True,
        source="uji",
    )
    return upt_services.save_upt(actor=SYSTEM, command=command, at=at)


def _load_categories(at: datetime) -> list[int]:
    def work() -> list[int]:
        leaves = []
        for root in range(ROOTS):
            slug = f"uji-{root + 1:02d}"
            _save_category(slug, f"Golongan uji {root + 1:02d}", "", 100 + root, at)
            for leaf in range(CHILDREN):
                name = f"Jenis uji {root + 1:02d}.{leaf + 1}"
                leaves.append(_save_category(f"{slug}-{leaf + 1}", name, slug, leaf, at))
        return leaves

    return db.transact(work)


def _save_category(slug: str, name: str, parent_slug: str, position: int, at: datetime) -> int:
    command = SaveCategory(
        slug=slug, name=name, parent_slug=parent_slug, position=position, icon="box"
    )
    return catalog_services.save_category(actor=SYSTEM, command=command, at=at)


def _slug(number: int) -> str:
    return f"karya-uji-{number + 1:06d}"


def _load_chunk(
    numbers: range,
    upt_ids: Sequence[int],
    categories: Sequence[int],
    assets: Sequence[int],
    at: datetime,
) -> None:
    goods = [_make(number, upt_ids, categories, assets, at) for number in numbers]

    def work() -> None:
        made = catalog_services.import_products(actor=SYSTEM, products=goods, at=at)
        receipts = [
            Demand(each.upt_id, variant_id, quantity)
            for number, each in zip(numbers, goods, strict=True)
            for place, variant_id in enumerate(made[each.slug][1])
            if (quantity := _spread(number, 7 + place, 40))
        ]
        source = EntrySource("seed", f"uji:{numbers[0]}")
        stock_flows.receive_all(
            actor=SYSTEM, receipts=receipts, lot_code="UJI", source=source, at=at
        )

    db.transact(work)


def _make(
    number: int,
    upt_ids: Sequence[int],
    categories: Sequence[int],
    assets: Sequence[int],
    at: datetime,
) -> ImportedProduct:
    name = " ".join(
        (
            FIRST[_spread(number, 1, len(FIRST))],
            SECOND[_spread(number, 2, len(SECOND))],
            THIRD[_spread(number, 3, len(THIRD))],
            str(number + 1),
        )
    )
    kind = KINDS[_spread(number, 4, len(KINDS))]
    price_idr = 5_000 + 2_500 * _spread(number, 5, 400)
    variants = [
        {
            "sku": f"UJI-{number + 1:06d}-{place + 1}",
            "name": f"Ukuran {place + 1}" if place else "",
            "price_idr": price_idr + 10_000 * place,
            "weight_g": 150 + 50 * _spread(number, 6, 90),
            "length_mm": 300,
            "width_mm": 200,
            "height_mm": 120,
        }
        for place in range(2 if number % 5 == 0 else 1)
    ]
    command = SaveProduct(
        name=name,
        category_id=categories[_spread(number, 8, len(categories))],
        kind=kind,
        summary=f"{name}, karya uji untuk mengukur kecepatan.",
        description=f"{name} dikerjakan tangan. Barang ini tidak nyata; hanya untuk uji kecepatan.",
        materials=SECOND[_spread(number, 2, len(SECOND))],
        maker_credit="Kelompok Uji",
        lead_time_days=14 if kind == "made_to_order" else None,
        variants=variants,
    )
    asset_id = assets[_spread(number, 9, len(assets))]
    return ImportedProduct(
        upt_id=upt_ids[_spread(number, 10, len(upt_ids))],
        slug=_slug(number),
        command=command,
        images=(ProductImage(asset_id, f"Contoh gambar {name}"),),
        published_at=at - timedelta(minutes=number, seconds=_spread(number, 11, 50)),
    )


def _spread(number: int, salt: int, choices: int) -> int:
    """Return a number below ``choices`` that looks random and never changes."""
    mixed = (number + 1) * 2_654_435_761 + salt * 40_503
    mixed ^= mixed >> 15
    return mixed * SPREADING_PRIME % 4_294_967_291 % choices
