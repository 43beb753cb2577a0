"""Pure decisions: which powers grants give, who may grant what, which passwords are too easy.

The matrix of roles is data in ``types``; here it is only applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.identity.errors import BeyondOwnPowers, OwnGrant, TooManyAttempts
from app.domain.identity.types import (
    APPOINTABLE,
    BUYER_SESSION,
    FAILURE_WINDOW,
    FAILURES_MAX,
    IDENTITY_MANAGE,
    ROLE_PERMISSIONS,
    ROLE_SCOPE,
    STAFF_IDLE,
    STAFF_SESSION,
    TOUCH_AFTER,
    Role,
    ScopedGrant,
    ScopeKind,
)
from app.kernel.actor import Actor, Reach
from app.kernel.errors import FieldError, Invalid
from app.kernel.text import fold

CAPITAL_ZONE: Final = ZoneInfo("Asia/Jakarta")
"""Days in grants are days of the capital."""

_EASY_PARTS: Final = (
    "password", "passw0rd", "qwerty", "asdfgh", "zxcvbn", "admin", "rahasia", "sandi",
    "katasandi", "karyabina", "indonesia", "sayang", "bismillah", "lapas", "rutan", "petugas",
    "merdeka", "jakarta", "kemenimipas", "ditjenpas", "letmein", "welcome", "iloveyou",
    "anjing", "kucing", "doraemon", "garuda", "persib",
)  # fmt: skip
"""Words that make up most guessed passwords here; what is left beside them must be long enough."""

_RUNS: Final = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_REST_MIN: Final = 6
_DISTINCT_MIN: Final = 5


def powers(grants: Iterable[ScopedGrant]) -> Mapping[str, Reach]:
    """Return the reach of every permission that the grants in force give together."""
    national: set[str] = set()
    local: dict[str, set[int]] = {}
    for grant in grants:
        for permission in ROLE_PERMISSIONS[grant.role]:
            if grant.scope_kind is ScopeKind.NATIONAL:
                national.add(permission)
            else:
                local.setdefault(permission, set()).update(grant.upt_ids)
    found = {name: Reach(is_national=True) for name in national}
    for name, upt_ids in local.items():
        if name not in national and upt_ids:
            found[name] = Reach(upt_ids=frozenset(upt_ids))
    return MappingProxyType(found)


def ensure_may_grant(
    *, actor: Actor, user_id: int, role: Role, scope_upt_ids: frozenset[int] | None
) -> None:
    """Refuse a grant, or its end, that goes beyond what the actor may hand out.

    Args:
        user_id: Whose role it is.
        scope_upt_ids: The UPT that the scope stands for; None for the whole nation.

    Raises:
        OwnGrant: The role is the actor's own.
        BeyondOwnPowers: ``identity.manage`` does not cover the scope, or the role carries a
            permission that is neither appointable nor held there by the actor.
    """
    if actor.user_id is not None and actor.user_id == user_id:
        raise OwnGrant
    if not _covers(actor.reach(IDENTITY_MANAGE), scope_upt_ids):
        raise BeyondOwnPowers(IDENTITY_MANAGE)
    for permission in sorted(ROLE_PERMISSIONS[role] - APPOINTABLE):
        if not _covers(actor.reach(permission), scope_upt_ids):
            raise BeyondOwnPowers(permission)


def _covers(reach: Reach, upt_ids: frozenset[int] | None) -> bool:
    if reach.is_national:
        return True
    return upt_ids is not None and bool(upt_ids) and upt_ids <= reach.upt_ids


def scope_errors(
    *, role: Role, kanwil_id: int | None, upt_id: int | None
) -> tuple[FieldError, ...]:
    """Return what is wrong with the scope named beside a role."""
    kind = ROLE_SCOPE[role]
    errors = []
    if kind is ScopeKind.UPT and upt_id is None:
        errors.append(FieldError("upt_id", "field.required"))
    if kind is ScopeKind.KANWIL and kanwil_id is None:
        errors.append(FieldError("kanwil_id", "field.required"))
    if kind is not ScopeKind.UPT and upt_id is not None:
        errors.append(FieldError("upt_id", "identity.scope_not_for_role"))
    if kind is not ScopeKind.KANWIL and kanwil_id is not None:
        errors.append(FieldError("kanwil_id", "identity.scope_not_for_role"))
    return tuple(errors)


def grant_period(
    *, first_day: date | None, last_day: date | None, at: datetime
) -> tuple[datetime, datetime | None]:
    """Return from when until when (not included) a grant holds.

    A first day of today means from this instant on, so a role works as soon as it is given.

    Raises:
        Invalid: It would end before it begins, or begin in the past.
    """
    today = at.astimezone(CAPITAL_ZONE).date()
    errors = []
    if first_day is not None and first_day < today:
        errors.append(FieldError("valid_from", "identity.grant_in_the_past"))
    begin_day = today if first_day is None else first_day
    if last_day is not None and last_day < begin_day:
        errors.append(FieldError("valid_until", "identity.grant_ends_before_it_begins"))
    if errors:
        raise Invalid(*errors)
    valid_from = at if begin_day == today else _midnight(begin_day)
    return valid_from, None if last_day is None else _midnight(last_day + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, CAPITAL_ZONE).astimezone(UTC)


def ensure_attempts_left(*, failures_account: int, failures_client: int) -> None:
    """Refuse when the account or the client failed too often within the window.

    Raises:
        TooManyAttempts: It did.
    """
    if failures_account >= FAILURES_MAX or failures_client >= FAILURES_MAX:
        raise TooManyAttempts(wait_min=int(FAILURE_WINDOW.total_seconds()) // 60)


def is_session_live(
    *,
    at: datetime,
    created_at: datetime,
    last_seen_at: datetime,
    expires_at: datetime,
    is_staff: bool,
) -> bool:
    """Say whether a session still holds; staff sessions end sooner and when left alone."""
    if at >= expires_at:
        return False
    if not is_staff:
        return True
    return at < created_at + STAFF_SESSION and at < last_seen_at + STAFF_IDLE


def session_end(*, at: datetime) -> datetime:
    """Return the latest end of a session that begins now."""
    return at + BUYER_SESSION


def needs_touch(*, at: datetime, last_seen_at: datetime) -> bool:
    """Say whether ``last_seen_at`` is stale enough to be written again."""
    return at >= last_seen_at + TOUCH_AFTER


def ensure_password_is_hard(
    *, password: str, email: str, name: str, field: str = "password"
) -> None:
    """Refuse passwords that lists of guesses begin with.

    No mixture of signs is demanded; length and being hard to guess are.

    Raises:
        Invalid: The password is a well-known word, a run, a repetition, or the person's own name.
    """
    text = fold(password)
    if len(set(text)) < _DISTINCT_MIN or _is_run(text):
        raise Invalid(FieldError(field, "identity.password_too_easy"))
    own = [part for part in (*fold(name).split(), email.partition("@")[0]) if len(part) >= 4]
    rest = text
    for part in sorted((*_EASY_PARTS, *own), key=len, reverse=True):
        rest = rest.replace(part, "")
    if rest != text and len("".join(sign for sign in rest if sign.isalpha())) < _REST_MIN:
        raise Invalid(FieldError(field, "identity.password_too_easy"))


def _is_run(text: str) -> bool:
    return any(text in run or text in run[::-1] for run in _RUNS)


def trail_label(*, user_id: int, name: str, is_staff: bool) -> str:
    """Return how histories name a person: staff by name, a buyer by number.

    Histories cannot be changed, and a buyer may ask to be forgotten.
    """
    return name if is_staff else f"Pembeli {user_id}"
