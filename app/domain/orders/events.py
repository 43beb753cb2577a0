"""What happened to orders, for everybody who reacts later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.infra.jobs import Event


@dataclass(frozen=True, slots=True)
class OrderPlaced(Event):
    """An order was written and its stock is held."""

    name: ClassVar[str] = "orders.order_placed.v1"
    group_id: int


@dataclass(frozen=True, slots=True)
class OrderPaid(Event):
    """The money for an order is there; its UPT may start."""

    name: ClassVar[str] = "orders.order_paid.v1"
    group_id: int


@dataclass(frozen=True, slots=True)
class OrderClosedUnpaid(Event):
    """An order ended without money: cancelled by the buyer or expired.

    Attributes:
        state: ``cancelled`` or ``expired``.
    """

    name: ClassVar[str] = "orders.order_closed_unpaid.v1"
    group_id: int
    state: str


@dataclass(frozen=True, slots=True)
class UptOrderMoved(Event):
    """A paid child order went from one state to another.

    Attributes:
        action: What moved it, for example ``accept`` or ``ship``.
    """

    name: ClassVar[str] = "orders.upt_order_moved.v1"
    group_id: int
    upt_order_id: int
    action: str
    state: str


@dataclass(frozen=True, slots=True)
class UptOrderAlerted(Event):
    """The clock of a child order runs out or ran out, and somebody was told.

    Attributes:
        kind: Why, for example ``unanswered`` or ``late``.
        level: Who, ``upt``, ``kanwil`` or ``national``.
    """

    name: ClassVar[str] = "orders.upt_order_alerted.v1"
    upt_order_id: int
    upt_id: int
    kind: str
    level: str


@dataclass(frozen=True, slots=True)
class ReturnMoved(Event):
    """A return was asked for, or went from one state to another."""

    name: ClassVar[str] = "orders.return_moved.v1"
    return_id: int
    upt_order_id: int
    state: str
