"""The ceiling: what a page of 24 cards costs with Flask, Jinja and one statement, and nothing else."""

from __future__ import annotations

import os
import threading

import psycopg
from flask import Flask

URL = os.environ["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://")
SQL = """
    SELECT slug, name, upt_short_name, town, price_idr_min
    FROM listing ORDER BY position_key DESC, product_id DESC LIMIT 24
"""
PAGE = """<!doctype html><html lang="id"><head><title>Produk</title></head><body><main>
{% for row in rows %}<article class="card"><a href="/produk/{{ row[0] }}"><img src="/media/{{ row[0] }}"
width="320" height="320" alt="{{ row[1] }}"><h2>{{ row[1] }}</h2></a><p>{{ row[2] }}, {{ row[3] }}</p>
<p>Rp{{ "{:,}".format(row[4]) }}</p></article>{% endfor %}</main></body></html>"""

app = Flask(__name__)
template = app.jinja_env.from_string(PAGE)
local = threading.local()


@app.get("/")
def cards() -> str:
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(URL, autocommit=True)
    rows = local.connection.execute(SQL).fetchall()
    return template.render(rows=rows)
