"""Postings that die half-way: a process forks a victim for each, which kills itself at a chosen point.

A point is the moment before any statement, before the commit, after it, and after the answer. The
parent writes one line of JSON for each victim and reads one back: which acts were acknowledged, and
at how many points the victim passed before it died.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask
from sqlalchemy import event

from app.domain.stock import services
from app.domain.stock.types import (
    STOCK_ADJUST,
    Account,
    AdjustReason,
    Demand,
    EntryKind,
    EntrySource,
    LotChoice,
    Move,
)
from app.infra import db
from tests.factories.ledger import SYSTEM

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SOURCE = "form"


@dataclass(frozen=True)
class Act:
    """One posting: a name of ``PERFORM``, a key, how many entries it makes, and its values."""

    name: str
    key: str
    entries: int
    values: dict[str, Any] = field(default_factory=dict)

    def perform(self) -> Any:
        """Post it, in the unit of work that is open."""
        source = EntrySource(SOURCE, self.key)
        return PERFORM[self.name](source=source, at=AT, actor=SYSTEM, **self.values)


def _receive(**values: Any) -> Any:
    return services.receive_output(lot=LotChoice("A"), happened_at=AT, **values)


def _lose(**values: Any) -> Any:
    return services.adjust(lot_id=None, reason=AdjustReason.LOST, note="", happened_at=AT, **values)


def _reserve(*, demands: Sequence[Sequence[int]], **values: Any) -> Any:
    ends = AT + timedelta(minutes=30)
    return services.reserve(demands=[Demand(*each) for each in demands], expires_at=ends, **values)


def _post(*, upt_id: int, moves: Sequence[Sequence[Any]], **values: Any) -> Any:
    """Post moves given as UPT, variant, kind, from, to, quantity, lot."""
    return services.post_moves(
        permission=STOCK_ADJUST, acting_upt_id=upt_id, action="stock.crashed", happened_at=AT,
        moves=[
            Move(upt, variant, EntryKind(kind), Account(start), Account(end), pieces, lot_id=lot)
            for upt, variant, kind, start, end, pieces, lot in moves
        ],
        **values,
    )  # fmt: skip


def _release(**values: Any) -> Any:
    return services.release(reason="cancelled", **values)


def _reverse(**values: Any) -> Any:
    return services.reverse_entry(reason="salah ketik", **values)


PERFORM: dict[str, Callable[..., Any]] = {
    "receive": _receive,
    "lose": _lose,
    "reserve": _reserve,
    "post": _post,
    "ship": services.ship,
    "release": _release,
    "keep": services.keep,
    "deliver": services.deliver,
    "reverse": _reverse,
}


class Points:
    """Counts the moments at which a posting may be cut, and acts at the chosen one."""

    def __init__(self, at: int, act: Callable[..., None]) -> None:
        self.chosen = at
        self.act = act
        self.passed = 0

    def __enter__(self) -> Self:
        """Listen to every statement and commit."""
        event.listen(db.db.engine, "before_cursor_execute", self.reach)
        event.listen(db.db.engine, "commit", self.reach)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        event.remove(db.db.engine, "before_cursor_execute", self.reach)
        event.remove(db.db.engine, "commit", self.reach)

    def reach(self, *context: object) -> None:
        """Note a point; at the chosen one act, on the connection that is at it."""
        self.passed += 1
        if self.passed == self.chosen:
            self.act(*context[:1])


@dataclass(frozen=True)
class Death:
    """What the parent learns: keys acknowledged, and whether a chosen point or the end came first."""

    acknowledged: tuple[str, ...]
    died_early: bool


class Nursery:
    """A process with the application loaded that forks a victim for each request."""

    def __init__(self, *, url: str, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.factories.stock_crashes", url, str(folder)],
            cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": "."},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        """Give the running process."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let it end."""
        self._process.communicate(timeout=30)

    def warm_up(self, acts: Sequence[Act]) -> None:
        """Let the process perform the acts and take them back, without waiting for it."""
        self._send(acts, at_point=0)

    def _send(self, acts: Sequence[Act], *, at_point: int) -> None:
        assert self._process.stdin is not None
        request = {"acts": [asdict(act) for act in acts], "at_point": at_point}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def kill(self, acts: Sequence[Act], *, at_point: int) -> Death:
        """Let a victim perform the acts until it kills itself, at the latest after the last answer."""
        assert self._process.stdout is not None
        self._send(acts, at_point=at_point)
        answer = json.loads(self._process.stdout.readline())
        assert answer["signal"] == signal.SIGKILL, answer
        return Death(tuple(answer["acknowledged"]), "end" not in answer["acknowledged"])


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _be_victim(app: Flask, request: dict[str, Any], answers: int) -> None:
    with app.app_context(), Points(request["at_point"], _die) as points:
        for values in request["acts"]:
            act = Act(**values)
            db.transact(act.perform)
            points.reach()
            os.write(answers, f"{act.key}\n".encode())
            points.reach()
        os.write(answers, b"end\n")
        _die()


def _warm_up(app: Flask, request: dict[str, Any]) -> None:
    """Perform the acts once and take them back, so that victims find every statement compiled."""
    with app.app_context():
        for values in request["acts"]:
            with suppress(_TakenBackError), db.unit_of_work():
                Act(**values).perform()
                raise _TakenBackError
        db.db.session.remove()
        db.db.engine.dispose()


class _TakenBackError(Exception):
    pass


def _main(url: str, folder: str) -> None:
    from app.bootstrap import create_app
    from tests.databases import settings

    app = create_app(settings(url=url, instance_dir=Path(folder)), TESTING=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["at_point"] == 0:
            _warm_up(app, request)
            continue
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            try:
                _be_victim(app, request, writing)
            finally:
                os._exit(1)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            acknowledged = pipe.read().split()
        _, status = os.waitpid(child, 0)
        died_of = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        sys.stdout.write(json.dumps({"acknowledged": acknowledged, "signal": died_of}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main(*sys.argv[1:])
