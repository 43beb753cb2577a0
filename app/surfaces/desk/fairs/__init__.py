"""The desk's loans to fairs: a list, drafts, what was sold, came back or is missing."""

from app.surfaces.desk.fairs import document, draft, result
from app.surfaces.desk.fairs.base import blueprint

__all__ = ["blueprint", "document", "draft", "result"]
