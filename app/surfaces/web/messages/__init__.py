"""Words for every code: the one place where a refusal becomes an Indonesian sentence."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any, Final

from app.kernel.errors import DomainError, FieldError
from app.surfaces.web import filters


class _Blank(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"


_PIECES: Final = frozenset({"quantity", "pieces", "available", "wanted", "left", "rows", "entries"})
"""Numbers that are written with a point at the thousands."""


def _collect() -> dict[str, str]:
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(__path__):
        part = importlib.import_module(f"{__name__}.{module.name}")
        for code, words in part.MESSAGES.items():
            if code in found:
                raise ValueError(f"two messages for {code}")
            found[code] = words
    return found


MESSAGES: Final = _collect()


def text(code: str, **params: object) -> str:
    """Return the sentence for a code with its placeholders filled.

    A parameter such as ``due_idr`` also fills ``{due}``, written as rupiah.
    """
    words = MESSAGES.get(code, MESSAGES["error.unknown"])
    amounts = {
        name.removesuffix("_idr"): filters.idr(value)
        for name, value in params.items()
        if name.endswith("_idr") and isinstance(value, int)
    }
    pieces = {
        name: filters.integer(value)
        for name, value in params.items()
        if name in _PIECES and isinstance(value, int)
    }
    return words.format_map(_Blank({**params, **pieces, **amounts}))


def for_error(error: DomainError) -> str:
    """Return the sentence for a refusal."""
    return text(error.code, **error.details())


def for_field(error: FieldError) -> str:
    """Return the sentence for one wrong field."""
    return text(error.code, **dict(error.params))
