"""Counter sales for tests: a UPT with goods on its gallery shelf, scans, payments, undoings."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select

from app.domain.stock import services as stock_services
from app.domain.stock.types import Account, EntryKind, EntrySource, LotChoice, Move
from app.domain.till import queries, services
from app.domain.till.commands import PaySale, UndoSale
from app.domain.till.models import TillPayment, TillSale
from app.domain.till.types import Draft, Grade, Sale
from app.infra import db
from app.kernel.actor import Actor
from tests.factories import goods, people
from tests.factories.people import writing

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
_keys = itertools.count(1)


@dataclass(frozen=True)
class Counter:
    """A UPT with goods, and a clerk at its counter."""

    upt_id: int
    variant_ids: tuple[int, ...]
    clerk: Actor

    @property
    def variant_id(self) -> int:
        """Return the first variant."""
        return self.variant_ids[0]


def key() -> str:
    """Return a form's key that was not used before."""
    return f"kunci-kasir-{next(_keys):08d}"


def token() -> str:
    """Return a secret that was not used before."""
    return f"{'t' * 35}{next(_keys):08d}"


def make_counter(
    slug: str = "lapas-indramayu", *, prices: tuple[int, ...] = (185_000, 45_000), **product: Any
) -> Counter:
    """Return a UPT with an unpublished product of some variants, and a clerk with an account."""
    product = {"published": False, "with_picture": False, **product}
    with writing():
        upt_id = people.make_upt(slug).upt_id
        product_id = goods.make_product(
            upt_id,
            name="Tirai sabut",
            variants=[
                {"name": f"Ukuran {n}", "sku": f"TIRAI-{n}", "price_idr": price}
                for n, price in enumerate(prices, start=1)
            ],
            **product,
        )
        user = people.make_user(f"kasir@{slug}.example", "Petugas Kasir")
    clerk = people.actor("upt_clerk", upt_id, user_id=user.user_id)
    return Counter(upt_id, goods.variant_ids(product_id), clerk)


def stock(
    counter: Counter,
    quantity: int,
    *,
    place: Account = Account.GALLERY,
    variant_id: int | None = None,
    lot: str = "L1",
    expires_on: date | None = None,
) -> int:
    """Put pieces somewhere; return their lot."""
    kind, start = EntryKind.PRODUCED, Account.PRODUCTION
    if place in (Account.SECOND_GRADE, Account.RETURNED):
        kind, start = EntryKind.FOUND, Account.FOUND
    with writing():
        posted = stock_services.post_moves(
            actor=people.SYSTEM, permission="stock.receive", acting_upt_id=counter.upt_id,
            action="stock.received",
            moves=[
                Move(
                    upt_id=counter.upt_id, variant_id=variant_id or counter.variant_id, kind=kind,
                    from_account=start, to_account=place, quantity=quantity,
                    lot=LotChoice(lot, None, expires_on),
                )
            ],
            source=EntrySource("test", key()), happened_at=AT, at=AT,
        )  # fmt: skip
    return posted[0].lot_id


def scan(counter: Counter, variant_id: int | None = None, **changes: Any) -> None:
    """Lay a piece on the counter."""
    values: dict[str, Any] = {
        "actor": counter.clerk, "upt_id": counter.upt_id,
        "variant_id": variant_id or counter.variant_id, "grade": Grade.FIRST, "lot_code": None,
        "entry_key": key(), "at": AT,
    }  # fmt: skip
    db.transact(lambda: services.scan(**{**values, **changes}))


def draft(counter: Counter, *, at: datetime = AT) -> Draft:
    """Return what lies on the counter."""
    db.read_session().rollback()
    return queries.draft(actor=counter.clerk, upt_id=counter.upt_id, at=at)


def payment(total_idr: int, **changes: Any) -> PaySale:
    """Return a payment in cash, exact."""
    values = {"method": "cash", "total_idr": total_idr, "given_idr": total_idr, "entry_key": key()}
    return PaySale.parse({**values, **changes})


def pay(counter: Counter, *, at: datetime = AT, **changes: Any) -> str:
    """Pay what lies on the counter; return the number of the receipt."""
    command = payment(draft(counter, at=at).total_idr, **changes)
    return sell(counter, command, at=at)


def sell(counter: Counter, command: PaySale, *, at: datetime = AT) -> str:
    """Send a payment."""
    secret = token()
    return db.transact(
        lambda: services.sell(
            actor=counter.clerk, upt_id=counter.upt_id, command=command, token=secret, at=at
        )
    )


def undo(
    counter: Counter, number: str, *, at: datetime = AT, actor: Actor | None = None, **changes: Any
) -> str:
    """Take a sale back; return the number of the undoing."""
    values = {"reason": "salah ukuran", "method": "cash", "entry_key": key(), **changes}
    command = UndoSale.parse(values)
    secret = token()
    return db.transact(
        lambda: services.undo(
            actor=actor or counter.clerk, upt_id=counter.upt_id, number=number, command=command,
            token=secret, at=at,
        )
    )  # fmt: skip


def sale(counter: Counter, number: str) -> Sale:
    """Return a receipt."""
    db.read_session().rollback()
    return queries.get_sale(actor=counter.clerk, upt_id=counter.upt_id, number=number)


def fill_day(counter: Counter, count: int) -> None:
    """Write further receipts of the day without goods, for long lists."""
    with writing():
        session = db.session()
        first = (session.scalar(select(func.max(TillSale.sequence))) or 0) + 1
        db.insert_rows(
            TillSale,
            [
                {
                    "upt_id": counter.upt_id, "number": f"K-penuh-{n}", "year": 2026,
                    "sequence": n, "kind": "sale", "undoes_id": None, "total_idr": 1_000,
                    "day": AT.date(), "sold_at": AT, "actor_user_id": 1, "reason": "",
                    "token": token(), "entry_key": key(),
                }
                for n in range(first, first + count)
            ],
        )  # fmt: skip
        ids = session.scalars(select(TillSale.id).where(TillSale.number.startswith("K-penuh-")))
        db.insert_rows(
            TillPayment,
            [
                {
                    "sale_id": sale_id, "method": "cash", "amount_idr": 1_000,
                    "given_idr": 1_000, "change_idr": 0, "reference": "",
                }
                for sale_id in ids
            ],
        )  # fmt: skip
