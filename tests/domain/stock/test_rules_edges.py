"""Edges of the ledger's rules that broken code would otherwise get past unseen."""

from __future__ import annotations

from app.domain.stock import rules
from app.domain.stock.types import AdjustReason as Why


def test_reasons_are_told_by_whether_pieces_are_added_or_taken() -> None:
    adding = (Why.OPENING, Why.FOUND, Why.COUNT)
    taking = (Why.COUNT, Why.DAMAGED, Why.SPOILED, Why.LOST, Why.SAMPLE, Why.INTERNAL_USE)
    for step in (1, 2, 10):
        assert rules.reasons(direction=step) == adding
        assert rules.reasons(direction=-step) == taking
