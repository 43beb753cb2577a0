"""Reads of imports and of the lists that go out; callers see one room."""

from app.domain.imports.queries.books import lots_by_code, pieces_anywhere
from app.domain.imports.queries.files import (
    errors_by_line,
    find_by_key,
    find_earlier,
    get_content,
    get_file,
    has_opening,
    known_keys,
    list_files,
    list_sums,
    list_wrong,
    lock_file,
    record,
    rows_to_post,
)
from app.domain.imports.queries.lists import (
    goods_by_sku,
    price_list,
    receipts,
    stock_card,
    stock_list,
)

__all__ = [
    "errors_by_line",
    "find_by_key",
    "find_earlier",
    "get_content",
    "get_file",
    "goods_by_sku",
    "has_opening",
    "known_keys",
    "list_files",
    "list_sums",
    "list_wrong",
    "lock_file",
    "lots_by_code",
    "pieces_anywhere",
    "price_list",
    "receipts",
    "record",
    "rows_to_post",
    "stock_card",
    "stock_list",
]
