"""Whole guest checkouts through the public pages, and what happens when buyers meet at the last unit.

Every buyer is a browser of its own: it opens the product, puts it into the cart, fills in the
checkout page and places the order. Afterwards the database is asked what was sold, since a client
alone cannot see an oversell.
"""

from __future__ import annotations

import html
import http.client
import json
import re
import subprocess
import sys
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import harness
import sqlalchemy as sa

BUYERS = 8
UNITS = 200
CARTS = 60
CART_UNITS = 20


class Browser:
    """Cookies, forms and nothing more."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def request(
        self, method: str, path: str, fields: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, answer.getheader("Location") or "", text


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """Return the fields of the form that posts to an action: hidden, typed and chosen ones."""
    form = next(
        part for part in re.findall(r"<form.*?</form>", page, re.S) if f'action="{action}"' in part
    )
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        if not name or (kind and kind[1] in {"radio", "checkbox"} and "checked" not in tag):
            continue
        fields[html.unescape(name[1])] = html.unescape(value[1]) if value else ""
    return fields


CONTACT = {
    "contact_name": "Pembeli Uji",
    "contact_email": "pembeli@contoh.example",
    "contact_phone": "081200000000",
    "street": "Jalan Contoh 1",
    "payment_method": "bank_transfer",
}


def add_to_cart(browser: Browser, slug: str) -> None:
    _, _, page = browser.request("GET", f"/produk/{slug}")
    if 'action="/keranjang/tambah"' not in page:
        raise RuntimeError("the page offers no cart: sold out")
    fields = hidden_fields(page, "/keranjang/tambah")
    if "variant_id" not in fields:
        fields["variant_id"] = re.search(r'name="variant_id"[^>]*value="(\d+)"', page)[1]  # type: ignore[index]
    status, _, _ = browser.request("POST", "/keranjang/tambah", {**fields, "quantity": "1"})
    if status != 303:
        raise RuntimeError(f"cart answered {status}")


def fill_in(browser: Browser) -> dict[str, str]:
    """Fill in the checkout page up to the last button; return the form of the last step."""
    status, _, page = browser.request("GET", "/checkout")
    if status != 200:
        raise RuntimeError(f"checkout page answered {status}")
    _, _, found = browser.request("GET", "/tempat/cari?q=40135")
    code = json.loads(found)[0]["code"]
    fields = {**hidden_fields(page, "/checkout"), **CONTACT, "village_pick": code}
    _, _, page = browser.request("POST", "/checkout", {**fields, "langkah": "lanjut"})
    fields = hidden_fields(page, "/checkout")
    for name in set(re.findall(r'name="(delivery_\d+)"', page)):
        if name not in fields:
            fields[name] = re.search(rf'name="{name}" value="([^"]+)"', page)[1]  # type: ignore[index]
    return {**fields, **CONTACT, "langkah": "pesan"}


def finish(browser: Browser, fields: dict[str, str]) -> str:
    """Press the last button; return ``ok``, ``sold out`` or what else came."""
    for _ in range(3):
        status, location, page = browser.request("POST", "/checkout", fields)
        if status == 303 and "/pesanan/" in location:
            return "ok"
        if status in {409, 303} and (
            "stok" in page.lower() or "habis" in page.lower() or status == 303
        ):
            found = re.search(r'name="confirmed_total_idr" value="(\d+)"', page)
            if found and found[1] != fields["confirmed_total_idr"]:
                fields["confirmed_total_idr"] = found[1]
                continue
            return "sold out"
        found = re.search(r'name="confirmed_total_idr" value="(\d+)"', page)
        if not found or found[1] == fields["confirmed_total_idr"]:
            return f"answered {status}"
        fields["confirmed_total_idr"] = found[1]
    return f"answered {status}"


def buy(port: int, slug: str) -> str:
    browser = Browser(port)
    try:
        add_to_cart(browser, slug)
    except RuntimeError:
        return "sold out"
    try:
        fields = fill_in(browser)
    except RuntimeError:
        return "sold out"
    return finish(browser, fields)


def together(works: Iterable[tuple[object, ...]], count: int) -> tuple[Counter[str], float]:
    """Run ``buy`` for every work with ``count`` buyers at once; return outcomes and seconds."""
    queue = list(works)
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()

    def buyer() -> None:
        while True:
            with lock:
                if not queue:
                    return
                port, slug = queue.pop()
            outcome = buy(port, slug)  # type: ignore[arg-type]
            with lock:
                outcomes[outcome] += 1

    began = time.monotonic()
    harness.run_threads([buyer] * count)
    return outcomes, time.monotonic() - began


def stocked(shop: harness.Shop, slug: str, units: int) -> None:
    """Bring the only variant of a product to exactly ``units`` in stock."""
    program = Path(__file__).with_name("fill_stock.py")
    subprocess.run(
        [sys.executable, str(program), slug, str(units)], check=True, env=shop.environment
    )


def sold_and_left(engine: sa.Engine, slug: str) -> tuple[int, int, int]:
    """Return pieces ordered, pieces held by the ledger, and pieces still free."""
    with engine.connect() as connection:
        ordered = connection.scalar(
            sa.text(
                "SELECT coalesce(sum(l.quantity), 0) FROM order_line l JOIN upt_order o ON o.id = l.upt_order_id"
                " JOIN product p ON p.id = l.product_id WHERE p.slug = :slug AND o.state = 'held'"
            ),
            {"slug": slug},
        )
        held, free = connection.execute(
            sa.text(
                "SELECT coalesce(sum(b.out_pending), 0), coalesce(sum(b.in_posted - b.out_posted - b.out_pending), 0)"
                " FROM stock_balance b JOIN variant v ON v.id = b.variant_id JOIN product p ON p.id = v.product_id"
                " WHERE p.slug = :slug AND b.account = 'available'"
            ),
            {"slug": slug},
        ).one()
    return int(ordered or 0), int(held), int(free)


def slugs_in_stock(engine: sa.Engine, count: int, at_least: int, at_most: int = 10**9) -> list[str]:
    with engine.connect() as connection:
        return list(
            connection.scalars(
                sa.text(
                    "SELECT p.slug FROM product p JOIN variant v ON v.product_id = p.id JOIN stock_balance b"
                    " ON b.variant_id = v.id WHERE p.state = 'published' AND b.account = 'available'"
                    " AND p.kind = 'ready' GROUP BY p.slug, p.id HAVING count(DISTINCT v.id) = 1"
                    " AND sum(b.in_posted - b.out_posted - b.out_pending) BETWEEN :least AND :most ORDER BY p.id DESC LIMIT :count"
                ),
                {"least": at_least, "most": at_most, "count": count},
            )
        )


def main() -> int:
    with harness.shop(products=2_000, upts=50) as shop:
        engine = sa.create_engine(shop.postgres.url())
        goals = [*distinct(shop, engine), *hot(shop, engine), *prepared(shop, engine)]
        print("  " + shop.flask("stock", "verify").strip().replace("\n", "\n  "))
        engine.dispose()
    return 0 if all(goals) else 1


def distinct(shop: harness.Shop, engine: sa.Engine) -> list[bool]:
    print("\n  Whole guest checkouts, 8 buyers, different goods")
    goods = slugs_in_stock(engine, 300, 2)
    together([(shop.port, slug) for slug in goods[:16]], BUYERS)
    works = [(shop.port, slug) for slug in goods[16:]]
    database_pid = harness.postgres_pid(shop.postgres)
    before = harness.cpu_seconds(shop.server_pid), harness.cpu_seconds(database_pid)
    outcomes, seconds = together(works, BUYERS)
    orders = outcomes["ok"]
    app_cpu = (harness.cpu_seconds(shop.server_pid) - before[0]) * 1000 / orders
    database_cpu = (harness.cpu_seconds(database_pid) - before[1]) * 1000 / orders
    print(f"  {dict(outcomes)} in {seconds:.1f} s; database {database_cpu:.1f} CPU ms an order")
    return [
        harness.verdict("orders a second", orders / seconds, at_least=8),
        harness.verdict("application CPU ms an order", app_cpu, at_most=60),
        harness.verdict("failures", len(works) - orders - outcomes["sold out"], at_most=0),
    ]


def hot(shop: harness.Shop, engine: sa.Engine) -> list[bool]:
    slug = slugs_in_stock(engine, 1, 1, CART_UNITS - 1)[0]
    stocked(shop, slug, UNITS)
    before = sold_and_left(engine, slug)
    print(f"\n  One hot item, {UNITS} units, {BUYERS} buyers until sold out")
    outcomes, seconds = together([(shop.port, slug)] * (UNITS + 40), BUYERS)
    after = sold_and_left(engine, slug)
    ordered, held, free = after[0] - before[0], after[1] - before[1], after[2]
    print(f"  {dict(outcomes)} in {seconds:.1f} s; ordered {ordered}, held {held}, free {free}")
    return [
        harness.verdict("units ordered", ordered, at_most=UNITS, at_least=UNITS),
        harness.verdict("units held by the ledger", held, at_most=UNITS, at_least=UNITS),
        harness.verdict("units left", free, at_most=0),
        harness.verdict(
            "failures", sum(outcomes.values()) - outcomes["ok"] - outcomes["sold out"], at_most=0
        ),
    ]


def prepared(shop: harness.Shop, engine: sa.Engine) -> list[bool]:
    slug = slugs_in_stock(engine, 1, 1, CART_UNITS - 1)[0]
    stocked(shop, slug, CART_UNITS)
    before = sold_and_left(engine, slug)
    print(f"\n  {CARTS} filled carts meet {CART_UNITS} units at the last step")
    ready: list[tuple[Browser, dict[str, str]]] = []
    for _ in range(CARTS):
        browser = Browser(shop.port)
        add_to_cart(browser, slug)
        ready.append((browser, fill_in(browser)))
        browser.connection.close()
    outcomes: Counter[str] = Counter()
    barrier = threading.Barrier(CARTS)
    lock = threading.Lock()

    def last_step(browser: Browser, fields: dict[str, str]) -> None:
        barrier.wait()
        outcome = finish(browser, fields)
        with lock:
            outcomes[outcome] += 1

    began = time.monotonic()
    harness.run_threads([lambda pair=pair: last_step(*pair) for pair in ready])  # type: ignore[misc]
    seconds = time.monotonic() - began
    after = sold_and_left(engine, slug)
    ordered, held, free = after[0] - before[0], after[1] - before[1], after[2]
    print(f"  {dict(outcomes)} in {seconds:.1f} s; ordered {ordered}, held {held}, free {free}")
    return [
        harness.verdict("units ordered", ordered, at_most=CART_UNITS, at_least=CART_UNITS),
        harness.verdict("units held by the ledger", held, at_most=CART_UNITS, at_least=CART_UNITS),
        harness.verdict("failures", CARTS - outcomes["ok"] - outcomes["sold out"], at_most=0),
        harness.verdict("answers a second at the last step", CARTS / seconds, at_least=15),
    ]


if __name__ == "__main__":
    sys.exit(main())
