"""Papers: typst templates and data in, PDF out; and QR codes for paper and screen.

A template in ``templates/documents`` reads its data by ``json(bytes(sys.inputs.data))``: values never
become part of the source, so no text can turn into markup. The only font is our own, unwrapped once
from the web font into the instance folder, so that every machine sets the same page.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import segno
import structlog
import typst
from flask import Flask, current_app
from fontTools.ttLib import TTFont

log = structlog.get_logger("pdf")

_EXTENSION: Final = "karyabina.pdf"
FONT: Final = "plus-jakarta-sans.woff2"


class Press:
    """Compiled templates of one process; one sheet at a time for each."""

    def __init__(self, *, templates: Path, fonts: Path, web_font: Path | None) -> None:
        """Set papers from ``templates`` with the fonts in ``fonts``.

        Args:
            web_font: The font as browsers get it; None sets in typst's own.
        """
        self._templates = templates
        self._fonts = fonts
        self._web_font = web_font
        self._compilers: dict[str, tuple[typst.Compiler, threading.Lock]] = {}
        self._opening = threading.Lock()

    def render(self, template: str, *, values: Mapping[str, Any], at: datetime) -> bytes:
        """Return a tagged PDF.

        Args:
            template: Name of a file in the folder of templates, without its ending.
            values: JSON values; the template reads them as one dictionary.
            at: Instant written into the file, so that the same values give the same bytes.

        Raises:
            typst.TypstError: The template and the values do not fit together.
        """
        compiler, lock = self._compiler(template)
        inputs = {"data": json.dumps(values, ensure_ascii=False)}
        with lock:
            content = compiler.compile(
                format="pdf", sys_inputs=inputs, timestamp=int(at.timestamp())
            )
        assert isinstance(content, bytes)
        return content

    def _compiler(self, template: str) -> tuple[typst.Compiler, threading.Lock]:
        with self._opening:
            if template not in self._compilers:
                self._unwrap_font()
                compiler = typst.Compiler(
                    input=str(self._templates / f"{template}.typ"),
                    root=str(self._templates),
                    font_paths=[str(self._fonts)],
                    ignore_system_fonts=True,
                )
                self._compilers[template] = (compiler, threading.Lock())
            return self._compilers[template]

    def _unwrap_font(self) -> None:
        """Keep the web font as a plain font file, under the name of its version."""
        self._fonts.mkdir(parents=True, exist_ok=True)
        if self._web_font is None:
            return
        target = self._fonts / f"{self._web_font.stem}.ttf"
        if target.is_file():
            return
        font = TTFont(self._web_font)
        font.flavor = None
        content = io.BytesIO()
        font.save(content)
        partial = target.with_suffix(f".{threading.get_ident()}.partial")
        partial.write_bytes(content.getvalue())
        partial.replace(target)
        log.info("font_unwrapped", file=target.name)


def render(template: str, *, values: Mapping[str, Any], at: datetime) -> bytes:
    """Return a PDF from a template of ``templates/documents``; see ``Press.render``."""
    press = current_app.extensions[_EXTENSION]
    assert isinstance(press, Press)
    return press.render(template, values=values, at=at)


def qr_svg(text: str, *, border: int = 2) -> str:
    """Return a QR code as an SVG element for pages and papers; error correction M.

    Args:
        text: What a scanner reads; at most about 2,000 signs.
        border: Quiet zone in modules; a code standing on white paper needs 4.
    """
    stream = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        stream, kind="svg", border=border, xmldecl=False, svgns=True, omitsize=True, nl=False
    )
    return stream.getvalue().decode()


def init_app(app: Flask, *, templates: Path, instance_dir: Path, dist: Path) -> None:
    """Attach the press; the font is the newest build of the front end."""
    stem, ending = FONT.split(".")
    built = sorted(dist.glob(f"{stem}.*.{ending}"), key=lambda path: path.stat().st_mtime)
    app.extensions[_EXTENSION] = Press(
        templates=templates,
        fonts=instance_dir / "fonts",
        web_font=built[-1] if built else None,
    )
