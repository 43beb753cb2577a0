"""Chromium against the real application: its own server, a migrated copy of the database, demo goods.

One shop is filled for the whole run; tests only add carts and orders to it. Every page is watched:
an error on the console or an uncaught exception fails the test that opened it.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

import config
from app.bootstrap import create_app
from app.domain.search import flows as search_flows
from app.infra import db, jobs
from app.kernel import clock
from app.seeds import demo, reference
from tests.browser.visitors import FLAGS, PHONE, Enter, Visitor
from tests.databases import PostgresTemplates, SqliteTemplates


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder, and allow time for filling the shop."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def shop(
    templates: SqliteTemplates | PostgresTemplates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Give the application on a database of its own, filled with the demo goods."""
    folder = tmp_path_factory.mktemp("shop")
    with templates.copy(folder) as url:
        app = create_app(
            config.load(
                {
                    "KARYABINA_MODE": "demo",
                    "DATABASE_URL": url,
                    "KARYABINA_INSTANCE_DIR": str(folder / "instance"),
                    "KARYABINA_SECRET_KEY": "only-for-tests-" + "x" * 32,
                    "KARYABINA_LOG_LEVEL": "error",
                }
            )
        )
        with app.app_context():
            at = clock.now()
            reference.load(at=at, progress=_quiet)
            demo.load(at=at, progress=_quiet)
            jobs.drain(at=at)
            search_flows.rebuild()
            db.db.session.remove()
        yield app
        with app.app_context():
            db.db.session.remove()
            db.db.engine.dispose()


def _quiet(_text: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="session")
def address(shop: Flask) -> Iterator[str]:
    """Give the address of the running shop."""
    server = make_server("127.0.0.1", 0, shop, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give one Chromium for the whole run."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "chromium is missing: make system"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def enter(chromium: Browser, address: str) -> Iterator[Enter]:
    """Give a function that lets a visitor in: ``enter(viewport, java_script_enabled=False)``."""
    visitors: list[Visitor] = []

    def let_in(viewport: dict[str, int] = PHONE, **options: Any) -> Visitor:
        context = chromium.new_context(viewport=viewport, locale="id-ID", **options)  # type: ignore[arg-type]
        visitors.append(Visitor(context, address))
        return visitors[-1]

    yield let_in
    complaints = [text for visitor in visitors for text in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert complaints == []
