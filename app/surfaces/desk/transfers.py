"""The desk's pages for transfers: goods on the way: to another UPT and to fairs, in both ledgers, settled to the last piece."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("transfers", __name__)
