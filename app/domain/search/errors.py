"""Refusals of search."""

from __future__ import annotations

from app.kernel.errors import Conflict, Unavailable


class SearchUnavailable(Unavailable):
    """The index is missing, damaged or locked; the database still answers."""

    code = "search.unavailable"


class RebuildRunning(Conflict):
    """Another process is rebuilding the index right now."""

    code = "search.rebuild_running"
