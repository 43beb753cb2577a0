"""Jobs of pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from app.domain.media import flows
from app.domain.media.events import AssetStored
from app.infra.jobs import Handler, Periodic


def render_asset(event: AssetStored, /, *, at: datetime) -> None:
    """Make the public sizes of a new picture."""
    flows.render_asset(asset_id=event.asset_id, is_again=False)


HANDLERS: Final[tuple[Handler, ...]] = (
    Handler("media.render_asset", AssetStored, render_asset, effect=True),
)
PERIODICS: Final[tuple[Periodic, ...]] = ()
