"""What one process of tests makes once and keeps, though every test has an application of its own.

Nothing here changes what is tested: addresses and templates are compiled as always, only not again
for each application. Password hashes cost next to nothing and SQLite does not wait for the disk,
which only a power cut could notice; tests marked ``unhurried`` have both as in production.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any, Final

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event
from werkzeug.routing import Rule

from app.domain.identity.adapters import passwords
from app.infra import db

COSTLY_HASHER: Final = passwords._HASHER
CHEAP_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

_builders: dict[object, Callable[..., tuple[str, str]]] = {}
_compile_builder: Final = Rule._compile_builder


def install() -> None:
    """Let this process keep compiled addresses, and hash passwords cheaply; twice is once."""
    Rule._compile_builder = _kept_builder  # type: ignore[method-assign]  # tests only
    passwords._HASHER = CHEAP_HASHER  # type: ignore[misc]  # tests only


def _kept_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """Return the function that builds an address; it depends on the rule alone, not on its map."""
    if rule.defaults or rule.subdomain or rule.host:
        return _compile_builder(rule, append_unknown)
    key = (rule.rule, tuple(rule._trace), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


class KeptTemplates(BytecodeCache):
    """Compiled templates, found by name and content."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code when the same template was compiled before."""
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        assert bucket.code is not None
        self.codes[bucket.key, bucket.checksum] = bucket.code


_TEMPLATES: Final = KeptTemplates()


@contextmanager
def unhurried() -> Iterator[None]:
    """Hash passwords as dearly as in production meanwhile."""
    passwords._HASHER = COSTLY_HASHER  # type: ignore[misc]  # tests only
    try:
        yield
    finally:
        passwords._HASHER = CHEAP_HASHER  # type: ignore[misc]  # tests only


def hasten(app: Flask) -> None:
    """Let an application use what is kept, and its SQLite not wait for the disk."""
    app.jinja_env.bytecode_cache = _TEMPLATES
    with app.app_context():
        engine = db.db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _never_wait_for_the_disk)


def _never_wait_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
