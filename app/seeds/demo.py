"""The demo shop: invented goods of ten units, each marked as demo, made by the same services as real ones.

Every step asks first what is there already, so a second run changes nothing and a run that was cut
short goes on. Refused in production mode by ``flask seed demo`` and by ``flask serve``.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from flask import Flask, current_app

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog import services as catalog_services
from app.domain.catalog.commands import SaveCategory, SaveProduct
from app.domain.catalog.types import ProductDraft, ProductState
from app.domain.identity import queries as identity_queries
from app.domain.identity import services as identity_services
from app.domain.identity.commands import CreateUser, GrantRole
from app.domain.identity.types import Role
from app.domain.media import flows as media_flows
from app.domain.media import queries as media_queries
from app.domain.media import services as media_services
from app.domain.media.types import CheckedPicture
from app.domain.shipping import services as shipping_services
from app.domain.shipping.types import RatePeriod, RateRow, Tier
from app.domain.stock import services as stock_services
from app.domain.stock.types import EntrySource, LotChoice
from app.domain.upt import queries as upt_queries
from app.domain.upt import services as upt_services
from app.domain.upt.commands import DescribeUpt
from app.infra import db
from app.kernel import actor as kernel_actor
from app.kernel import ids
from app.seeds import demo_desk

FOLDER: Final = Path(__file__).parent / "demo"
PICTURES: Final = FOLDER / "pictures"
SYSTEM: Final = kernel_actor.system("seed")

PASSWORD: Final = "kelapa-rajut-perahu-2026"  # noqa: S105  # known to all: demo accounts only, printed at start
BUYER: Final = "buyer"
SHELF_LIFE_DAYS_KEPT: Final = 60
"""Goods that spoil sooner get no expiry in the demo, lest the shop stands empty after a week."""

RENDERERS: Final = 2
FIRST_DAY_AGO: Final = timedelta(days=40)

SCENES: Final = {"lapas-indramayu": "adegan-teras-sabut", "lapas-pamekasan": "adegan-meja-bengkel"}
"""Wide pictures for the heads of galleries."""

Progress = Callable[[str], None]
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account that anybody may sign in to."""

    email: str
    name: str
    role: str
    scope: str


def load(*, at: datetime, progress: Progress) -> None:
    """Load what is missing of the demo shop.

    Args:
        at: Instant of loading in UTC.
        progress: Called with a line of text for people.
    """
    _load_accounts(at)
    _load_upt_details(at)
    _load_categories(at)
    _load_rates(at)
    _load_products(at, progress)
    demo_desk.load(at=at, progress=progress)
    _load_covers(at)
    _render_pictures(progress)


def accounts() -> tuple[DemoAccount, ...]:
    """Return the demo accounts; all have the password ``PASSWORD``."""
    return tuple(
        DemoAccount(row["email"], row["name"], row["role"], row["scope"])
        for row in _read("accounts.csv")
    )


def _read(name: str) -> list[Row]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _load_accounts(at: datetime) -> None:
    for account in accounts():
        if identity_queries.find_user_by_email(email=account.email) is None:
            db.transact(partial(_add_account, account, at))


def _add_account(account: DemoAccount, at: datetime) -> None:
    command = CreateUser.parse({"name": account.name, "email": account.email, "password": PASSWORD})
    user_id = identity_services.create_user(actor=SYSTEM, command=command, at=at)
    if account.role == BUYER:
        return
    kanwil = upt_queries.find_kanwil_by_code(code=account.scope)
    grant = GrantRole.parse(
        {
            "user_id": user_id,
            "role": Role(account.role),
            "kanwil_id": kanwil.kanwil_id if kanwil else None,
            "upt_id": upt_queries.find_id_by_slug(slug=account.scope),
        }
    )
    identity_services.grant_role(actor=SYSTEM, command=grant, at=at)


def _load_upt_details(at: datetime) -> None:
    for row in _read("upt_details.csv"):
        upt = upt_queries.find_by_slug(slug=row.pop("upt_slug"), on=at.date())
        if upt.about:
            continue
        command = DescribeUpt.parse(row)
        describe = partial(upt_services.describe_upt, actor=SYSTEM, upt_id=upt.upt_id)
        db.transact(partial(describe, command=command, at=at))


def _load_categories(at: datetime) -> None:
    commands = [SaveCategory.parse(row) for row in _read("categories.csv")]
    known = {record.slug for record in catalog_queries.list_categories()}
    if known >= {command.slug for command in commands}:
        return

    def work() -> None:
        for command in commands:
            catalog_services.save_category(actor=SYSTEM, command=command, at=at)

    db.transact(work)


def _load_rates(at: datetime) -> None:
    rates = [
        RateRow(
            origin_province_code=row["origin_province_code"],
            destination_province_code=row["destination_province_code"],
            service=row["service"],
            first_kg_idr=int(row["first_kg_idr"]),
            next_kg_idr=int(row["next_kg_idr"]),
            days_min=int(row["days_min"]),
            days_max=int(row["days_max"]),
            carrier=row["carrier"],
            destination_regency_code=row["destination_regency_code"],
            first_kg=int(row["first_kg"]),
            tiers=_tiers(row["tiers"]),
        )
        for row in _read("shipping_rates.csv")
    ]
    period = RatePeriod(valid_from=datetime(2026, 1, 1).date(), source="demo")  # noqa: DTZ001
    db.transact(lambda: shipping_services.load_rates(rates=rates, period=period))


def _tiers(text: str) -> tuple[Tier, ...]:
    steps = (part.partition("=") for part in text.split("|") if part)
    return tuple(Tier(int(above), int(price)) for above, _, price in steps)


def _load_products(at: datetime, progress: Progress) -> None:
    rows = _read("products.csv")
    variants: dict[str, list[Row]] = {}
    for variant in _read("variants.csv"):
        variants.setdefault(variant["product_slug"], []).append(variant)
    alts = _read_alts()
    missing = []
    made = 0
    for place, row in enumerate(rows):
        product_id = catalog_queries.find_product_id(slug=row["slug"])
        if product_id is None:
            when = at - FIRST_DAY_AGO + timedelta(days=1, minutes=7) * place
            product_id = _add_product(row, variants[row["slug"]], when=min(when, at), at=at)
            made += 1
        draft = catalog_queries.get_product(actor=SYSTEM, product_id=product_id)
        if draft.state is ProductState.DRAFT and not _show(draft, row, alts, at=at):
            missing.append(row["picture"])
    if made:
        progress(f"Karya: {made} produk contoh dengan stok awal")
    if missing:
        progress(f"Karya: gambar belum ada untuk {', '.join(missing)}")


def _read_alts() -> dict[str, str]:
    if not (FOLDER / "pictures.csv").is_file():
        return {}
    return {row["picture"]: row["alt"] for row in _read("pictures.csv")}


def _add_product(row: Row, variants: Sequence[Row], *, when: datetime, at: datetime) -> int:
    category = catalog_queries.find_category(slug=row["category_slug"])
    upt_id = upt_queries.find_id_by_slug(slug=row["upt_slug"])
    assert category is not None, row["category_slug"]
    assert upt_id is not None, row["upt_slug"]
    plain = ("upt_slug", "category_slug", "picture")
    values = {name: value for name, value in row.items() if name not in plain}
    command = SaveProduct.parse(
        {
            **values,
            "category_id": category.category_id,
            "variants": [_variant_values(variant) for variant in variants],
        }
    )

    def work() -> int:
        product_id = catalog_services.create_product(
            actor=SYSTEM, upt_id=upt_id, command=command, at=when
        )
        draft = catalog_queries.get_product(actor=SYSTEM, product_id=product_id)
        for variant, source in zip(draft.variants, variants, strict=True):
            _receive(draft, variant.variant_id, int(source["opening_quantity"]), when=when, at=at)
        return product_id

    return db.transact(work)


def _variant_values(row: Row) -> Row:
    names = ("weight_g", "length_mm", "width_mm", "height_mm")
    measures = {name: row[name] for name in names if row[name] != "0"}
    return {"sku": row["sku"], "name": row["name"], "price_idr": row["price_idr"], **measures}


def _receive(
    draft: ProductDraft, variant_id: int, quantity: int, *, when: datetime, at: datetime
) -> None:
    """Bring the opening pieces in as two lots, so that the first to expire leaves first."""
    first = quantity // 3
    for number, pieces in enumerate((first, quantity - first), start=1):
        if pieces == 0:
            continue
        made_at = min(when + timedelta(days=number), at)
        expires_on = None
        if draft.shelf_life_days and draft.shelf_life_days >= SHELF_LIFE_DAYS_KEPT:
            expires_on = made_at.date() + timedelta(days=draft.shelf_life_days)
        stock_services.receive_output(
            actor=SYSTEM,
            upt_id=draft.upt_id,
            variant_id=variant_id,
            quantity=pieces,
            lot=LotChoice(code=f"DEMO-{number}", produced_on=made_at.date(), expires_on=expires_on),
            source=EntrySource("seed", f"demo:{variant_id}:{number}"),
            happened_at=made_at,
            at=at,
            note="stok contoh (demo)",
        )


def _show(draft: ProductDraft, row: Row, alts: dict[str, str], *, at: datetime) -> bool:
    """Give a draft its picture and publish it; return whether the picture was there."""
    path = PICTURES / f"{row['picture']}.webp"
    if not path.is_file():
        return False
    checked = _checked(path)
    public_id = "demo" + ids.digest(f"{draft.slug}:{checked.sha256}")[:20]

    def work() -> None:
        asset_id = media_services.store_checked(
            actor=SYSTEM, upt_id=draft.upt_id, picture=checked, public_id=public_id, at=at
        )
        catalog_services.add_image(
            actor=SYSTEM,
            product_id=draft.product_id,
            asset_id=asset_id,
            alt=alts.get(row["picture"]) or row["name"],
            at=at,
        )
        catalog_services.publish(
            actor=SYSTEM, product_id=draft.product_id, at=min(draft.updated_at, at)
        )

    db.transact(work)
    return True


def _load_covers(at: datetime) -> None:
    """Put a scene, or else the picture of a unit's first product, at the head of its gallery."""
    for row in {row["upt_slug"]: row for row in reversed(_read("products.csv"))}.values():
        upt = upt_queries.find_by_slug(slug=row["upt_slug"], on=at.date())
        scene = PICTURES / f"{SCENES.get(row['upt_slug'], '')}.webp"
        if upt.cover_asset_id is not None:
            continue
        if scene.is_file():
            db.transact(partial(_cover_with_scene, upt.upt_id, _checked(scene), at))
            continue
        product_id = catalog_queries.find_product_id(slug=row["slug"])
        assert product_id is not None, row["slug"]
        draft = catalog_queries.get_product(actor=SYSTEM, product_id=product_id)
        for image in draft.images[:1]:
            cover = partial(upt_services.set_cover, actor=SYSTEM, upt_id=upt.upt_id)
            db.transact(partial(cover, asset_id=image.asset_id, at=at))


def _checked(path: Path) -> CheckedPicture:
    return media_services.check_upload(content=path.read_bytes())


def _cover_with_scene(upt_id: int, picture: CheckedPicture, at: datetime) -> None:
    asset_id = media_services.store_checked(
        actor=SYSTEM,
        upt_id=upt_id,
        picture=picture,
        public_id="demo" + ids.digest(f"{upt_id}:{picture.sha256}")[:20],
        at=at,
    )
    upt_services.set_cover(actor=SYSTEM, upt_id=upt_id, asset_id=asset_id, at=at)


def _render_pictures(progress: Progress) -> None:
    waiting = media_queries.list_asset_ids(only_waiting=True, after_asset_id=0, limit=500)
    if not waiting:
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own door

    def render(asset_id: int) -> bool:
        with app.app_context():
            return media_flows.render_asset(asset_id=asset_id, is_again=False)

    with db.unit_of_work():
        """End the read, so that the renderers may write."""
    with ThreadPoolExecutor(max_workers=RENDERERS) as pool:
        for number, _ in enumerate(pool.map(render, waiting), start=1):
            if number % 10 == 0 or number == len(waiting):
                progress(f"Gambar: {number} dari {len(waiting)}")
