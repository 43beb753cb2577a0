"""Every refusal has words."""

from __future__ import annotations

import ast
import importlib
import re

import config
from app.surfaces.web import messages

APP = config.ROOT / "app"


def declared_codes() -> set[str]:
    codes = set()
    for path in [*APP.glob("domain/*/errors.py"), APP / "kernel" / "errors.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Assign)
                and getattr(node.targets[0], "id", "") == "code"
                and isinstance(node.value, ast.Constant)
            ):
                codes.add(str(node.value.value))
    return codes


def used_field_codes() -> set[str]:
    found = set()
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "FieldError"
                and len(node.args) > 1
                and isinstance(node.args[1], ast.Constant)
            ):
                found.add(str(node.args[1].value))
    return found


def test_every_code_has_a_sentence() -> None:
    importlib.reload(messages)
    missing = (declared_codes() | used_field_codes()) - set(messages.MESSAGES)
    assert sorted(missing) == []


def test_sentences_end_like_sentences() -> None:
    assert [
        code for code, words in messages.MESSAGES.items() if not re.search(r"[.?!…]$", words)
    ] == []
