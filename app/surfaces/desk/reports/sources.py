"""Where an entry came from, in words, with the address of the page that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app, url_for

from app.domain.reports import queries
from app.domain.reports.types import EntryRow


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that shows the papers of one kind of source.

    Attributes:
        argument: What its address takes.
        end: Sign after which a key says more than the paper's name.
        by_id: The address takes the row's id instead of the name.
    """

    name: str
    endpoint: str
    argument: str
    end: str = ":"
    by_id: bool = False


_PAGES: Final[Mapping[str, _Page]] = {
    "order": _Page("Pesanan", "desk.orders.order", "number"),
    "till": _Page("Kasir", "desk.till.receipt", "number"),
    "count": _Page("Opname", "desk.counts.show", "count_id", by_id=True),
    "import": _Page("Impor", "desk.imports.show", "file_id", by_id=True),
    "transfer": _Page("Kirim antar-UPT", "desk.transfers.show", "number", end="/"),
    "fair": _Page("Pameran", "desk.fairs.show", "number", end="/"),
}
_NAMES: Final[Mapping[str, str]] = {
    "form": "Formulir meja",
    "expiry": "Batas waktu pesanan",
    "seed": "Data awal",
    "capacity": "Rencana bengkel",
}

Shown = tuple[str, str | None]


def of(rows: Iterable[EntryRow]) -> dict[int, Shown]:
    """Return by entry number what each came from, and its address; an unknown kind shows its key."""
    listed = list(rows)
    ids = _ids(listed)
    return {row.sequence: _shown(row, ids) for row in listed}


def _ids(rows: Iterable[EntryRow]) -> dict[tuple[str, str], int]:
    wanted: dict[str, set[str]] = {}
    for row in rows:
        page = _PAGES.get(row.source_kind)
        if page is not None and page.by_id:
            wanted.setdefault(row.source_kind, set()).add(row.source_key.partition(page.end)[0])
    return {
        (kind, key): paper_id
        for kind, keys in wanted.items()
        for key, paper_id in queries.find_documents(kind=kind, keys=keys).items()
    }


def _shown(row: EntryRow, ids: Mapping[tuple[str, str], int]) -> Shown:
    page = _PAGES.get(row.source_kind)
    if page is None:
        name = _NAMES.get(row.source_kind)
        return name or f"{row.source_kind}:{row.source_key}", None
    key = row.source_key.partition(page.end)[0]
    words = page.name if row.source_kind == "import" else f"{page.name} {key}"
    target: str | int | None = ids.get((row.source_kind, key)) if page.by_id else key
    if not target or page.endpoint not in current_app.view_functions:
        return words, None
    values: dict[str, Any] = {page.argument: target}
    return words, url_for(page.endpoint, **values)
