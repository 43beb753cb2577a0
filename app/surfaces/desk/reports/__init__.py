"""What heads, regional and national staff look at: figures over the ledgers, never a write to them."""

from app.surfaces.desk.reports import home, lists, upts, why
from app.surfaces.desk.reports.base import blueprint

__all__ = ["blueprint", "home", "lists", "upts", "why"]
