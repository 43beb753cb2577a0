"""Reading what banks write, and saying which order a row pays, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.payments import rules
from app.domain.payments.adapters import statement_file
from app.domain.payments.errors import StatementRefused
from app.domain.payments.types import (
    BankRowRecord,
    Candidate,
    CheckedStatement,
    Columns,
    RecordedMoney,
    RowState,
    Why,
)
from app.kernel.ids import READABLE_ALPHABET

TODAY = date(2026, 11, 22)
CODES = st.text(READABLE_ALPHABET, min_size=8, max_size=8)


def read(content: bytes | str, columns: Columns | None = None) -> CheckedStatement:
    given_bytes = content.encode() if isinstance(content, str) else content
    sheet = statement_file.read(given_bytes)
    return rules.check_statement(
        rows=sheet.rows, first_line=sheet.first_line, columns=columns or Columns(), today=TODAY
    )


def row(
    row_id: int = 1, text: str = "", amount_idr: int = 185_000, **more: object
) -> BankRowRecord:
    values: dict[str, object] = {
        "row_id": row_id, "account_id": 1, "file_id": 1, "line": row_id, "happened_on": TODAY,
        "amount_idr": amount_idr, "description": text, "bank_reference": "",
        "fingerprint": str(row_id), "state": RowState.NEW, "reason": "", "money_entry_id": None,
        "payment_reference": None,
    }  # fmt: skip
    return BankRowRecord(**{**values, **more})  # type: ignore[arg-type]


def candidate(
    payment_id: int, reference: str, missing_idr: int = 185_000, **more: object
) -> Candidate:
    values: dict[str, object] = {
        "payment_id": payment_id, "reference": reference, "order_number": f"KB-{payment_id}",
        "contact_name": "Sari Melati", "expected_idr": missing_idr, "missing_idr": missing_idr,
        "is_open": True, "placed_on": TODAY - timedelta(days=1), "pay_by_on": TODAY,
    }  # fmt: skip
    return Candidate(**{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "direction", "amount_idr"),
    [
        ("1.250.000,00", "", 1_250_000), ("1,250,000.00", "", 1_250_000),
        ("185000", "", 185_000), ("185.000", "", 185_000), ("185,000", "", 185_000),
        ("185000.00", "", 185_000), ("185000,0", "", 185_000), ("Rp 185.000,00", "", 185_000),
        ("IDR185.000", "", 185_000), ("185,000.00 CR", "", 185_000), ("+185.000", "", 185_000),
        ("185,000.00 DB", "", None), ("185.000", "D", None), ("185.000", "Kredit", 185_000),
        ("-185.000,00", "", None), ("(185.000)", "", None), ("", "", None), ("-", "", None),
        ("0,00", "", None), ("1.000.000.000.000", "", 1_000_000_000_000),
    ],
)  # fmt: skip
def test_reads_the_numbers_that_banks_write(
    text: str, direction: str, amount_idr: int | None
) -> None:
    assert rules.read_amount_idr(text=text, direction=direction) == amount_idr


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("185.000,50", "fraction"), ("1.85.000", "amount_shape"), ("1850.000.000", "amount_shape"),
        ("seratus", "amount_shape"), ("1e6", "amount_shape"), ("NaN", "amount_shape"),
        ("1.000.000.000.001", "amount_shape"), ("185.000 XX", "direction"),
        ("1.000,000.000", "amount_shape"),
    ],
)  # fmt: skip
def test_refuses_what_is_no_amount(text: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"payments.statement_{code}"):
        rules.read_amount_idr(text=text)


@given(st.integers(1, 10**12), st.sampled_from([(".", ","), (",", ".")]), st.booleans())
def test_every_amount_reads_back_in_both_ways_of_writing(
    amount_idr: int, signs: tuple[str, str], has_cents: bool
) -> None:
    text = f"{amount_idr:,}".replace(",", signs[0]) + (f"{signs[1]}00" if has_cents else "")
    assert rules.read_amount_idr(text=text) == amount_idr


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("22/11/2026", TODAY), ("22-11-2026", TODAY), ("22.11.26", TODAY), ("2026-11-22", TODAY),
        ("22/11/2026 13:05:10", TODAY), ("22 Nov 2026", TODAY), ("1-Okt-2026", date(2026, 10, 1)),
        ("22 Desember 2025", date(2025, 12, 22)), ("22/11", TODAY), ("23/12", date(2025, 12, 23)),
        ("03/04/2026", date(2026, 4, 3)),
    ],
)  # fmt: skip
def test_reads_days_with_the_day_first(text: str, day: date) -> None:
    assert rules.read_day(text=text, today=TODAY) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [("31/02/2026", "day_shape"), ("kemarin", "day_shape"), ("", "day_shape"),
     ("22 Foo 2026", "day_shape"), ("23/11/2026", "day_future"), ("29/02", "day_shape")],
)  # fmt: skip
def test_refuses_what_is_no_day(text: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"payments.statement_{code}"):
        rules.read_day(text=text, today=TODAY)


BCA = (
    "Informasi Rekening - Mutasi Rekening\r\n"
    "No. rekening : 1234567890\r\n"
    "\r\n"
    "Tanggal,Keterangan,Cabang,Jumlah,Saldo\r\n"
    '\'21/11,"TRSF E-BANKING CR, SARI",0000,"185,000.00 CR","1,000,000.00"\r\n'
    '\'21/11,BIAYA ADM,0000,"15,000.00 DB","985,000.00"\r\n'
    'PEND,BELUM DIBUKUKAN,0000,"1.00 CR",0\r\n'
    'Saldo Akhir,,,"985,000.00",\r\n'
)
MANDIRI = "Tgl Transaksi;Uraian;No Referensi;Debet;Kredit\n21/11/2026;Setoran;FT1;;45.000,00\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_reads_banks_with_lines_of_their_own(encoding: str) -> None:
    found = read(MANDIRI.encode(encoding))
    assert [(one.amount_idr, one.bank_reference) for one in found.rows] == [(45_000, "FT1")]
    if encoding != "utf-16":
        found = read(BCA.encode(encoding))
        assert found.columns == Columns("Tanggal", "Keterangan", "Jumlah")
        [one] = found.rows
        assert (one.line, one.happened_on, one.amount_idr) == (5, date(2026, 11, 21), 185_000)
        assert one.description == "TRSF E-BANKING CR, SARI"
        assert (found.rows_out, found.faults) == (1, ())


def test_names_every_wrong_cell_by_line_and_column() -> None:
    found = read(
        "Tanggal;Keterangan;Kredit\n31/02/2026;A;10,5\n22/11/2026;B;1.000\nbesok;C;2.000\n;D;3\n"
    )
    assert [(one.line, one.column, one.value, one.code.split("_")[-1]) for one in found.faults] == [
        (2, "Kredit", "10,5", "fraction"), (2, "Tanggal", "31/02/2026", "shape"),
        (4, "Tanggal", "besok", "shape"), (5, "Tanggal", "", "shape"),
    ]  # fmt: skip
    assert [one.amount_idr for one in found.rows] == [1_000]


def test_asks_for_columns_it_does_not_know_and_takes_those_chosen() -> None:
    text = "Kapan;Apa;Berapa\n22/11/2026;A;1.000\n"
    asked = read(text)
    assert asked.headings == ("Kapan", "Apa", "Berapa")
    assert (asked.columns.is_complete, asked.rows) == (False, ())
    [one] = read(text, Columns("Kapan", "Apa", "Berapa")).rows
    assert one.amount_idr == 1_000


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x00\x01;a;b", b'a;b;c\n"x;y', b"x;" * 3_000_000]
)
def test_refuses_files_that_are_no_statement(content: bytes) -> None:
    with pytest.raises(StatementRefused):
        statement_file.read(content)


def test_equal_rows_have_names_of_their_own_that_stay() -> None:
    line = "22/11/2026;SAMA;1.000\n"
    one, two, three = (
        [each.fingerprint for each in read("Tanggal;Uraian;Kredit\n" + line * count).rows]
        for count in (1, 2, 3)
    )
    assert len(set(three)) == 3
    assert (three[:1], three[:2]) == (one, two)


@given(CODES, st.sampled_from(["{}", "TRF {} SARI", "ab{}cd", "KB {} ", "x.{}"]))
def test_finds_a_code_wherever_it_stands(code: str, frame: str) -> None:
    for text in (code, code.lower(), f"{code[:4]} {code[4:]}", f"{code[:4]}-{code[4:]}"):
        assert rules.readings(text=frame.format(text))[code] is True


def test_reads_signs_that_no_code_has_as_what_they_were_taken_for() -> None:
    found = rules.readings(text="7F3K90W1")
    assert set(found) == {"7F3K9QWL", "7F3K9QWJ", "7F3K9DWL", "7F3K9DWJ"}
    assert not any(found.values())
    assert rules.readings(text="0O1I7F3K") == {}
    assert rules.readings(text="7F3K") == {}


def offered(text: str, *candidates: Candidate, **more: object) -> list[tuple[str, set[Why], bool]]:
    [found] = rules.suggest(rows=[row(text=text, **more)], candidates=candidates)  # type: ignore[arg-type]
    return [(one.candidate.reference, set(one.why), one.is_sure) for one in found.offers]


A, B = "7F3K9QWD", "ABCDEFGH"


def test_is_sure_only_when_code_and_amount_agree() -> None:
    assert offered(f"TRF {A}", candidate(1, A)) == [(A, {Why.CODE, Why.AMOUNT}, True)]
    assert offered("TRF 7F3K9OWD", candidate(1, A)) == [(A, {Why.CODE_MISREAD, Why.AMOUNT}, True)]
    assert offered(f"TRF {A}", candidate(1, A, 190_000)) == [
        (A, {Why.CODE, Why.OTHER_AMOUNT}, False)
    ]
    assert offered(f"TRF {A}", candidate(1, A, is_open=False)) == [
        (A, {Why.CODE, Why.AMOUNT, Why.CLOSED}, False)
    ]
    both = offered(f"{A} {B}", candidate(1, A), candidate(2, B))
    assert [(ref, sure) for ref, _, sure in both] == [(A, False), (B, False)]
    assert all(Why.TWO_CODES in why for _, why, _ in both)


def test_offers_by_amount_and_day_and_puts_the_name_first() -> None:
    other = candidate(1, A, contact_name="Budi Contoh")
    named = candidate(2, B)
    found = offered("TRSF SARI MELA", other, named)
    assert found == [(B, {Why.AMOUNT, Why.NAME}, False), (A, {Why.AMOUNT, Why.DAY}, False)]
    late = candidate(3, A, pay_by_on=TODAY - timedelta(days=4))
    early = candidate(4, B, placed_on=TODAY + timedelta(days=1))
    assert offered("TRSF SARI MELATI", late, early) == []
    assert offered("TRSF SARI MELATI", named, amount_idr=1) == []


def test_offers_money_that_was_typed_by_hand() -> None:
    near = RecordedMoney(5, A, 185_000, TODAY - timedelta(days=7), "FT")
    far = RecordedMoney(6, B, 185_000, TODAY - timedelta(days=8), "FT")
    less = RecordedMoney(7, B, 1, TODAY, "FT")
    [found] = rules.suggest(rows=[row()], candidates=(), recorded=[far, less, near])
    assert (found.recorded, found.sure) == ((near,), None)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 3), st.integers(0, 3)),
        max_size=12,
    ),
    st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=5, max_size=5),
)
def test_no_row_is_sure_for_two_orders_and_no_order_for_two_rows(
    rows: list[tuple[int, int, int, int]], payments: list[tuple[int, bool]]
) -> None:
    codes = ["22222222", "33333333", "44444444", "55555555", "66666666"]
    candidates = [
        candidate(number, codes[number], amount * 1_000, is_open=is_open)
        for number, (amount, is_open) in enumerate(payments)
    ]
    given_rows = [
        row(number, f"A {codes[one]} X {codes[two]}", amount * 1_000,
            happened_on=TODAY - timedelta(days=age))
        for number, (one, two, amount, age) in enumerate(rows)
    ]  # fmt: skip
    found = rules.suggest(rows=given_rows, candidates=candidates)
    assert [one.row_id for one in found] == [one.row_id for one in given_rows]
    sure = [one.sure.candidate for one in found if one.sure]
    assert len({one.payment_id for one in sure}) == len(sure)
    for one, its_row in zip(found, given_rows, strict=True):
        assert sum(offer.is_sure for offer in one.offers) <= 1
        if one.sure:
            assert one.sure.candidate.missing_idr == its_row.amount_idr
            assert one.sure.candidate.is_open
    again = rules.suggest(rows=given_rows[::-1], candidates=candidates[::-1])
    assert {one.row_id: one.sure for one in again} == {one.row_id: one.sure for one in found}
