"""Which UPT a desk page is about, and which others this person may switch to."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.kernel.actor import Actor
from app.surfaces.web import session


@dataclass(frozen=True, slots=True)
class View:
    """The UPT in view and the choices of the switcher.

    Attributes:
        upt: None when nothing is in reach.
        choices: Every UPT in reach, by name; the switcher shows only with more than one.
    """

    upt: UptBrief | None
    choices: tuple[UptBrief, ...]

    @property
    def can_switch(self) -> bool:
        """Say whether there is another UPT to look at."""
        return len(self.choices) > 1


def current(permission: str) -> View:
    """Return the UPT in view for a permission: asked for, remembered, or the first in reach.

    Raises:
        NotFound: The UPT asked for in the address is out of reach.
    """
    choices = in_reach(session.current_actor(), permission)
    chosen_id = session.current_upt_id(permission)
    upt = next((one for one in choices if one.upt_id == chosen_id), None)
    if upt is None and choices:
        upt = choices[0]
    g.upt_label = upt.short_name if upt else None
    return View(upt, choices)


def in_reach(actor: Actor, permission: str) -> tuple[UptBrief, ...]:
    """Return every UPT where the permission is held, by name."""
    reach = actor.reach(permission)
    if reach.is_national:
        return upt_queries.list_all()
    return tuple(
        sorted(upt_queries.briefs(upt_ids=reach.upt_ids).values(), key=lambda upt: upt.short_name)
    )
