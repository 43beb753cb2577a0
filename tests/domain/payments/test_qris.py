"""QRIS codes with an amount: order of the fields, checksum, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lokal.qris import parse_qris, qris_crc

from app.domain.payments.adapters import qris

STATIC = (
    "00020101021126680016ID.CO.CONTOH.WWW011893600014000000000102150000000000000010303UMI"
    "51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204594753033605802ID5915KOPERASI CONTOH"
    "6007JAKARTA61051011063048228"
)
DYNAMIC = (
    "00020101021226680016ID.CO.CONTOH.WWW011893600014000000000102150000000000000010303UMI"
    "51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI52045947530336054061850005802ID"
    "5915KOPERASI CONTOH6007JAKARTA6105101106304A4CC"
)


def crc(text: str) -> str:
    """Compute CRC-16/CCITT-FALSE bit by bit, independent of the library."""
    value = 0xFFFF
    for byte in text.encode():
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1) ^ 0x1021 if value & 0x8000 else value << 1
            value &= 0xFFFF
    return f"{value:04X}"


def test_the_checksum_is_the_known_one() -> None:
    assert crc("123456789") == qris_crc("123456789") == "29B1"
    assert STATIC.endswith(crc(STATIC[:-4]))


def test_a_fixed_code_gets_its_amount_in_its_place() -> None:
    assert qris.is_payload(STATIC)
    assert not qris.is_payload(DYNAMIC)
    assert not qris.is_payload(STATIC[:-1] + "9")
    assert not qris.is_payload("")
    assert qris.with_amount(payload=STATIC, amount_idr=185_000) == DYNAMIC


@given(st.integers(1, qris.AMOUNT_IDR_MAX))
def test_every_amount_stands_exactly_and_the_rest_stays(amount_idr: int) -> None:
    made = qris.with_amount(payload=STATIC, amount_idr=amount_idr)
    found, before = parse_qris(made), parse_qris(STATIC)
    assert (found.valid, found.type, found.amount) == (True, "dynamic", str(amount_idr))
    tags = [field.tag for field in found.fields]
    assert tags == sorted(tags)
    assert tags[-1] == "63"
    assert made.endswith(crc(made[:-4]))
    changed = {"01", "54", "63"}
    rest = [(f.tag, f.value) for f in found.fields if f.tag not in changed]
    assert rest == [(f.tag, f.value) for f in before.fields if f.tag not in changed]


@pytest.mark.parametrize(
    ("payload", "amount_idr"),
    [(STATIC, 0), (STATIC, -1), (STATIC, 10_000_001), ("x", 5), (STATIC[:-4] + "0000", 5)],
)
def test_refuses_what_no_bank_would_take(payload: str, amount_idr: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        qris.with_amount(payload=payload, amount_idr=amount_idr)
