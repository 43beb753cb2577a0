"""Public pictures: renditions only, under addresses that never change their content."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, send_file

from app.infra import storage
from app.kernel.errors import NotFound
from app.surfaces.web import policy

blueprint = Blueprint("media", __name__)

YEAR_SECONDS: Final = 31_536_000
MIME_TYPES: Final = {".webp": "image/webp", ".jpg": "image/jpeg"}


@blueprint.get("/media/<path:key>")
@policy.public
def rendition(key: str) -> Response:
    """Send a re-encoded picture, to be kept by browsers and proxies for ever."""
    try:
        path = storage.renditions().path(key)
    except ValueError:
        raise NotFound from None
    mime_type = MIME_TYPES.get(path.suffix)
    if mime_type is None or not path.is_file():
        raise NotFound
    answer = send_file(path, mimetype=mime_type, conditional=True, max_age=YEAR_SECONDS)
    answer.cache_control.no_cache = None
    answer.cache_control.public = True
    answer.cache_control.immutable = True
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
