"""Lists of goods for tests: files as people send them, and bringing them in."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import func, select

from app.domain.catalog import queries as catalog_queries
from app.domain.imports import flows, queries, services
from app.domain.imports.models import ImportRow
from app.domain.imports.types import FileRecord, Mode, RowState, StagedRow
from app.domain.stock.models import StockEntry
from app.infra import db
from app.kernel.actor import Actor
from tests.factories import goods, people
from tests.factories.ledger import SYSTEM, Shelf

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)

_keys = itertools.count(1)


def make_goods(skus: Sequence[str], slug: str = "lapas-contoh", price_idr: int = 185_000) -> Shelf:
    """Return a UPT with one unpublished product that has these codes."""
    with people.writing():
        upt_id = people.make_upt(slug).upt_id
        product_id = goods.make_product(
            upt_id,
            published=False,
            with_picture=False,
            variants=[{"sku": sku, "name": f"Macam {sku}", "price_idr": price_idr} for sku in skus],
        )
        return Shelf(upt_id, goods.variant_ids(product_id))


def csv(*lines: str, encoding: str = "utf-8") -> bytes:
    """Return a file of these lines."""
    return "\r\n".join([*lines, ""]).encode(encoding)


def check(
    upt_id: int,
    content: bytes,
    mode: Mode | None = None,
    *,
    actor: Actor = SYSTEM,
    name: str = "daftar.csv",
    target: str = "",
    key: str | None = None,
    at: datetime = AT,
) -> FileRecord:
    """Look at a file and return it as kept."""
    file_id = flows.check_file(
        actor=actor,
        upt_id=upt_id,
        content=content,
        name=name,
        chosen=mode,
        target=target,
        entry_key=key or f"kunci-daftar-{next(_keys):08d}",
        today=TODAY,
        at=at,
    )
    return get(file_id)


def get(file_id: int) -> FileRecord:
    """Return a file as it stands."""
    db.read_session().rollback()
    return queries.get_file(actor=SYSTEM, file_id=file_id)


def confirm(
    file_id: int,
    *,
    actor: Actor = SYSTEM,
    is_whole: bool = True,
    with_known: bool = False,
    at: datetime = AT,
) -> FileRecord:
    """Decide that a file be posted; it is not posted yet."""
    return db.transact(
        lambda: services.confirm(
            actor=actor, file_id=file_id, is_whole=is_whole, with_known=with_known, at=at
        )
    )


def bring_in(upt_id: int, content: bytes, mode: Mode | None = None, **more: object) -> FileRecord:
    """Look at a file, confirm it, post it."""
    choices = {name: more.pop(name) for name in ("is_whole", "with_known") if name in more}
    file = check(upt_id, content, mode, **more)  # type: ignore[arg-type]  # passed through
    confirm(file.file_id, **choices)  # type: ignore[arg-type]  # passed through
    flows.post_file(file_id=file.file_id, at=AT)
    return get(file.file_id)


def rows(file_id: int) -> tuple[StagedRow, ...]:
    """Return every row of a file."""
    found = db.read_session().scalars(
        select(ImportRow).where(ImportRow.file_id == file_id).order_by(ImportRow.number)
    )
    return tuple(queries.files.staged(row=row) for row in found)


def wrong(file_id: int) -> list[tuple[int, str, str, str]]:
    """Return line, column, code and value of everything wrong with a file."""
    return [
        (row.number, error.column, error.code, error.value)
        for row in rows(file_id)
        for error in row.errors
    ]


def states(file_id: int) -> list[RowState]:
    """Return the state of each row."""
    return [row.state for row in rows(file_id)]


def entries() -> int:
    """Return how many entries all ledgers have."""
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(StockEntry)) or 0


def prices(upt_id: int) -> dict[str, int | None]:
    """Return the price of every code."""
    db.read_session().rollback()
    return {row.sku: row.price_idr for row in catalog_queries.goods_of_upt(upt_id=upt_id)}
