"""Roles, permissions, limits and the records that leave the identity package.

A person's powers are never stored: they are derived, on each request, from the grants in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.kernel.actor import Actor

DESK_ENTER: Final = "desk.enter"
STOCK_VIEW: Final = "stock.view"
STOCK_RECEIVE: Final = "stock.receive"
STOCK_ADJUST: Final = "stock.adjust"
STOCK_COUNT: Final = "stock.count"
STOCK_TRANSFER: Final = "stock.transfer"
STOCK_IMPORT: Final = "stock.import"
STOCK_APPROVE: Final = "stock.approve"
STOCK_CLOSE: Final = "stock.close"
TILL_SELL: Final = "till.sell"
PRODUCT_EDIT: Final = "product.edit"
PRODUCT_PUBLISH: Final = "product.publish"
ORDER_VIEW: Final = "order.view"
ORDER_FULFIL: Final = "order.fulfil"
PAYMENT_VIEW: Final = "payment.view"
PAYMENT_CONFIRM: Final = "payment.confirm"
UPT_MANAGE: Final = "upt.manage"
IDENTITY_MANAGE: Final = "identity.manage"
AUDIT_VIEW: Final = "audit.view"
JOBS_MANAGE: Final = "jobs.manage"


class Role(StrEnum):
    """The bundles of permissions that can be granted."""

    UPT_CLERK = "upt_clerk"
    UPT_HEAD = "upt_head"
    KANWIL_STAFF = "kanwil_staff"
    TREASURER = "treasurer"
    CURATOR = "curator"
    AUDITOR = "auditor"
    NATIONAL_ADMIN = "national_admin"


class ScopeKind(StrEnum):
    """Where a grant holds."""

    NATIONAL = "national"
    KANWIL = "kanwil"
    UPT = "upt"


_UPT_WORK: Final = frozenset(
    {
        DESK_ENTER,
        STOCK_VIEW,
        STOCK_RECEIVE,
        STOCK_ADJUST,
        STOCK_COUNT,
        STOCK_TRANSFER,
        STOCK_IMPORT,
        TILL_SELL,
        PRODUCT_EDIT,
        PRODUCT_PUBLISH,
        ORDER_VIEW,
        ORDER_FULFIL,
    }
)

_UPT_LEAD: Final = _UPT_WORK | {STOCK_APPROVE, STOCK_CLOSE}

ROLE_PERMISSIONS: Final[Mapping[Role, frozenset[str]]] = MappingProxyType(
    {
        Role.UPT_CLERK: _UPT_WORK,
        Role.UPT_HEAD: _UPT_LEAD,
        Role.KANWIL_STAFF: frozenset({DESK_ENTER, STOCK_VIEW, ORDER_VIEW}),
        Role.TREASURER: frozenset({DESK_ENTER, PAYMENT_VIEW, PAYMENT_CONFIRM, ORDER_VIEW}),
        Role.CURATOR: frozenset({DESK_ENTER}),
        Role.AUDITOR: frozenset({DESK_ENTER, STOCK_VIEW, ORDER_VIEW, PAYMENT_VIEW, AUDIT_VIEW}),
        Role.NATIONAL_ADMIN: frozenset(
            {
                DESK_ENTER,
                UPT_MANAGE,
                IDENTITY_MANAGE,
                STOCK_VIEW,
                ORDER_VIEW,
                AUDIT_VIEW,
                JOBS_MANAGE,
            }
        ),
    }
)

ROLE_SCOPE: Final[Mapping[Role, ScopeKind]] = MappingProxyType(
    {
        Role.UPT_CLERK: ScopeKind.UPT,
        Role.UPT_HEAD: ScopeKind.UPT,
        Role.KANWIL_STAFF: ScopeKind.KANWIL,
        Role.TREASURER: ScopeKind.NATIONAL,
        Role.CURATOR: ScopeKind.NATIONAL,
        Role.AUDITOR: ScopeKind.NATIONAL,
        Role.NATIONAL_ADMIN: ScopeKind.NATIONAL,
    }
)
"""Each role is made for one kind of scope."""

APPOINTABLE: Final[frozenset[str]] = _UPT_LEAD | {PAYMENT_VIEW, PAYMENT_CONFIRM, AUDIT_VIEW}
"""Trade permissions that ``identity.manage`` may hand out without being able to use them.

Administration and trade are kept apart on purpose: whoever appoints people cannot touch stock or
money. Every other permission can only be granted by someone who holds it.
"""

PASSWORD_LENGTH_MIN: Final = 10
PASSWORD_LENGTH_MAX: Final = 128
EMAIL_LENGTH_MAX: Final = 254
NAME_LENGTH_MAX: Final = 120

FAILURES_MAX: Final = 10
"""Wrong attempts allowed per account, and per client, within ``FAILURE_WINDOW``."""

FAILURE_WINDOW: Final = timedelta(minutes=5)

BUYER_SESSION: Final = timedelta(days=30)
STAFF_SESSION: Final = timedelta(hours=12)
STAFF_IDLE: Final = timedelta(minutes=30)
TOUCH_AFTER: Final = timedelta(minutes=3)
"""How stale ``last_seen_at`` may be before a request writes it again."""


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A person with an account."""

    user_id: int
    email: str
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person in the list of the desk."""

    user: UserRecord
    phone: str | None
    created_at: datetime
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session: who, with which powers at this instant.

    Attributes:
        needs_touch: ``last_seen_at`` is stale; the surface calls ``services.touch_session``.
    """

    user: UserRecord
    actor: Actor
    session_id: int
    needs_touch: bool = False


@dataclass(frozen=True, slots=True)
class SignedInSession:
    """A session that was just begun; ``token`` goes into the cookie and nowhere else."""

    user_id: int
    token: str
    session_id: int


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One place where a person is signed in."""

    session_id: int
    created_at: datetime
    last_seen_at: datetime
    user_agent: str


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """A role given to a person for a scope and a time.

    Attributes:
        valid_until: First instant at which it no longer holds; None for no end.
        revoked_at: When it was taken back before its time.
    """

    grant_id: int
    user_id: int
    role: Role
    scope_kind: ScopeKind
    kanwil_id: int | None
    upt_id: int | None
    valid_from: datetime
    valid_until: datetime | None
    granted_by: int | None
    revoked_at: datetime | None

    def is_in_force(self, at: datetime) -> bool:
        """Say whether the grant holds at an instant."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return False
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, slots=True)
class ScopedGrant:
    """One grant in force, with the UPT that a kanwil stands for, ready for ``rules.powers``."""

    role: Role
    scope_kind: ScopeKind
    upt_ids: frozenset[int]
