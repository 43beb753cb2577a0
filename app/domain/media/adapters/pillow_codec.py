"""Pillow behind the port: every decode happens in a child process with limits."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Final

from app.domain.media.errors import PictureReason, PictureRefused
from app.domain.media.types import (
    PIXELS_MAX,
    PictureFormat,
    RenderedFile,
    RenderedPicture,
    RenditionFormat,
)

CHILD: Final = Path(__file__).with_name("pillow_child.py")
MEMORY_BYTES_MAX: Final = 700 * 1024 * 1024
"""Address space of the child; 25 million pixels with transparency need 100 MB of it twice."""

CHECK_CPU_SECONDS: Final = 2
RENDER_CPU_SECONDS: Final = 30
WAIT_FACTOR: Final = 4
"""Real time allowed for each second of CPU, on a busy machine."""

CHILDREN_MAX: Final = 2
_turn: Final = threading.BoundedSemaphore(CHILDREN_MAX)


class PillowCodec:
    """The codec that the application uses."""

    def check(self, content: bytes, *, picture_format: PictureFormat) -> None:
        """Decode the whole picture once, in a child process.

        Raises:
            PictureRefused: It is damaged, or decoding it costs too much.
        """
        _run(
            content,
            {"task": "check", "format": picture_format.value, "cpu_seconds": CHECK_CPU_SECONDS},
        )

    def render(
        self, content: bytes, *, picture_format: PictureFormat, widths: tuple[int, ...]
    ) -> RenderedPicture:
        """Return the picture upright, without metadata, in the widths that it can fill.

        Raises:
            PictureRefused: It is damaged, or decoding it costs too much.
        """
        with tempfile.TemporaryDirectory(prefix="karyabina-") as folder:
            answer = _run(
                content,
                {
                    "task": "render",
                    "format": picture_format.value,
                    "widths": widths,
                    "folder": folder,
                    "cpu_seconds": RENDER_CPU_SECONDS,
                },
            )
            files = tuple(
                RenderedFile(
                    format=RenditionFormat(file["format"]),
                    width=file["width"],
                    height=file["height"],
                    content=(Path(folder) / file["name"]).read_bytes(),
                )
                for file in answer["files"]
            )
        return RenderedPicture(answer["width"], answer["height"], answer["colour"], files)


def _run(content: bytes, job: dict[str, Any]) -> dict[str, Any]:
    limits = {"memory_bytes": MEMORY_BYTES_MAX, "pixels_max": PIXELS_MAX}
    with _turn:
        try:
            done = subprocess.run(  # the arguments are ours; the picture goes in as data
                [sys.executable, "-I", str(CHILD), json.dumps({**job, **limits})],
                input=content,
                capture_output=True,
                timeout=job["cpu_seconds"] * WAIT_FACTOR,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PictureRefused(PictureReason.DAMAGED) from None
    if done.returncode != 0:
        raise PictureRefused(PictureReason.DAMAGED)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
