"""Decisions of the till: which lots, change, numbers, what typed amounts and scans mean."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.stock import rules as stock_rules
from app.domain.stock.types import Account, LotBalance
from app.domain.till import rules
from app.domain.till.commands import CloseDrawer, PaySale
from app.domain.till.errors import CashTooLittle
from app.domain.till.types import SOLD_FROM, Grade, PayMethod, SaleLine, Want
from app.kernel.errors import Invalid

DAY = date(2026, 11, 22)
KEY = "k" * 16


def lot(
    lot_id: int, on_hand: int, account: Account = Account.GALLERY, **more: object
) -> LotBalance:
    values = {
        "variant_id": 1, "lot_id": lot_id, "account": account, "code": f"L{lot_id}",
        "produced_on": None, "expires_on": None, "is_open": True, "on_hand": on_hand, "held": 0,
    }  # fmt: skip
    return LotBalance(**{**values, **more})  # type: ignore[arg-type]  # values by name


def want(line_id: int, quantity: int, lot_id: int | None = None) -> Want:
    return Want(line_id, 1, Grade.FIRST, lot_id, quantity)


def test_a_line_that_names_a_lot_is_served_before_one_that_does_not() -> None:
    lots = [lot(1, 1), lot(2, 1)]
    picks, shorts = rules.plan(wants=[want(1, 1), want(2, 1, lot_id=1)], lots=lots, on=DAY)
    assert [(pick.line_id, pick.lot_id) for pick in picks] == [(1, 2), (2, 1)]
    assert shorts == ()


@given(
    pieces=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3)), max_size=8),
    wanted=st.lists(st.tuples(st.integers(1, 12), st.none() | st.integers(0, 7)), max_size=6),
)
def test_no_plan_takes_more_than_is_free_nor_from_the_wrong_place(
    pieces: list[tuple[int, int, int]], wanted: list[tuple[int, int | None]]
) -> None:
    places = (Account.GALLERY, Account.AVAILABLE, Account.SECOND_GRADE, Account.QUARANTINE)
    lots = [
        lot(n, on_hand, places[place], held=min(held, on_hand), is_open=n % 5 != 4,
            expires_on=DAY.replace(day=21) if n % 7 == 6 else None)
        for n, (on_hand, held, place) in enumerate(pieces)
    ]  # fmt: skip
    wants = [want(n, quantity, lot_id) for n, (quantity, lot_id) in enumerate(wanted)]
    picks, shorts = rules.plan(wants=wants, lots=lots, on=DAY)
    short = {one.line_id: one for one in shorts}
    for one in lots:
        taken = sum(pick.quantity for pick in picks if pick.lot_id == one.lot_id)
        is_fit = one.account in SOLD_FROM[Grade.FIRST] and rules.is_sellable(one, on=DAY)
        assert taken <= (one.on_hand - one.held if is_fit else 0)
    for one_want in wants:
        taken = sum(pick.quantity for pick in picks if pick.line_id == one_want.line_id)
        missing = short.get(one_want.line_id)
        assert taken == (missing.left if missing else one_want.quantity)


@given(total=st.integers(1, 10**9), extra=st.integers(0, 10**6))
def test_change_is_what_was_given_less_the_total(total: int, extra: int) -> None:
    paid = rules.pay(method=PayMethod.CASH, total_idr=total, given_idr=total + extra, reference="x")
    assert (paid.amount_idr, paid.change_idr, paid.reference) == (total, extra, "")
    with pytest.raises(CashTooLittle):
        rules.pay(method=PayMethod.CASH, total_idr=total, given_idr=total - 1, reference="")
    quick = rules.quick_amounts(total_idr=total)
    assert quick[0] == total
    assert list(quick) == sorted(set(quick))
    assert len(quick) <= rules.QUICK_MAX


def test_other_ways_of_paying_are_exact_and_quick_amounts_need_a_sum() -> None:
    paid = rules.pay(method=PayMethod.QRIS, total_idr=5, given_idr=None, reference="R")
    assert (paid.given_idr, paid.change_idr, paid.reference) == (5, 0, "R")
    assert rules.quick_amounts(total_idr=0) == ()
    assert rules.quick_amounts(total_idr=185_000) == (185_000, 190_000, 200_000)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("50000", 50_000), ("50.000", 50_000), ("Rp50.000", 50_000), ("Rp 1 250 000", 1_250_000),
     ("rp. 5.000,-", 5_000), ("5.000,00", 5_000), ("0", 0)],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(typed: str, amount: int) -> None:
    values = {"method": "cash", "total_idr": "1", "given_idr": typed, "entry_key": KEY}
    assert PaySale.parse(values).given_idr == amount


@pytest.mark.parametrize("typed", ["5.00", "5,5", "1e5", "-1", "lima", "1.0000", "", "９"])
def test_other_amounts_are_refused(typed: str) -> None:
    values = {"counted_idr": typed, "left_idr": "0", "expected_idr": "-5000", "entry_key": KEY}
    with pytest.raises(Invalid):
        CloseDrawer.parse(values)
    assert CloseDrawer.parse({**values, "counted_idr": "0"}).expected_idr == -5_000


def test_numbers_name_unit_and_year_and_a_clock_that_goes_back_opens_no_old_year() -> None:
    assert rules.next_number(year=2027, last_year=2026, last_number=9) == (2027, 1)
    assert rules.next_number(year=2026, last_year=2027, last_number=3) == (2027, 4)
    number = rules.receipt_number(upt_slug="lapas-indramayu", year=2026, sequence=123)
    assert number == "K-lapas-indramayu-2026-000123"
    assert rules.source_key(number=number, upt_id=7) == number
    long = rules.receipt_number(upt_slug="l" * 80, year=2026, sequence=1)
    assert rules.source_key(number=long, upt_id=7) == "K-7-2026-000001"
    late = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert rules.local_day(at=late, timezone="Asia/Makassar") == date(2027, 1, 1)
    assert rules.keep_key(keys="a b", key="c") == "a b c"
    assert len(rules.keep_key(keys=" ".join("abcdefgh"), key="i").split()) == rules.KEYS_KEPT


def test_a_receipt_puts_pieces_of_one_price_together_and_keeps_their_lots() -> None:
    def line(lot_code: str, quantity: int, grade: Grade = Grade.FIRST) -> SaleLine:
        return SaleLine(
            1, 1, 1, "T-1", "Tirai", grade, Account.GALLERY, lot_code, None, quantity, 500,
            quantity * 500,
        )  # fmt: skip

    shown = rules.receipt_lines([line("A", 2), line("B", 1), line("C", 1, Grade.SECOND)])
    assert [(one.quantity, one.amount_idr, one.lots, one.is_second) for one in shown] == [
        (3, 1_500, ("A", "B"), False),
        (1, 500, ("C",), True),
    ]


@pytest.mark.parametrize(
    ("text", "sku", "lot_code", "slug"),
    [
        (" TIRAI-01 ", "TIRAI-01", None, None),
        ("TIRAI-01#DEMO 1", "TIRAI-01", "DEMO 1", None),
        ("https://toko.example/s/lapas-a/TIRAI-01", "TIRAI-01", None, "lapas-a"),
        ("http://127.0.0.1:8000/s/lapas-a/TIRAI%2001/?x=1#D%23", "TIRAI 01", "D#", "lapas-a"),
        ("/s/lapas-a/T#", "T", None, "lapas-a"),
        ("https://toko.example/produk/tirai", "https://toko.example/produk/tirai", None, None),
        ("#", "", None, None),
        ("", "", None, None),
    ],
)
def test_scans_are_taken_apart(text: str, sku: str, lot_code: str | None, slug: str | None) -> None:
    found = stock_rules.parse_scan(text)
    assert (found.sku, found.lot_code, found.upt_slug) == (sku, lot_code, slug)


@given(
    sku=st.text(min_size=1).map(str.strip).filter(bool),
    lot_code=st.none() | st.text(min_size=1).map(str.strip).filter(bool),
)
def test_what_a_label_carries_is_what_a_scan_reads(sku: str, lot_code: str | None) -> None:
    path = stock_rules.scan_path(upt_slug="lapas-a", sku=sku, lot_code=lot_code)
    found = stock_rules.parse_scan(f"https://toko.example{path}")
    assert (found.sku, found.lot_code, found.upt_slug) == (sku, lot_code, "lapas-a")
