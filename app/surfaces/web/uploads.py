"""A file that came with a form."""

from __future__ import annotations

from flask import request


def sent(bytes_max: int, *, field: str = "file") -> tuple[str, bytes] | None:
    """Return name and bytes of the file, at most one byte more than allowed; None without one."""
    found = request.files.get(field)
    if found is None:
        return None
    try:
        return (found.filename, found.stream.read(bytes_max + 1)) if found.filename else None
    finally:
        found.close()
