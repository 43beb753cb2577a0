"""A count on a phone: numbers kept as they are typed, two people on one row, handing in."""

from __future__ import annotations

from tests.browser.steps import findings, sideways
from tests.browser.visitors import DESKTOP, Enter, Visitor


def status(visitor: Visitor, number: int = 0) -> str:
    """Return what a card says once it has answered."""
    card = visitor.page.locator("[data-count-card]").nth(number)
    card.locator("[data-count-status][data-tone]:not([data-tone=''])").wait_for()
    return card.locator("[data-count-status]").inner_text()


def test_two_people_count_on_a_phone_and_meet_on_one_row(enter: Enter) -> None:
    clerk = enter()
    clerk.sign_in("petugas.pamekasan")
    clerk.open("/meja/opname/buka")
    clerk.page.click("main form button[type=submit]")
    clerk.page.wait_for_url("**/meja/opname/*")
    path = clerk.page.url.removeprefix(clerk.address)
    clerk.open(f"{path}/hitung?saring=semua")
    assert findings(clerk) == []
    assert sideways(clerk) <= 0
    first = clerk.page.locator("[data-count-card]").first
    first.locator("[data-step='1']").click()
    first.locator("[data-step='1']").click()
    assert status(clerk) == "Tersimpan: 2"
    assert clerk.page.locator("[data-count-done]").inner_text() == "1"
    sku = first.get_attribute("data-sku") or ""
    lot = first.get_attribute("data-lot") or ""
    clerk.page.fill("[data-count-scan] input", f"{sku}#{lot}")
    clerk.page.keyboard.press("Enter")
    assert clerk.page.evaluate("document.activeElement.name") == "quantity"

    other = enter(DESKTOP)
    other.sign_in("petugas.pamekasan")
    other.open(f"{path}/hitung?saring=semua")
    first.locator("[name=quantity]").fill("5")
    first.locator("[name=quantity]").press("Enter")
    clerk.page.get_by_text("Tersimpan: 5").wait_for()
    late = other.page.locator("[data-count-card]").first
    late.locator("[name=quantity]").fill("9")
    late.locator("[name=quantity]").press("Enter")
    assert "Angka Anda: 9" in status(other)
    late.get_by_role("button", name="Pakai 5").click()
    assert status(other) == "Dipakai: 5"

    clerk.open(f"{path}/ketik")
    for field in clerk.page.locator("input[name^='q-']").all():
        field.fill("3")
    assert sideways(clerk) <= 0
    clerk.page.click("main form button[type=submit]:has-text('Simpan')")
    clerk.page.wait_for_load_state()
    clerk.open(path)
    clerk.page.click("text=Serahkan hitungan")
    clerk.page.locator("dialog button[value=yes]").click()
    clerk.page.wait_for_url("**/selisih")
    assert findings(clerk) == []
    assert sideways(clerk) <= 0
    assert clerk.page.get_by_role("button", name="Setujui").count() == 0
