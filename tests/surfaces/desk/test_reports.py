"""The reports by hand: the head's page, its lists, why a figure is what it is, UPT side by side."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app.domain.reports import handlers
from app.domain.stock import services as stock_services
from app.domain.stock.types import AdjustReason
from app.infra import db
from tests.factories import browse, goods, ledger, people, reading

pytestmark = pytest.mark.usefixtures("app")

NOW = datetime.now(UTC)


class Stand:
    """A UPT with an item that was received, promised, sold and damaged."""

    def __init__(self) -> None:
        self.upt_id = people.make_upt("lapas-indramayu").upt_id
        product_id = goods.make_product(
            self.upt_id, name="Tirai sabut", variants=[{"name": "Besar", "price_idr": 185_000}]
        )
        (self.variant_id,) = goods.variant_ids(product_id)
        ledger.receive(
            self.upt_id, self.variant_id, 50, lot_code="L1", at=NOW - timedelta(days=3),
            expires_on=date(2999, 1, 1),
        )  # fmt: skip
        with db.unit_of_work():
            stock_services.adjust(
                actor=ledger.SYSTEM,
                upt_id=self.upt_id,
                variant_id=self.variant_id,
                lot_id=None,
                quantity_delta=-3,
                reason=AdjustReason.DAMAGED,
                note="=kena hujan",
                source=ledger.source(),
                happened_at=NOW - timedelta(days=2),
                at=NOW - timedelta(days=2),
            )


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
def head(client: FlaskClient, stand: Stand) -> FlaskClient:
    people.staff(client, "upt_head", stand.upt_id)
    return client


def words(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return reading.words(answer)


def test_the_heads_page_says_what_the_stock_is_worth_and_what_moved(
    head: FlaskClient, stand: Stand
) -> None:
    page = words(head, "/meja/laporan")
    assert "Rp8,6 jt nilai jual stok" in page
    assert "47 buah di semua tempat" in page
    assert "Tidak ada yang perlu diperhatikan" in page
    assert "Hasil produksi 50" in page
    assert "Rusak 3" in page


def test_why_names_opening_causes_and_closing_with_their_entries(
    head: FlaskClient, stand: Stand
) -> None:
    page = words(head, f"/meja/laporan/kenapa/{stand.variant_id}")
    assert "Kenapa 47?" in page
    chosen = words(
        head, f"/meja/laporan/kenapa/{stand.variant_id}?sumbu=nomor&sampai_nomor=1&tempat=gudang"
    )
    assert "Kenapa 50?" in chosen
    assert "Saldo sekarang 47" in chosen
