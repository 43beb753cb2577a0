"""What the pages of the shop cost, beside a bare page of 24 cards measured in the same run.

10,000 products of 50 UPT unless ``--products`` and ``--upt`` say otherwise; PostgreSQL with durable
commits; gunicorn with 2 processes and 4 threads; 16 connections.
"""

from __future__ import annotations

import argparse
import gzip
import re
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import harness

SEARCHES = (
    "anyaman", "tas", "kursi kayu", "roti", "rajutan", "keset", "meja", "kue kering",
    "miniatur", "tirai sabut", "lapas", "kerajinan", "keranjang", "syal", "jahe", "kayu jati",
)  # fmt: skip


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return str(answer.read().decode())


def follow(port: int, path: str, pages: int) -> str:
    """Return the address of the list page that lies ``pages`` further."""
    for _ in range(pages):
        found = re.search(r'href="([^"]*lanjut=[^"]+)"', get(port, path))
        if not found:
            return path
        path = found[1].replace("&amp;", "&")
    return path


def weight_kb(port: int) -> tuple[float, float]:
    """Return HTML + CSS + JS of the list page and its font, gzipped or as served, in kB."""
    page = get(port, "/produk")
    total, font = len(gzip.compress(page.encode(), 5)), 0
    for address in sorted(set(re.findall(r'(?:href|src)="(/static/dist/[^"]+)"', page))):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{address}", headers={"Accept-Encoding": "gzip"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            size = len(answer.read())
        if address.endswith((".css", ".js")):
            total += size
        elif address.endswith(".woff2"):
            font += size
    return total / 1024, font / 1024


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--products", type=int, default=10_000)
    options.add_argument("--upt", type=int, default=50)
    options.add_argument("--seconds", type=float, default=12)
    chosen = options.parse_args()
    with harness.shop(products=chosen.products, upts=chosen.upt) as shop:
        database_pid = harness.postgres_pid(shop.postgres)
        with harness.serve("bench.ceiling:app", shop.environment) as (ceiling_port, ceiling_pid):
            products = re.findall(r'href="(/produk/[a-z0-9-]+)"', get(shop.port, "/produk"))
            deep = follow(shop.port, "/produk", 199)
            runs = {
                "list": (["/produk"], "card__link"),
                "list, page 200": ([deep], "card__link"),
                "list, one category": (["/produk?kategori=anyaman"], "card__link"),
                "product": (sorted(set(products)), "/keranjang/tambah"),
                "search": ([f"/cari?q={words.replace(' ', '+')}" for words in SEARCHES], "<main"),
                "suggestions": (
                    [f"/cari/saran?q={words[:4].replace(' ', '+')}" for words in SEARCHES],
                    "",
                ),
                "home": (["/"], "<main"),
            }
            results = {}
            for round_number in range(2):
                for label, port, pid, paths, must in [
                    ("ceiling", ceiling_port, ceiling_pid, ["/"], "card"),
                    *((name, shop.port, shop.server_pid, *run) for name, run in runs.items()),
                ]:
                    found = harness.load(
                        port=port, paths=paths, must=must, seconds=chosen.seconds / 2,
                        app_pid=pid, database_pid=database_pid,
                    )  # fmt: skip
                    if round_number == 0 or found.app_cpu_ms < results[label].app_cpu_ms:
                        results[label] = found
        return report(results, weight_kb(shop.port))


def report(results: dict[str, harness.Load], weight: tuple[float, float]) -> int:
    print(
        f"\n  {'page':<22}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'app CPU':>9}{'db CPU':>8}{'failed':>8}"
    )
    for label, found in results.items():
        print(
            f"  {label:<22}{found.rate:>8.1f}{found.p50_ms:>9.1f}{found.p99_ms:>9.1f}"
            f"{found.app_cpu_ms:>9.2f}{found.database_cpu_ms:>8.2f}{found.failures:>8}"
        )
    print()

    def cpu(label: str) -> float:
        return results[label].app_cpu_ms + results[label].database_cpu_ms

    ceiling = results["ceiling"]
    goals = [
        harness.verdict("list: CPU ms a page", cpu("list"), at_most=20),
        harness.verdict(
            "list: rate against the ceiling", results["list"].rate / ceiling.rate, at_least=0.3
        ),
        harness.verdict(
            "page 200: CPU against page 1", cpu("list, page 200") / cpu("list"), at_most=1.1
        ),
        harness.verdict("product: CPU ms a page", cpu("product"), at_most=10),
        harness.verdict("search: CPU ms a page", cpu("search"), at_most=40),
        harness.verdict("search: p99 ms at 16 connections", results["search"].p99_ms, at_most=500),
        harness.verdict("list: kB of HTML + CSS + JS, gzipped", weight[0], at_most=40),
        harness.verdict(
            "failed answers", sum(found.failures for found in results.values()), at_most=0
        ),
    ]
    return 0 if all(goals) else 1


if __name__ == "__main__":
    sys.exit(main())
