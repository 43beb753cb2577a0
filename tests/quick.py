"""What one process of tests makes once and keeps, though every test has an application of its own.

Nothing here changes what is tested: addresses, templates and statements are compiled as always, only
not again for each application. Password hashes cost next to nothing and SQLite does not wait for the disk,
which only a power cut could notice; tests marked ``unhurried`` have both as in production.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any, Final

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from app.domain.identity.adapters import passwords
from app.infra import db

COSTLY_HASHER: Final = passwords._HASHER
CHEAP_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

_compile_rule: Final = Rule.compile
_compiled: dict[tuple[str, bool], Rule] = {}

_engines: dict[str, Engine] = {}
"""By the name of its dialect, the first engine: later ones share how statements are compiled."""

STATEMENTS_KEPT: Final = 5_000


def install() -> None:
    """Let this process keep compiled addresses, and hash passwords cheaply; twice is once."""
    Rule.compile = _compile_once  # type: ignore[method-assign]  # tests only
    passwords._HASHER = CHEAP_HASHER  # type: ignore[misc]  # tests only


def _compile_once(rule: Rule) -> None:
    """Take over what an equal rule of another application found out about itself."""
    if rule.defaults or rule.subdomain or rule.host:
        _compile_rule(rule)
        return
    known = _compiled.setdefault((rule.rule, bool(rule.merge_slashes)), rule)
    if known is rule or rule.map.converters != known.map.converters:
        _compile_rule(rule)
        return
    rule._parts, rule._trace, rule._converters = known._parts, known._trace, known._converters
    rule.arguments |= known.arguments
    rule._build = known._build.__func__.__get__(rule, None)  # type: ignore[attr-defined]  # a bound method
    rule._build_unknown = known._build_unknown.__func__.__get__(rule, None)  # type: ignore[attr-defined]  # a bound method


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
    _share_statements(engine)


def _never_wait_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _share_statements(engine: Engine) -> None:
    """Let an engine that has not connected yet compile its statements together with all others.

    What is compiled is kept by dialect, so the engines must have one dialect between them; it has
    learnt from the first database what it must know, and all databases of a run are alike.
    """
    first = _engines.get(engine.dialect.name)
    if first is None:
        engine._compiled_cache = LRUCache(STATEMENTS_KEPT)
        engine.connect().close()
        _engines[engine.dialect.name] = engine
        return
    own = engine.dialect
    own.initialize = _know_already  # type: ignore[method-assign]  # asked at the first connection
    engine.dialect = engine.pool._dialect = first.dialect
    engine._compiled_cache = first._compiled_cache


def _know_already(_connection: Any) -> None:
    """Ask the database nothing."""
