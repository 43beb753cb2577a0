"""Papers come out as PDF with our font, whatever signs the data holds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import typst
from flask import Flask

from app.infra import pdf

SHEET = """#import "base.typ": *
#let data = json(bytes(sys.inputs.data))
#show: paper.with(title: "Lembar", number: data.number, unit: "Lapas Contoh")
#data.words
#qr(data.qr)
"""


@pytest.fixture
def press(app: Flask, tmp_path: Path) -> pdf.Press:
    """Give a press with one small template beside the common one."""
    folder = tmp_path / "documents"
    folder.mkdir()
    common = Path(app.root_path) / "templates" / "documents" / "base.typ"
    (folder / "base.typ").write_text(common.read_text())
    (folder / "sheet.typ").write_text(SHEET)
    return pdf.Press(templates=folder, fonts=tmp_path / "fonts", web_font=None)


def values(**changes: str) -> dict[str, str]:
    """Return what the small template reads."""
    qr = pdf.qr_svg("https://toko.example/p/KB-1")
    return {"number": "KB-1", "words": "Rp185.000", "qr": qr, **changes}


def test_sets_a_pdf_and_the_same_values_give_the_same_bytes(press: pdf.Press, at: datetime) -> None:
    first = press.render("sheet", values=values(), at=at)
    assert first.startswith(b"%PDF-1.7")
    assert press.render("sheet", values=values(), at=at) == first
    assert press.render("sheet", values=values(number="KB-2"), at=at) != first


def test_text_never_becomes_markup(press: pdf.Press, at: datetime) -> None:
    harmful = '#panic("x") *tebal* $1/0$ \\ "kutip"'
    assert press.render("sheet", values=values(words=harmful), at=at).startswith(b"%PDF")


def test_says_so_when_a_value_is_missing(press: pdf.Press, at: datetime) -> None:
    with pytest.raises(typst.TypstError):
        press.render("sheet", values={"number": "KB-1"}, at=at)


def test_a_qr_code_is_one_svg_element(app: Flask) -> None:
    svg = pdf.qr_svg("https://toko.example/p/KB-1")
    assert svg.startswith("<svg")
    assert svg.endswith("</svg>")
    assert "viewBox" in svg
