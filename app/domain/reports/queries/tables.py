"""Tables of other packages, by name; the reports are the one package that reads them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Date, String, column, table

from app.infra.db import UtcDateTime

ENTRY: Final = table(
    "stock_entry",
    column("id"), column("upt_id"), column("sequence"), column("phase", String),
    column("kind", String), column("variant_id"), column("lot_id"),
    column("from_account", String), column("to_account", String), column("quantity"),
    column("happened_at", UtcDateTime), column("written_at", UtcDateTime),
    column("actor", String), column("reason", String), column("note", String),
    column("source_kind", String), column("source_key", String), column("hash", String),
)  # fmt: skip
BALANCE: Final = table(
    "stock_balance",
    column("upt_id"), column("variant_id"), column("lot_id"), column("account", String),
    column("in_posted"), column("out_posted"), column("in_pending"), column("out_pending"),
)  # fmt: skip
LOT: Final = table(
    "stock_lot",
    column("id"), column("upt_id"), column("variant_id"), column("code", String),
    column("produced_on", Date), column("expires_on", Date), column("state", String),
)  # fmt: skip
HEAD: Final = table(
    "stock_head",
    column("upt_id"), column("sequence"), column("hash", String),
    column("written_at", UtcDateTime),
)  # fmt: skip
VARIANT: Final = table(
    "variant",
    column("id"), column("product_id"), column("upt_id"), column("sku", String),
    column("name", String), column("price_idr"), column("is_active", Boolean),
)  # fmt: skip
PRODUCT: Final = table(
    "product",
    column("id"), column("upt_id"), column("name", String), column("kind", String),
    column("category_id"), column("lead_time_days"),
)  # fmt: skip
CATEGORY: Final = table("category", column("id"), column("name", String))
UPT: Final = table(
    "upt",
    column("id"), column("short_name", String), column("kanwil_id"),
    column("timezone", String), column("is_active", Boolean),
)  # fmt: skip
KANWIL: Final = table("kanwil", column("id"), column("code", String), column("name", String))
