"""What the stock desk of the demo shop shows: goods in every place, on the way, and at a fair.

Every step adds its own pieces or only moves them, so that what is for sale stays as the demo's list of
goods says. A step that was posted before is left alone.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from app.domain.catalog import queries as catalog_queries
from app.domain.stock import queries as stock_queries
from app.domain.stock import services as stock_services
from app.domain.stock.types import (
    STOCK_ADJUST,
    STOCK_RECEIVE,
    Account,
    EntryKind,
    EntrySource,
    LotChoice,
    Move,
)
from app.domain.transfers import queries as transfer_queries
from app.domain.transfers import services as transfer_services
from app.domain.transfers.commands import SaveFair, SaveTransfer, SettleFair, StepDocument
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import actor as kernel_actor
from app.kernel.errors import NotFound

FILE: Final = Path(__file__).parent / "demo" / "shelves.csv"
SYSTEM: Final = kernel_actor.system("seed")
NOTE: Final = "stok contoh (demo)"

TRANSFER: Final = "KRM-DEMO2345"
FAIR: Final = "PMR-DEMO2345"
TRANSFER_GOODS: Final = {"IDM-TAS-35": 4, "IDM-TOPI-NILA": 6}
FAIR_GOODS: Final = {"IDM-KRJ-S": (5, 95_000), "IDM-SABUT-200": (3, 185_000)}

WORKSHOP: Final = "Bengkel rajut (contoh)"
WORKSHOP_UPT: Final = "lapas-indramayu"
WORKSHOP_GOODS: Final = {"IDM-SYAL-NILA": 6}
"""Pieces a week by code of goods."""

_K: Final = EntryKind
_A: Final = Account
Skus = Mapping[str, int]


def load(*, at: datetime, progress: Callable[[str], None]) -> None:
    """Load what is missing; a second run changes nothing."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    made = 0
    for number, row in enumerate(rows, start=1):
        upt_id = _upt_id(row["upt_slug"])
        variant_id = _skus(upt_id).get(row["sku"])
        source = EntrySource("seed", f"demo:desk:{number}")
        if variant_id is not None:
            moves = _moves(row, upt_id, variant_id, at)
            made += db.transact(partial(_post, moves, source, at))
    _load_workshop(at)
    documents = (_load_transfer(at), _load_fair(at))
    if made or any(documents):
        progress(f"Meja stok: {made} contoh tempat, {sum(documents)} dokumen di luar")


def _load_workshop(at: datetime) -> None:
    """Let one workshop promise its weeks; the same plan again changes nothing."""
    upt_id = _upt_id(WORKSHOP_UPT)
    units = {_skus(upt_id)[sku]: pieces for sku, pieces in WORKSHOP_GOODS.items()}
    save = partial(
        stock_services.save_workshop,
        actor=SYSTEM, upt_id=upt_id, workshop_id=None, name=WORKSHOP, units_per_week=10,
        units=units, expected_version=0, entry_key="demo-workshop-0001", at=at,
    )  # fmt: skip
    db.transact(save)


def _upt_id(slug: str) -> int:
    upt_id = upt_queries.find_id_by_slug(slug=slug)
    assert upt_id is not None, slug
    return upt_id


def _skus(upt_id: int) -> Skus:
    return {brief.sku: brief.variant_id for brief in catalog_queries.variants_of_upt(upt_id=upt_id)}


def _moves(row: Mapping[str, str], upt_id: int, variant_id: int, at: datetime) -> list[Move]:
    """Return what one line of the file does; the goods for sale stay as many as they were."""
    quantity = int(row["quantity"])

    def move(kind: EntryKind, start: Account, end: Account, lot: LotChoice | None = None) -> Move:
        return Move(upt_id, variant_id, kind, start, end, quantity, lot=lot)

    step = row["step"]
    if step == "shelf":
        return [move(_K.MOVED, _A.AVAILABLE, _A.GALLERY)]
    lot = LotChoice(row["lot_code"], (at - timedelta(days=3)).date(), None)
    if step == "near":
        lot = LotChoice(row["lot_code"], lot.produced_on, at.date() + timedelta(int(row["days"])))
        return [
            move(_K.SAMPLED, _A.AVAILABLE, _A.SAMPLE),
            move(_K.PRODUCED, _A.PRODUCTION, _A.GALLERY, lot),
        ]
    if step == "second":
        return [
            move(_K.FOUND, _A.FOUND, _A.SECOND_GRADE, lot),
        ]
    return [move(_K.PRODUCED, _A.PRODUCTION, _A.QUARANTINE, lot)]


def _post(moves: list[Move], source: EntrySource, at: datetime) -> bool:
    """Post the moves unless that was done before; say whether it was not."""
    if stock_queries.list_posted(source=source, upt_ids={moves[0].upt_id}):
        return False
    stock_services.post_moves(
        actor=SYSTEM,
        permission=STOCK_ADJUST,
        acting_upt_id=moves[0].upt_id,
        action="stock.moved",
        moves=moves,
        source=source,
        happened_at=at,
        at=at,
        note=NOTE,
    )
    return True


def _receive_extra(upt_id: int, quantities: Mapping[int, int], key: str, at: datetime) -> None:
    """Bring in pieces that are about to leave, so that the goods for sale stay as many."""
    lot = LotChoice("BAWA-1", at.date(), None)
    stock_services.post_moves(
        actor=SYSTEM,
        permission=STOCK_RECEIVE,
        acting_upt_id=upt_id,
        action="stock.received",
        moves=[
            Move(upt_id, variant_id, _K.PRODUCED, _A.PRODUCTION, _A.AVAILABLE, pieces, lot=lot)
            for variant_id, pieces in quantities.items()
        ],
        source=EntrySource("seed", key),
        happened_at=at,
        at=at,
        note=NOTE,
    )


def _load_transfer(at: datetime) -> bool:
    upt_id, skus = _upt_id("lapas-indramayu"), _skus(_upt_id("lapas-indramayu"))
    sent_at = at - timedelta(days=3)
    try:
        transfer_queries.get_transfer(actor=SYSTEM, number=TRANSFER, at=at, today=at.date())
        return False
    except NotFound:
        pass
    goods = {skus[sku]: pieces for sku, pieces in TRANSFER_GOODS.items() if sku in skus}

    def work() -> None:
        _receive_extra(upt_id, goods, "demo:desk:transfer", sent_at)
        command = SaveTransfer.parse(
            {
                "receiver_upt_id": _upt_id("lapas-pamekasan"),
                "carrier": "Kendaraan dinas (demo)",
                "note": NOTE,
                "due_on": at.date() + timedelta(days=4),
                "lines": [{"variant_id": each, "quantity": n} for each, n in goods.items()],
                "entry_key": "demo-transfer-create",
            }
        )
        transfer_services.create_transfer(
            actor=SYSTEM, upt_id=upt_id, number=TRANSFER, command=command, at=sent_at
        )
        step = StepDocument.parse({"expected_version": 1, "entry_key": "demo-transfer-send"})
        transfer_services.send_transfer(actor=SYSTEM, number=TRANSFER, command=step, at=sent_at)

    if goods:
        db.transact(work)
    return bool(goods)


def _load_fair(at: datetime) -> bool:
    upt_id, skus = _upt_id("lapas-indramayu"), _skus(_upt_id("lapas-indramayu"))
    sent_at = at - timedelta(days=2)
    try:
        transfer_queries.get_fair(actor=SYSTEM, number=FAIR, today=at.date())
        return False
    except NotFound:
        pass
    goods = {skus[sku]: told for sku, told in FAIR_GOODS.items() if sku in skus}

    def work() -> None:
        pieces = {variant_id: quantity for variant_id, (quantity, _) in goods.items()}
        _receive_extra(upt_id, pieces, "demo:desk:fair", sent_at)
        command = SaveFair.parse(
            {
                "name": "Pameran Karya Pantura (demo)",
                "place": "Alun-alun Indramayu",
                "starts_on": sent_at.date(),
                "ends_on": at.date() + timedelta(days=3),
                "responsible": "Kasi Kegiatan Kerja",
                "note": NOTE,
                "lines": [
                    {"variant_id": each, "quantity": quantity, "price_idr": price}
                    for each, (quantity, price) in goods.items()
                ],
                "entry_key": "demo-fair-create",
            }
        )
        transfer_services.create_fair(
            actor=SYSTEM, upt_id=upt_id, number=FAIR, command=command, at=sent_at
        )
        step = StepDocument.parse({"expected_version": 1, "entry_key": "demo-fair-send-1"})
        transfer_services.send_fair(actor=SYSTEM, number=FAIR, command=step, at=sent_at)
        page = transfer_queries.get_fair(actor=SYSTEM, number=FAIR, today=at.date())
        sold = SettleFair.parse(
            {
                "lines": [{"line_id": page.lines[0].line_id, "sold": 2}],
                "paid_by": "cash",
                "expected_version": page.record.version,
                "entry_key": "demo-fair-settle",
            }
        )
        transfer_services.settle_fair(
            actor=SYSTEM, number=FAIR, command=sold, happened_at=at, at=at
        )

    if goods:
        db.transact(work)
    return bool(goods)
