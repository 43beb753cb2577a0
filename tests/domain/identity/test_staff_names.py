"""Names beside entries of the ledger: staff by name, buyers not at all."""

from __future__ import annotations

from flask import Flask

from app.domain.identity import queries
from app.domain.identity.types import Role
from tests.factories import people


def test_names_those_who_hold_a_role_and_nobody_else(app: Flask) -> None:
    clerk = people.make_user("petugas@contoh.example", "Petugas Contoh")
    buyer = people.make_user("pembeli@contoh.example", "Pembeli Contoh")
    people.grant(clerk.user_id, Role.UPT_CLERK, upt_id=people.make_upt().upt_id)
    names = queries.staff_names(user_ids=(clerk.user_id, buyer.user_id))
    assert names == {clerk.user_id: "Petugas Contoh"}


def test_asks_nothing_for_nobody(app: Flask) -> None:
    assert queries.staff_names(user_ids=()) == {}
