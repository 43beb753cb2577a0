"""What bootstrap plugs in: the implementation behind each port, found through the application.

Domain packages know a port by its ``Protocol``; they ask here for whatever stands behind it.
"""

from __future__ import annotations

from flask import Flask, current_app

_PREFIX = "karyabina.port."


def plug(app: Flask, name: str, implementation: object) -> None:
    """Put an implementation behind a port."""
    app.extensions[_PREFIX + name] = implementation


def plugged(name: str) -> object:
    """Return what stands behind a port of the present application.

    Raises:
        LookupError: Nothing was plugged in.
    """
    try:
        return current_app.extensions[_PREFIX + name]
    except KeyError:
        raise LookupError(f"nothing stands behind the port {name!r}") from None
