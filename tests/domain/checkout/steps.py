"""Steps of an order after placing, for tests of checkout."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.domain.checkout import services as checkout_services
from app.domain.checkout.types import PlacedOrder
from app.domain.orders.commands import RefuseOrder
from app.domain.orders.types import RefuseReason, UptOrderState
from app.domain.payments import queries as payments_queries
from app.domain.payments.commands import RecordRefund, ResolveReview
from app.domain.payments.types import (
    ReviewDecision,
)
from app.domain.stock import queries as stock_queries
from app.infra import db
from app.kernel.actor import ANONYMOUS
from tests.factories import trade
from tests.factories.trade import AT, TREASURER

OVER = AT + timedelta(days=3)


def states(placed: PlacedOrder) -> set[UptOrderState]:
    return {order.state for order in trade.page(placed).upt_orders}


def available(*variant_ids: int, at: datetime = AT) -> list[int]:
    found = stock_queries.availability(variant_ids=variant_ids, at=at)
    return [found[variant_id] for variant_id in variant_ids]


def two_parts() -> tuple[trade.Item, trade.Item, PlacedOrder]:
    shade, cookies = trade.make_shop()
    return shade, cookies, trade.place({shade.variant_id: 1, cookies.variant_id: 3})


def resolve(review_id: int, outcome: ReviewDecision, at: datetime = AT) -> None:
    db.transact(
        lambda: checkout_services.resolve_review(
            actor=TREASURER, review_id=review_id, command=ResolveReview(outcome=outcome), at=at
        )
    )


def review_id() -> int:
    (review,) = payments_queries.list_reviews(actor=TREASURER)
    return review.review_id


def cancel(placed: PlacedOrder, at: datetime = AT) -> None:
    db.transact(
        lambda: checkout_services.cancel_unpaid(number=placed.number, actor=ANONYMOUS, at=at)
    )


def refuse(placed: PlacedOrder, upt_id: int) -> int:
    part = trade.part(placed, upt_id)
    command = RefuseOrder(expected_version=part.version, reason=RefuseReason.DAMAGED, note="Maaf.")
    return db.transact(
        lambda: checkout_services.refuse_order(
            actor=trade.clerk(upt_id), number=part.number, command=command, at=AT
        )
    )


def refund(placed: PlacedOrder, amount_idr: int, number: str = "", key: str = "r" * 20) -> None:
    command = RecordRefund(
        entry_key=key,
        reference=trade.payment(placed).reference,
        upt_order_number=number,
        amount_idr=amount_idr,
        refunded_on=date(2026, 11, 22),
        bank_reference="KEMBALI",
    )
    db.transact(lambda: checkout_services.record_refund(actor=TREASURER, command=command, at=AT))
