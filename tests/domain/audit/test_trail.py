"""The trail: written with the act, read by those who may, changed by nobody."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.audit import queries, services
from app.domain.audit.models import AuditEntry
from app.infra import db
from app.kernel.actor import Actor, ActorKind, Reach
from app.kernel.errors import NotAllowed, NotFound
from tests.factories import people
from tests.factories.people import AT

pytestmark = pytest.mark.usefixtures("app")

AUDITOR = people.actor("auditor")


def write(action: str = "stock.received", upt_id: int | None = None, times: int = 1) -> None:
    with db.unit_of_work():
        for number in range(times):
            services.record(
                actor=AUDITOR,
                action=action,
                subject=f"variant:{number}",
                at=AT,
                upt_id=upt_id,
                detail={"quantity": number, "note": 'karung "goni"', "lot": None},
            )


def test_an_entry_comes_back_as_it_was_written() -> None:
    write(upt_id=5)
    (found,) = queries.list_entries(actor=AUDITOR).items
    assert (found.at, found.actor_kind, found.actor_label) == (AT, "user", "Petugas Contoh")
    assert (found.action, found.subject, found.upt_id) == ("stock.received", "variant:0", 5)
    assert found.detail == {"quantity": 0, "note": 'karung "goni"', "lot": None}


def test_an_entry_needs_a_unit_of_work() -> None:
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        services.record(actor=AUDITOR, action="a.b", subject="c", at=AT)


def test_a_rolled_back_act_leaves_no_entry() -> None:
    def act() -> None:
        services.record(actor=AUDITOR, action="a.b", subject="c", at=AT)
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        db.transact(act)
    assert queries.list_entries(actor=AUDITOR).items == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'x'",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE id = 1",
    ],
)
def test_the_database_refuses_changes(statement: str) -> None:
    write()
    with pytest.raises(DBAPIError, match="append_only"), db.unit_of_work():
        db.session().execute(sa.text(statement))
    assert len(queries.list_entries(actor=AUDITOR).items) == 1


def test_the_database_refuses_replacing_and_emptying() -> None:
    write()
    columns = "id, at, actor_kind, actor_label, action, subject, detail"
    values = "1, '2026-01-01', 'user', 'x', 'x', 'x', '{}'"
    statement = f"INSERT OR REPLACE INTO audit_entry ({columns}) VALUES ({values})"
    if db.is_postgresql():
        statement = "TRUNCATE audit_entry"
    with pytest.raises(DBAPIError, match="append_only"), db.unit_of_work():
        db.session().execute(sa.text(statement))
    assert db.read_session().scalars(sa.select(AuditEntry.subject)).all() == ["variant:0"]


def test_pages_go_back_in_time_without_gap_or_repeat() -> None:
    write(times=120)
    seen: list[int] = []
    after = None
    for _ in range(3):
        page = queries.list_entries(actor=AUDITOR, after=after)
        seen.extend(entry.entry_id for entry in page.items)
        after = page.after
    assert after is None
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 120


def test_entries_are_narrowed_by_unit_and_action() -> None:
    write("stock.received", upt_id=5)
    write("stock_x.y", upt_id=6)
    write("role.granted")
    by_unit = queries.list_entries(actor=AUDITOR, upt_id=5).items
    assert [entry.action for entry in by_unit] == ["stock.received"]
    by_action = queries.list_entries(actor=AUDITOR, action="stock.").items
    assert [entry.action for entry in by_action] == ["stock.received"]
    assert queries.list_entries(actor=AUDITOR, action="%").items == ()


@pytest.mark.parametrize("role", ["upt_clerk", "upt_head", "kanwil_staff", "treasurer", "curator"])
def test_others_may_not_read_the_trail(role: str) -> None:
    with pytest.raises(NotAllowed):
        queries.list_entries(actor=people.actor(role, upt_id=5))


def test_a_local_reader_sees_the_own_unit_only() -> None:
    write(upt_id=5)
    write(upt_id=6)
    write()
    powers = {"audit.view": Reach(upt_ids=frozenset({5}))}
    reader = Actor(kind=ActorKind.USER, user_id=1, powers=powers)
    assert [entry.upt_id for entry in queries.list_entries(actor=reader).items] == [5]
    with pytest.raises(NotFound):
        queries.list_entries(actor=reader, upt_id=6)
