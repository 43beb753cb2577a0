"""The factories that every other test builds on."""

from __future__ import annotations

from tests.factories import people


def test_make_upt_gives_the_same_unit_twice(app: object) -> None:
    first = people.make_upt("lapas-indramayu")
    assert people.make_upt("lapas-indramayu") == first
    assert first.short_name == "Lapas Indramayu"
    assert first.town == "Kab. Indramayu"
    user = people.make_user()
    people.grant(user.user_id, "upt_clerk", upt_id=first.upt_id)
