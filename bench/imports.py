"""A list of 20,000 rows brought in: read, held against the books, kept, posted; and lists taken out.

Against a durable PostgreSQL, with 2,000 goods and a new lot in nearly every row, which is the dearest
kind of receipt. Then the same number of prices of published goods, the export of everything, and the
longest time for which one till of the same UPT had to wait while the whole file was being written.

Usage: imports.py [ROWS]
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from flask import Flask
from harness import TemporaryPostgres, verdict

from app.bootstrap import create_app
from app.domain.catalog.models import Product, Variant
from app.domain.imports import flows, queries, services
from app.domain.imports.types import FileState, Mode
from app.domain.stock import flows as stock_flows
from app.infra import db, sheets
from app.infra.sheets import Column, ColumnKind
from app.kernel import actor
from tests.databases import settings
from tests.factories import goods, ledger, people

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
SYSTEM = actor.system("bench")
GOODS = 2_000
GOAL_S = 60


def make_goods(upt_id: int) -> list[str]:
    """Return the codes of many unpublished goods, one variant each."""
    category_id = goods.make_category()
    values = {
        "upt_id": upt_id, "category_id": category_id, "kind": "ready", "name_en": "",
        "summary": "", "description": "", "materials": "", "story": "", "maker_credit": "",
        "state": "draft", "version": 1, "created_at": AT, "updated_at": AT,
    }  # fmt: skip
    names = [f"Karya {number:05d}" for number in range(GOODS)]
    with db.unit_of_work():
        db.append_rows(
            Product,
            [
                {**values, "id": 10_000 + number, "slug": f"karya-{number}", "name": name,
                 "search_name": name.lower()}
                for number, name in enumerate(names)
            ],
        )  # fmt: skip
        db.append_rows(
            Variant,
            [
                {"id": 10_000 + number, "product_id": 10_000 + number, "upt_id": upt_id,
                 "sku": f"SKU-{number:05d}", "name": "", "price_idr": 10_000, "position": 0,
                 "is_active": True}
                for number in range(GOODS)
            ],
        )  # fmt: skip
    return [f"SKU-{number:05d}" for number in range(GOODS)]


def receipts(skus: list[str], rows: int, kind: str) -> bytes:
    """Return a file of receipts: several lots of each code, over a month of days."""
    columns = (
        Column("kode"), Column("jumlah", ColumnKind.WHOLE), Column("lot"),
        Column("dibuat", ColumnKind.DATE), Column("tanggal", ColumnKind.DATE),
        Column("catatan"),
    )  # fmt: skip
    lines = [
        (skus[number % len(skus)], number % 90 + 1, f"{kind}-{number // len(skus)}",
         TODAY - timedelta(days=number % 7 + 30), TODAY - timedelta(days=number % 28),
         f"baris {number}")
        for number in range(rows)
    ]  # fmt: skip
    write = sheets.write_xlsx if kind == "X" else sheets.write_csv
    more = {"sheet": "Daftar"} if kind == "X" else {}
    return b"".join(write(columns=columns, rows=lines, head=[("mode", "penerimaan")], **more))


def timed(label: str, work: Callable[[], object]) -> float:
    """Run something, print and return its seconds."""
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    print(f"  {label}: {seconds:.1f} s")
    return seconds


def check(upt_id: int, content: bytes, name: str, mode: Mode | None = None) -> int:
    """Look at a file and keep it."""
    return flows.check_file(
        actor=SYSTEM, upt_id=upt_id, content=content, name=name, chosen=mode, target="",
        entry_key=f"bench-{name}-{time.monotonic_ns()}", today=TODAY, at=AT,
    )  # fmt: skip


def post(file_id: int, *, is_whole: bool) -> None:
    """Confirm a file and post it."""
    db.transact(
        lambda: services.confirm(
            actor=SYSTEM, file_id=file_id, is_whole=is_whole, with_known=False, at=AT
        )
    )
    flows.post_file(file_id=file_id, at=AT)
    state = queries.get_file(actor=SYSTEM, file_id=file_id).state
    assert state is FileState.DONE, state


class Till(threading.Thread):
    """Receives one piece again and again in the same UPT; remembers the longest wait."""

    def __init__(self, app: Flask, upt_id: int, variant_id: int) -> None:
        super().__init__()
        self.app, self.upt_id, self.variant_id = app, upt_id, variant_id
        self.is_over = False
        self.longest = 0.0
        self.refused = 0
        self.count = 0

    def run(self) -> None:
        """Work until told to stop."""
        with self.app.app_context():
            while not self.is_over:
                began = time.perf_counter()
                try:
                    ledger.receive(self.upt_id, self.variant_id, 1)
                except Exception as error:
                    self.refused += 1
                    print(f"  the till was told: {type(error).__name__}")
                self.longest = max(self.longest, time.perf_counter() - began)
                self.count += 1
                time.sleep(0.05)
            db.db.session.remove()


def main(rows: int) -> int:
    """Run everything; return how many goals were missed."""
    with TemporaryPostgres(is_durable=True) as server, tempfile.TemporaryDirectory() as folder:
        app = create_app(settings(url=server.url(), instance_dir=Path(folder)))
        with app.app_context():
            import flask_migrate

            flask_migrate.upgrade()
            upt_id = people.make_upt("lapas-contoh").upt_id
            skus = make_goods(upt_id)
            met = []
            for kind, is_whole in (("X", True), ("C", False)):
                content = receipts(skus, rows, kind)
                label = "XLSX, all or none" if is_whole else "CSV, step by step"
                ids: list[int] = []
                seconds = timed(
                    f"{label}: {rows} rows looked at",
                    lambda content=content, kind=kind, ids=ids: ids.append(
                        check(upt_id, content, f"{kind}.x")
                    ),
                )
                till = Till(app, upt_id, 10_000)
                till.start()
                seconds += timed(
                    f"{label}: posted",
                    lambda ids=ids, is_whole=is_whole: post(ids[0], is_whole=is_whole),
                )
                till.is_over = True
                till.join()
                print(
                    f"  {label}: a till beside it: {till.count} postings, the longest took"
                    f" {till.longest:.2f} s, {till.refused} refused"
                )
                met.append(verdict(f"{label}, s", seconds, at_most=GOAL_S))
            out: list[int] = []
            timed(
                "stock list as XLSX",
                lambda: out.append(
                    sum(len(block) for block in sheets.write_xlsx(
                        columns=[Column("x")] * 9, sheet="Stok",
                        rows=queries.stock_list(actor=SYSTEM, upt_id=upt_id),
                    ))
                ),
            )  # fmt: skip
            report = stock_flows.verify()
            assert report.faults == (), report.faults[:3]
            print(f"  verified: {report.entries} entries, {out[0]} bytes taken out")
            db.db.session.remove()
            db.db.engine.dispose()
    return met.count(False)


if __name__ == "__main__":
    given = [int(value) for value in sys.argv[1:]]
    missed = main(*(given or [20_000]))
    print(f"  goals missed: {missed}")
    sys.exit(min(missed, 1))
