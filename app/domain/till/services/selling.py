"""Sales and their undoing: the pieces leave the ledger in the transaction that writes the receipt.

Locks, in the order of docs/algorithms/locking.md: the counter, the head of the UPT's ledger, the
series of its receipts, then inserts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import text

from app.domain.audit import services as audit_services
from app.domain.stock import queries as stock_queries
from app.domain.stock import services as stock_services
from app.domain.stock.types import Account, EntryKind, EntrySource, Move, PostedMove
from app.domain.till import queries, rules
from app.domain.till.commands import PaySale, UndoSale
from app.domain.till.errors import AlreadyUndone, DraftChanged, DraftEmpty, DraftShort, Unsellable
from app.domain.till.models import TillLine, TillPayment, TillSale, TillSeries
from app.domain.till.services import counter
from app.domain.till.types import (
    SOURCE,
    STOCK_APPROVE,
    TILL_SELL,
    Draft,
    DraftLine,
    LineShort,
    Payment,
    Pick,
    Sale,
    SaleKind,
    SaleLine,
)
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import IdempotencyMismatch, NotAllowed, NotFound

_NEW_SERIES: Final = text(
    "INSERT INTO till_series (upt_id, year, last_number) VALUES (:upt_id, :year, 0)"
    " ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class _Ticket:
    """A receipt still to be written."""

    upt_id: int
    number: str
    year: int
    sequence: int
    day: date


def sell(*, actor: Actor, upt_id: int, command: PaySale, token: str, at: datetime) -> str:
    """Sell what lies on the actor's counter; return the number of the receipt.

    The same form sent again returns the first receipt. Whatever is refused leaves counter and
    ledger as they were.

    Args:
        token: Fresh secret for the buyer's address.

    Raises:
        NotFound: Nothing to do with the UPT.
        NotAllowed: ``till.sell`` is not held there.
        DraftEmpty: Nothing lies there.
        DraftShort: Names every line that is short, with what is left.
        DraftChanged: A price or a line changed since the amount was agreed to.
        Unsellable: A line can no longer be sold at all.
        CashTooLittle: Less was given than it comes to.
        IdempotencyMismatch: The form's key came with another amount before.

    Source: docs/algorithms/till.md, section 2.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    draft_row = counter.lock(actor=actor, upt_id=upt_id, at=at)
    earlier = _earlier(command.entry_key, upt_id=upt_id, total_idr=command.total_idr)
    if earlier is not None:
        return earlier
    stock_queries.lock_heads(upt_ids={upt_id})
    draft = queries.draft(actor=actor, upt_id=upt_id, at=at)
    _ensure_payable(draft, agreed_idr=command.total_idr)
    money = rules.pay(
        method=command.method,
        total_idr=draft.total_idr,
        given_idr=command.given_idr,
        reference=command.reference,
    )
    ticket = _next_ticket(upt_id, at=at)
    _free_lapsed(actor, ticket, draft, at=at)
    picks = [(line, pick) for line in draft.lines for pick in line.picks]
    posted = stock_services.post_moves(
        actor=actor,
        permission=TILL_SELL,
        acting_upt_id=upt_id,
        action="till.sold",
        moves=[
            Move(
                upt_id=upt_id, variant_id=pick.variant_id, kind=EntryKind.SOLD,
                from_account=pick.account, to_account=Account.CUSTOMER, quantity=pick.quantity,
                lot_id=pick.lot_id,
            )
            for _, pick in picks
        ],
        source=_source(ticket),
        happened_at=at,
        at=at,
    )  # fmt: skip
    lines = [_sold(line, pick, entry) for (line, pick), entry in zip(picks, posted, strict=True)]
    _write(
        actor, ticket, lines, money, kind=SaleKind.SALE, token=token,
        entry_key=command.entry_key, at=at,
    )  # fmt: skip
    counter.empty(draft_id=draft_row.id)
    return ticket.number


def _ensure_payable(draft: Draft, *, agreed_idr: int) -> None:
    if not draft.lines:
        raise DraftEmpty
    for line in draft.lines:
        if line.trouble:
            raise Unsellable(line.trouble, name=line.name)
    shorts = [
        LineShort(line.line_id, line.variant_id, line.quantity, line.left)
        for line in draft.lines
        if line.left is not None
    ]
    if shorts:
        raise DraftShort(shorts)
    if draft.total_idr != agreed_idr:
        raise DraftChanged(shown_idr=agreed_idr, now_idr=draft.total_idr)


def _free_lapsed(actor: Actor, ticket: _Ticket, draft: Draft, *, at: datetime) -> None:
    """End promises of the shop that are past their time on goods that are being sold."""
    lapsed = stock_queries.list_lapsed(
        at=at, keys=[(ticket.upt_id, line.variant_id) for line in draft.lines]
    )
    if lapsed:
        stock_services.release(
            actor=actor,
            upt_id=ticket.upt_id,
            hold_ids=[hold.hold_id for hold in lapsed],
            source=EntrySource(f"{SOURCE}-lapsed", _source(ticket).key),
            reason="lapsed",
            at=at,
        )


def _sold(line: DraftLine, pick: Pick, entry: PostedMove) -> SaleLine:
    return SaleLine(
        variant_id=line.variant_id,
        lot_id=pick.lot_id,
        entry_id=entry.entry_id,
        sku=line.sku,
        name=line.name,
        grade=line.grade,
        account=pick.account,
        lot_code=pick.lot_code,
        expires_on=pick.expires_on,
        quantity=pick.quantity,
        price_idr=line.price_idr,
        amount_idr=line.price_idr * pick.quantity,
    )


def undo(
    *, actor: Actor, upt_id: int, number: str, command: UndoSale, token: str, at: datetime
) -> str:
    """Take a sale back by a new receipt; return its number.

    Goods return to where they were taken from. On the day of the sale the clerk may do it, later
    only who holds ``stock.approve``.

    Raises:
        NotFound: No such receipt in this UPT, or nothing to do with it.
        NotAllowed: The permission is not held there.
        AlreadyUndone: It was taken back before, or is itself an undoing.
        IdempotencyMismatch: The form's key was used for something else.

    Source: docs/algorithms/till.md, section 4.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    if actor.user_id is None:
        raise NotAllowed(TILL_SELL)
    sale = queries.get_sale(actor=actor, upt_id=upt_id, number=number)
    stock_queries.lock_heads(upt_ids={upt_id})
    ticket = _next_ticket(upt_id, at=at)
    earlier = _earlier(command.entry_key, upt_id=upt_id, total_idr=-sale.total_idr)
    if earlier is not None:
        return earlier
    sale = queries.get_sale(actor=actor, upt_id=upt_id, number=number)
    if sale.is_undo or sale.is_undone:
        raise AlreadyUndone
    if sale.day != ticket.day:
        actor.ensure(STOCK_APPROVE, upt_id=upt_id)
    posted = stock_services.reverse_posting(
        actor=actor,
        permission=TILL_SELL,
        upt_id=upt_id,
        posted=EntrySource(SOURCE, rules.source_key(number=sale.number, upt_id=upt_id)),
        source=_source(ticket),
        action="till.undone",
        at=at,
        note=command.reason,
    )
    lines = [_returned(line, entry) for line, entry in zip(sale.lines, posted, strict=True)]
    money = rules.give_back(method=command.method, total_idr=sale.total_idr)
    _write(
        actor, ticket, lines, money, kind=SaleKind.UNDO, token=token,
        entry_key=command.entry_key, at=at, undoes=sale, reason=command.reason,
    )  # fmt: skip
    return ticket.number


def _returned(line: SaleLine, entry: PostedMove) -> SaleLine:
    if (entry.lot_id, entry.quantity) != (line.lot_id, line.quantity):
        raise NotFound
    return SaleLine(
        variant_id=line.variant_id,
        lot_id=line.lot_id,
        entry_id=entry.entry_id,
        sku=line.sku,
        name=line.name,
        grade=line.grade,
        account=line.account,
        lot_code=line.lot_code,
        expires_on=line.expires_on,
        quantity=-line.quantity,
        price_idr=line.price_idr,
        amount_idr=-line.amount_idr,
    )


def _earlier(entry_key: str, *, upt_id: int, total_idr: int) -> str | None:
    """Return the number of the receipt that this form made before."""
    found = queries.find_by_key(entry_key=entry_key)
    if found is None:
        return None
    if (found[0], found[2]) != (upt_id, total_idr):
        raise IdempotencyMismatch
    return found[1]


def lock_series(*, upt_id: int, year: int) -> TillSeries:
    """Hold the numbers and the drawer of a UPT, making the row for its first sale."""
    series = queries.lock_series(upt_id=upt_id)
    if series is None:
        db.session().execute(_NEW_SERIES, {"upt_id": upt_id, "year": year})
        series = queries.lock_series(upt_id=upt_id)
    assert series is not None
    return series


def _next_ticket(upt_id: int, *, at: datetime) -> _Ticket:
    """Return the next number of the UPT; the row stays locked, and a rollback gives it back."""
    upt = upt_queries.briefs(upt_ids=[upt_id])[upt_id]
    day = rules.local_day(at=at, timezone=upt.timezone)
    series = lock_series(upt_id=upt_id, year=day.year)
    year, sequence = rules.next_number(
        year=day.year, last_year=series.year, last_number=series.last_number
    )
    number = rules.receipt_number(upt_slug=upt.slug, year=year, sequence=sequence)
    return _Ticket(upt_id, number, year, sequence, day)


def _source(ticket: _Ticket) -> EntrySource:
    return EntrySource(SOURCE, rules.source_key(number=ticket.number, upt_id=ticket.upt_id))


def _write(
    actor: Actor,
    ticket: _Ticket,
    lines: Sequence[SaleLine],
    money: Payment,
    *,
    kind: SaleKind,
    token: str,
    entry_key: str,
    at: datetime,
    undoes: Sale | None = None,
    reason: str = "",
) -> None:
    series = lock_series(upt_id=ticket.upt_id, year=ticket.year)
    series.year, series.last_number = ticket.year, ticket.sequence
    sale = TillSale(
        upt_id=ticket.upt_id,
        number=ticket.number,
        year=ticket.year,
        sequence=ticket.sequence,
        kind=kind.value,
        undoes_id=undoes.sale_id if undoes else None,
        total_idr=sum(line.amount_idr for line in lines),
        day=ticket.day,
        sold_at=at,
        actor_user_id=actor.user_id or 0,
        reason=reason,
        token=token,
        entry_key=entry_key,
    )
    db.add(sale)
    db.insert_rows(TillLine, [_row(sale.id, n, line) for n, line in enumerate(lines, start=1)])
    db.add(
        TillPayment(
            sale_id=sale.id,
            method=money.method.value,
            amount_idr=money.amount_idr,
            given_idr=money.given_idr,
            change_idr=money.change_idr,
            reference=money.reference,
        )
    )
    audit_services.record(
        actor=actor,
        action="till.paid" if kind is SaleKind.SALE else "till.refunded",
        subject=f"receipt:{ticket.number}",
        at=at,
        upt_id=ticket.upt_id,
        detail={
            "amount_idr": money.amount_idr,
            "method": money.method.value,
            "undoes": undoes.number if undoes else None,
        },
    )


def _row(sale_id: int, position: int, line: SaleLine) -> dict[str, object]:
    return {
        "sale_id": sale_id,
        "position": position,
        "variant_id": line.variant_id,
        "lot_id": line.lot_id,
        "entry_id": line.entry_id,
        "account": line.account.value,
        "grade": line.grade.value,
        "sku": line.sku,
        "name": line.name,
        "lot_code": line.lot_code,
        "expires_on": line.expires_on,
        "quantity": line.quantity,
        "price_idr": line.price_idr,
        "amount_idr": line.amount_idr,
    }
