"""The desk's pages for counts: the stock count (opname): sheets, blind counting, differences approved by a second person."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("counts", __name__)
