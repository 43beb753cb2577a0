"""Failed jobs in the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import Flask
from flask.testing import FlaskClient

from app.domain.identity.types import Role
from app.infra import db, jobs
from tests.factories import people


@dataclass(frozen=True, slots=True)
class Made(jobs.Event):
    name: ClassVar[str] = "test.made.v1"
    piece_id: int


def broken(event: Made, /, *, at: datetime) -> None:
    raise RuntimeError("mesin macet")


def fail_for_good(app: Flask, at: datetime) -> int:
    jobs.init_app(app, handlers=(jobs.Handler("test.made", Made, broken),), periodics=())
    with db.unit_of_work():
        jobs.publish(Made(1), at=at)
    for number in range(jobs.ATTEMPTS_MAX):
        jobs.run_one(at=datetime(2100, 1, 1 + number, tzinfo=at.tzinfo))
    (dead,) = jobs.list_dead()
    return dead.delivery_id


def test_national_staff_see_and_retry_failed_jobs(
    app: Flask, client: FlaskClient, at: datetime
) -> None:
    delivery_id = fail_for_good(app, at)
    people.staff(client, Role.NATIONAL_ADMIN)
    page = client.get("/meja/admin/pekerjaan").get_data(as_text=True)
    assert "mesin macet" in page
    answer = client.post(f"/meja/admin/pekerjaan/{delivery_id}/ulang", follow_redirects=True)
    assert "Pekerjaan dijadwalkan ulang." in answer.get_data(as_text=True)
    assert jobs.list_dead() == ()
    assert client.post(f"/meja/admin/pekerjaan/{delivery_id}/ulang").status_code == 404


def test_others_may_not_look(app: Flask, client: FlaskClient) -> None:
    people.staff(client, Role.TREASURER)
    assert client.get("/meja/admin/pekerjaan").status_code == 403
