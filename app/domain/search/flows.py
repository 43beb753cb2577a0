"""Keeping the index in step: read in a short transaction, write the index outside of it.

Nothing here is lost when it is interrupted: the index can always be made again from the database,
and ``reconcile`` finds whatever a lost job left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

import structlog

from app.domain.catalog.queries import names as catalog_names
from app.domain.search import queries
from app.domain.search.errors import SearchUnavailable
from app.domain.search.types import ProductDocument, RebuildReport
from app.infra import db

log = structlog.get_logger("search")

CHUNK: Final = 500
ID_CHUNK: Final = 20_000
REBUILD_ABOVE: Final = 2_000
"""More differences than this are mended by a rebuild."""


def refresh_products(*, product_ids: Collection[int]) -> None:
    """Bring the index in step with the database for some products, in one commit.

    Without a usable index it is rebuilt. A second call changes nothing.

    Raises:
        RebuildRunning: There is no index yet and another process is making it.
    """
    with db.unit_of_work():
        found = queries.documents(product_ids=product_ids)
    gone = set(product_ids) - {document.product_id for document in found}
    try:
        queries.engine().apply(products=found, gone_product_ids=gone)
    except SearchUnavailable:
        rebuild()


def rebuild() -> RebuildReport:
    """Build the whole index anew beside the old one and swap it in.

    Raises:
        RebuildRunning: Another process is at it.
        SearchUnavailable: The new index could not be written; the old one stays.
    """
    with db.unit_of_work():
        upts = queries.list_upt_documents()
    return queries.engine().rebuild(_all_documents(), upts, refresh=_read_again)


def _read_again(product_ids: Collection[int]) -> tuple[ProductDocument, ...]:
    with db.unit_of_work():
        return queries.documents(product_ids=product_ids)


def _all_documents() -> Iterator[ProductDocument]:
    last_id = 0
    while True:
        with db.unit_of_work():
            chunk = queries.list_documents(after_product_id=last_id, limit=CHUNK)
        yield from chunk
        if len(chunk) < CHUNK:
            return
        last_id = chunk[-1].product_id


def reconcile() -> int:
    """Mend what differs between index and database; return how many documents differed."""
    status = queries.engine().status()
    if not status.is_usable:
        report = rebuild()
        return report.products + report.upts
    published = _published_ids()
    missing, gone = published - status.product_ids, status.product_ids - published
    if len(missing) + len(gone) > REBUILD_ABOVE:
        rebuild()
        return len(missing) + len(gone)
    for chunk in _chunks(sorted(missing | gone)):
        refresh_products(product_ids=chunk)
    changed_upts = _refresh_upts(dict(status.upt_stamps))
    if missing or gone or changed_upts:
        log.info("search_reconciled", missing=len(missing), gone=len(gone), upts=changed_upts)
    return len(missing) + len(gone) + changed_upts


def _published_ids() -> frozenset[int]:
    found: list[int] = []
    while True:
        with db.unit_of_work():
            chunk = catalog_names.list_published_ids(
                after_product_id=found[-1] if found else 0, limit=ID_CHUNK
            )
        found.extend(chunk)
        if len(chunk) < ID_CHUNK:
            return frozenset(found)


def _chunks(product_ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(product_ids), CHUNK):
        yield product_ids[start : start + CHUNK]


def _refresh_upts(known: dict[int, str]) -> int:
    with db.unit_of_work():
        upts = queries.list_upt_documents()
    changed = [upt for upt in upts if known.get(upt.upt_id) != upt.stamp]
    gone = known.keys() - {upt.upt_id for upt in upts}
    if changed or gone:
        queries.engine().apply(upts=changed, gone_upt_ids=gone)
        _refresh_products_of([upt.upt_id for upt in changed])
    return len(changed) + len(gone)


def _refresh_products_of(upt_ids: list[int]) -> None:
    """Write the goods of renamed UPT anew: their documents carry the name."""
    with db.unit_of_work():
        product_ids = catalog_names.list_ids_of_upts(upt_ids=upt_ids)
    for chunk in _chunks(list(product_ids)):
        refresh_products(product_ids=chunk)


def ensure_index(*, progress: Callable[[str], None]) -> None:
    """Make the index when there is no usable one, else mend what differs.

    Args:
        progress: Told in words what is being done.
    """
    if queries.engine().status().is_usable:
        count = reconcile()
        progress(f"indeks pencarian siap, {count} dokumen diperbarui")
        return
    report = rebuild()
    progress(f"indeks pencarian dibuat: {report.products} produk, {report.upts} UPT")
