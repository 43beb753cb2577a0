"""Text, time, ids, pages, actors and refusals."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import actor as actors
from app.kernel import clock, errors, ids, paging, text
from app.kernel.actor import ANONYMOUS, Actor, ActorKind, Reach


def test_text_is_folded_for_comparing() -> None:
    assert text.fold("  Anyaman\tÉCENG  Gondok ") == "anyaman eceng gondok"


@given(st.text(max_size=200))
def test_a_slug_is_always_safe_in_an_address(raw: str) -> None:
    slug = text.slugify(raw)
    assert len(slug) <= text.SLUG_MAX
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")
    assert not slug.endswith("-")


def test_a_slug_reads_like_the_name() -> None:
    assert text.slugify("Tirai Sabut Kelapa (2 × 3 m)") == "tirai-sabut-kelapa-2-3-m"


def test_control_signs_are_found() -> None:
    assert text.has_control_signs("a\x00b")
    assert text.has_control_signs("\ud800")
    assert not text.has_control_signs("baris\nbaru\tdan tab")


def test_the_clock_is_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_a_local_date_follows_the_zone() -> None:
    late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    assert clock.local_date(at=late, timezone="Asia/Jakarta") == date(2026, 11, 21)
    assert clock.local_date(at=late, timezone="Asia/Makassar") == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
    ],
)
def test_working_days_skip_the_weekend(start: date, days: int, end: date) -> None:
    assert clock.add_working_days(start=start, days=days) == end


def test_tokens_and_numbers_do_not_repeat() -> None:
    assert len({ids.token() for _ in range(100)}) == 100
    assert len({ids.order_number() for _ in range(100)}) == 100
    assert len({ids.public_id() for _ in range(100)}) == 100


def test_an_order_number_is_easy_to_read_aloud() -> None:
    number = ids.order_number()
    prefix, *groups = number.split("-")
    assert prefix == "KB"
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set(ids.READABLE_ALPHABET)
    assert not set("01IO") & set(ids.READABLE_ALPHABET)


def test_a_secret_is_stored_as_its_digest() -> None:
    assert ids.digest("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


@given(
    st.lists(
        st.one_of(
            st.integers(-(2**62), 2**62),
            st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_cursor_comes_back_as_it_went(values: list[str | int]) -> None:
    cursor = paging.encode_cursor(values)
    assert paging.decode_cursor(cursor, kinds=[type(value) for value in values]) == tuple(values)


@pytest.mark.parametrize("raw", [rb'["a\u0000b"]', rb'["\ud800"]', rb'["\udfff"]'])
def test_a_cursor_with_text_that_no_database_takes_is_dropped(raw: bytes) -> None:
    assert paging.decode_cursor(base64.urlsafe_b64encode(raw).decode(), kinds=[str]) is None


@pytest.mark.parametrize("damaged", [None, "", "***", "abc", "W10", "e30", "x" * 2000, "WzFd!"])
def test_a_damaged_cursor_is_no_cursor(damaged: str | None) -> None:
    assert paging.decode_cursor(damaged, kinds=[int, str]) is None


def test_a_cursor_of_other_types_is_no_cursor() -> None:
    assert paging.decode_cursor(paging.encode_cursor(["a"]), kinds=[int]) is None
    assert paging.decode_cursor(paging.encode_cursor([True]), kinds=[int]) is None
    assert paging.decode_cursor(paging.encode_cursor([2**70]), kinds=[int]) is None


def test_a_page_changes_its_items_and_keeps_its_cursors() -> None:
    page = paging.Page((1, 2), after="a", before="b").map(str)
    assert page == paging.Page(("1", "2"), after="a", before="b")


UPT_STAFF = Actor(
    kind=ActorKind.USER,
    user_id=7,
    powers={
        "stock.view": Reach(upt_ids=frozenset({1})),
        "stock.adjust": Reach(upt_ids=frozenset({2})),
    },
)


def test_a_permission_holds_in_its_reach_only() -> None:
    assert UPT_STAFF.may("stock.view", upt_id=1)
    assert not UPT_STAFF.may("stock.view", upt_id=2)
    assert UPT_STAFF.holds("stock.view")
    assert not UPT_STAFF.holds("upt.manage")
    assert not ANONYMOUS.holds("stock.view")


def test_the_system_may_everything_everywhere() -> None:
    worker = actors.system("jobs")
    assert worker.label == "system:jobs"
    assert worker.may("stock.adjust", upt_id=99)
    worker.ensure_national("upt.manage")


def test_a_foreign_upt_does_not_exist_and_an_own_one_says_what_is_missing() -> None:
    UPT_STAFF.ensure("stock.view", upt_id=1)
    with pytest.raises(errors.NotFound):
        UPT_STAFF.ensure("stock.view", upt_id=3)
    with pytest.raises(errors.NotAllowed) as refused:
        UPT_STAFF.ensure("stock.adjust", upt_id=1)
    assert refused.value.details() == {"permission": "stock.adjust"}


def test_a_national_permission_needs_a_national_grant() -> None:
    with pytest.raises(errors.NotAllowed):
        UPT_STAFF.ensure_national("stock.view")


def test_a_refusal_gives_its_typed_fields() -> None:
    @dataclass
    class Short(errors.Conflict):
        code = "test.short"
        wanted: int

    assert Short(wanted=3).details() == {"wanted": 3}
    assert errors.NotFound().details() == {}
    invalid = errors.Invalid(errors.FieldError("a", "field.required"))
    assert invalid.details() == {"errors": (errors.FieldError("a", "field.required"),)}


def test_the_pause_before_a_retry_is_short() -> None:
    before = clock.now()
    clock.pause_before_retry(1)
    assert (clock.now() - before).total_seconds() < 0.5
