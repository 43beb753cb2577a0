"""Reviewed files that the code must equal; ``UPDATE_GOLDEN=1`` writes them anew for review."""

from __future__ import annotations

import os
from pathlib import Path


def check(path: Path, lines: list[str]) -> None:
    """Compare lines with a reviewed file, or renew the file when asked to."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text("\n".join(lines) + "\n")
    assert lines == path.read_text().splitlines()
