"""Jobs of search: goods enter and leave the index, and differences are mended by the clock.

One commit of the index costs as much as a hundred documents, so a job takes along whatever else
waits for it; those that come after find their work done and leave at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.domain.catalog.events import ProductPublished, ProductWithdrawn
from app.domain.search import flows
from app.infra import jobs
from app.infra.jobs import Handler, Periodic

BATCH: Final = 200
_INDEX: Final = "search.index_product"
_REMOVE: Final = "search.remove_product"


def refresh_product(event: ProductPublished | ProductWithdrawn, /, *, at: datetime) -> None:
    """Bring the index in step for this product and for those that wait behind it."""
    waiting = jobs.list_waiting(handlers=(_INDEX, _REMOVE), at=at, limit=BATCH)
    product_ids = {event.product_id, *(int(payload["product_id"]) for payload in waiting)}
    flows.refresh_products(product_ids=product_ids)


def reconcile(_at: datetime) -> None:
    """Mend a missing or damaged index, and documents that differ."""
    flows.reconcile()


HANDLERS: tuple[Handler, ...] = (
    Handler(name=_INDEX, event=ProductPublished, run=refresh_product, effect=True),
    Handler(name=_REMOVE, event=ProductWithdrawn, run=refresh_product, effect=True),
)
PERIODICS: tuple[Periodic, ...] = (
    Periodic(name="search.reconcile", every=timedelta(minutes=2), run=reconcile),
)
