"""A ledger of millions: rebuild and verify it, and read a balance as quickly as from a short one.

The rows are written by COPY with the guards off, chained and hashed as the door would; so balances,
holds and head are empty until the rebuild makes them from the rows.

Usage: stock_ledger_long.py [ROWS]      10 million unless told otherwise
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from harness import TemporaryPostgres, verdict
from sqlalchemy import text

from app.bootstrap import create_app
from app.domain.stock import flows, queries
from app.domain.stock.types import GENESIS_HASH
from app.infra import db
from app.kernel import actor
from tests.databases import migrate, settings
from tests.factories import goods, ledger

ROWS = 10_000_000
SHORT = 10_000
VARIANTS = 200
HOLD_EVERY = 30
"""Each thirtieth entry begins a promise that is shipped and delivered by the next two."""

START = datetime(2020, 1, 1, tzinfo=UTC)
SYSTEM = actor.system("bench")
COLUMNS = (
    "id, upt_id, sequence, phase, kind, variant_id, lot_id, from_account, to_account, quantity,"
    " hold_id, reverses_id, expires_at, happened_at, written_at, actor, reason, note,"
    " source_kind, source_key, source_line, fingerprint, previous_hash, hash"
)
HELD = ("available", "transit_customer")


def step(number: int) -> tuple[str, str, str, str, int, int]:
    """Return phase, kind, accounts, pieces and how far back the hold lies for an entry."""
    turn = number % HOLD_EVERY
    if number >= VARIANTS * 3 and turn < 3:
        return (
            ("hold", "held", *HELD, 2, 0),
            ("post", "shipped", *HELD, 2, 1),
            ("move", "delivered", "transit_customer", "customer", 2, 2),
        )[turn]
    if number <= VARIANTS or number // VARIANTS % 2 == 0:
        return ("move", "produced", "production", "available", 20, 0)
    return ("move", "damaged", "available", "loss", 1, 0)


def lines(
    upt_id: int, lots: list[tuple[int, int]], first: int, last: int, previous: str
) -> Iterator[tuple[str, str]]:
    """Yield COPY lines of entries, each with its hash."""
    base = upt_id << 40
    sha256 = hashlib.sha256
    for number in range(first, last + 1):
        phase, kind, source, target, quantity, back = step(number)
        place = number if phase == "move" and not back else number - number % HOLD_EVERY
        variant_id, lot_id = lots[place % VARIANTS]
        held = number - back if back else 0
        at = (START + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        key = f"long-{number}"
        line = (
            f"karyabina-stock-1\t{upt_id}\t{number}\t{at}\t{at}\t{phase}\t{kind}\t{variant_id}"
            f"\t{lot_id}\t{source}\t{target}\t{quantity}\t{held or ''}\t\t\tsystem:bench\t\t"
            f"\tbench\t{key}\t0\t0000000000000000"
        )
        made = sha256(f"{previous}\t{line}".encode()).hexdigest()
        hold = str(base + held) if held else "\\N"
        fields = (
            base + number, upt_id, number, phase, kind, variant_id, lot_id, source, target,
            quantity, hold, "\\N", "\\N", at, at, "system:bench", "", "", "bench", key, 0,
            "0000000000000000", previous, made,
        )  # fmt: skip
        yield "\t".join(map(str, fields)) + "\n", made
        previous = made


def fill(upt_id: int, lots: list[tuple[int, int]], first: int, last: int, previous: str) -> str:
    """Write entries by COPY, without guards and secondary indexes; return the last hash."""
    raw = db.db.engine.raw_connection()
    try:
        with raw.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(
                "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = 'stock_entry'"
                " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)"
            )
            indexes = cursor.fetchall()
            for name, _ in indexes:
                cursor.execute(f"DROP INDEX {name}")
            with cursor.copy(f"COPY stock_entry ({COLUMNS}) FROM STDIN") as copy:
                for row, made in lines(upt_id, lots, first, last, previous):
                    copy.write(row)
                    previous = made
            for _, definition in indexes:
                cursor.execute(definition)
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("ANALYZE stock_entry")
        raw.commit()
    finally:
        raw.close()
    return previous


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that some work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_ms(work: Callable[[], object]) -> float:
    """Return the median of thirty runs in milliseconds."""
    times = []
    for _ in range(30):
        db.db.session.rollback()
        times.append(timed(work) * 1000)
    return statistics.median(times)


def reads(shelf: ledger.Shelf, at: datetime) -> tuple[float, float]:
    """Return the milliseconds of one balance and of the stock table of the UPT."""
    return (
        median_ms(lambda: queries.availability(variant_ids=[shelf.variant_id], at=at)),
        median_ms(lambda: queries.stock_table(actor=SYSTEM, upt_id=shelf.upt_id, at=at)),
    )


def make(rows: int) -> bool:
    """Fill, rebuild, verify, read; return whether every goal was met."""
    shelf = ledger.make_shelf(variants=1)
    for _ in range(1, VARIANTS):
        goods.make_product(shelf.upt_id, published=False, with_picture=False)
    with db.unit_of_work():
        db.session().execute(
            text(
                "INSERT INTO stock_lot (upt_id, variant_id, code, state, created_at)"
                " SELECT upt_id, id, 'LONG', 'open', :at FROM variant WHERE upt_id = :upt_id"
            ),
            {"upt_id": shelf.upt_id, "at": START},
        )
        found = db.session().execute(text("SELECT variant_id, id FROM stock_lot ORDER BY id"))
        lots = [(row[0], row[1]) for row in found]
    at = START + timedelta(seconds=rows + 10)
    last = fill(shelf.upt_id, lots, 1, SHORT, GENESIS_HASH)
    for fault in flows.chain_faults(upt_id=shelf.upt_id)[:3]:
        print(f"  FAULT {fault}")
    flows.rebuild(actor=SYSTEM, upt_id=shelf.upt_id, reason="bench", is_dry=False, at=at)
    vacuum()
    short = reads(shelf, at)
    began = time.perf_counter()
    fill(shelf.upt_id, lots, SHORT + 1, rows, last)
    print(f"  {rows:,} rows filled in {time.perf_counter() - began:.0f} s", flush=True)
    vacuum()
    proof = timed(lambda: flows.chain_faults(upt_id=shelf.upt_id))
    with db.unit_of_work():
        for table in ("stock_balance", "stock_hold"):
            db.session().execute(text(f"DELETE FROM {table}"))
    report = None

    def rebuild() -> None:
        nonlocal report
        report = flows.rebuild(
            actor=SYSTEM, upt_id=shelf.upt_id, reason="bench", is_dry=False, at=at
        )

    whole = timed(rebuild)
    assert report is not None
    print(
        f"  rebuilt: {report.entries:,} entries, {report.balances:,} balances, {report.holds:,}"
        f" holds; chain proven {proof:.1f} s, figures made {whole - proof:.1f} s",
        flush=True,
    )
    vacuum()
    seconds = timed(lambda: print(f"  faults: {flows.verify().faults}", flush=True))
    long = reads(shelf, at)
    results = [
        verdict(f"rebuild of {rows:,} rows, proof included, seconds", whole, at_most=300),
        verdict("verify, rows a second", rows / seconds, at_least=100_000),
        verdict(f"one balance at {rows:,} against {SHORT:,} rows, times", long[0] / short[0], at_most=1.5),
        verdict(f"stock table at {rows:,} against {SHORT:,} rows, times", long[1] / short[1], at_most=1.5),
    ]  # fmt: skip
    print(
        f"  one balance {short[0]:.2f} ms then {long[0]:.2f} ms;"
        f" stock table {short[1]:.1f} ms then {long[1]:.1f} ms",
        flush=True,
    )
    return all(results)


def vacuum() -> None:
    """Let the database settle, as its own service would in the night."""
    db.db.session.remove()
    with db.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))


def main(rows: int) -> int:
    """Measure on a durable PostgreSQL of its own."""
    with TemporaryPostgres(is_durable=True) as postgres, tempfile.TemporaryDirectory() as folder:
        migrate(url=postgres.url(), instance_dir=Path(folder))
        app = create_app(settings(url=postgres.url(), instance_dir=Path(folder)))
        with app.app_context():
            try:
                return 0 if make(rows) else 1
            finally:
                db.db.session.remove()
                db.db.engine.dispose()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
