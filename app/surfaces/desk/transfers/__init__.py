"""The desk's transfers: a list, drafts, the way to the other UPT, what arrived."""

from app.surfaces.desk.transfers import arrival, document, draft
from app.surfaces.desk.transfers.base import blueprint

__all__ = ["arrival", "blueprint", "document", "draft"]
