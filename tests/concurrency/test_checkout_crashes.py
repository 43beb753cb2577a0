"""A server killed with SIGKILL in the middle of placing, and the retry that follows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.stock import flows as stock_flows
from app.infra import db
from tests.factories import trade

pytestmark = pytest.mark.concurrency

VICTIM = """
import json, os, signal, sys
from app.bootstrap import create_app
from app.infra import db
from pathlib import Path
from tests.databases import settings
from tests.factories import trade

point, url, folder, token, values = sys.argv[1:]
app = create_app(settings(url=url, instance_dir=Path(folder)), TESTING=True)

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

with app.app_context():
    if point == "after reserving":
        trade.checkout_services.placing.orders_services.create = die
    if point == "before commit":
        trade.checkout_services.placing.cart_services.clear = die
    trade.place(key=trade.CartKey(token=token), order=trade.PlaceOrder.parse(json.loads(values)))
    die()
"""


def kill_while_placing(
    point: str, *, url: str, folder: Path, token: str, values: dict[str, str]
) -> int:
    """Place an order in another process that dies at a named point; return its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", VICTIM, point, url, str(folder), token, json.dumps(values)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    return done.returncode


def count(table: str) -> int:
    found = db.read_session().execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    db.read_session().rollback()
    return int(found)


@pytest.mark.parametrize(
    ("point", "orders_left"), [("after reserving", 0), ("before commit", 0), ("after commit", 1)]
)
def test_a_killed_server_leaves_the_whole_order_or_nothing_and_the_retry_makes_one(
    bare_app: Flask, database_url: str, tmp_path: Path, point: str, orders_left: int
) -> None:
    with bare_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=5)
        key = trade.fill_cart({item.variant_id: 2})
        values = trade.form_values(key)
        db.db.session.remove()
        kill_while_placing(
            point, url=database_url, folder=tmp_path / "victim", token=str(key.token), values=values
        )
        assert count("order_group") == orders_left
        assert count("stock_hold") == orders_left
        again = trade.place(key=key, order=trade.PlaceOrder.parse(values))
        assert again.is_repeat is bool(orders_left)
        assert (count("order_group"), count("payment"), count("stock_hold")) == (1, 1, 1)
        assert stock_flows.verify().faults == ()
