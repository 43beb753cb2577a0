"""Postings a second into the stock ledger beside a minimal transaction of the same run, and replay.

Eight writers in processes of their own post promises, each on its own UPT and then all on one item,
against a durable PostgreSQL that holds other goods too. In the same run pgbench measures the
smallest order one could write: seven trips, no chain, no double entry. Beside the rates stands what
a posting costs in CPU, of the writers and of the database, since rates move with whatever else the
machine does. ``flask stock verify`` is then timed on the rows written and on a long ledger made in
batches, and the reading of a balance and of a stock table on the short ledger and the long one.

Usage: stock_postings.py [SECONDS] [LONG_LEDGER_ROWS]
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import psutil
from harness import ROOT, TemporaryPostgres, cpu_seconds, postgres_pid, verdict

from app.bootstrap import create_app
from app.domain.stock import flows, queries, rules, services
from app.domain.stock.services import posting as door
from app.domain.stock.types import Account, Demand, EntryKind, EntrySource
from app.infra import db
from app.kernel import actor
from tests import postgres as servers
from tests.databases import settings
from tests.factories import ledger

WRITERS = 8
VARIANTS = 40
"""Goods of each UPT, so that no table is so small that its plan is another."""

RECEIPT = rules.AdjustRule(Account.PRODUCTION, Account.AVAILABLE, EntryKind.PRODUCED)
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SYSTEM = actor.system("bench")

SCHEMA = """
CREATE TABLE b_stock (id int PRIMARY KEY, on_hand int NOT NULL CHECK (on_hand >= 0),
                      version bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50);
CREATE TABLE b_order (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, buyer int NOT NULL,
                      total bigint NOT NULL, placed_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE b_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                     order_id bigint NOT NULL REFERENCES b_order,
                     stock_id int NOT NULL REFERENCES b_stock, qty int NOT NULL);
CREATE TABLE b_ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                       stock_id int NOT NULL REFERENCES b_stock, delta int NOT NULL,
                       ref bigint, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON b_line (order_id);
CREATE INDEX ON b_ledger (stock_id, id);
INSERT INTO b_stock SELECT g, 1000000000 FROM generate_series(1, 10000) g;
VACUUM ANALYZE b_stock;
"""

ORDER = """
\\set s {stock}
\\set buyer random(1, 100000)
BEGIN;
SELECT on_hand FROM b_stock WHERE id = :s FOR UPDATE;
INSERT INTO b_order (buyer, total) VALUES (:buyer, 1999) RETURNING id AS oid \\gset
INSERT INTO b_line (order_id, stock_id, qty) VALUES (:oid, :s, 1);
INSERT INTO b_ledger (stock_id, delta, ref) VALUES (:s, -1, :oid);
UPDATE b_stock SET on_hand = on_hand - 1, version = version + 1 WHERE id = :s;
COMMIT;
"""


def write(url: str, folder: str, name: str, upt_id: int, variant_id: int, seconds: float) -> None:
    """Be one writer: promise one piece again and again, print how often."""
    app = create_app(settings(url=url, instance_dir=Path(folder)))
    with app.app_context():

        def post(key: str) -> None:
            db.transact(
                lambda: services.reserve(
                    actor=SYSTEM,
                    demands=[Demand(upt_id, variant_id, 1)],
                    source=EntrySource("bench", f"{name}-{key}"),
                    expires_at=AT + timedelta(days=1),
                    at=AT,
                )
            )

        for number in range(20):
            post(f"warm-{number}")
        print("ready", flush=True)
        sys.stdin.readline()
        count, until, began = 0, time.monotonic() + seconds, time.process_time()
        while time.monotonic() < until:
            post(str(count))
            count += 1
        print(json.dumps([count, time.process_time() - began]), flush=True)
        sys.stdin.readline()


@dataclass(frozen=True, slots=True)
class Rate:
    """Transactions a second, and what one costs in CPU milliseconds."""

    per_second: float
    client_ms: float
    database_ms: float

    def __str__(self) -> str:
        return (
            f"{self.per_second:.0f}/s, {self.client_ms:.2f} + {self.database_ms:.2f} CPU ms"
            " of client + database"
        )


def postings(
    server: TemporaryPostgres, folder: str, name: str, goods: list[tuple[int, int]], seconds: float
) -> Rate:
    """Return how quickly all writers together post."""
    writers = [
        subprocess.Popen(
            [sys.executable, __file__, "write", server.url(), folder, f"{name}{number}",
             str(upt_id), str(variant_id), str(seconds)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number, (upt_id, variant_id) in enumerate(goods)
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
    before = _database_seconds(server)
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()
    found = []
    for writer in writers:
        assert writer.stdout
        found.append(json.loads(writer.stdout.readline()))
    database = _database_seconds(server) - before
    for writer in writers:
        writer.communicate("leave\n")
    count = sum(each[0] for each in found)
    client = sum(each[1] for each in found)
    return Rate(count / seconds, client * 1000 / count, database * 1000 / count)


def pgbench(server: TemporaryPostgres, script: Path, seconds: int) -> Rate:
    """Return the same of eight pgbench clients."""
    own, database = _children_seconds(), _database_seconds(server)
    out = subprocess.run(
        [str(servers.binaries() / "pgbench"), "-n", "-M", "prepared", "-h", server.directory,
         "-U", "postgres", "-c", str(WRITERS), "-j", "2", "-T", str(seconds), "-f", str(script),
         "postgres"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    time.sleep(0.5)
    own, database = _children_seconds() - own, _database_seconds(server) - database
    rate = next(float(line.split()[2]) for line in out.splitlines() if line.startswith("tps"))
    return Rate(rate, own * 1000 / (rate * seconds), database * 1000 / (rate * seconds))


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _database_seconds(server: TemporaryPostgres) -> float:
    """Return the CPU time of the database, of connections that were closed too."""
    pid = postgres_pid(server)
    gone = psutil.Process(pid).cpu_times()
    return cpu_seconds(pid) + gone.children_user + gone.children_system


def fill(upt_id: int, variant_id: int, rows: int) -> float:
    """Write a long ledger in batches of a thousand lines through the posting core; return rows/s."""
    lot_id = queries.find_newest_lot_id(upt_id=upt_id, variant_id=variant_id) or 0
    began = time.perf_counter()
    for batch in range(rows // 1000):
        posting = rules.posting(
            actor=SYSTEM, source=EntrySource("bulk", str(batch)), content=(batch,), at=AT
        )
        lines = [rules.move(RECEIPT, upt_id, variant_id, lot_id, 1) for _ in range(1000)]
        with db.unit_of_work():
            heads = door.lock_heads(upt_ids={upt_id})
            door.append(
                actor=SYSTEM, action="stock.received", heads=heads, lines=lines, posting=posting
            )
    return rows / (time.perf_counter() - began)


def reading(upt_id: int, variant_id: int) -> tuple[float, float]:
    """Return the milliseconds that a balance and the first page of a stock table take."""

    def median(read: Callable[[], object]) -> float:
        times = []
        for _ in range(60):
            db.db.session.remove()
            began = time.perf_counter()
            read()
            times.append((time.perf_counter() - began) * 1000)
        return statistics.median(times)

    return (
        median(lambda: queries.get_position(upt_id=upt_id, variant_id=variant_id, at=AT)),
        median(lambda: queries.stock_table(actor=SYSTEM, upt_id=upt_id, at=AT)),
    )


def prove(label: str, *, at_least: float) -> bool:
    """Time a verification of everything."""
    began = time.perf_counter()
    report = flows.verify()
    seconds = time.perf_counter() - began
    assert report.faults == (), report.faults[:3]
    print(f"  {label}: {report.entries} entries, {report.chains} chains, {report.holds} holds")
    return verdict("verify, rows/s", report.entries / seconds, at_least=at_least)


def main(seconds: int, long_rows: int) -> int:
    """Run everything; return how many goals were missed."""
    with TemporaryPostgres(is_durable=True) as server, tempfile.TemporaryDirectory() as folder:
        url = server.url()
        app = create_app(settings(url=url, instance_dir=Path(folder)))
        with app.app_context():
            import flask_migrate

            flask_migrate.upgrade()
            shelves = [
                ledger.make_shelf(f"lapas-nomor-{n}", variants=VARIANTS) for n in range(WRITERS)
            ]
            with db.unit_of_work():
                flows.receive_all(
                    actor=SYSTEM,
                    receipts=[
                        Demand(shelf.upt_id, variant_id, 1_000_000)
                        for shelf in shelves
                        for variant_id in shelf.variant_ids
                    ],
                    lot_code="AWAL",
                    source=EntrySource("bench", "opening"),
                    at=AT,
                )
            with db.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
                for statement in SCHEMA.split(";"):
                    if statement.strip():
                        raw.exec_driver_sql(statement)
                raw.exec_driver_sql("VACUUM ANALYZE")
            db.db.session.remove()
            met = []
            goods = [(shelf.upt_id, shelf.variant_ids[0]) for shelf in shelves]
            for name, stock, mine, goal in (
                ("distinct UPT", "random(1, 10000)", goods, 0.5),
                ("one hot item", "42", goods[:1] * WRITERS, 0.4),
            ):
                script = Path(folder, "order.sql")
                script.write_text(ORDER.format(stock=stock))
                limit = pgbench(server, script, seconds)
                rate = postings(server, folder, name[:3], mine, seconds)
                print(f"  {name}: postings {rate}; pgbench minimal order {limit}")
                ratio = rate.per_second / limit.per_second
                met.append(verdict(f"{name}, ratio", ratio, at_least=goal))
            met.append(prove("after the race", at_least=0))
            short = reading(shelves[0].upt_id, shelves[0].variant_ids[0])
            bulk = fill(shelves[0].upt_id, shelves[0].variant_ids[1], long_rows)
            print(f"  batches of 1,000 lines: {bulk:.0f} rows/s")
            with db.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
                raw.exec_driver_sql("VACUUM ANALYZE stock_entry")
            met.append(prove("long ledger", at_least=100_000))
            long = reading(shelves[0].upt_id, shelves[0].variant_ids[0])
            for what, before, after in zip(("balance", "stock table"), short, long, strict=True):
                print(f"  reading a {what}: {before:.2f} ms short, {after:.2f} ms long ledger")
                met.append(verdict(f"{what}, long : short", after / before, at_most=1.5))
            db.db.session.remove()
            db.db.engine.dispose()
    return met.count(False)


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(
            sys.argv[2],
            sys.argv[3],
            sys.argv[4],
            int(sys.argv[5]),
            int(sys.argv[6]),
            float(sys.argv[7]),
        )
    else:
        given = [int(value) for value in sys.argv[1:]]
        missed = main(*(given + [8, 200_000][len(given) :]))
        print(f"  goals missed: {missed}")
