"""Forms of the stock desk as a browser sends them."""

from __future__ import annotations

from tests.factories.ledger import Shelf

KEY = "kunci-entri-0123456789"


def receipt(shelf: Shelf, **changes: object) -> dict[str, object]:
    """Return the form that receives one row of goods; fields of the row go by their plain name."""
    row = {"variant_id": shelf.variant_id, "quantity": "12", "lot_code": "L1"}
    values: dict[str, object] = {"origin": "production", "place": "available", "entry_key": KEY}
    for name, value in changes.items():
        if name in {"variant_id", "quantity", "lot_code", "produced_on", "expires_on"}:
            row[name] = value
        else:
            values[name] = value
    return {**values, **{f"lines.0.{name}": value for name, value in row.items()}}


def adjustment(**changes: object) -> dict[str, object]:
    """Return the form that takes two damaged pieces out of the store room."""
    values = {"direction": "minus", "quantity": "2", "reason": "damaged", "entry_key": KEY}
    return {**values, **changes}
