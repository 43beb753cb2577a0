"""Reads of pictures; public addresses follow from the asset row, without reading the files' rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.domain.media import rules
from app.domain.media.models import Asset
from app.domain.media.types import AssetRecord, AssetState, ImageRecord, PictureFormat
from app.infra import db
from app.kernel.errors import NotFound


def images(*, asset_ids: Collection[int], alts: Mapping[int, str]) -> dict[int, ImageRecord]:
    """Return the pictures that are ready to be shown, in one statement.

    Args:
        asset_ids: The assets wanted; those still being rendered are left out.
        alts: Words by asset id; none means a picture that only decorates.
    """
    if not asset_ids:
        return {}
    rows = db.read_session().execute(
        select(
            Asset.id,
            Asset.public_id,
            Asset.width,
            Asset.height,
            Asset.colour,
            Asset.rendition_revision,
            Asset.rendition_widths,
        ).where(Asset.id.in_(asset_ids), Asset.rendition_revision > 0)
    )
    return {
        row.id: rules.image_record(
            asset_id=row.id,
            public_id=row.public_id,
            alt=alts.get(row.id, ""),
            width=row.width,
            height=row.height,
            colour=row.colour,
            revision=row.rendition_revision,
            widths=rules.read_widths(row.rendition_widths),
        )
        for row in rows
    }


def asset_states(*, asset_ids: Collection[int]) -> dict[int, AssetState]:
    """Return where assets are on their way to the public, in one statement."""
    if not asset_ids:
        return {}
    rows = db.read_session().execute(select(Asset.id, Asset.state).where(Asset.id.in_(asset_ids)))
    return {asset_id: AssetState(state) for asset_id, state in rows}


def get_asset(*, asset_id: int) -> AssetRecord:
    """Return an asset.

    Raises:
        NotFound: No such asset.
    """
    row = db.read_session().get(Asset, asset_id)
    if row is None:
        raise NotFound
    return AssetRecord(
        asset_id=row.id,
        public_id=row.public_id,
        upt_id=row.upt_id,
        state=AssetState(row.state),
        width=row.width,
        height=row.height,
        byte_count=row.byte_count,
        sha256=row.sha256,
        original_key=row.original_key,
        original_format=PictureFormat(row.original_format),
        rendition_revision=row.rendition_revision,
    )


def find_asset_id(*, public_id: str) -> int | None:
    """Return the asset with this public id, if there is one."""
    return db.read_session().scalar(select(Asset.id).where(Asset.public_id == public_id))


def list_asset_ids(*, only_waiting: bool, after_asset_id: int, limit: int) -> tuple[int, ...]:
    """Return assets by rising id, all of them or those that wait to be rendered."""
    statement = select(Asset.id).where(Asset.id > after_asset_id)
    if only_waiting:
        statement = statement.where(Asset.state == AssetState.PENDING.value)
    return tuple(db.read_session().scalars(statement.order_by(Asset.id).limit(limit)))
