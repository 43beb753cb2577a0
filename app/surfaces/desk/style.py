"""The components page: every building block of the face, in both themes."""

from __future__ import annotations

from flask import Blueprint

from app.surfaces.web import pages, policy

blueprint = Blueprint("style", __name__, url_prefix="/gaya")


@blueprint.get("")
@policy.staff("desk.enter")
def page() -> str:
    """Show every component."""
    return pages.render("desk/style/page.html")
