"""What people do in the shop, as clicks and keys; and what every page must stand."""

from __future__ import annotations

from functools import cache
from typing import Any

import config
from tests.browser.visitors import Visitor

AXE = config.ROOT / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def findings(visitor: Visitor) -> list[str]:
    """Return the serious and critical findings of axe on the page as it stands."""
    visitor.page.evaluate(_axe())
    result: Any = visitor.page.evaluate(
        "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
    )
    return [
        f"{found['id']}: {node['html'][:160]}"
        for found in result
        if found["impact"] in SERIOUS
        for node in found["nodes"]
    ]


def sideways(visitor: Visitor) -> int:
    """Return by how many pixels the page is wider than a window of 320."""
    before = visitor.page.viewport_size
    visitor.page.set_viewport_size({"width": 320, "height": 640})
    wider: int = visitor.page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert before is not None
    visitor.page.set_viewport_size(before)
    return wider


def put(visitor: Visitor, slug: str, quantity: int = 1) -> None:
    """Put pieces into the cart from the page of a product."""
    visitor.open(f"/produk/{slug}")
    form = visitor.page.locator("form[action='/keranjang/tambah']").first
    form.locator("[name=quantity]").fill(str(quantity))
    form.locator("button[type=submit]").first.click()
    visitor.page.wait_for_function(
        "() => document.querySelector('[data-cart-count]:not([hidden])')"
        " || location.pathname === '/keranjang'"
    )


def tell_contact(visitor: Visitor) -> None:
    """Fill in who orders and where the street is."""
    page = visitor.page
    page.fill("[name=contact_name]", "Sari Contoh")
    page.fill("[name=contact_email]", "sari@contoh.example")
    page.fill("[name=contact_phone]", "0812 3456 7890")
    page.fill("[name=street]", "Jalan Melati 5, RT 02/03")


def choose_place(visitor: Visitor, text: str) -> None:
    """Find the village by typing, with the list that the script shows."""
    field = visitor.page.locator("[name=place_query]")
    field.press_sequentially(text, delay=30)
    option = visitor.page.locator("[data-place-list] [role=option]").first
    option.wait_for()
    field.press("ArrowDown")
    field.press("Enter")
    visitor.page.locator(".finder__found").wait_for()


def find_place(visitor: Visitor, text: str) -> None:
    """Find the village with the button, as without a script."""
    page = visitor.page
    page.fill("[name=place_query]", text)
    page.click("button[value=cari]")
    page.wait_for_load_state()
    matches = page.locator("[name=village_pick]")
    if matches.count():
        matches.first.check()
        page.click("button[value=pakai]")
        page.wait_for_load_state()
    page.locator(".finder__found").wait_for()


def order(visitor: Visitor) -> str:
    """Press the last button; return the number of the order."""
    visitor.page.click("button[value=pesan]")
    visitor.page.wait_for_url("**/pesanan/KB-*")
    return visitor.page.url.rsplit("/", 1)[1]
