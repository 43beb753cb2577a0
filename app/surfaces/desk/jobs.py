"""Failed jobs: what the worker gave up on, with a button to try again."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from app.infra import db, jobs
from app.kernel import clock
from app.kernel.errors import NotFound
from app.surfaces.web import pages, policy

blueprint = Blueprint("jobs", __name__, url_prefix="/admin/pekerjaan")


@blueprint.get("")
@policy.staff("jobs.manage")
def index() -> str:
    """List dead deliveries and how many wait."""
    return pages.render("desk/jobs/index.html", dead=jobs.list_dead(), waiting=jobs.count_waiting())


@blueprint.post("/<int:delivery_id>/ulang")
@policy.staff("jobs.manage")
def revive(delivery_id: int) -> Response:
    """Give a dead delivery a fresh start."""
    with db.unit_of_work():
        found = jobs.revive(delivery_id=delivery_id, at=clock.now())
    if not found:
        raise NotFound
    pages.notify("success", "jobs.revived")
    return redirect(url_for("desk.jobs.index"), code=303)
