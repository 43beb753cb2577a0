"""The habits that keep the house in order, executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import config

ROOT = config.ROOT
APP = ROOT / "app"
ROOMS = {
    "types", "errors", "events", "rules", "commands", "ports", "models", "queries", "services",
    "flows", "handlers", "__init__",
}  # fmt: skip
FORBIDDEN_NAMES = re.compile(
    r"(^|_)(utils?|helpers?|common|manager|data|info)(_|$)|^(process|do)_|jail", re.IGNORECASE
)
FORBIDDEN_WORDS = re.compile(r"\b(napi|narapidana)\b", re.IGNORECASE)


def python_files(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders or (APP,) for path in folder.rglob("*.py"))


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in python_files()}


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef))


def test_domain_packages_have_only_the_known_rooms() -> None:
    wrong = []
    for package in sorted((APP / "domain").iterdir()):
        if not package.is_dir() or package.name == "__pycache__":
            continue
        for entry in package.iterdir():
            is_adapters = entry.is_dir() and entry.name in {"adapters", "__pycache__"}
            if not is_adapters and entry.name.removesuffix(".py") not in ROOMS:
                wrong.append(relative(entry))
    assert wrong == []


def test_files_stay_under_four_hundred_lines() -> None:
    long = {
        relative(path): count
        for path in python_files(APP, ROOT / "tests")
        if (count := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def lines_of_code(node: ast.FunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    first = node.body[0]
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    spoken = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (node.end_lineno or 0) - node.lineno + 1 - spoken


def test_functions_stay_under_sixty_lines(trees: dict[Path, ast.Module]) -> None:
    long = [
        f"{relative(path)}:{node.name}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and lines_of_code(node) > 60
    ]
    assert long == []


def test_only_the_database_module_commits(trees: dict[Path, ast.Module]) -> None:
    wrong = [
        f"{relative(path)}:{node.lineno}"
        for path, tree in trees.items()
        if path != APP / "infra" / "db.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]
    assert wrong == []


def test_models_stay_in_their_package(trees: dict[Path, ast.Module]) -> None:
    wrong = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            found = re.match(r"app\.domain\.(\w+)(?:\.models)?$", module or "")
            if not found:
                continue
            names = {alias.name for alias in node.names}  # type: ignore[union-attr]
            reaches_models = str(module).endswith(".models") or "models" in names
            own = APP / "domain" / found[1]
            if reaches_models and own not in path.parents:
                wrong.append(f"{relative(path)}:{node.lineno}")  # type: ignore[attr-defined]
    assert wrong == []


def test_public_functions_of_services_and_queries_are_explicit(
    trees: dict[Path, ast.Module],
) -> None:
    wrong = []
    for path, tree in trees.items():
        room = path.relative_to(APP / "domain").parts[1:2] if APP / "domain" in path.parents else ()
        if not room or room[0].removesuffix(".py") not in {"services", "queries", "flows"}:
            continue
        for node in functions(tree):
            if node.name.startswith("_"):
                continue
            arguments = node.args
            is_keyword_only = not arguments.args and not arguments.posonlyargs
            if not is_keyword_only or node.returns is None or ast.get_docstring(node) is None:
                wrong.append(f"{relative(path)}:{node.name}")
    assert wrong == []


def test_every_module_says_what_it_is_for(trees: dict[Path, ast.Module]) -> None:
    assert [relative(path) for path, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_clock_and_chance_are_read_in_the_kernel_only(trees: dict[Path, ast.Module]) -> None:
    calls = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
    modules = {"uuid", "random"}
    wrong = []
    for path, tree in trees.items():
        if APP / "domain" not in path.parents and APP / "infra" not in path.parents:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import) and modules & {alias.name for alias in node.names}:
                wrong.append(f"{relative(path)}:{node.lineno}")
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and (node.func.value.id, node.func.attr) in calls
            ):
                wrong.append(f"{relative(path)}:{node.lineno}")
    assert wrong == []


def test_money_and_stock_know_no_fractions(trees: dict[Path, ast.Module]) -> None:
    packages = {"stock", "orders", "payments", "checkout", "cart", "shipping"}
    wrong = []
    for path, tree in trees.items():
        is_counting = path == APP / "kernel" / "money.py" or any(
            APP / "domain" / package in path.parents for package in packages
        )
        if not is_counting:
            continue
        for node in ast.walk(tree):
            is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
            is_division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            is_rounding = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"float", "round"}
            )
            if is_float or is_division or is_rounding:
                wrong.append(f"{relative(path)}:{node.lineno}")  # type: ignore[attr-defined]
    assert wrong == []


def test_names_say_what_things_are(trees: dict[Path, ast.Module]) -> None:
    wrong = [relative(path) for path in trees if FORBIDDEN_NAMES.search(path.stem)]
    for path, tree in trees.items():
        wrong.extend(
            f"{relative(path)}:{node.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and FORBIDDEN_NAMES.search(node.name)
            and node.name not in {"process_bind_param", "process_result_value"}
        )
    assert wrong == []


def test_people_are_named_with_respect() -> None:
    texts = [*python_files(), *(ROOT / "templates").rglob("*.html"), *APP.rglob("*.csv")]
    wrong = [
        f"{relative(path)}:{number}"
        for path in sorted(texts)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if FORBIDDEN_WORDS.search(line)
    ]
    assert wrong == []


def test_nothing_is_put_off() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    wrong = [
        f"{relative(path)}:{number}"
        for path in python_files()
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if marks.search(line)
    ]
    assert wrong == []


def test_templates_never_bypass_escaping_or_the_content_policy() -> None:
    wrong = []
    pattern = re.compile(
        r"\|\s*safe\b|\sstyle=\"|\son[a-z]+=\"|javascript:|<script(?![^>]*\b(src|nonce)=)"
    )
    letters = ROOT / "templates" / "emails"
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            # Mail programs know no style sheet; only letters, which no page includes, style inline.
            shown = line.replace(' style="', " ") if letters in path.parents else line
            if pattern.search(shown):
                wrong.append(f"{relative(path)}:{number}: {line.strip()}")
    assert wrong == []
