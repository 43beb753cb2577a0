"""What the benchmarks share: a durable PostgreSQL, the shop in several processes, honest counting.

CPU per answer is the figure to trust; answers a second move by tens of percent on shared machines.
Every figure is printed beside a ceiling measured in the same run.
"""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.postgres import TemporaryPostgres  # noqa: E402

PROCESSES = 2
THREADS = 4


@dataclass(frozen=True, slots=True)
class Shop:
    """A running shop.

    Attributes:
        port: Where it answers on the loopback address.
        server_pid: Parent of the web processes.
        postgres: Its database server.
        environment: Variables under which its commands run.
    """

    port: int
    server_pid: int
    postgres: TemporaryPostgres
    environment: dict[str, str]

    def flask(self, *arguments: str) -> str:
        """Run a command of the shop and return what it printed."""
        return run_flask(self.environment, *arguments)


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_flask(environment: dict[str, str], *arguments: str) -> str:
    """Run ``flask`` with the given variables; a failure shows its output."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"flask {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


@contextmanager
def serve(application: str, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Run a WSGI application under gunicorn; give its port and the pid of the parent."""
    port = free_port()
    process = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}",
            "--workers", str(PROCESSES), "--threads", str(THREADS), "--worker-class", "gthread",
            "--log-level", "error", "--worker-tmp-dir", "/dev/shm",
        ],
        cwd=ROOT,
        env=environment,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def shop(*, products: int, upts: int) -> Iterator[Shop]:
    """Give a shop with generated goods on a durable PostgreSQL."""
    with TemporaryPostgres(is_durable=True) as postgres, tempfile.TemporaryDirectory() as folder:
        environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith("KARYABINA_")
            },
            "DATABASE_URL": postgres.url(),
            "KARYABINA_INSTANCE_DIR": folder,
            "KARYABINA_SECRET_KEY": "bench-" + "x" * 40,
            "KARYABINA_LOG_LEVEL": "error",
        }
        for step in (
            ("db", "upgrade"),
            ("seed", "reference"),
            ("seed", "demo"),
            ("seed", "demo", "--products", str(products), "--upt", str(upts)),
            ("search", "rebuild"),
        ):
            began = time.monotonic()
            run_flask(environment, *step)
            print(f"  {' '.join(step)}: {time.monotonic() - began:.1f} s", flush=True)
        with serve("wsgi:app", environment) as (port, pid):
            yield Shop(port, pid, postgres, environment)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time used so far by a process and all below it."""
    process = psutil.Process(pid)
    total = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def postgres_pid(postgres: TemporaryPostgres) -> int:
    """Return the pid of the database server."""
    return int(Path(postgres.directory, "data", "postmaster.pid").read_text().splitlines()[0])


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests cost.

    Attributes:
        rate: Answers a second.
        p50_ms: Median time of an answer.
        p99_ms: Time that one in a hundred exceeds.
        app_cpu_ms: CPU of the web processes for each answer.
        database_cpu_ms: CPU of the database for each answer.
        failures: Answers without the expected text.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    app_cpu_ms: float
    database_cpu_ms: float
    failures: int


def load(
    *,
    port: int,
    paths: Sequence[str],
    must: str,
    seconds: float,
    connections: int = 16,
    app_pid: int,
    database_pid: int,
    cookie: str = "",
) -> Load:
    """Ask for paths in turn over several connections and count."""
    times: list[float] = []
    failures = [0]
    lock = threading.Lock()
    stop_at = time.monotonic() + seconds
    app_before, database_before = cpu_seconds(app_pid), cpu_seconds(database_pid)
    began = time.monotonic()

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        own: list[float] = []
        turn = number
        headers = {"Cookie": cookie} if cookie else {}
        while time.monotonic() < stop_at:
            sent = time.perf_counter()
            connection.request("GET", paths[turn % len(paths)], headers=headers)
            body = connection.getresponse().read()
            own.append((time.perf_counter() - sent) * 1000)
            if must.encode() not in body:
                failures[0] += 1
            turn += connections
        with lock:
            times.extend(own)

    run_threads([lambda n=n: client(n) for n in range(connections)])  # type: ignore[misc]
    elapsed = time.monotonic() - began
    count = len(times)
    ordered = sorted(times)
    return Load(
        rate=count / elapsed,
        p50_ms=statistics.median(ordered),
        p99_ms=ordered[min(count - 1, count * 99 // 100)],
        app_cpu_ms=(cpu_seconds(app_pid) - app_before) * 1000 / count,
        database_cpu_ms=(cpu_seconds(database_pid) - database_before) * 1000 / count,
        failures=failures[0],
    )


def run_threads(works: Sequence[Callable[[], None]]) -> None:
    """Run all at once and wait; the first failure is raised here."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def verdict(
    label: str, value: float, *, at_most: float | None = None, at_least: float | None = None
) -> bool:
    """Print a figure beside its goal; return whether it is met."""
    goal = f"≤ {at_most:g}" if at_most is not None else f"≥ {at_least:g}"
    is_met = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    print(
        f"  {label:<58} {value:>10.2f}  goal {goal:<8} {'ok' if is_met else 'MISSED'}", flush=True
    )
    return is_met
