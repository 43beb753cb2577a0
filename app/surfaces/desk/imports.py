"""The desk's pages for imports: lists brought in and out by the thousand: receipts, counts, prices; dry run first."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("imports", __name__)
