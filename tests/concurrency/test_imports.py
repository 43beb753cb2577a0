"""The same list at the same instant, and a worker killed between any two chunks, on PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from flask import Flask

from app.domain.imports import flows
from app.domain.imports.types import FileState, Mode
from app.domain.stock import flows as stock_flows
from app.infra import db
from tests.factories import lists
from tests.factories.ledger import Shelf

pytestmark = pytest.mark.concurrency
ROWS = 40
TEXT = lists.csv("kode;jumlah;lot", *(f"TIRAI-01;{n};L{n}" for n in range(1, ROWS + 1)))

WORKER = """
import os, sys
from pathlib import Path
from app.bootstrap import create_app
from app.domain.imports import flows
from app.domain.imports.rules import content
from app.domain.imports.services import posting
from tests.databases import settings
from tests.factories import lists

url, folder, file_id, until = sys.argv[1:5]
content.CHUNK_ROWS = 5
real, done = posting._mark, []

def mark(*arguments):
    done.append(1)
    if len(done) > int(until):
        os.kill(os.getpid(), 9)
    real(*arguments)

posting._mark = mark
app = create_app(settings(url=url, instance_dir=Path(folder)))
with app.app_context():
    flows.post_file(file_id=int(file_id), at=lists.AT)
"""


@pytest.fixture
def shelf(pg_app: Flask) -> Shelf:
    with pg_app.app_context():
        made = lists.make_goods(["TIRAI-01"])
        db.db.session.remove()
    return made


def race(app: Flask, works: Sequence[Callable[[], object]]) -> list[str]:
    barrier = threading.Barrier(len(works))
    ends = ["never ended"] * len(works)

    def run(number: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                works[number]()
                ends[number] = "done"
            except Exception as error:
                ends[number] = type(error).__name__
            finally:
                db.db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


def check(app: Flask, shelf: Shelf) -> int:
    with app.app_context():
        file_id = lists.check(shelf.upt_id, TEXT, Mode.RECEIPTS).file_id
        db.db.session.remove()
    return file_id


def test_the_same_content_confirmed_at_once_goes_in_once(pg_app: Flask, shelf: Shelf) -> None:
    ids = [check(pg_app, shelf) for _ in range(6)]
    ends = race(pg_app, [lambda each=each: lists.confirm(each) for each in ids])  # type: ignore[misc]
    assert Counter(ends) == {"done": 1, "ImportRepeated": 5}
    posts = [lambda each=each: flows.post_file(file_id=each, at=lists.AT) for each in ids]  # type: ignore[misc]
    assert set(race(pg_app, posts)) == {"done"}
    with pg_app.app_context():
        found = Counter(lists.get(each).state for each in ids)
        assert (found, lists.entries()) == (
            {FileState.DONE: 1, FileState.CHECKED: 5}, ROWS,
        )  # fmt: skip
        db.db.session.remove()


def test_workers_at_one_file_post_every_row_once(pg_app: Flask, shelf: Shelf) -> None:
    file_id = check(pg_app, shelf)
    with pg_app.app_context():
        lists.confirm(file_id, is_whole=False)
        db.db.session.remove()
    ends = race(pg_app, [lambda: flows.post_file(file_id=file_id, at=lists.AT)] * 4)
    assert set(ends) <= {"done", "Unavailable"}
    with pg_app.app_context():
        flows.post_file(file_id=file_id, at=lists.AT)
        assert (lists.get(file_id).state, lists.entries()) == (FileState.DONE, ROWS)
        db.db.session.remove()


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_worker_killed_between_chunks_loses_and_doubles_nothing(
    pg_app: Flask, shelf: Shelf, tmp_path: Path, is_whole: bool
) -> None:
    file_id = check(pg_app, shelf)
    with pg_app.app_context():
        lists.confirm(file_id, is_whole=is_whole)
        db.db.session.remove()
    url = pg_app.config["SQLALCHEMY_DATABASE_URI"]
    ended = subprocess.run(
        [sys.executable, "-c", WORKER, url, str(tmp_path / "w"), str(file_id), "3"],
        cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": "."}, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL
    posted = 0 if is_whole else 15
    with pg_app.app_context():
        file = lists.get(file_id)
        assert (file.state, file.rows_posted, lists.entries()) == (
            FileState.RUNNING, posted, posted,
        )  # fmt: skip
        db.db.session.remove()
    with pg_app.app_context():
        flows.post_file(file_id=file_id, at=lists.AT)
        assert (lists.get(file_id).state, lists.entries()) == (FileState.DONE, ROWS)
        assert stock_flows.verify().faults == ()
        db.db.session.remove()
