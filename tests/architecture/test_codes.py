"""Every code has a line in the page of codes and a test that raises it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import app.domain
import config
from app.kernel import errors as kernel_errors
from app.kernel.errors import DomainError
from app.surfaces.web import errors, messages
from tests import golden

PAGE = config.ROOT / "docs" / "api.md"

HEAD = """\
# Codes

Every refusal has a permanent code. A page shows its sentence; a caller that asks for JSON gets
`{"error": {"code", "message", "fields", "details", "request_id"}}` with the same status.

| code | status | sentence |
|---|---|---|"""


def error_classes() -> list[type[DomainError]]:
    modules = [kernel_errors]
    for package in pkgutil.iter_modules(app.domain.__path__):
        name = f"app.domain.{package.name}.errors"
        if importlib.util.find_spec(name):
            modules.append(importlib.import_module(name))
    found = {
        item
        for module in modules
        for _, item in inspect.getmembers(module, inspect.isclass)
        if issubclass(item, DomainError) and "code" in vars(item)
    }
    return sorted(found, key=lambda item: item.code)


def test_no_two_refusals_share_a_code() -> None:
    codes = [item.code for item in error_classes()]
    assert sorted(set(codes)) == codes


def test_the_page_of_codes_is_complete() -> None:
    lines = [
        f"| `{item.code}` | {errors.status_of(item.__new__(item))} | {messages.MESSAGES[item.code]} |"
        for item in error_classes()
    ]
    golden.check(PAGE, [*HEAD.splitlines(), *lines])


def test_every_refusal_is_named_by_a_test() -> None:
    texts = [path.read_text() for path in (config.ROOT / "tests").rglob("test_*.py")]
    unnamed = [
        item.__name__
        for item in error_classes()
        if not any(item.__name__ in text or item.code in text for text in texts)
    ]
    assert unnamed == []
