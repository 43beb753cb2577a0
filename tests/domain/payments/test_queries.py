"""What the treasurer sees."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.domain.payments import queries as payments_queries
from app.domain.payments.types import MoneySums, PaymentState
from app.infra import db
from app.kernel.actor import ANONYMOUS
from app.kernel.errors import NotAllowed, NotFound
from tests.factories import people, trade
from tests.factories.trade import TREASURER

pytestmark = pytest.mark.usefixtures("app")


def waiting(text: str = "") -> list[str]:
    page = payments_queries.list_waiting(actor=TREASURER, text=text)
    return [row.order_number for row in page.items]


def test_waiting_transfers_come_oldest_first_and_paid_ones_leave() -> None:
    shade, cookies = trade.make_shop()
    first = trade.place({shade.variant_id: 1})
    second = trade.place({cookies.variant_id: 1}, contact_name="Ibu Rahayu_100%")
    assert waiting() == [first.number, second.number]
    trade.transfer(first)
    assert waiting() == [second.number]


def test_a_waiting_transfer_is_found_by_reference_number_name_or_amount() -> None:
    shade, cookies = trade.make_shop()
    first = trade.place({shade.variant_id: 1})
    second = trade.place({cookies.variant_id: 1}, contact_name="Ibu Rahayu_100%")
    reference = trade.payment(second).reference
    for typed in (
        reference,
        f"{reference[:4].lower()} {reference[4:]}",
        second.number,
        second.number.lower(),
        "rahayu",
        "u_100%",
        "Rp65.000",
    ):
        assert waiting(typed) == [second.number], typed
    assert waiting("%") == [second.number]
    assert waiting("_") == [second.number]
    assert waiting("tidak ada") == []
    assert waiting("Pembeli") == [first.number]


def test_waiting_transfers_are_paged_without_gaps() -> None:
    shade, _ = trade.make_shop()
    numbers = [trade.place({shade.variant_id: 1}).number for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        page = payments_queries.list_waiting(actor=TREASURER, cursor=cursor, size=2)
        seen += [row.order_number for row in page.items]
        cursor = page.after
        if cursor is None:
            break
    assert seen == numbers


def test_a_payment_page_shows_shares_and_entries() -> None:
    shade, cookies = trade.make_shop()
    placed = trade.paid({shade.variant_id: 1, cookies.variant_id: 1})
    page = payments_queries.get_payment_page(
        actor=people.actor("auditor"), reference=trade.payment(placed).reference
    )
    assert page.order_number == placed.number
    assert page.payment.state is PaymentState.PAID
    assert page.payment.sums == MoneySums(received_idr=280_000, settled_idr=280_000)
    assert {share.upt_id: share.settled_idr for share in page.shares} == {
        shade.upt_id: 215_000,
        cookies.upt_id: 65_000,
    }
    assert len(page.entries) == 3


def test_readers_without_the_permission_see_nothing() -> None:
    shade, _ = trade.make_shop()
    placed = trade.place({shade.variant_id: 1})
    reference = trade.payment(placed).reference
    for actor in (ANONYMOUS, trade.clerk(shade.upt_id)):
        with pytest.raises(NotAllowed):
            payments_queries.get_payment_page(actor=actor, reference=reference)
        with pytest.raises(NotAllowed):
            payments_queries.list_refunds_due(actor=actor)
    with pytest.raises(NotFound):
        payments_queries.get_payment_page(actor=TREASURER, reference="ZZZZ2222")
    with pytest.raises(NotFound):
        payments_queries.get_payment(group_id=placed.group_id + 1)


@pytest.mark.parametrize(
    "statement", ["UPDATE money_entry SET amount_idr = 1", "DELETE FROM money_entry"]
)
def test_money_rows_cannot_be_changed(statement: str) -> None:
    shade, _ = trade.make_shop()
    placed = trade.paid({shade.variant_id: 1})
    with pytest.raises(IntegrityError, match="append_only"), db.unit_of_work():
        db.session().execute(text(statement))
    assert trade.payment(placed).sums.received_idr == 215_000
