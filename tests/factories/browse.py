"""A small shop to browse, and a counter of SQL statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from sqlalchemy import event

from app.domain.search import flows as search_flows
from app.infra import db
from app.infra.memo import Memo
from app.surfaces.storefront import galleries, home, labels  # noqa: F401  # their memos are cleared below
from tests.factories import goods, ledger, people


@dataclass(frozen=True)
class Shop:
    """What was put into the shop.

    Attributes:
        shade_id: Tirai sabut kelapa of Lapas Indramayu: two variants, four pieces of the first.
        cookies_id: Kue kering nastar of Lapas Pamekasan: forty pieces.
        table_id: Meja kayu, made to order, nothing in stock.
        wash_id: Cuci mobil, a service.
        draft_id: Never published.
    """

    shade_id: int
    cookies_id: int
    table_id: int
    wash_id: int
    draft_id: int

    @property
    def shade_variant_id(self) -> int:
        """Return the variant that has four pieces."""
        return goods.variant_ids(self.shade_id)[0]


def make_shop() -> Shop:
    """Fill a shop with goods of two UPT and build its search index."""
    indramayu = people.make_upt("lapas-indramayu").upt_id
    pamekasan = people.make_upt("lapas-pamekasan").upt_id
    goods.make_category("kriya", name="Kriya")
    fibre = goods.make_category("serat-alam", parent_slug="kriya", name="Serat alam")
    goods.make_category("pangan", name="Pangan", icon="cookie")
    cookies = goods.make_category("kue-kering", parent_slug="pangan", name="Kue kering")
    services = goods.make_category("jasa", name="Jasa")
    shade_id = goods.make_product(
        indramayu,
        category_id=fibre,
        name="Tirai sabut kelapa",
        summary="Peneduh teras dari tali sabut kelapa.",
        variants=[
            {"name": "1 × 2 m", "price_idr": 185_000},
            {"name": "2 × 3 m", "price_idr": 465_000},
        ],
    )
    cookies_id = goods.make_product(
        pamekasan,
        category_id=cookies,
        name="Kue kering nastar",
        materials="Tepung, mentega, nanas",
        variants=[{"name": "Toples", "price_idr": 65_000}],
    )
    table_id = goods.make_product(
        pamekasan, category_id=fibre, name="Meja kayu", kind="made_to_order", lead_time_days=21
    )
    wash_id = goods.make_product(
        pamekasan,
        category_id=services,
        name="Cuci mobil",
        kind="service",
        variants=[{"name": "Mobil", "price_idr": 40_000}],
    )
    draft_id = goods.make_product(
        indramayu, published=False, category_id=fibre, name="Rahasia bengkel"
    )
    ledger.receive(indramayu, goods.variant_ids(shade_id)[0], 4)
    ledger.receive(pamekasan, goods.variant_ids(cookies_id)[0], 40)
    search_flows.rebuild()
    return Shop(shade_id, cookies_id, table_id, wash_id, draft_id)


def put_in_cart(client: FlaskClient, variant_id: int) -> None:
    """Give the visitor a cart with one piece."""
    answer = client.post("/keranjang/tambah", data={"variant_id": variant_id, "quantity": "1"})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def forget_kept_answers() -> None:
    """Forget every answer that this process keeps for a while."""
    for memo in (labels._labels, labels._provinces, home._story):
        assert isinstance(memo, Memo)
        memo.clear()


@dataclass
class Statements:
    """The SQL statements seen, without those that only open or close a transaction."""

    texts: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many there were."""
        return len(self.texts)


@contextmanager
def statements() -> Iterator[Statements]:
    """Collect the statements that are sent to the database."""
    seen = Statements()

    def note(_c: object, _cursor: object, text: str, *_more: object) -> None:
        if not text.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            seen.texts.append(text)

    engine = db.db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
