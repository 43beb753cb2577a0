"""Decisions about lists: what a cell, a heading, a row and a file mean, and what they do to the books."""

from app.domain.imports.rules.cells import BadCell, plain
from app.domain.imports.rules.content import (
    chunks,
    fingerprint,
    mark_known,
    moves,
    with_keys,
    write_errors,
)
from app.domain.imports.rules.headings import ERRORS, MEANING, REQUIRED, folded, read_table
from app.domain.imports.rules.rows import (
    judge,
    refuse_seconds,
    refuse_twins,
    settle_lots,
    with_error,
)

__all__ = [
    "ERRORS",
    "MEANING",
    "REQUIRED",
    "BadCell",
    "chunks",
    "fingerprint",
    "folded",
    "judge",
    "mark_known",
    "moves",
    "plain",
    "read_table",
    "refuse_seconds",
    "refuse_twins",
    "settle_lots",
    "with_error",
    "with_keys",
    "write_errors",
]
