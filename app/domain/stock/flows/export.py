"""A UPT's ledger as one file that proves itself, written line by line from one snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.domain.catalog import queries as catalog_queries
from app.domain.stock import ports, queries, rules
from app.domain.stock.types import GENESIS_HASH, NATIONAL_TIMEZONE, HeadRecord
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import clock


def export_ledger(*, upt_id: int, at: datetime) -> Iterator[bytes]:
    """Yield the lines of an export; memory does not grow with the number of entries.

    Raises:
        NotFound: There is no such UPT.
    """
    signer = ports.signer()
    running, lines = hashlib.sha256(), 0
    with db.snapshot():
        head = queries.list_heads(upt_id=upt_id).get(upt_id)
        head = head or HeadRecord(upt_id, 0, GENESIS_HASH, None)
        for record in _records(upt_id, head, at=at):
            line = rules.sealed_line(record)
            running.update(line)
            lines += 1
            yield line
    digest = running.hexdigest()
    signed = rules.export_line(upt_id=upt_id, head=head, digest=digest)
    yield rules.sealed_line(
        rules.ending(lines=lines, digest=digest, key=signer.key, signature=signer.sign(signed))
    )


def _records(upt_id: int, head: HeadRecord, *, at: datetime) -> Iterator[dict[str, Any]]:
    today = clock.local_date(at=at, timezone=NATIONAL_TIMEZONE)
    upt = upt_queries.get(upt_id=upt_id, on=today)
    yield rules.opening(upt_id=upt_id, slug=upt.slug, name=upt.name, head=head, at=at)
    for brief in catalog_queries.variants_of_upt(upt_id=upt_id, text=""):
        name = ", ".join(word for word in (brief.product_name, brief.variant_name) if word)
        yield {"type": "variant", "id": brief.variant_id, "sku": brief.sku, "name": name}
    yield from queries.stream_lots(upt_id=upt_id)
    for row in queries.stream_entries(upt_id=upt_id):
        line = rules.published_line(upt_id=upt_id, row=row)
        yield {"type": "entry", "line": line, "hash": row[22]}
    for key, counters in sorted(queries.read_balances(upt_id=upt_id).items()):
        yield rules.balance_record(key, counters)
    for period in queries.list_periods(upt_id=upt_id)[::-1]:
        yield rules.close_record(period)
    for proof in queries.stream_proofs(upt_id=upt_id):
        yield rules.head_record(proof)
