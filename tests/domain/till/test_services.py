"""Selling at the counter: one sale for one form, pieces from the right place, nothing lost when refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.catalog.models import Variant
from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.domain.stock.models import StockEntry
from app.domain.stock.types import Account
from app.domain.till import queries, services
from app.domain.till.errors import (
    AlreadyUndone,
    CashTooLittle,
    DraftChanged,
    DraftEmpty,
    DraftShort,
    SecondPriceUnfit,
    Unsellable,
)
from app.domain.till.models import TillSale
from app.domain.till.types import Grade, SaleKind
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import IdempotencyMismatch, NotAllowed, NotFound
from tests.factories import ledger, people
from tests.factories import till as tills
from tests.factories.till import AT, Counter

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def counter() -> Counter:
    return tills.make_counter()


def here(counter: Counter, account: Account, variant_id: int | None = None) -> int:
    db.read_session().rollback()
    found = stock_queries.places(upt_id=counter.upt_id).get(variant_id or counter.variant_id, {})
    return found[account].on_hand if account in found else 0


def counts() -> tuple[int, int]:
    db.read_session().rollback()
    session = db.read_session()
    return (
        session.scalar(select(func.count()).select_from(TillSale)) or 0,
        session.scalar(select(func.count()).select_from(StockEntry)) or 0,
    )


def ensure_whole(counter: Counter) -> None:
    db.read_session().rollback()
    assert queries.find_faults(upt_id=counter.upt_id) == ()
    assert stock_flows.verify().faults == ()


def why(counter: Counter, variant_id: int | None = None, **changes: object) -> str:
    with pytest.raises(Unsellable) as refusal:
        tills.scan(counter, variant_id, **changes)
    return refusal.value.why


def test_takes_the_shelf_first_then_the_store_and_the_lot_that_expires_first(
    counter: Counter,
) -> None:
    tills.stock(counter, 5, place=Account.AVAILABLE, lot="A", expires_on=date(2026, 12, 1))
    tills.stock(counter, 1, lot="B", expires_on=date(2027, 3, 1))
    tills.stock(counter, 1, lot="C", expires_on=date(2027, 1, 1))
    for _ in range(3):
        tills.scan(counter)
    (line,) = tills.draft(counter).lines
    assert [(pick.lot_code, pick.account, pick.quantity) for pick in line.picks] == [
        ("C", Account.GALLERY, 1),
        ("B", Account.GALLERY, 1),
        ("A", Account.AVAILABLE, 1),
    ]
    number = tills.pay(counter, given_idr=600_000)
    assert number == "K-lapas-indramayu-2026-000001"
    sold = tills.sale(counter, number)
    assert [(one.lot_code, one.quantity, one.amount_idr) for one in sold.lines] == [
        ("C", 1, 185_000),
        ("B", 1, 185_000),
        ("A", 1, 185_000),
    ]
    assert (sold.total_idr, sold.payment.given_idr, sold.payment.change_idr) == (
        555_000, 600_000, 45_000,
    )  # fmt: skip
    assert (here(counter, Account.GALLERY), here(counter, Account.AVAILABLE)) == (0, 4)
    assert tills.draft(counter).lines == ()
    ensure_whole(counter)


def test_says_why_goods_cannot_be_laid_down(counter: Counter) -> None:
    first, second = counter.variant_ids
    assert why(counter) == "till.sold_out"
    tills.stock(counter, 2, place=Account.QUARANTINE, lot="Q")
    assert why(counter) == "till.in_quarantine"
    tills.stock(counter, 2, lot="X", expires_on=date(2026, 11, 30))
    late = AT + timedelta(days=20)
    assert why(counter, at=late) == "till.lot_expired"
    assert why(counter, at=late, lot_code="X") == "till.lot_expired"
    assert why(counter, lot_code="TAK-ADA") == "till.lot_unknown"
    tills.scan(counter, lot_code="X")
    tills.scan(counter)
    assert why(counter) == "till.only_left"
    tills.stock(counter, 1, variant_id=second, lot="S")
    ledger.reserve(counter.upt_id, second, 1)
    assert why(counter, second) == "till.all_promised"
    assert why(counter, first, grade=Grade.SECOND) == "till.no_second_price"
    assert len(tills.draft(counter).lines) == 2
    plain = tills.make_counter("lapas-pamekasan")
    with pytest.raises(NotFound):
        tills.scan(counter, plain.variant_id)
    assert why(tills.make_counter("rutan-palu", kind="service")) == "till.is_service"
    tills.stock(plain, 1)
    for values, code in (
        ({"price_idr": None}, "till.no_price"),
        ({"is_active": False}, "till.inactive"),
    ):
        with db.unit_of_work():
            row = db.session().get(Variant, plain.variant_id)
            assert row is not None
            for name, value in values.items():
                setattr(row, name, value)
        assert why(plain) == code


def test_a_promise_past_its_end_does_not_stand_in_the_way(counter: Counter) -> None:
    tills.stock(counter, 1, place=Account.AVAILABLE)
    ledger.reserve(counter.upt_id, counter.variant_id, 1, minutes=10)
    assert why(counter) == "till.all_promised"
    later = AT + timedelta(minutes=11)
    tills.scan(counter, at=later)
    tills.pay(counter, at=later)
    assert here(counter, Account.AVAILABLE) == 0
    ensure_whole(counter)


def test_the_same_scan_and_the_same_payment_count_once(counter: Counter) -> None:
    tills.stock(counter, 5)
    same = tills.key()
    for _ in range(3):
        tills.scan(counter, entry_key=same)
    assert tills.draft(counter).quantity == 1
    command = tills.payment(185_000)
    numbers = {tills.sell(counter, command) for _ in range(5)}
    assert numbers == {"K-lapas-indramayu-2026-000001"}
    assert counts()[0] == 1
    tills.scan(counter)
    with pytest.raises(IdempotencyMismatch):
        tills.sell(counter, command.model_copy(update={"total_idr": 1}))
    assert tills.draft(counter).quantity == 1


def test_the_web_takes_the_last_piece_and_the_clerk_loses_nothing(counter: Counter) -> None:
    tills.stock(counter, 2, place=Account.AVAILABLE)
    tills.scan(counter)
    tills.scan(counter)
    ledger.reserve(counter.upt_id, counter.variant_id, 1)
    before = counts()
    with pytest.raises(DraftShort) as refusal:
        tills.pay(counter)
    (short,) = refusal.value.shorts
    assert (short.wanted, short.left) == (2, 1)
    (line,) = tills.draft(counter).lines
    assert (line.quantity, line.left, line.is_sellable) == (2, 1, False)
    assert counts() == before
    with db.unit_of_work():
        services.set_quantity(
            actor=counter.clerk, upt_id=counter.upt_id, line_id=line.line_id, quantity=1, at=AT
        )
    assert tills.pay(counter).endswith("000001")


def test_a_changed_price_is_shown_and_must_be_agreed_to(counter: Counter) -> None:
    tills.stock(counter, 1)
    tills.scan(counter)
    agreed = tills.payment(185_000)
    with db.unit_of_work():
        row = db.session().get(Variant, counter.variant_id)
        assert row is not None
        row.price_idr = 190_000
    with pytest.raises(DraftChanged) as refusal:
        tills.sell(counter, agreed)
    assert (refusal.value.shown_idr, refusal.value.now_idr) == (185_000, 190_000)
    (line,) = tills.draft(counter).lines
    assert (line.is_repriced, line.price_then_idr, line.price_idr) == (True, 185_000, 190_000)
    assert tills.sale(counter, tills.pay(counter)).total_idr == 190_000


def test_second_grade_pieces_cost_what_was_said_and_less_than_whole_ones(counter: Counter) -> None:
    tills.stock(counter, 1, place=Account.SECOND_GRADE)
    assert why(counter) == "till.only_second"

    def price(amount_idr: int, actor: Actor = counter.clerk) -> None:
        with db.unit_of_work():
            services.set_second_price(
                actor=actor, upt_id=counter.upt_id, variant_id=counter.variant_id,
                price_idr=amount_idr, at=AT,
            )  # fmt: skip

    with pytest.raises(SecondPriceUnfit):
        price(185_000)
    with pytest.raises(NotAllowed):
        price(100_000, people.actor("auditor", counter.upt_id))
    price(100_000)
    price(120_000)
    tills.scan(counter, grade=Grade.SECOND)
    sold = tills.sale(counter, tills.pay(counter))
    assert (sold.lines[0].grade, sold.total_idr) == (Grade.SECOND, 120_000)
    assert here(counter, Account.SECOND_GRADE) == 0


def test_refuses_an_empty_counter_too_little_cash_and_strangers(counter: Counter) -> None:
    tills.stock(counter, 1)
    with pytest.raises(DraftEmpty):
        tills.sell(counter, tills.payment(1))
    tills.scan(counter)
    before = counts()
    with pytest.raises(CashTooLittle):
        tills.pay(counter, given_idr=184_999)
    for actor, refusal in (
        (people.actor("upt_clerk", counter.upt_id + 1), NotFound),
        (people.actor("kanwil_staff", counter.upt_id), NotAllowed),
        (people.SYSTEM, NotAllowed),
    ):
        with pytest.raises(refusal), db.unit_of_work():
            services.sell(
                actor=actor, upt_id=counter.upt_id, command=tills.payment(185_000),
                token=tills.token(), at=AT,
            )  # fmt: skip
    assert counts() == before
    assert tills.draft(counter).quantity == 1


def test_an_undoing_brings_goods_and_money_back_once(counter: Counter) -> None:
    tills.stock(counter, 1)
    tills.stock(counter, 1, place=Account.AVAILABLE)
    tills.scan(counter)
    tills.scan(counter)
    number = tills.pay(counter)
    same = tills.key()
    undoing = {tills.undo(counter, number, entry_key=same) for _ in range(3)}
    assert undoing == {"K-lapas-indramayu-2026-000002"}
    assert (here(counter, Account.GALLERY), here(counter, Account.AVAILABLE)) == (1, 1)
    back = tills.sale(counter, undoing.pop())
    assert (back.kind, back.total_idr, back.payment.amount_idr, back.other_number) == (
        SaleKind.UNDO, -370_000, -370_000, number,
    )  # fmt: skip
    assert tills.sale(counter, number).is_undone
    for one in (number, back.number):
        with pytest.raises(AlreadyUndone):
            tills.undo(counter, one)
    assert counts()[0] == 2
    ensure_whole(counter)


def test_only_the_head_takes_back_what_was_sold_on_another_day(counter: Counter) -> None:
    tills.stock(counter, 1)
    tills.scan(counter)
    number = tills.pay(counter)
    tomorrow = AT + timedelta(days=1)
    with pytest.raises(NotAllowed):
        tills.undo(counter, number, at=tomorrow)
    head = people.actor("upt_head", counter.upt_id, user_id=900_002)
    assert tills.undo(counter, number, at=tomorrow, actor=head).endswith("-2026-000002")
    ensure_whole(counter)


def test_numbers_begin_again_with_the_year_of_the_unit_and_have_no_gap(counter: Counter) -> None:
    tills.stock(counter, 4)
    new_year = AT.replace(month=12, day=31, hour=17)
    numbers = []
    for at in (AT, new_year - timedelta(seconds=1), new_year, AT):
        tills.scan(counter, at=at)
        with pytest.raises(CashTooLittle):
            tills.pay(counter, at=at, given_idr=1)
        numbers.append(tills.pay(counter, at=at).removeprefix("K-lapas-indramayu-"))
    assert numbers == ["2026-000001", "2026-000002", "2027-000001", "2027-000002"]
    assert queries.find_faults(upt_id=counter.upt_id) == ()


def test_each_unit_and_each_person_has_an_own_counter(counter: Counter, app: Flask) -> None:
    tills.stock(counter, 3)
    tills.scan(counter)
    user = people.make_user("kasir2@contoh.example", "Petugas Dua")
    mate = Counter(
        counter.upt_id,
        counter.variant_ids,
        people.actor("upt_clerk", counter.upt_id, user_id=user.user_id),
    )
    assert tills.draft(mate).lines == ()
    tills.scan(mate)
    (line,) = tills.draft(mate).lines
    with pytest.raises(NotFound), db.unit_of_work():
        services.set_quantity(
            actor=counter.clerk, upt_id=counter.upt_id, line_id=line.line_id, quantity=0, at=AT
        )
    with db.unit_of_work():
        services.clear(actor=counter.clerk, upt_id=counter.upt_id, at=AT)
    assert (tills.draft(counter).quantity, tills.draft(mate).quantity) == (0, 1)


def test_a_removed_line_can_be_laid_back_until_the_next_change(counter: Counter) -> None:
    tills.stock(counter, 3)
    tills.stock(counter, 3, variant_id=counter.variant_ids[1], lot="M")
    tills.scan(counter)
    tills.scan(counter, counter.variant_ids[1])
    first, second = tills.draft(counter).lines

    def set_to(line_id: int, quantity: int) -> None:
        with db.unit_of_work():
            services.set_quantity(
                actor=counter.clerk,
                upt_id=counter.upt_id,
                line_id=line_id,
                quantity=quantity,
                at=AT,
            )

    set_to(first.line_id, 2)
    set_to(first.line_id, 0)
    shown = tills.draft(counter)
    assert shown.removed is not None
    assert (shown.removed.quantity, shown.total_idr) == (2, 45_000)
    with db.unit_of_work():
        services.put_back(actor=counter.clerk, upt_id=counter.upt_id, line_id=first.line_id, at=AT)
    assert tills.draft(counter).total_idr == 2 * 185_000 + 45_000
    set_to(first.line_id, 0)
    set_to(second.line_id, 3)
    assert tills.draft(counter).removed is None
