"""Delivery as buyers meet it without a script: estimates, reasons, times of pick-up, numbers to follow."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.domain.catalog import queries as catalog_queries
from app.domain.shipping import queries, services
from app.domain.shipping.commands import SavePlan
from app.infra import db
from tests.factories import browse, people, trade
from tests.factories.reading import add, checkout_values, fields, words
from tests.factories.trade import Item

pytestmark = pytest.mark.usefixtures("app", "now")


@pytest.fixture
def shade() -> Item:
    trade.make_rates()
    item = trade.make_item("lapas-indramayu", price_idr=185_000, weight_g=2_600)
    command = SavePlan.parse({
        "weekdays": (1, 2), "opens": "09:00", "closes": "11:00", "slot_minutes": 60,
        "capacity": 1, "lead_hours": 24, "days_ahead": 3, "version": 0,
    })  # fmt: skip
    head = people.actor("upt_head", item.upt_id)
    with db.unit_of_work():
        services.save_plan(actor=head, upt_id=item.upt_id, command=command, at=trade.AT)
    return item


def product_path(item: Item) -> str:
    offer = catalog_queries.offers(variant_ids=(item.variant_id,))[item.variant_id]
    return f"/produk/{offer.product_slug}"


def test_the_product_page_counts_from_a_regency_or_postcode_and_the_cart_goes_on_with_it(
    client: FlaskClient, shade: Item
) -> None:
    path = product_path(shade)
    assert "Satu buah" not in words(client.get(path))
    for typed in ("12190", "Kota Jakarta Selatan", "31.74"):
        page = words(client.get(path, query_string={"tujuan": typed}))
        assert "Satu buah ke Kota Jakarta Selatan: Reguler 2–3 hari di jalan" in page
        assert "Rp30.000" in page
    many = client.get(path, query_string={"tujuan": "kab."})
    assert "Ada beberapa tempat" in words(many)
    assert "tujuan=32.12" in many.get_data(as_text=True)
    assert "tidak ditemukan" in words(client.get(path, query_string={"tujuan": "Atlantis"}))
    assert "ke Kota Jakarta Selatan" in words(client.get(path)), "the last good one is kept"
    add(client, shade.variant_id)
    cart = words(client.get("/keranjang"))
    assert "Perkiraan ongkos ke Kota Jakarta Selatan Rp30.000" in cart


def test_an_estimate_costs_two_statements_more(client: FlaskClient, shade: Item) -> None:
    path = product_path(shade)
    client.get(path, query_string={"tujuan": "31.74"})
    with browse.statements() as with_estimate:
        client.get(path)
    with client.session_transaction() as kept:
        kept.clear()
    with browse.statements() as without:
        client.get(path)
    assert with_estimate.count - without.count == 2


def test_a_time_is_chosen_with_the_order_kept_on_its_page_and_moved(
    client: FlaskClient, shade: Item
) -> None:
    add(client, shade.variant_id)
    field, slot_field = f"delivery_{shade.upt_id}", f"slot_{shade.upt_id}"
    shown = client.get("/checkout")
    assert "Senin, 23 November 2026, 10.00–11.00 WIB" not in words(shown), "within a day"
    assert "Selasa, 24 November 2026, 09.00–10.00 WIB" in words(shown)
    values = {**checkout_values(client), field: "pickup", slot_field: ""}
    counted = fields(client.post("/checkout", data={**values, "langkah": "hitung"}), "/checkout")
    values = {**values, "confirmed_total_idr": counted["confirmed_total_idr"]}
    missing = client.post("/checkout", data=values)
    assert missing.status_code == 422
    assert f'href="#f-{slot_field}"' in missing.get_data(as_text=True)
    assert "Pilih waktu mengambil barang." in words(missing)
    bad = client.post("/checkout", data={**values, slot_field: "kapan saja"})
    assert bad.status_code == 422
    placed = client.post("/checkout", data={**values, slot_field: "20261124T0200Z"})
    assert placed.status_code == 303, words(placed)
    page = client.get(placed.location)
    assert "Waktu mengambil: Selasa, 24 November 2026, 09.00–10.00 WIB" in words(page)
    number = placed.location.rsplit("/", 1)[1]
    move = f"/pesanan/{number}/jam"
    form = fields(page, move)
    for slot, said in (
        ("20261124T0300Z", "Waktu pengambilan sudah diganti."),
        ("20261124T0300Z", "Waktu pengambilan sudah diganti."),
        ("20261101T0300Z", "sudah penuh atau sudah lewat"),
    ):
        assert client.post(move, data={**form, "slot": slot}).location == placed.location
        shown = words(client.get(placed.location))
        assert said in shown
        assert "Waktu mengambil: Selasa, 24 November 2026, 10.00–11.00 WIB" in shown
    assert client.post(move, data={"bagian": "KB-LAIN-1", "slot": ""}).status_code == 404
    client.post(f"/pesanan/{number}/batal")
    assert queries.bookings(numbers=[f"{number}-1"]) == {}
    late = client.post(move, data={**form, "slot": "20261124T0200Z"}, follow_redirects=True)
    assert "tidak menunggu diambil" in words(late)
    assert queries.bookings(numbers=[f"{number}-1"]) == {}
    other = client.application.test_client()
    assert other.post(move, data=form).status_code == 404


def test_a_time_that_was_just_taken_is_refused_beside_its_field(
    client: FlaskClient, shade: Item
) -> None:
    add(client, shade.variant_id)
    values = {**checkout_values(client), f"delivery_{shade.upt_id}": "pickup"}
    counted = fields(client.post("/checkout", data={**values, "langkah": "hitung"}), "/checkout")
    values["confirmed_total_idr"] = counted["confirmed_total_idr"]
    values[f"slot_{shade.upt_id}"] = "20261124T0200Z"
    with db.unit_of_work():
        services.book_slot(
            upt_id=shade.upt_id, number="KB-LAIN-1", key="20261124T0200Z", at=trade.AT
        )
    answer = client.post("/checkout", data=values)
    assert answer.status_code == 422
    assert "Waktu itu sudah penuh" in words(answer)
    assert "09.00–10.00" not in words(answer)


def test_checkout_says_why_a_service_is_left_out_and_whom_to_ask(client: FlaskClient) -> None:
    trade.make_rates()
    table = trade.make_item("lapas-indramayu", weight_g=28_000, length_mm=1_600)
    add(client, table.variant_id)
    checkout_values(client, place_query="Senayan")
    counted = client.post("/checkout", data={**checkout_values(client), "langkah": "hitung"})
    page = words(counted)
    assert "terlalu besar untuk layanan kirim, jadi ongkosnya dihitung UPT" in page
    assert "Hubungi Lapas Indramayu" in page
    assert "Dari Lapas Indramayu tidak ada kurir ke alamat ini." in page
    assert "Reguler tidak ditawarkan: barang terlalu besar atau terlalu berat." in page
    product = words(client.get(product_path(table), query_string={"tujuan": "31.74"}))
    assert "ongkosnya dihitung UPT" in product


def test_a_number_leads_to_the_page_of_its_carrier(client: FlaskClient, shade: Item) -> None:
    placed = trade.paid({shade.variant_id: 1})
    trade.ship(placed, shade.upt_id)
    with client.session_transaction() as kept:
        kept["orders"] = [placed.number]
    html = client.get(f"/pesanan/{placed.number}").get_data(as_text=True)
    assert 'href="https://jne.co.id/tracking-package"' in html
