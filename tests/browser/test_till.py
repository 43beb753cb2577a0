"""The counter on a phone: scan, pay, show the receipt, take it back."""

from __future__ import annotations

import re

from flask import Flask

from app.domain.stock import flows as stock_flows
from app.domain.till import queries as till_queries
from app.domain.upt import queries as upt_queries
from app.infra import db
from tests.browser import steps
from tests.browser.visitors import PHONE, Enter, Visitor


def text_of(visitor: Visitor, selector: str) -> str:
    return re.sub(r"\s+", " ", visitor.page.locator(selector).first.inner_text())


def test_a_clerk_scans_sells_and_takes_back_on_a_phone(enter: Enter, shop: Flask) -> None:
    clerk = enter(PHONE)
    clerk.sign_in("petugas.indramayu")
    clerk.open("/meja/kasir")
    page = clerk.page
    field = page.locator("[data-till-scan]")
    assert page.evaluate("() => document.activeElement.hasAttribute('data-till-scan')")
    for code in ("IDM-SABUT-200", "IDM-SABUT-200", "/s/lapas-indramayu/IDM-SABUT-200"):
        field.fill(code)
        field.press("Enter")
    page.wait_for_function("() => document.querySelector('.till__count')?.value === '3'")
    field.press_sequentially("tirai", delay=20)
    page.locator("[data-till-list] [role=option]").first.wait_for()
    field.fill("TAK-ADA")
    field.press("Enter")
    page.locator("#f-q-error").wait_for()
    page.locator("button[aria-label^='Kurangi Tirai']").click()
    page.wait_for_function("() => document.querySelector('.till__count').value === '2'")
    page.locator(".till__count").fill("3")
    page.locator(".till__count").press("Enter")
    page.wait_for_function("() => document.querySelector('.till__count').value === '3'")
    page.wait_for_function("() => document.activeElement.hasAttribute('data-till-scan')")
    page.locator("[data-till-quick]").nth(1).click()
    assert text_of(clerk, "[data-till-change]").startswith("Kembali Rp")
    assert steps.findings(clerk) == []
    assert steps.sideways(clerk) == 0
    button = page.locator(".till__button")
    button.evaluate("button => { button.click(); button.click(); }")
    page.wait_for_url("**/meja/kasir/penjualan/K-*")
    assert "Kembalikan" in text_of(clerk, ".paid")
    number = page.url.rsplit("/", 1)[1].partition("?")[0]
    assert steps.findings(clerk) == []
    assert steps.sideways(clerk) == 0

    link = page.locator("[data-copy]").get_attribute("data-copy")
    assert link is not None
    buyer = enter(PHONE)
    buyer.open("/struk/" + link.rpartition("/struk/")[2])
    assert number in text_of(buyer, "main")
    assert steps.findings(buyer) == []

    page.click("text=Batalkan penjualan ini")
    page.fill("[name=reason]", "Salah ukuran")
    page.click("main button[type=submit]")
    page.locator(".notice--success").wait_for()
    buyer.page.reload()
    assert "Penjualan ini dibatalkan" in text_of(buyer, "main")
    for path in ("/meja/kasir/penjualan", "/meja/kasir/tutup", "/meja/label"):
        clerk.open(path)
        assert (steps.findings(clerk), steps.sideways(clerk)) == ([], 0), path
    with shop.app_context():
        upt_id = upt_queries.find_id_by_slug(slug="lapas-indramayu")
        assert upt_id is not None
        assert till_queries.find_faults(upt_id=upt_id) == ()
        assert stock_flows.verify().faults == ()
        db.db.session.remove()


def test_a_sale_without_scripts_needs_the_same_few_presses(enter: Enter, shop: Flask) -> None:
    clerk = enter(PHONE, java_script_enabled=False)
    clerk.sign_in("petugas.pamekasan")
    clerk.open("/meja/kasir")
    clerk.page.fill("[name=q]", "nastar")
    clerk.page.press("[name=q]", "Enter")
    if clerk.page.locator(".till__choice").count():
        clerk.page.locator(".till__choice").first.click()
    clerk.page.locator(".till__quick button").first.click()
    clerk.page.locator(".till__button").click()
    assert "Terbayar" in text_of(clerk, "h1")
