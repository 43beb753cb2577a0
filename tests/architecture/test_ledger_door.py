"""One door into the ledger: who inserts entries, and who writes what is derived from them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import config

APP = config.ROOT / "app"
DOOR = "app/domain/stock/services/posting.py"
REBUILD = "app/domain/stock/services/rebuild.py"

WRITERS = {
    "stock_entry": {DOOR},
    "stock_balance": {REBUILD},
    "stock_hold": {REBUILD},
    "stock_head": {DOOR, REBUILD},
    "stock_rebuild": {REBUILD},
}
"""Table and the only modules that write it; the door makes an empty head for a first posting."""

MODELS = {
    "StockEntry": "stock_entry",
    "StockBalance": "stock_balance",
    "StockHold": "stock_hold",
    "StockHead": "stock_head",
    "StockRebuild": "stock_rebuild",
}
WRITING_CALLS = {
    "insert", "update", "delete", "append_rows", "insert_rows", "bulk_insert_mappings",
    "bulk_save_objects", "bulk_update_mappings",
}  # fmt: skip
SQL_WRITE = re.compile(
    r"\b(?:insert\s+(?:or\s+\w+\s+)?into|replace\s+into|merge\s+into|update(?:\s+or\s+\w+)?"
    r"|delete\s+from|truncate(?:\s+table)?|copy|alter\s+table|drop\s+table|disable\s+trigger)"
    r"\s+(?:only\s+)?\"?(stock_entry|stock_balance|stock_hold|stock_head|stock_rebuild)\b",
    re.IGNORECASE,
)
SQL_GUARD = re.compile(r"session_replication_role|disable\s+trigger|drop\s+trigger", re.IGNORECASE)


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every text of a module; holes of f-strings become a blank."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else " " for part in node.values]
            yield node.lineno, "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def name_of(node: ast.expr) -> str:
    """Return the last name of ``StockEntry``, ``models.StockEntry``, ``StockEntry.__table__``."""
    if isinstance(node, ast.Attribute):
        return name_of(node.value) if node.attr == "__table__" else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def written(source: str) -> set[tuple[int, str]]:
    """Return (line, table) of everything in a module that writes the ledger."""
    tree = ast.parse(source)
    found = {
        (line, match[1].lower()) for line, text in texts(tree) for match in SQL_WRITE.finditer(text)
    }
    found |= {(line, "guards") for line, text in texts(tree) if SQL_GUARD.search(text)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = name_of(node.func)
        if called in MODELS:
            found.add((node.lineno, MODELS[called]))
        if called in WRITING_CALLS:
            targets = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]  # fmt: skip
            found |= {
                (node.lineno, MODELS[name_of(target)])
                for target in targets
                if name_of(target) in MODELS
            }
    return found


def test_nobody_else_writes_entries_or_what_is_derived_from_them() -> None:
    wrong = []
    for path in sorted(APP.rglob("*.py")):
        name = str(path.relative_to(config.ROOT))
        for line, table in sorted(written(path.read_text())):
            if name not in WRITERS.get(table, set()):
                wrong.append(f"{name}:{line} writes {table}")
    assert wrong == []


def test_the_two_doors_are_where_they_are_said_to_be() -> None:
    for door, tables in (
        (DOOR, {"stock_entry", "stock_head"}),
        (REBUILD, {"stock_balance", "stock_hold", "stock_head", "stock_rebuild"}),
    ):
        assert {table for _, table in written((config.ROOT / door).read_text())} == tables
    door = (config.ROOT / DOOR).read_text()
    heads = [text for _, text in texts(ast.parse(door)) if SQL_WRITE.search(text)]
    assert [text.split(" VALUES ")[1] for text in heads] == [
        "(:upt_id, 0, :hash) ON CONFLICT DO NOTHING"
    ]


def test_the_door_is_opened_by_the_stock_package_alone() -> None:
    wrong = [
        str(path.relative_to(config.ROOT))
        for path in sorted(APP.rglob("*.py"))
        if re.search(r"stock\.services(\.| import )(posting|rebuild)\b", path.read_text())
        and APP / "domain" / "stock" not in path.parents
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "table"),
    [
        ("db.append_rows(StockEntry, rows)", "stock_entry"),
        ("session.add(StockEntry(id=1))", "stock_entry"),
        ("session.execute(insert(models.StockEntry.__table__), rows)", "stock_entry"),
        ("StockBalance.__table__.update().values(in_posted=1)", "stock_balance"),
        ("session.execute(update(StockHold).values(state='x'))", "stock_hold"),
        ("text('update  stock_balance set in_posted = 1')", "stock_balance"),
        ("text('INSERT INTO '\n 'stock_entry (id) VALUES (1)')", "stock_entry"),
        ("text(f'DELETE FROM stock_head WHERE upt_id = {upt_id}')", "stock_head"),
        ("text('INSERT OR REPLACE INTO stock_entry VALUES (1)')", "stock_entry"),
        ("text('COPY stock_entry FROM STDIN')", "stock_entry"),
        ("text(\"SET session_replication_role = 'replica'\")", "guards"),
        ("text('ALTER TABLE stock_entry DISABLE TRIGGER ALL')", "stock_entry"),
    ],
)
def test_a_way_around_would_be_seen(source: str, table: str) -> None:
    assert table in {found for _, found in written(source)}


@pytest.mark.parametrize(
    "source",
    [
        "select(StockEntry).where(StockEntry.id == 1)",
        "text('SELECT * FROM stock_entry FOR UPDATE')",
        "text('SELECT hash FROM stock_head')",
        "forms.update(balance)",
    ],
)
def test_reading_is_free(source: str) -> None:
    assert written(source) == set()


def test_the_checker_and_the_replay_stand_apart_from_what_they_check() -> None:
    checker = (config.ROOT / "docs" / "ledger" / "check_ledger.py").read_text()
    imported = {
        alias.name
        for node in ast.walk(ast.parse(checker))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= {"argparse", "functools", "hashlib", "json", "re", "sys"}
    assert not [node for node in ast.walk(ast.parse(checker)) if isinstance(node, ast.ImportFrom)]
    replay = Path(APP, "domain", "stock", "rules", "replay.py").read_text()
    from_chain = re.findall(r"from app\.domain\.stock\.rules\.chain import (.+)", replay)
    assert from_chain == ["FORMAT, escape"]
