"""Every page in Chromium: no complaint on the console, no serious axe finding, no sideways scroll."""

from __future__ import annotations

import pytest

from tests.browser import steps
from tests.browser.visitors import DESKTOP, PHONE, Enter, Visitor

VISITOR = (
    "/",
    "/produk",
    "/produk?kategori=serat-alam&tersedia=1",
    "/produk/tirai-sabut-kelapa",
    "/cari?q=sabut",
    "/cari?q=tidakadayangbegini",
    "/galeri",
    "/galeri/lapas-indramayu",
    "/keranjang",
    "/masuk",
    "/daftar",
    "/tidak-ada",
)
PLANT = """() => {
    const box = document.createElement("div");
    box.append(new Image(), document.createElement("input"));
    box.firstChild.src = "data:,";
    box.style.width = "900px";
    document.querySelector("main").append(box);
}"""
DESK = {
    "petugas.indramayu": (
        "/meja/",
        "/meja/pesanan",
        "/meja/pesanan?keadaan=semua",
        "/meja/produk",
        "/meja/produk/baru",
        "/meja/stok",
        "/meja/stok/1",
        "/meja/stok/1/sesuaikan",
        "/meja/stok/1/pindah",
        "/meja/stok/terima",
        "/meja/pameran/baru",
        "/meja/kirim/baru",
        "/meja/opname/buka",
        "/meja/impor",
        "/meja/gaya",
    ),
    "kepala.indramayu": (
        "/meja/laporan",
        "/meja/laporan/kenapa/1",
        "/meja/kapasitas",
        "/meja/buku",
    ),
    "auditor": ("/meja/laporan/upt", "/meja/opname/nasional", "/meja/audit"),
    "bendahara": (
        "/meja/",
        "/meja/pembayaran",
        "/meja/pembayaran/periksa",
        "/meja/pembayaran/pengembalian",
        "/meja/pembayaran/catat",
    ),
    "admin": (
        "/meja/",
        "/meja/admin/upt",
        "/meja/admin/impor",
        "/meja/admin/kanwil",
        "/meja/admin/pekerjaan",
        "/meja/admin/pengguna",
    ),
    "pembeli": ("/akun", "/akun/profil"),
}


def ensure_sound(visitor: Visitor, path: str, *, status: int = 200) -> None:
    """Open a page and hold it against what every page must stand."""
    assert visitor.open(path) == status, path
    ensure_open_page_is_sound(visitor)


def ensure_open_page_is_sound(visitor: Visitor) -> None:
    page = visitor.page
    assert page.locator("h1").count() == 1, page.url
    assert page.title().strip() not in ("", "Karyabina") or page.url.endswith("/"), page.url
    assert steps.findings(visitor) == [], page.url
    assert steps.sideways(visitor) <= 0, page.url


@pytest.mark.parametrize("path", VISITOR)
def test_pages_of_the_shop(enter: Enter, path: str) -> None:
    status = 404 if path == "/tidak-ada" else 200
    ensure_sound(enter(PHONE), path, status=status)
    ensure_sound(enter(DESKTOP, color_scheme="dark"), path, status=status)


@pytest.mark.parametrize("name", sorted(DESK))
def test_pages_behind_a_sign_in(enter: Enter, name: str) -> None:
    visitor = enter(DESKTOP)
    visitor.sign_in(name)
    for path in DESK[name]:
        ensure_sound(visitor, path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_an_order_on_both_sides(enter: Enter, scheme: str) -> None:
    buyer = enter(PHONE, color_scheme=scheme)
    steps.put(buyer, "tirai-sabut-kelapa")
    steps.put(buyer, "kue-kering-nastar")
    ensure_sound(buyer, "/keranjang")
    ensure_sound(buyer, "/checkout")
    buyer.page.click("button[value=pesan]")
    buyer.page.locator(".error-summary").wait_for()
    ensure_open_page_is_sound(buyer)
    steps.tell_contact(buyer)
    steps.choose_place(buyer, "cipaganti")
    ensure_open_page_is_sound(buyer)
    number = steps.order(buyer)
    ensure_open_page_is_sound(buyer)
    reference = buyer.page.locator(".pay .code").first.inner_text()
    amount = buyer.page.locator(".pay h2").inner_text().removeprefix("Transfer ")
    ensure_sound(buyer, f"/pesanan/{number}/batal")

    treasurer = enter(DESKTOP, color_scheme=scheme)
    treasurer.sign_in("bendahara")
    ensure_sound(treasurer, f"/meja/pembayaran/{reference}")
    treasurer.page.fill("[name=received_idr]", amount)
    treasurer.page.fill("[name=bank_reference]", "FT-1")
    treasurer.page.click("main button[type=submit]")
    treasurer.page.locator(".notice--success").wait_for()
    ensure_open_page_is_sound(treasurer)

    clerk = enter(DESKTOP, color_scheme=scheme)
    clerk.sign_in("petugas.indramayu")
    path = f"/meja/pesanan/{number}-1"
    for page in (path, f"{path}/label", f"{path}/tolak", "/meja/pesanan", "/meja/"):
        ensure_sound(clerk, page)
    buyer.page.goto(f"{buyer.address}/pesanan/{number}")
    ensure_open_page_is_sound(buyer)


def test_an_order_reads_well_on_paper(enter: Enter) -> None:
    buyer = enter(DESKTOP)
    steps.put(buyer, "kue-kering-nastar")
    buyer.open("/checkout")
    steps.tell_contact(buyer)
    steps.choose_place(buyer, "dago")
    steps.order(buyer)
    buyer.page.emulate_media(media="print")
    assert not buyer.page.locator(".masthead__search").is_visible()
    assert buyer.page.locator(".pay__figure").first.is_visible()
    assert not buyer.page.locator("text=Batalkan pesanan").is_visible()


def test_planted_faults_are_seen(enter: Enter) -> None:
    """Without this, a silent axe or a blind measure would pass every page."""
    visitor = enter(PHONE)
    visitor.open("/masuk")
    visitor.page.evaluate(PLANT)
    found = {finding.partition(":")[0] for finding in steps.findings(visitor)}
    assert {"image-alt", "label"} <= found
    assert steps.sideways(visitor) > 0
