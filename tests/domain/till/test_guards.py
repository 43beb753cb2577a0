"""What the database refuses by itself, and that a failure in the middle leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.domain.audit import services as audit_services
from app.domain.till import queries, services
from app.domain.till.commands import CloseDrawer
from app.domain.till.errors import (
    AlreadyUndone,
    DifferenceUnexplained,
    DrawerMoved,
    LeftTooMuch,
    NumberOutOfTurn,
)
from app.domain.till.models import TillClose, TillSale
from app.infra import db
from app.kernel.errors import IdempotencyMismatch
from tests.factories import till as tills
from tests.factories.till import AT, Counter

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def counter() -> Counter:
    made = tills.make_counter()
    tills.stock(made, 5)
    return made


def sold(counter: Counter, **changes: Any) -> str:
    tills.scan(counter)
    return tills.pay(counter, **changes)


def row(counter: Counter, **changes: Any) -> TillSale:
    values: dict[str, Any] = {
        "upt_id": counter.upt_id, "number": "K-x", "year": 2026, "sequence": 3, "kind": "sale",
        "undoes_id": None, "total_idr": 1, "day": AT.date(), "sold_at": AT, "actor_user_id": 1,
        "reason": "", "token": tills.token(), "entry_key": tills.key(),
    }  # fmt: skip
    return TillSale(**{**values, **changes})


def refused(work: Callable[[], Any]) -> str:
    try:
        with db.unit_of_work():
            work()
    except Exception as error:
        return type(error).__name__
    return "nothing was refused"


def test_the_database_alone_keeps_receipts_whole(counter: Counter) -> None:
    number = sold(counter)
    undoing = tills.undo(counter, number)
    sale_id = tills.sale(counter, number).sale_id
    for table in ("till_sale", "till_line", "till_payment"):
        for statement in (f"UPDATE {table} SET id = id + 100", f"DELETE FROM {table}"):
            with pytest.raises(DBAPIError), db.unit_of_work():
                db.session().execute(text(statement))
    for changes, error in (
        ({"sequence": 4}, NumberOutOfTurn),
        ({"sequence": 2}, NumberOutOfTurn),
        ({"number": number}, NumberOutOfTurn),
        ({"year": 2027, "sequence": 2}, NumberOutOfTurn),
        ({"kind": "undo", "total_idr": -1, "reason": "x", "undoes_id": sale_id}, AlreadyUndone),
    ):
        with pytest.raises(error), db.unit_of_work():
            db.add(row(counter, **changes))
    with db.unit_of_work():
        db.add(row(counter))
    assert tills.sale(counter, undoing).is_undo
    assert queries.find_faults(upt_id=counter.upt_id) == ("sums of K-x",)


def test_a_failure_after_the_goods_left_leaves_nothing_and_the_same_form_sells(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    tills.scan(counter)
    command = tills.payment(185_000)
    real = audit_services.record

    def break_down(**values: Any) -> None:
        if values["action"] == "till.paid":
            raise RuntimeError("the light went out")
        real(**values)

    monkeypatch.setattr(audit_services, "record", break_down)
    with pytest.raises(RuntimeError):
        tills.sell(counter, command)
    monkeypatch.setattr(audit_services, "record", real)
    assert tills.draft(counter).quantity == 1
    assert tills.sell(counter, command) == "K-lapas-indramayu-2026-000001"
    assert queries.find_faults(upt_id=counter.upt_id) == ()


def test_the_drawer_counts_cash_since_the_last_close_only(counter: Counter) -> None:
    def close(**values: Any) -> int:
        typed = {"left_idr": "0", "entry_key": tills.key(), **values}
        command = CloseDrawer.parse(typed)
        return db.transact(
            lambda: services.close_drawer(
                actor=counter.clerk, upt_id=counter.upt_id, command=command, at=AT
            )
        )

    first = sold(counter)
    sold(counter, method="qris", is_seen=True)
    for values, error in (
        ({"counted_idr": "1", "expected_idr": "0"}, DrawerMoved),
        ({"counted_idr": "1", "expected_idr": "185000"}, DifferenceUnexplained),
        ({"counted_idr": "185000", "expected_idr": "185000", "left_idr": "185001"}, LeftTooMuch),
    ):
        with pytest.raises(error):
            close(**values)
    same = {"counted_idr": "185000", "expected_idr": "185000", "left_idr": "50000",
            "entry_key": tills.key()}  # fmt: skip
    assert close(**same) == close(**same)
    with pytest.raises(IdempotencyMismatch):
        close(**{**same, "counted_idr": "2"})
    tills.undo(counter, first)
    drawer = queries.drawer(actor=counter.clerk, upt_id=counter.upt_id)
    assert (drawer.opening_idr, drawer.cash_idr, drawer.expected_idr) == (
        50_000,
        -185_000,
        -135_000,
    )
    close(counted_idr="0", expected_idr="-135000", reason="Diambil dari kas kecil")
    (second, record) = queries.last_closes(actor=counter.clerk, upt_id=counter.upt_id)
    assert (record.difference_idr, second.difference_idr) == (0, 135_000)
    unexplained = TillClose(
        upt_id=counter.upt_id, day=AT.date(), closed_at=AT, actor_user_id=1, last_sale_id=0,
        opening_idr=0, cash_idr=0, counted_idr=5, left_idr=0, reason="", entry_key=tills.key(),
    )  # fmt: skip
    assert refused(lambda: db.add(unexplained)) == "IntegrityError"
