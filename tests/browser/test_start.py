"""The README's command, from an empty folder to a shop with goods, and again with the data kept."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import config

pytestmark = pytest.mark.browser

FIRST_START_S = 240
SECOND_START_S = 30
"""Ten seconds on a quiet machine; tests share theirs with others."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(instance: Path, within_s: float) -> Iterator[tuple[int, str]]:
    """Run the command until its greeting; give the port and all that it said so far."""
    port, log = free_port(), instance.with_suffix(".log")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["KARYABINA_INSTANCE_DIR"] = str(instance)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "flask", "--app", "wsgi", "serve", "--port", str(port)],
            cwd=config.ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + within_s
        while "Hentikan dengan" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield port, log.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return str(answer.read().decode())


def test_the_start_command_opens_a_shop_and_keeps_its_data(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    with serving(instance, FIRST_START_S) as (port, said):
        assert "petugas.indramayu@demo.karyabina.example" in said
        assert "Tirai sabut kelapa" in get(port, "/cari?q=tirai+sabut")
        first = get(port, "/produk/tirai-sabut-kelapa")
    began = time.monotonic()
    with serving(instance, SECOND_START_S) as (port, said):
        assert time.monotonic() - began < SECOND_START_S
        assert "Tirai sabut kelapa" in first
        assert "Tirai sabut kelapa" in get(port, "/produk/tirai-sabut-kelapa")
        assert "27 produk contoh" not in said


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--port", port],
            cwd=config.ROOT,
            env={**os.environ, "KARYABINA_INSTANCE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"porta {port} sudah dipakai" in done.stderr
