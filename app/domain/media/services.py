"""Taking pictures in: the check needs no database, the storing is one row and one file."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from app.domain.media import rules
from app.domain.media.adapters.pillow_codec import PillowCodec
from app.domain.media.errors import PictureReason
from app.domain.media.events import AssetStored
from app.domain.media.models import Asset, Rendition
from app.domain.media.ports import PictureCodec
from app.domain.media.types import AssetState, CheckedPicture, RenderedPicture
from app.infra import db, jobs, storage
from app.kernel.actor import Actor
from app.kernel.errors import IdempotencyMismatch, NotFound

CODEC: Final[PictureCodec] = PillowCodec()


def check_upload(*, content: bytes) -> CheckedPicture:
    """Judge a file by its header, then decode it once in a child process.

    Touches no database, so callers do it before they open a unit of work.

    Raises:
        PictureRefused: With the reason.
    """
    header = rules.read_header(content)
    rules.check_header(header)
    CODEC.check(content, picture_format=header.format)
    return CheckedPicture(header, content, hashlib.sha256(content).hexdigest())


def store_checked(
    *, actor: Actor, upt_id: int | None, picture: CheckedPicture, public_id: str, at: datetime
) -> int:
    """Keep a checked picture and ask for its renditions; return the asset's id.

    The caller has made sure that the actor may. Called again with the same public id and the same
    picture it changes nothing.

    Args:
        upt_id: Whose picture it is; None for pictures of the whole nation.
        public_id: Random name that the surface made; all file names come from it.

    Raises:
        IdempotencyMismatch: The public id stands for another picture.
    """
    known = db.session().scalar(select(Asset).where(Asset.public_id == public_id))
    if known is not None:
        if known.sha256 != picture.sha256:
            raise IdempotencyMismatch
        return known.id
    key = rules.original_key(public_id=public_id, picture_format=picture.header.format)
    storage.originals().write(key, picture.content)
    row = Asset(
        public_id=public_id,
        upt_id=upt_id,
        uploaded_by=actor.user_id,
        original_key=key,
        original_format=picture.header.format.value,
        width=picture.header.width,
        height=picture.header.height,
        byte_count=len(picture.content),
        sha256=picture.sha256,
        state=AssetState.PENDING.value,
        rendition_revision=0,
        rendition_widths="",
        created_at=at,
    )
    db.add(row)
    jobs.publish(AssetStored(asset_id=row.id), at=at)
    return row.id


def store_upload(
    *, actor: Actor, upt_id: int | None, content: bytes, public_id: str, at: datetime
) -> int:
    """Check and keep a picture in one go; see ``check_upload`` and ``store_checked``.

    Raises:
        PictureRefused: With the reason.
        IdempotencyMismatch: The public id stands for another picture.
    """
    picture = check_upload(content=content)
    return store_checked(actor=actor, upt_id=upt_id, picture=picture, public_id=public_id, at=at)


def keep_renditions(*, asset_id: int, revision: int, picture: RenderedPicture) -> None:
    """Make the written files of a revision the public ones.

    Raises:
        NotFound: No such asset.
    """
    asset = _lock_asset(asset_id)
    if asset.rendition_revision >= revision:
        return
    db.session().execute(delete(Rendition).where(Rendition.asset_id == asset_id))
    db.add_all(
        [
            Rendition(
                asset_id=asset_id,
                format=file.format.value,
                width=file.width,
                height=file.height,
                key=rules.rendition_key(
                    public_id=asset.public_id,
                    revision=revision,
                    width=file.width,
                    rendition_format=file.format,
                ),
                byte_count=len(file.content),
            )
            for file in picture.files
        ]
    )
    asset.width = picture.width
    asset.height = picture.height
    asset.colour = picture.colour
    asset.rendition_revision = revision
    asset.rendition_widths = rules.write_widths(
        tuple(sorted({file.width for file in picture.files}))
    )
    asset.state = AssetState.READY.value
    asset.refused_reason = None


def refuse_asset(*, asset_id: int, reason: PictureReason) -> None:
    """Mark a stored picture as one that cannot be shown.

    Raises:
        NotFound: No such asset.
    """
    asset = _lock_asset(asset_id)
    asset.state = AssetState.REFUSED.value
    asset.refused_reason = reason.value


def _lock_asset(asset_id: int) -> Asset:
    asset = db.session().scalar(db.for_update(select(Asset).where(Asset.id == asset_id)))
    if asset is None:
        raise NotFound
    return asset
