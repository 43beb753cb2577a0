"""``flask jobs``: the worker, and what it could not do."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import Final

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from app.infra import db, jobs
from app.kernel import clock
from app.kernel.errors import Unavailable

IDLE_S: Final = 0.5
PERIODIC_S: Final = 2.0

commands = AppGroup("jobs", help="Work off what was promised for later.")


@commands.command("run")
@click.option("--once", is_flag=True, help="Work off what is due now, then stop.")
def run(once: bool) -> None:
    """Run the worker until it is told to stop; it finishes the job in hand."""
    if once:
        jobs.run_due_periodics(at=clock.now())
        click.echo(f"{jobs.drain(at=clock.now())} pekerjaan selesai.")
        return
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    next_periodic = 0.0
    while not stopping:
        if time.monotonic() >= next_periodic:
            next_periodic = time.monotonic() + PERIODIC_S
            _guarded(lambda: jobs.run_due_periodics(at=clock.now()) > 0)
        if not _guarded(lambda: jobs.run_one(at=clock.now())):
            time.sleep(IDLE_S)


def _guarded(work: Callable[[], bool]) -> bool:
    try:
        return work()
    except (DBAPIError, Unavailable) as error:
        jobs.log.warning("worker_waits_for_database", error=repr(error))
        db.db.session.remove()
        time.sleep(2)
        return False


@commands.command("dead")
def dead() -> None:
    """List the jobs that failed for good."""
    for delivery in jobs.list_dead():
        click.echo(f"{delivery.delivery_id}\t{delivery.handler}\t{delivery.last_error}")


@commands.command("revive")
@click.argument("delivery_id", type=int)
def revive(delivery_id: int) -> None:
    """Give a failed job a fresh start."""
    with db.unit_of_work():
        found = jobs.revive(delivery_id=delivery_id, at=clock.now())
    if not found:
        raise click.ClickException("tidak ada pekerjaan gagal dengan nomor itu")
