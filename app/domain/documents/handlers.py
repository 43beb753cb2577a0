"""Papers are issued by the worker once the money is there, and corrected when it must go back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from app.domain.documents import services
from app.domain.orders.events import OrderPaid
from app.domain.payments import queries as payment_queries
from app.domain.payments.events import RefundOwed
from app.infra import jobs
from app.kernel import ids

REASONS: Final[Mapping[str, str]] = {
    "out_of_stock": "Barang ternyata tidak ada",
    "damaged": "Barang rusak sebelum dikirim",
    "cannot_deliver": "Alamat tidak terjangkau pengiriman",
    "unit_closed": "Bengkel sedang tutup",
    "buyer_asked": "Pembeli meminta batal",
}


def _reason(code: str) -> str:
    return REASONS.get(code, "")


def _paid(event: OrderPaid, /, *, at: datetime) -> None:
    services.issue_paid(group_id=event.group_id, draw=ids.token, at=at)


def _owed(event: RefundOwed, /, *, at: datetime) -> None:
    group_id = payment_queries.group_of(payment_id=event.payment_id)
    services.issue_credits(group_id=group_id, reasons=_reason, draw=ids.token, at=at)


HANDLERS: Final[tuple[jobs.Handler, ...]] = (
    jobs.Handler("documents.issue_paid", OrderPaid, _paid),
    jobs.Handler("documents.issue_credits", RefundOwed, _owed),
)
PERIODICS: Final[tuple[jobs.Periodic, ...]] = ()
