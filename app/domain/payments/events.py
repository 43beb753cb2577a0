"""What happened to money, for everybody who reacts later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.infra.jobs import Event


@dataclass(frozen=True, slots=True)
class PaymentSettled(Event):
    """The exact amount is there and was given to the child orders."""

    name: ClassVar[str] = "payments.payment_settled.v1"
    payment_id: int
    group_id: int


@dataclass(frozen=True, slots=True)
class ReviewOpened(Event):
    """Money came in that a person must look at."""

    name: ClassVar[str] = "payments.review_opened.v1"
    payment_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class RefundOwed(Event):
    """Money must go back to a buyer."""

    name: ClassVar[str] = "payments.refund_owed.v1"
    payment_id: int
    amount_idr: int


@dataclass(frozen=True, slots=True)
class RefundSent(Event):
    """Money went back to a buyer."""

    name: ClassVar[str] = "payments.refund_sent.v1"
    payment_id: int
    amount_idr: int


@dataclass(frozen=True, slots=True)
class EventStored(Event):
    """A signed notice of a provider was kept and waits to be looked at."""

    name: ClassVar[str] = "payments.event_stored.v1"
    gateway_event_id: int
