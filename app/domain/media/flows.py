"""Rendering: read the original, re-encode it outside any transaction, record the result."""

from __future__ import annotations

from app.domain.media import queries, rules, services
from app.domain.media.errors import PictureRefused
from app.domain.media.types import RENDITION_WIDTHS_PX, AssetState
from app.infra import db, storage


def render_asset(*, asset_id: int, is_again: bool) -> bool:
    """Make the public sizes of a picture; return whether it can be shown.

    A second call changes nothing, unless ``is_again`` asks for a new revision with addresses of
    its own. A picture that cannot be decoded is marked refused, and that is an answer, no fault.

    Args:
        asset_id: The asset.
        is_again: Render also what is rendered already.

    Raises:
        NotFound: No such asset.
    """
    with db.unit_of_work():
        asset = queries.get_asset(asset_id=asset_id)
    if asset.state is not AssetState.PENDING and not is_again:
        return asset.state is AssetState.READY
    content = storage.originals().read(asset.original_key)
    try:
        picture = services.CODEC.render(
            content, picture_format=asset.original_format, widths=RENDITION_WIDTHS_PX
        )
    except PictureRefused as refusal:
        reason = refusal.reason
        db.transact(lambda: services.refuse_asset(asset_id=asset_id, reason=reason))
        return False
    revision = asset.rendition_revision + 1
    for file in picture.files:
        key = rules.rendition_key(
            public_id=asset.public_id,
            revision=revision,
            width=file.width,
            rendition_format=file.format,
        )
        storage.renditions().write(key, file.content)
    db.transact(
        lambda: services.keep_renditions(asset_id=asset_id, revision=revision, picture=picture)
    )
    return True
