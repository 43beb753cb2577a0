"""The desk's pages for reports: what heads, regional and national staff look at: figures over the ledgers, never a write to them."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("reports", __name__)
