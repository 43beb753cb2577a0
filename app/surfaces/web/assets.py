"""Built files: from a logical name to the hashed one that may be cached for ever."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise


def init_app(app: Flask, *, static_dir: Path) -> None:
    """Serve ``static/dist`` under ``/static/dist`` and give templates ``asset(name)``."""
    dist = static_dir / "dist"
    manifest_path = dist / "manifest.json"
    manifest: dict[str, str] = (
        json.loads(manifest_path.read_text()) if manifest_path.exists() else {}
    )

    def asset(name: str) -> str:
        return f"/static/dist/{manifest.get(name, name)}"

    app.jinja_env.globals["asset"] = asset
    dist.mkdir(parents=True, exist_ok=True)
    hashed = frozenset(manifest.values())

    def is_immutable(_path: str, url: str) -> bool:
        return url.removeprefix("/static/dist/") in hashed

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=dist, prefix="static/dist/", immutable_file_test=is_immutable
    )
