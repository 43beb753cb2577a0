"""QRIS: a merchant's fixed code becomes one for an exact amount.

The buyer's bank then shows the amount, which cannot be mistyped; the money arrives like a transfer and
is confirmed like one. Fields are those of EMVCo's merchant-presented mode: tag, length, value, closed by
a CRC-16 over everything before it.
"""

from __future__ import annotations

from lokal.qris import parse_qris, set_qris_amount

AMOUNT_IDR_MAX = 10_000_000
"""The most that one QRIS payment may carry, by the rules of Bank Indonesia."""


def fits(*, amount_idr: int) -> bool:
    """Say whether an amount may be paid by QRIS at all."""
    return 1 <= amount_idr <= AMOUNT_IDR_MAX


def is_payload(text: str) -> bool:
    """Say whether a text is a fixed QRIS code in rupiah without an amount of its own."""
    found = parse_qris(text)
    return found.valid and found.type == "static" and found.currency == "360" and not found.amount


def with_amount(*, payload: str, amount_idr: int) -> str:
    """Return the code for an exact amount; everything else stays as the bank issued it.

    Raises:
        ValueError: The code is damaged, or the amount is none that QRIS carries.
    """
    if not fits(amount_idr=amount_idr):
        raise ValueError("QRIS carries 1 to 10,000,000 rupiah")
    return set_qris_amount(payload, amount_idr)
