"""Values as people in Indonesia write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.surfaces.web import filters


@pytest.mark.parametrize(
    ("amount_idr", "written"),
    [
        (0, "Rp0"),
        (500, "Rp500"),
        (185_000, "Rp185.000"),
        (25_000_000, "Rp25.000.000"),
        (-1_500, "−Rp1.500"),
    ],
)
def test_rupiah(amount_idr: int, written: str) -> None:
    assert filters.idr(amount_idr) == written


@pytest.mark.parametrize(
    ("weight_g", "written"),
    [
        (0, "0 g"),
        (999, "999 g"),
        (1_000, "1 kg"),
        (1_250, "1,25 kg"),
        (1_204, "1,2 kg"),
        (12_500_000, "12.500 kg"),
    ],
)
def test_weights(weight_g: int, written: str) -> None:
    assert filters.grams(weight_g) == written


@pytest.mark.parametrize(
    ("length_mm", "written"), [(8, "8 mm"), (10, "1 cm"), (245, "24,5 cm"), (2_000, "200 cm")]
)
def test_lengths(length_mm: int, written: str) -> None:
    assert filters.mm(length_mm) == written


def test_dates_are_written_out_in_the_zone_of_the_place() -> None:
    late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    assert filters.local_date(date(2026, 8, 17)) == "17 Agustus 2026"
    assert filters.local_date(late, "Asia/Makassar") == "22 November 2026"
    assert filters.local_datetime(late) == "21 November 2026 pukul 23.30 WIB"
    assert filters.local_datetime(late, "Asia/Jayapura") == "22 November 2026 pukul 01.30 WIT"
    assert filters.iso(date(2026, 8, 17)) == "2026-08-17"
