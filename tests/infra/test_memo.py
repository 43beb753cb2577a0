"""Answers kept for a short while."""

from __future__ import annotations

import threading

from flask import Flask

from app.infra.memo import Memo


def test_an_answer_is_made_once_and_then_kept(app: Flask) -> None:
    memo: Memo[int] = Memo("test.kept", seconds=60)
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [memo.get("a", make), memo.get("a", make)] == [1, 1]
    memo.clear()
    assert memo.get("a", make) == 2


def test_an_old_answer_is_made_anew(app: Flask) -> None:
    memo: Memo[int] = Memo("test.old", seconds=0)
    answers = iter((1, 2))
    assert [memo.get("a", lambda: next(answers)) for _ in range(2)] == [1, 2]


def test_the_oldest_answer_leaves_when_there_are_too_many(app: Flask) -> None:
    memo: Memo[str] = Memo("test.size", seconds=60, size=2)
    for key in "abc":
        memo.get(key, lambda key=key: key)
    assert memo.get("a", lambda: "new") == "new"
    assert memo.get("c", lambda: "new") == "c"


def test_applications_do_not_share_answers(app: Flask) -> None:
    memo: Memo[str] = Memo("test.apart", seconds=60)
    assert memo.get("a", lambda: "first") == "first"
    with Flask("other").app_context():
        assert memo.get("a", lambda: "second") == "second"
    assert memo.get("a", lambda: "third") == "first"


def test_others_get_the_old_answer_while_one_makes_it_anew(app: Flask) -> None:
    memo: Memo[str] = Memo("test.stale", seconds=0)
    memo.get("a", lambda: "old")
    begun, release, results = threading.Event(), threading.Event(), []

    def slow() -> str:
        begun.set()
        release.wait(5)
        return "new"

    def ask() -> None:
        with app.app_context():
            results.append(memo.get("a", slow))

    thread = threading.Thread(target=ask)
    thread.start()
    begun.wait(5)
    assert memo.get("a", lambda: "mine") == "old"
    release.set()
    thread.join(5)
    assert results == ["new"]
