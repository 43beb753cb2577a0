"""Transfers and loans for tests: two units with goods of the same name, documents at any stage."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from app.domain.stock import queries as stock_queries
from app.domain.stock.types import Account
from app.domain.transfers import queries, services
from app.domain.transfers.commands import (
    RecallTransfer,
    ReceiveTransfer,
    SaveFair,
    SaveTransfer,
    SettleFair,
    StepDocument,
)
from app.domain.transfers.types import FairPage, TransferPage
from app.infra import db
from app.kernel.actor import Actor
from tests.factories import goods, ledger, people
from tests.factories.ledger import AT, SYSTEM, Shelf
from tests.factories.people import writing

TODAY = date(2026, 11, 22)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Pair:
    """A sender with pieces in the store, and a receiver who sells goods of the same code."""

    sender: Shelf
    receiver: Shelf


def key() -> str:
    """Return a key that no form had before."""
    return f"kunci-kirim-{next(_numbers):010d}"


def make_pair(pieces: int = 10, *, variants: int = 2, lot_code: str | None = "L1") -> Pair:
    """Return two units whose variants carry the same codes; the sender has pieces of each."""
    skus = [f"KIRIM-{next(_numbers):05d}" for _ in range(variants)]
    shelves = []
    with writing():
        for slug in ("lapas-indramayu", "lapas-pamekasan"):
            upt_id = people.make_upt(slug).upt_id
            product_id = goods.make_product(
                upt_id,
                published=False,
                with_picture=False,
                name="Tikar pandan uji",
                variants=[{"name": f"Ukuran {n}", "sku": sku} for n, sku in enumerate(skus)],
            )
            shelves.append(Shelf(upt_id, goods.variant_ids(product_id)))
        for variant_id in shelves[0].variant_ids:
            ledger.receive(shelves[0].upt_id, variant_id, pieces, lot_code=lot_code)
    return Pair(*shelves)


def number(prefix: str = "KRM") -> str:
    """Return a document's number that was not used before."""
    return f"{prefix}-{next(_numbers):08d}"


def draft(pair: Pair, *quantities: int, actor: Actor = SYSTEM, **more: Any) -> str:
    """Write a draft from sender to receiver; return its number."""
    lines = [
        {"variant_id": variant_id, "quantity": quantity}
        for variant_id, quantity in zip(pair.sender.variant_ids, quantities, strict=False)
    ]
    values = {"receiver_upt_id": pair.receiver.upt_id, "lines": lines, "entry_key": key(), **more}
    command = SaveTransfer.parse(values)
    with writing():
        return services.create_transfer(
            actor=actor, upt_id=pair.sender.upt_id, number=number(), command=command, at=AT
        )


def step(version: int = 1, entry_key: str | None = None) -> StepDocument:
    """Return the command of a step taken from a page with this version."""
    return StepDocument.parse({"expected_version": version, "entry_key": entry_key or key()})


def send(document: str, *, actor: Actor = SYSTEM, version: int = 1) -> None:
    """Send a draft."""
    with writing():
        services.send_transfer(actor=actor, number=document, command=step(version), at=AT)


def sent(pair: Pair, *quantities: int, **more: Any) -> str:
    """Return a transfer that is on the way."""
    with writing():
        document = draft(pair, *quantities, **more)
        send(document)
    return document


def page(document: str, *, actor: Actor = SYSTEM) -> TransferPage:
    """Read a transfer afresh."""
    db.read_session().rollback()
    return queries.get_transfer(actor=actor, number=document, at=AT, today=TODAY)


def arrival(document: str, *rows: dict[str, Any], **more: Any) -> ReceiveTransfer:
    """Return the command that counts the lines of a transfer, one row a line, in order."""
    lines = page(document).lines
    return ReceiveTransfer.parse(
        {
            "lines": [
                {"line_id": line.line_id, **row} for line, row in zip(lines, rows, strict=False)
            ],
            "expected_version": page(document).record.version,
            "entry_key": key(),
            **more,
        }
    )


def receive(document: str, command: ReceiveTransfer, *, actor: Actor = SYSTEM) -> None:
    """Take over what arrived."""
    with writing():
        services.receive_transfer(
            actor=actor, number=document, command=command, happened_at=AT, at=AT
        )


def recall(document: str, choice: str, *, actor: Actor = SYSTEM, version: int = 2) -> None:
    """End what is on the way."""
    values = {"choice": choice, "note": "truk mogok", "expected_version": version}
    command = RecallTransfer.parse({**values, "entry_key": key()})
    with writing():
        services.recall_transfer(actor=actor, number=document, command=command, at=AT)


def fair_draft(shelf: Shelf, *quantities: int, actor: Actor = SYSTEM, **more: Any) -> str:
    """Write the draft of a loan; return its number."""
    lines = [
        {"variant_id": variant_id, "quantity": quantity, "price_idr": "50.000"}
        for variant_id, quantity in zip(shelf.variant_ids, quantities, strict=False)
    ]
    values = {
        "name": "Pameran Karya Uji",
        "place": "Alun-alun",
        "starts_on": "2026-11-20",
        "ends_on": "2026-11-25",
        "responsible": "Kasi Kegiatan Kerja",
        "lines": lines,
        "entry_key": key(),
        **more,
    }
    with writing():
        return services.create_fair(
            actor=actor,
            upt_id=shelf.upt_id,
            number=number("PMR"),
            command=SaveFair.parse(values),
            at=AT,
        )


def fair_out(shelf: Shelf, *quantities: int, **more: Any) -> str:
    """Return a loan that is at its fair."""
    with writing():
        document = fair_draft(shelf, *quantities, **more)
        services.send_fair(actor=SYSTEM, number=document, command=step(), at=AT)
    return document


def fair_page(document: str, *, actor: Actor = SYSTEM) -> FairPage:
    """Read a loan afresh."""
    db.read_session().rollback()
    return queries.get_fair(actor=actor, number=document, today=TODAY)


def result(document: str, *rows: dict[str, Any], **more: Any) -> SettleFair:
    """Return the command that settles the lines of a loan, one row a line, in order."""
    found = fair_page(document)
    return SettleFair.parse(
        {
            "lines": [
                {"line_id": line.line_id, **row}
                for line, row in zip(found.lines, rows, strict=False)
            ],
            "paid_by": "cash",
            "expected_version": found.record.version,
            "entry_key": key(),
            **more,
        }
    )


def settle(document: str, command: SettleFair, *, actor: Actor = SYSTEM) -> None:
    """Write down what became of goods at a fair."""
    with writing():
        services.settle_fair(actor=actor, number=document, command=command, happened_at=AT, at=AT)


def pieces(upt_id: int, variant_id: int) -> dict[str, int]:
    """Return the pieces of a variant by guarded place."""
    db.read_session().rollback()
    found = stock_queries.places(upt_id=upt_id, variant_ids=[variant_id]).get(variant_id, {})
    return {account.value: figure.on_hand for account, figure in found.items()}


def other_upt(upt_id: int) -> int:
    """Return what a ledger says went to other units, less what came from them."""
    db.read_session().rollback()
    return int(
        db.read_session()
        .execute(
            text(
                "SELECT coalesce(sum(in_posted - out_posted), 0) FROM stock_balance"
                " WHERE account = :account AND upt_id = :upt_id"
            ),
            {"account": Account.OTHER_UPT.value, "upt_id": upt_id},
        )
        .scalar_one()
    )
