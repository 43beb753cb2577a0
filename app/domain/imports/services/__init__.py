"""Writes of imports: a file is kept, confirmed, posted piece by piece, stopped, cleaned away."""

from app.domain.imports.services.keeping import clean, stage
from app.domain.imports.services.posting import post_chunk, post_whole
from app.domain.imports.services.turning import begin, cancel, confirm, finish, go_on, stop

__all__ = [
    "begin",
    "cancel",
    "clean",
    "confirm",
    "finish",
    "go_on",
    "post_chunk",
    "post_whole",
    "stage",
    "stop",
]
