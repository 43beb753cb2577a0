"""``flask serve``: one command from an empty folder to a shop with goods.

Migrates, loads reference and (in demo mode) demo data, builds the search index, then runs the web
server and the worker side by side until told to stop.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Final

import click
import flask_migrate
from flask import current_app

import config
from app.infra import db
from app.kernel import clock

READY_WITHIN_S: Final = 60


@click.command("serve")
@click.option(
    "--port", type=click.IntRange(1, 65_535), envvar="PORT", default=8000, show_default=True
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--processes", type=click.IntRange(1, 16), default=2, show_default=True)
@click.option("--threads", type=click.IntRange(1, 32), default=4, show_default=True)
def commands(port: int, host: str, processes: int, threads: int) -> None:
    """Prepare everything and run the shop."""
    settings: config.Settings = current_app.config["KARYABINA"]
    if _is_taken(host, port):
        raise click.ClickException(f"porta {port} sudah dipakai; jalankan dengan PORT=…")
    prepare(settings)
    address = f"http://{'localhost' if host == '127.0.0.1' else host}:{port}"
    stand_in = None if settings.stripe_key or not settings.is_demo else _stand_in(host, port)
    _run_side_by_side(
        server=[
            sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"{host}:{port}",
            "--workers", str(processes), "--threads", str(threads), "--worker-class", "gthread",
            "--worker-tmp-dir", _memory_dir(), "--graceful-timeout", "20", "--log-level", "warning",
            "--max-requests", "20000", "--max-requests-jitter", "2000",
        ],
        worker=[sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run"],
        stand_in=stand_in,
        host=host,
        port=port,
        greeting=lambda: _greet(address, settings),
    )  # fmt: skip


def prepare(settings: config.Settings) -> None:
    """Bring database, data and index to the state in which the shop can open."""
    started = time.monotonic()
    _step("Menyiapkan basis data …")
    flask_migrate.upgrade()
    from app.seeds import demo, reference

    _step("Memuat wilayah, kanwil, dan UPT …")
    reference.load(at=clock.now(), progress=_detail)
    if settings.is_demo:
        _step("Memuat barang contoh (demo) …")
        demo.load(at=clock.now(), progress=_detail)
    from app.domain.search import flows as search_flows

    _step("Menyiapkan pencarian …")
    search_flows.ensure_index(progress=_detail)
    db.db.session.remove()
    db.db.engine.dispose()
    _step(f"Siap dalam {time.monotonic() - started:.1f} detik.")


def _step(text: str) -> None:
    click.secho(f"• {text}", bold=True)


def _detail(text: str) -> None:
    click.echo(f"  {text}")


def _memory_dir() -> str:
    return "/dev/shm" if os.path.isdir("/dev/shm") else "/tmp"  # noqa: S108  # heartbeat files only


def _is_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def _greet(address: str, settings: config.Settings) -> None:
    click.echo()
    click.secho(f"  Karyabina terbuka di {address}", fg="green", bold=True)
    click.echo(f"  Meja petugas:        {address}/meja/")
    if settings.is_demo:
        from app.seeds import demo

        click.echo("\n  Akun demo (kata sandi semua akun: " + demo.PASSWORD + ")")
        for account in demo.accounts():
            click.echo(f"    {account.email:<42} {account.name}")
    click.echo("\n  Hentikan dengan Ctrl+C.\n")


def _stand_in(host: str, port: int) -> list[str]:
    """Let cards be paid at our stand-in for Stripe; return the command that runs it."""
    own_port = next(each for each in range(port + 1, port + 100) if not _is_taken(host, each))
    os.environ["KARYABINA_STRIPE_KEY"] = "sk_test_karyabina_demo"
    os.environ["KARYABINA_STRIPE_WEBHOOK_SECRET"] = f"whsec_{secrets.token_urlsafe(24)}"
    os.environ["KARYABINA_STRIPE_API_URL"] = f"http://{host}:{own_port}"
    return [
        sys.executable, "-m", "flask", "--app", "wsgi", "fake-stripe", "--port", str(own_port),
        "--host", host, "--webhook", f"http://{host}:{port}/webhook/stripe",
    ]  # fmt: skip


def _run_side_by_side(
    *,
    server: list[str],
    worker: list[str],
    stand_in: list[str] | None,
    host: str,
    port: int,
    greeting: Callable[[], None],
) -> None:
    commands = [server, worker, *([stand_in] if stand_in else [])]
    shown = "localhost" if host == "127.0.0.1" else host
    surroundings = {"KARYABINA_BASE_URL": f"http://{shown}:{port}", **os.environ}

    def start(command: list[str]) -> subprocess.Popen[bytes]:
        """Start a process; the worker is told where the shop stands, for the links in letters."""
        env = surroundings if command is worker else None
        return subprocess.Popen(command, cwd=config.ROOT, env=env)

    processes = [start(command) for command in commands]
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _wait_until_open(host, port, processes[0])
    greeting()
    while not stopping:
        for number, (process, command) in enumerate(zip(processes, commands, strict=True)):
            if process.poll() is not None and not stopping:
                click.echo(f"  {command[2]} berhenti ({process.returncode}); dijalankan lagi.")
                time.sleep(1)
                processes[number] = start(command)
        time.sleep(0.3)
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=30)


def _wait_until_open(host: str, port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        if _is_taken(host, port):
            return
        time.sleep(0.1)
    raise click.ClickException("server tidak mau terbuka; lihat pesan di atas")
