"""Buying in Chromium: on a phone and a desktop, with and without scripts, and with nervous fingers."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.orders.models import OrderGroup
from app.domain.stock import flows as stock_flows
from app.infra import db, jobs
from app.kernel import clock
from tests.browser import steps
from tests.browser.visitors import DESKTOP, PHONE, Enter, Visitor

SHADE, COOKIES = "tirai-sabut-kelapa", "kue-kering-nastar"


def work_off(shop: Flask) -> None:
    with shop.app_context():
        jobs.drain(at=clock.now())
        db.db.session.remove()


def order_count(shop: Flask) -> int:
    with shop.app_context():
        count = db.read_session().scalar(select(func.count()).select_from(OrderGroup)) or 0
        db.db.session.remove()
        return count


def text_of(visitor: Visitor, selector: str) -> str:
    return re.sub(r"\s+", " ", visitor.page.locator(selector).first.inner_text())


def test_the_whole_story_with_four_people(enter: Enter, shop: Flask) -> None:
    buyer = enter(PHONE)
    buyer.open("/cari?q=tirai+sabut")
    buyer.page.locator(f"a[href='/produk/{SHADE}']").first.click()
    buyer.page.wait_for_url(f"**/produk/{SHADE}")
    steps.put(buyer, SHADE, 1)
    steps.put(buyer, COOKIES, 2)
    buyer.open("/keranjang")
    assert "3 barang dari 2 UPT" in text_of(buyer, "main")
    buyer.page.click("text=Lanjut ke checkout")
    steps.tell_contact(buyer)
    steps.choose_place(buyer, "cipaganti")
    assert buyer.page.input_value("[name=postcode]") != ""
    buyer.page.locator(".delivery__fee").first.wait_for()
    total = text_of(buyer, ".sum__row--total dd")
    number = steps.order(buyer)
    assert total in text_of(buyer, ".pay")
    reference = text_of(buyer, ".pay .code")
    amount = text_of(buyer, ".pay h2").removeprefix("Transfer ")
    assert amount == total
    work_off(shop)

    treasurer = enter(DESKTOP)
    treasurer.sign_in("bendahara")
    treasurer.open("/meja/pembayaran")
    treasurer.page.fill("[name=q]", amount)
    treasurer.page.press("[name=q]", "Enter")
    treasurer.page.wait_for_url("**q=*")
    treasurer.page.click(f"a:has-text('{reference}')")
    treasurer.page.fill("[name=received_idr]", amount)
    treasurer.page.fill("[name=bank_reference]", "FT-0001")
    treasurer.page.click("main button[type=submit]")
    treasurer.page.locator(".notice--success").wait_for()

    for part, clerk_name in ((1, "petugas.indramayu"), (2, "petugas.pamekasan")):
        clerk = enter(DESKTOP)
        clerk.sign_in(clerk_name)
        clerk.open("/meja/")
        clerk.page.click(f"a:has-text('{number}-{part}')")
        clerk.page.fill("[name=promised_on]", clock.now().date().isoformat())
        clerk.page.click("button:has-text('Terima pesanan')")
        clerk.page.click("button:has-text('Mulai siapkan')")
        clerk.page.fill("[name=carrier]", "JNE")
        clerk.page.fill("[name=tracking_number]", f"JNE-{part}")
        clerk.page.click("main button:has-text('Kirim')")
        clerk.page.locator(".notice--success").wait_for()
        other = 2 if part == 1 else 1
        assert clerk.open(f"/meja/pesanan/{number}-{other}") == 404
    work_off(shop)

    buyer.page.reload()
    assert "JNE-1" in text_of(buyer, "main")
    buyer.page.locator("button:has-text('Barang sudah saya terima')").first.click()
    buyer.page.locator("dialog button:has-text('Barang sudah saya terima')").click()
    buyer.page.locator(".notice--success").wait_for()
    with shop.app_context():
        assert stock_flows.verify().faults == ()
        db.db.session.remove()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_visitor_without_scripts_buys_the_same(
    enter: Enter, shop: Flask, viewport: dict[str, int]
) -> None:
    buyer = enter(viewport, java_script_enabled=False)
    for slug in (SHADE, COOKIES):
        buyer.open(f"/produk/{slug}")
        form = buyer.page.locator("form[action='/keranjang/tambah']").first
        form.locator("button[type=submit]").first.click()
        buyer.page.wait_for_url("**/keranjang")
    buyer.page.click("text=Lanjut ke checkout")
    buyer.page.click("button[value=pesan]")
    assert buyer.page.locator(".error-summary li").count() >= 4
    steps.tell_contact(buyer)
    steps.find_place(buyer, "coblong")
    assert buyer.page.input_value("[name=contact_name]") == "Sari Contoh"
    before = text_of(buyer, ".sum__row--total dd")
    buyer.page.locator(".delivery:has([value=pickup]) label").first.click()
    buyer.page.click("button[value=hitung]")
    assert text_of(buyer, ".sum__row--total dd") != before
    number = steps.order(buyer)
    assert "Tinggal transfer" in text_of(buyer, "h1")
    secret = text_of(buyer, ".secret").replace(" ", "")

    friend = enter(viewport, java_script_enabled=False)
    assert friend.open(f"/pesanan/{number}") == 404
    friend.page.goto(secret)
    assert friend.page.url.endswith(f"/pesanan/{number}")
    friend.page.click("text=Batalkan pesanan")
    friend.page.click("button:has-text('Ya, batalkan pesanan')")
    assert "Pesanan ini dibatalkan" in text_of(friend, "h1")


def test_a_double_click_and_the_way_back_make_one_order(enter: Enter, shop: Flask) -> None:
    before = order_count(shop)
    buyer = enter(PHONE)
    steps.put(buyer, COOKIES)
    buyer.open("/checkout")
    steps.tell_contact(buyer)
    steps.choose_place(buyer, "dago")
    button = buyer.page.locator("button[value=pesan]")
    button.evaluate("button => { button.click(); button.click(); button.click(); }")
    buyer.page.wait_for_url("**/pesanan/KB-*")
    first = buyer.page.url
    buyer.page.go_back()
    buyer.page.wait_for_load_state()
    if buyer.page.locator("button[value=pesan]").count():
        buyer.page.locator("button[value=pesan]").click()
        buyer.page.wait_for_load_state()
    assert buyer.page.locator("h1").count() == 1
    buyer.page.goto(first)
    buyer.page.reload()
    assert order_count(shop) == before + 1


def test_a_choice_of_delivery_counts_at_once_and_keeps_the_place(enter: Enter) -> None:
    buyer = enter(PHONE)
    steps.put(buyer, SHADE)
    buyer.open("/checkout")
    steps.tell_contact(buyer)
    steps.choose_place(buyer, "cipaganti")
    before = text_of(buyer, ".sum__row--total dd")
    buyer.page.locator(".delivery:has([value=pickup]) label").first.click()
    buyer.page.wait_for_function(
        "before => document.querySelector('.sum__row--total dd').innerText !== before", arg=before
    )
    assert buyer.page.input_value("[name=contact_name]") == "Sari Contoh"
    assert buyer.page.evaluate("() => document.activeElement.value") == "pickup"


def test_the_cart_changes_at_once_and_takes_back(enter: Enter) -> None:
    buyer = enter(PHONE)
    steps.put(buyer, COOKIES, 2)
    buyer.open("/keranjang")
    with buyer.page.expect_navigation():
        buyer.page.locator("[data-step='1']").first.click()
    assert buyer.page.locator(".basket [name=quantity]").first.input_value() == "3"
    buyer.page.click("button:has-text('Keluarkan')")
    buyer.page.locator(".undo").wait_for()
    buyer.page.click("button:has-text('Kembalikan')")
    buyer.page.locator(".basket [name=quantity]").first.wait_for()
    assert buyer.page.locator(".basket [name=quantity]").first.input_value() == "3"


def test_the_keyboard_alone_reaches_the_order(enter: Enter) -> None:
    buyer = enter(DESKTOP)
    steps.put(buyer, COOKIES)
    buyer.open("/checkout")
    page = buyer.page
    page.locator("[name=contact_name]").focus()
    for words in ("Sari Contoh", "sari@contoh.example", "081234567890"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.type("cipaganti", delay=30)
    page.locator("[data-place-list] [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".finder__found").wait_for()
    page.locator("[name=street]").focus()
    page.keyboard.type("Jalan Melati 5")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.value") == "pesan":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/pesanan/KB-*")
