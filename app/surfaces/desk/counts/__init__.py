"""The desk's pages for counts (opname): sheets, blind counting, differences, national counts."""

from app.surfaces.desk.counts import campaigns, differences, entering, papers, sheets
from app.surfaces.desk.counts.base import blueprint

__all__ = ["blueprint", "campaigns", "differences", "entering", "papers", "sheets"]
