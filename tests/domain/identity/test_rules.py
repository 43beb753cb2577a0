"""Powers from grants, who may grant what, periods, throttle, passwords: no database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identity import rules
from app.domain.identity.errors import BeyondOwnPowers, OwnGrant, TooManyAttempts
from app.domain.identity.types import (
    APPOINTABLE,
    BUYER_SESSION,
    ROLE_PERMISSIONS,
    ROLE_SCOPE,
    STAFF_IDLE,
    STAFF_SESSION,
    TOUCH_AFTER,
    GrantRecord,
    Role,
    ScopedGrant,
    ScopeKind,
)
from app.kernel import actor as kernel_actor
from app.kernel.actor import Actor, ActorKind, Reach
from app.kernel.errors import FieldError, Invalid
from tests.factories import people

AT = people.AT
ONE, TWO = frozenset({1}), frozenset({2})


def holder(*grants: ScopedGrant, user_id: int = 7) -> Actor:
    return Actor(kind=ActorKind.USER, user_id=user_id, powers=rules.powers(grants))


def test_no_grants_give_no_powers() -> None:
    assert dict(rules.powers([])) == {}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gives_exactly_its_permissions(role: Role) -> None:
    found = rules.powers([ScopedGrant(role, ROLE_SCOPE[role], ONE)])
    assert set(found) == ROLE_PERMISSIONS[role]
    is_national = ROLE_SCOPE[role] is ScopeKind.NATIONAL
    expected = Reach(is_national=True) if is_national else Reach(upt_ids=ONE)
    assert set(found.values()) == {expected}


def test_every_role_has_permissions_a_scope_and_the_desk() -> None:
    assert set(ROLE_PERMISSIONS) == set(ROLE_SCOPE) == set(Role)
    assert all("desk.enter" in permissions for permissions in ROLE_PERMISSIONS.values())


def test_units_of_several_grants_add_up() -> None:
    clerk = ScopedGrant(Role.UPT_CLERK, ScopeKind.UPT, ONE)
    office = ScopedGrant(Role.KANWIL_STAFF, ScopeKind.KANWIL, frozenset({2, 3}))
    found = rules.powers([clerk, office])
    assert found["stock.view"] == Reach(upt_ids=frozenset({1, 2, 3}))
    assert found["stock.receive"] == Reach(upt_ids=ONE)


def test_national_reach_swallows_units() -> None:
    clerk = ScopedGrant(Role.UPT_CLERK, ScopeKind.UPT, ONE)
    auditor = ScopedGrant(Role.AUDITOR, ScopeKind.NATIONAL, frozenset())
    assert rules.powers([clerk, auditor])["stock.view"] == Reach(is_national=True)


def test_an_office_without_units_gives_nothing() -> None:
    assert dict(rules.powers([ScopedGrant(Role.KANWIL_STAFF, ScopeKind.KANWIL, frozenset())])) == {}


grants = st.builds(
    lambda role, upt_ids: ScopedGrant(
        role, ROLE_SCOPE[role], frozenset() if ROLE_SCOPE[role] is ScopeKind.NATIONAL else upt_ids
    ),
    st.sampled_from(list(Role)),
    st.frozensets(st.integers(1, 6), min_size=1, max_size=4),
)


@given(st.lists(grants, max_size=5), st.sampled_from(list(Role)), st.integers(1, 6))
def test_nobody_hands_out_what_they_may_not(
    held: list[ScopedGrant], role: Role, upt_id: int
) -> None:
    actor = holder(*held)
    kind = ROLE_SCOPE[role]
    scope = None if kind is ScopeKind.NATIONAL else frozenset({upt_id})
    try:
        rules.ensure_may_grant(actor=actor, user_id=8, role=role, scope_upt_ids=scope)
    except BeyondOwnPowers:
        return
    appoints = actor.reach("identity.manage")
    assert appoints.is_national or (scope is not None and scope <= appoints.upt_ids)
    for permission in ROLE_PERMISSIONS[role] - APPOINTABLE:
        reach = actor.reach(permission)
        assert reach.is_national or (scope is not None and scope <= reach.upt_ids)


@pytest.mark.parametrize("role", list(Role))
def test_a_national_admin_may_grant_every_role(role: Role) -> None:
    admin = people.actor("national_admin")
    scope = None if ROLE_SCOPE[role] is ScopeKind.NATIONAL else ONE
    rules.ensure_may_grant(actor=admin, user_id=8, role=role, scope_upt_ids=scope)


@pytest.mark.parametrize("held", [role for role in Role if role is not Role.NATIONAL_ADMIN])
@pytest.mark.parametrize("wanted", list(Role))
def test_no_other_role_may_grant_anything(held: Role, wanted: Role) -> None:
    actor = people.actor(held, upt_id=1)
    scope = None if ROLE_SCOPE[wanted] is ScopeKind.NATIONAL else ONE
    with pytest.raises(BeyondOwnPowers):
        rules.ensure_may_grant(actor=actor, user_id=8, role=wanted, scope_upt_ids=scope)


def test_administration_is_never_appointable() -> None:
    assert not {"identity.manage", "upt.manage", "jobs.manage"} & APPOINTABLE


def test_a_local_appointer_may_not_grant_elsewhere_nationally_or_over_nothing() -> None:
    powers = {"identity.manage": Reach(upt_ids=ONE)}
    actor = Actor(kind=ActorKind.USER, user_id=7, powers=powers)
    rules.ensure_may_grant(actor=actor, user_id=8, role=Role.UPT_CLERK, scope_upt_ids=ONE)
    for scope in (TWO, ONE | TWO, None, frozenset[int]()):
        with pytest.raises(BeyondOwnPowers):
            rules.ensure_may_grant(actor=actor, user_id=8, role=Role.UPT_CLERK, scope_upt_ids=scope)


def test_a_role_with_an_unheld_office_permission_is_beyond() -> None:
    actor = Actor(
        kind=ActorKind.USER, user_id=7, powers={"identity.manage": Reach(is_national=True)}
    )
    with pytest.raises(BeyondOwnPowers) as refused:
        rules.ensure_may_grant(actor=actor, user_id=8, role=Role.NATIONAL_ADMIN, scope_upt_ids=None)
    assert refused.value.permission == "jobs.manage"


def test_nobody_grants_themselves() -> None:
    with pytest.raises(OwnGrant):
        rules.ensure_may_grant(
            actor=people.actor("national_admin", user_id=7),
            user_id=7,
            role=Role.CURATOR,
            scope_upt_ids=None,
        )


def test_the_system_may_grant() -> None:
    rules.ensure_may_grant(
        actor=kernel_actor.system("cli"), user_id=7, role=Role.NATIONAL_ADMIN, scope_upt_ids=None
    )


@pytest.mark.parametrize(
    ("role", "kanwil_id", "upt_id", "wrong"),
    [
        (Role.UPT_CLERK, None, 1, ()),
        (Role.UPT_CLERK, None, None, ("upt_id",)),
        (Role.UPT_CLERK, 1, 1, ("kanwil_id",)),
        (Role.UPT_HEAD, 1, None, ("upt_id", "kanwil_id")),
        (Role.KANWIL_STAFF, 1, None, ()),
        (Role.KANWIL_STAFF, None, 1, ("kanwil_id", "upt_id")),
        (Role.TREASURER, None, None, ()),
        (Role.TREASURER, 1, 1, ("upt_id", "kanwil_id")),
    ],
)
def test_the_scope_must_fit_the_role(
    role: Role, kanwil_id: int | None, upt_id: int | None, wrong: tuple[str, ...]
) -> None:
    found = rules.scope_errors(role=role, kanwil_id=kanwil_id, upt_id=upt_id)
    assert tuple(error.field for error in found) == wrong


def test_a_grant_without_days_holds_from_now_without_end() -> None:
    assert rules.grant_period(first_day=None, last_day=None, at=AT) == (AT, None)


def test_days_are_days_of_the_capital_and_the_last_one_counts() -> None:
    day = date(2026, 11, 25)
    assert rules.grant_period(first_day=day, last_day=day, at=AT) == (
        datetime(2026, 11, 24, 17, tzinfo=UTC),
        datetime(2026, 11, 25, 17, tzinfo=UTC),
    )


def test_today_means_now() -> None:
    late = datetime(2026, 11, 22, 18, tzinfo=UTC)  # the 23rd in the capital
    assert rules.grant_period(first_day=date(2026, 11, 23), last_day=None, at=late) == (late, None)


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        (date(2026, 11, 21), None, ["identity.grant_in_the_past"]),
        (None, date(2026, 11, 21), ["identity.grant_ends_before_it_begins"]),
        (date(2026, 12, 2), date(2026, 12, 1), ["identity.grant_ends_before_it_begins"]),
        (
            date(2026, 11, 20),
            date(2026, 11, 19),
            ["identity.grant_in_the_past", "identity.grant_ends_before_it_begins"],
        ),
    ],
)
def test_periods_that_cannot_be_are_refused(
    first: date | None, last: date | None, wrong: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        rules.grant_period(first_day=first, last_day=last, at=AT)
    assert [error.code for error in refused.value.errors] == wrong


@pytest.mark.parametrize(
    ("offset", "until", "revoked", "expected"),
    [
        (0, None, None, True),
        (-1, None, None, False),
        (5, 5, None, False),
        (4, 5, None, True),
        (4, None, 4, False),
        (3, None, 4, True),
    ],
)
def test_a_grant_is_in_force_from_its_first_instant_until_before_its_last(
    offset: int, until: int | None, revoked: int | None, expected: bool
) -> None:
    def hours(number: int | None) -> datetime | None:
        return None if number is None else AT + timedelta(hours=number)

    record = GrantRecord(
        1, 2, Role.CURATOR, ScopeKind.NATIONAL, None, None, AT, hours(until), None, hours(revoked)
    )
    assert record.is_in_force(AT + timedelta(hours=offset)) is expected


@pytest.mark.parametrize(
    ("account", "client", "passes"), [(9, 9, True), (10, 0, False), (0, 10, False)]
)
def test_ten_failures_are_the_limit(account: int, client: int, passes: bool) -> None:
    if passes:
        rules.ensure_attempts_left(failures_account=account, failures_client=client)
        return
    with pytest.raises(TooManyAttempts) as refused:
        rules.ensure_attempts_left(failures_account=account, failures_client=client)
    assert refused.value.details() == {"wait_min": 5}


@pytest.mark.parametrize(
    ("age", "idle", "is_staff", "expected"),
    [
        (timedelta(0), timedelta(0), True, True),
        (STAFF_SESSION - timedelta(seconds=1), timedelta(0), True, True),
        (STAFF_SESSION, timedelta(0), True, False),
        (STAFF_IDLE, STAFF_IDLE - timedelta(seconds=1), True, True),
        (STAFF_IDLE, STAFF_IDLE, True, False),
        (timedelta(days=20), timedelta(days=20), False, True),
        (BUYER_SESSION, timedelta(0), False, False),
        (BUYER_SESSION, timedelta(0), True, False),
    ],
)
def test_sessions_end_in_time(
    age: timedelta, idle: timedelta, is_staff: bool, expected: bool
) -> None:
    born = AT - age
    live = rules.is_session_live(
        at=AT,
        created_at=born,
        last_seen_at=AT - idle,
        expires_at=rules.session_end(at=born),
        is_staff=is_staff,
    )
    assert live is expected


def test_a_session_is_touched_only_when_stale() -> None:
    assert rules.needs_touch(at=AT, last_seen_at=AT - TOUCH_AFTER)
    assert not rules.needs_touch(at=AT, last_seen_at=AT - TOUCH_AFTER + timedelta(seconds=1))


@pytest.mark.parametrize(
    "password",
    [
        "perahu-biru-di-laut-27",
        "kopi tubruk di teras rumah",
        "Xk29$mqLp0vw",
        "rahasia dapur nenek moyang",
        "sabut kelapa tiga ikat",
        "パスワードは長い方がいい",
    ],
)
def test_hard_passwords_pass(password: str) -> None:
    rules.ensure_password_is_hard(password=password, email="a.b@contoh.example", name="Siti A")


@pytest.mark.parametrize(
    "password",
    ["0123456789", "9876543210", "abcdefghijkl", "aaaaaaaaaa", "abababababab", "Password123!",
     "rahasia2026", "qwerty12345", "sayangku123", "sitiaminah99", "aminah.siti1", "BISMILLAH99"],
)  # fmt: skip
def test_easy_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.ensure_password_is_hard(
            password=password, email="aminah@contoh.example", name="Siti Aminah", field="x"
        )
    assert refused.value.errors == (FieldError("x", "identity.password_too_easy"),)
