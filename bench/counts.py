"""Stock counts at size: one sheet of 20,000 rows, and a national count of 500 UPT.

Each step is timed on a durable PostgreSQL and its statements are counted. The long sheet is counted
twice: with one row in twenty differing, and with every row differing, which is the worst posting
there can be. The national count has a sheet for each UPT; its rows together are 20,000.

Usage: counts.py [UPTS] [ROWS_OF_EACH] [ROWS_OF_THE_LONG_SHEET]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import TemporaryPostgres, verdict

from app.bootstrap import create_app
from app.domain.counts import queries, services
from app.domain.counts.types import CountRecord, Scope, ScopeKind, TypedRow
from app.domain.stock import services as stock_services
from app.domain.stock.types import Account, EntryKind, EntrySource, LotChoice, Move
from app.infra import db
from app.kernel import actor as actors
from tests.databases import settings
from tests.factories import goods, people
from tests.factories.stock_steps import Statements

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
SYSTEM = actors.system("bench")
LOTS = 10
PIECES = 20
SHEET_S = 60
"""The goal: 20,000 rows opened, entered, handed in and posted in under a minute."""


def timed(name: str, work: Callable[[], Any], *, is_quiet: bool = False) -> tuple[Any, float]:
    """Run a step in a transaction of its own; print its seconds and statements."""
    with Statements() as seen:
        began = time.perf_counter()
        with db.unit_of_work():
            result = work()
        seconds = time.perf_counter() - began
    if not is_quiet:
        print(f"    {name:<22} {seconds:7.2f} s   {len(seen):3d} statements")
    return result, seconds


def make_shop(slug: str, rows: int) -> int:
    """Return a UPT whose store holds this many lots of goods, each with some pieces."""
    upt_id = people.make_upt(slug).upt_id
    product_id = goods.make_product(upt_id, published=False, with_picture=False)
    (first,) = goods.variant_ids(product_id)
    variants = -(-rows // LOTS)
    with db.unit_of_work():
        db.session().connection().exec_driver_sql(
            "INSERT INTO variant (product_id, upt_id, sku, name, price_idr, position, is_active)"
            " SELECT product_id, upt_id, 'B-' || n, 'Ukuran ' || n, 1000, n, true"
            f" FROM variant, generate_series(1, {variants}) n WHERE id = {first}"
        )
        ids = list(
            db.session().connection().exec_driver_sql(
                f"SELECT id FROM variant WHERE upt_id = {upt_id} AND id <> {first} ORDER BY id"
            ).scalars()
        )  # fmt: skip
        moves = [
            Move(
                upt_id, ids[number // LOTS], EntryKind.PRODUCED, Account.PRODUCTION,
                Account.AVAILABLE, PIECES, lot=LotChoice(f"L{number % LOTS}"),
            )
            for number in range(rows)
        ]  # fmt: skip
        stock_services.post_moves(
            actor=SYSTEM, permission="stock.receive", acting_upt_id=upt_id, moves=moves,
            action="stock.received", source=EntrySource("bench", slug), happened_at=AT, at=AT,
        )  # fmt: skip
    return upt_id


def count(
    upt_id: int, key: str, *, every: int, campaign_id: int | None = None, is_quiet: bool = False
) -> float:
    """Count a UPT from the opened sheet to the posting, every so many rows differing by one."""
    clerk = people.actor("upt_clerk", upt_id, user_id=CLERK)
    head = people.actor("upt_head", upt_id, user_id=HEAD)
    spent = 0.0

    def step(name: str, work: Callable[[], Any]) -> Any:
        nonlocal spent
        result, seconds = timed(name, work, is_quiet=is_quiet)
        spent += seconds
        return result

    sheet: CountRecord = step(
        "open",
        lambda: services.open_count(
            actor=clerk, upt_id=upt_id, scope=Scope(ScopeKind.WHOLE), code=f"OP-{key}",
            entry_key=f"bench-{key:>16}", at=AT, campaign_id=campaign_id,
        ),
    )  # fmt: skip
    known = queries.known_rows(count_id=sheet.count_id)
    typed = [
        TypedRow(n, row.sku, PIECES - (n % every == 0), row.goods[1], "gudang")
        for n, row in enumerate(known)
    ]
    db.read_session().rollback()
    step(
        "enter",
        lambda: services.enter_rows(
            actor=clerk, count_id=sheet.count_id, rows=typed, at=LATER,
            source=EntrySource("file", key), sequence=sheet.sequence,
        ),
    )  # fmt: skip
    step(
        "hand in",
        lambda: services.hand_in(actor=clerk, count_id=sheet.count_id, version=None, at=LATER),
    )
    step(
        "approve and post",
        lambda: services.approve(actor=head, count_id=sheet.count_id, version=None, at=LATER),
    )
    found = queries.get_posting(actor=head, count_id=sheet.count_id)
    assert found is not None
    assert found.posted_rows == -(-len(typed) // every)
    db.read_session().rollback()
    return spent


CLERK = HEAD = 0


def main(upts: int, rows: int, long_rows: int) -> int:
    """Run everything; return how many goals were missed."""
    global CLERK, HEAD
    met = []
    with TemporaryPostgres(is_durable=True) as server, tempfile.TemporaryDirectory() as folder:
        app = create_app(settings(url=server.url(), instance_dir=Path(folder)))
        with app.app_context():
            import flask_migrate

            flask_migrate.upgrade()
            CLERK = people.make_user("petugas@contoh.example").user_id
            HEAD = people.make_user("kepala@contoh.example").user_id
            large = make_shop("lapas-besar", long_rows)
            print(f"  one sheet, {long_rows} rows, one in twenty differs")
            spent = count(large, "one", every=20)
            met.append(verdict(f"{long_rows} rows, s", spent, at_most=SHEET_S))
            small = make_shop("lapas-lain", long_rows)
            print(f"  one sheet, {long_rows} rows, every row differs")
            spent = count(small, "two", every=1)
            met.append(verdict(f"{long_rows} rows, s", spent, at_most=SHEET_S))
            shops = [make_shop(f"lapas-nomor-{number}", rows) for number in range(upts)]
            met.append(national(shops, rows))
            db.db.session.remove()
            db.db.engine.dispose()
    return met.count(False)


def national(shops: list[int], rows: int) -> bool:
    """Count every UPT for one campaign, one after the other, and read the map."""
    admin = replace(people.actor("national_admin"), user_id=None)
    today = AT.date()
    campaign_id, _ = timed(
        "call",
        lambda: services.open_campaign(
            actor=admin, title="Opname nasional", kanwil_id=None, scope=Scope(ScopeKind.WHOLE),
            starts_on=today, ends_on=today, entry_key="bench-campaign-0001", at=AT,
        ),
        is_quiet=True,
    )  # fmt: skip
    spent = sum(
        count(upt_id, f"n{number}", every=5, campaign_id=campaign_id, is_quiet=True)
        for number, upt_id in enumerate(shops)
    )
    print(f"  national count: {len(shops)} UPT of {rows} rows, one after the other")
    with Statements() as seen:
        began = time.perf_counter()
        lines = queries.campaign_lines(actor=admin, campaign_id=campaign_id)
        seconds = time.perf_counter() - began
    print(
        f"    map of {len(lines)} UPT          {seconds * 1000:7.1f} ms  {len(seen):3d} statements"
    )
    return verdict(f"{len(shops) * rows} rows in all, s", spent, at_most=SHEET_S)


if __name__ == "__main__":
    given = [int(value) for value in sys.argv[1:]]
    missed = main(*(given + [500, 40, 20_000][len(given) :]))
    print(f"  goals missed: {missed}")
    sys.exit(1 if missed else 0)
