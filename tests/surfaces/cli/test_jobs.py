"""The worker's commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import Flask

from app.infra import db, jobs


@dataclass(frozen=True, slots=True)
class Made(jobs.Event):
    name: ClassVar[str] = "test.made.v1"
    piece_id: int


def broken(event: Made, /, *, at: datetime) -> None:
    raise RuntimeError("mesin macet")


def invoke(app: Flask, *arguments: str) -> tuple[int, str]:
    db.db.session.rollback()
    result = app.test_cli_runner().invoke(args=["jobs", *arguments])
    return result.exit_code, result.output


def publish(app: Flask, run: jobs.Run, at: datetime) -> None:
    jobs.init_app(app, handlers=(jobs.Handler("test.made", Made, run),), periodics=())
    with db.unit_of_work():
        jobs.publish(Made(1), at=at)


def test_works_off_what_is_due_and_stops(app: Flask, at: datetime) -> None:
    publish(app, lambda event, /, *, at: None, at)
    assert invoke(app, "run", "--once") == (0, "1 pekerjaan selesai.\n")
    assert invoke(app, "run", "--once") == (0, "0 pekerjaan selesai.\n")


def test_shows_and_revives_what_failed_for_good(app: Flask, at: datetime) -> None:
    publish(app, broken, at)
    for number in range(jobs.ATTEMPTS_MAX):
        assert jobs.run_one(at=datetime(2100, 1, 1 + number, tzinfo=at.tzinfo))
    code, output = invoke(app, "dead")
    assert code == 0
    delivery_id, handler, message = output.rstrip("\n").split("\t")
    assert (handler, message) == ("test.made", "RuntimeError: mesin macet")
    assert invoke(app, "revive", delivery_id) == (0, "")
    assert invoke(app, "dead") == (0, "")
    code, output = invoke(app, "revive", delivery_id)
    assert code == 1
    assert "tidak ada pekerjaan gagal" in output
