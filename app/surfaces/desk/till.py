"""The desk's pages for till: the till of a gallery: counter sales from the same stock as the shop, receipts, undo."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("till", __name__)
