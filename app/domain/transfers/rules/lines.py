"""Lines of a document: what may be wanted, what may be counted, whose goods are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.domain.catalog.types import VariantBrief
from app.domain.stock import rules as stock_rules
from app.domain.transfers.errors import MoreThanSent, NothingWritten, TransferChanged
from app.domain.transfers.types import WantedLine
from app.kernel.errors import FieldError
from app.kernel.text import fold

_MORE: Final = "transfers.more_than_sent"


def merge_wanted(lines: Sequence[WantedLine]) -> tuple[WantedLine, ...]:
    """Return the lines with those of the same goods, place and lot added up, in their order.

    Raises:
        NothingWritten: There is none.
        QuantityOutOfRange: A sum is outside the limits.
    """
    if not lines:
        raise NothingWritten
    merged: dict[tuple[int, str, int | None], WantedLine] = {}
    for line in lines:
        key = (line.variant_id, line.from_place.value, line.lot_id)
        known = merged.get(key)
        merged[key] = replace(known, quantity=known.quantity + line.quantity) if known else line
    for line in merged.values():
        stock_rules.ensure_quantity(line.quantity)
    return tuple(merged.values())


def ensure_counted(
    *, left: Mapping[int, int], counted: Sequence[tuple[int, int]]
) -> tuple[int, ...]:
    """Refuse counts beyond what is still open, naming every line; return the lines counted.

    Args:
        left: Open pieces by line id.
        counted: Line id and pieces settled now, in the order of the form; zero is passed over.

    Raises:
        MoreThanSent: With one error for each line that has too many.
        NothingWritten: All are zero.
        TransferChanged: A line is not of this document, or stands there twice.
    """
    ids = [line_id for line_id, _ in counted]
    if len(set(ids)) != len(ids) or not set(ids) <= left.keys():
        raise TransferChanged
    errors = [
        FieldError(f"lines.{place}.received", _MORE, (("left", left[line_id]), ("counted", total)))
        for place, (line_id, total) in enumerate(counted)
        if total > left[line_id]
    ]
    if errors:
        raise MoreThanSent(*errors)
    settled = tuple(line_id for line_id, total in counted if total)
    if not settled:
        raise NothingWritten
    return settled


def ensure_version(*, expected: int, version: int) -> None:
    """Refuse when somebody else changed the document since the page was opened.

    Raises:
        TransferChanged: The versions differ.
    """
    if expected != version:
        raise TransferChanged


def suggest_variant(*, goods: VariantBrief, own: Sequence[VariantBrief]) -> int | None:
    """Return the receiver's variant for goods of another UPT: same code, else same names."""
    code = fold(goods.sku)
    by_code = [each.variant_id for each in own if fold(each.sku) == code]
    if by_code:
        return by_code[0]
    by_name = [each.variant_id for each in own if same_goods(each, goods)]
    return by_name[0] if len(by_name) == 1 else None


def same_goods(one: VariantBrief, other: VariantBrief) -> bool:
    """Say whether two variants carry the same names."""
    return (fold(one.product_name), fold(one.variant_name)) == (
        fold(other.product_name),
        fold(other.variant_name),
    )
