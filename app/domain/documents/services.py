"""Issuing papers: under the locks of the order, then of the series, so that no number is lost.

Children are taken by UPT, so that two orders over the same UPT meet at the same first series.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, text

from app.domain.documents import queries, rules
from app.domain.documents.models import Paper, PaperSeries
from app.domain.documents.ports import ADDRESSES, PaperAddresses
from app.domain.documents.types import PaperKind
from app.domain.orders import queries as order_queries
from app.domain.orders.types import OrderPage, UptOrderRecord
from app.domain.payments import queries as payment_queries
from app.domain.payments.types import MoneyKind
from app.domain.upt import queries as upt_queries
from app.infra import db, ports
from app.kernel import clock

_NEW_SERIES: Final = text(
    "INSERT INTO paper_series (upt_id, kind, year, last_number)"
    " VALUES (:upt_id, :kind, :year, 0) ON CONFLICT DO NOTHING"
)


def issue_paid(*, group_id: int, draw: Callable[[], str], at: datetime) -> None:
    """Issue invoice and receipt for each paid child order; what is there already stays.

    Args:
        draw: Gives a fresh secret token for a paper's public address.

    Raises:
        NotFound: No such order.
    """
    page = _lock(group_id)
    paid_on = payment_queries.received_on(group_id=group_id)
    payment = payment_queries.get_payment(group_id=group_id)
    for part, sums in _paid_parts(page):
        present = _papers(part)
        invoice = next((paper.number for paper in present if paper.kind == PaperKind.INVOICE), "")
        if not invoice:
            body = rules.invoice_body(part=part, paid_on=paid_on)
            total_idr = part.total_idr
            invoice = _issue(PaperKind.INVOICE, page, part, total_idr, body, draw=draw, at=at)
        if not any(paper.kind == PaperKind.RECEIPT for paper in present):
            body = rules.receipt_body(payment=payment, paid_on=paid_on, invoice=invoice)
            amount_idr = sums[MoneyKind.SETTLED]
            _issue(PaperKind.RECEIPT, page, part, amount_idr, body, draw=draw, at=at)


def issue_credits(
    *, group_id: int, reasons: Callable[[str], str], draw: Callable[[], str], at: datetime
) -> None:
    """Issue a credit note for money owed back out of each share that no note covers yet.

    Args:
        reasons: Gives the words for a stored reason code.
        draw: As for ``issue_paid``.

    Raises:
        NotFound: No such order.
    """
    issue_paid(group_id=group_id, draw=draw, at=at)
    page = _lock(group_id)
    for part, sums in _paid_parts(page):
        present = _papers(part)
        notes = [paper for paper in present if paper.kind == PaperKind.CREDIT_NOTE]
        open_idr = sums.get(MoneyKind.REFUND_DUE, 0) - sum(note.total_idr for note in notes)
        if open_idr <= 0:
            continue
        invoice = next(paper for paper in present if paper.kind == PaperKind.INVOICE)
        body = rules.credit_body(
            invoice=invoice.number, amount_idr=open_idr, reason=reasons(part.reason_code)
        )
        _issue(
            PaperKind.CREDIT_NOTE, page, part, open_idr, body,
            draw=draw, at=at, part_number=len(notes) + 1, corrects_id=invoice.id,
        )  # fmt: skip


def _lock(group_id: int) -> OrderPage:
    group = order_queries.lock_group(group_id=group_id)
    return order_queries.get_group(number=group.number)


def _paid_parts(page: OrderPage) -> list[tuple[UptOrderRecord, dict[MoneyKind, int]]]:
    sums = payment_queries.sums_by_child(group_id=page.group.group_id)
    paid = [
        (part, sums[part.upt_order_id])
        for part in page.upt_orders
        if sums.get(part.upt_order_id, {}).get(MoneyKind.SETTLED, 0) > 0
    ]
    return sorted(paid, key=lambda found: found[0].upt_id)


def _papers(part: UptOrderRecord) -> Sequence[Paper]:
    return (
        db.session()
        .scalars(select(Paper).where(Paper.upt_order_id == part.upt_order_id).order_by(Paper.id))
        .all()
    )


def _issue(
    kind: PaperKind,
    page: OrderPage,
    part: UptOrderRecord,
    amount_idr: int,
    body: dict[str, Any],
    *,
    draw: Callable[[], str],
    at: datetime,
    part_number: int = 0,
    corrects_id: int | None = None,
) -> str:
    """Write one paper under the next number of its series; a rollback gives the number back."""
    zone = upt_queries.briefs(upt_ids=[part.upt_id])[part.upt_id].timezone
    day = clock.local_date(at=at, timezone=zone)
    upt = upt_queries.get(upt_id=part.upt_id, on=day)
    series = _next(part.upt_id, kind, day.year)
    number = rules.paper_number(
        kind=kind, upt_slug=upt.slug, year=day.year, sequence=series.last_number
    )
    token = draw()
    shop: PaperAddresses = ports.plugged(ADDRESSES)  # type: ignore[assignment]  # plugged in by bootstrap
    head = rules.head(
        kind=kind, number=number, upt=upt, group=page.group, part=part, amount_idr=amount_idr,
        day=day, at=at, address=shop.paper_address(token),
    )  # fmt: skip
    content, sha256 = rules.freeze({**head, **body})
    db.add(
        Paper(
            upt_id=part.upt_id,
            upt_order_id=part.upt_order_id,
            kind=str(kind),
            part=part_number,
            corrects_id=corrects_id,
            number=number,
            year=day.year,
            sequence=series.last_number,
            total_idr=amount_idr,
            issued_on=day,
            issued_at=at,
            token=token,
            content=content,
            sha256=sha256,
        )
    )
    return number


def _next(upt_id: int, kind: PaperKind, year: int) -> PaperSeries:
    """Hold the series of a UPT with its next number taken, making it for its first paper."""
    series = queries.lock_series(upt_id=upt_id, kind=kind, year=year)
    if series is None:
        values = {"upt_id": upt_id, "kind": str(kind), "year": year}
        db.session().execute(_NEW_SERIES, values)
        series = queries.lock_series(upt_id=upt_id, kind=kind, year=year)
    assert series is not None
    series.last_number += 1
    return series
