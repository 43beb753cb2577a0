"""Entry point for web servers and for the ``flask`` command."""

from __future__ import annotations

from app.bootstrap import create_app

app = create_app()
