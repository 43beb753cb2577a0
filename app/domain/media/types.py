"""What leaves the media package: image records shaped for the picture component, and the limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

UPLOAD_BYTES_MAX: Final = 10 * 1024 * 1024
"""Largest picture file that is taken: 10 MiB."""

PIXELS_MAX: Final = 25_000_000
"""Most pixels of a picture, judged from its header before anything is decoded."""

SIDE_PX_MAX: Final = 16_383
"""Longest side: the most that WebP can carry."""

SIDE_PX_MIN: Final = 200
"""Shortest side that still makes a usable picture."""

RENDITION_WIDTHS_PX: Final = (320, 640, 960, 1280, 1600)
"""Widths in which a picture is offered; never wider than the original."""


class PictureFormat(StrEnum):
    """The formats that are taken in."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


class RenditionFormat(StrEnum):
    """The formats that are given out, best first."""

    WEBP = "webp"
    JPEG = "jpeg"


MIME_TYPES: Final = {
    RenditionFormat.WEBP: "image/webp",
    RenditionFormat.JPEG: "image/jpeg",
}

EXTENSIONS: Final = {RenditionFormat.WEBP: "webp", RenditionFormat.JPEG: "jpg"}


class AssetState(StrEnum):
    """Where an asset is on its way to the public."""

    PENDING = "pending"
    READY = "ready"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What the first bytes of a picture file say, before any pixel is decoded.

    Attributes:
        format: The format by content, whatever the file is called.
        width: Stored width in pixels, before turning upright.
        height: Stored height in pixels, before turning upright.
        frame_count: More than one means an animation.
    """

    format: PictureFormat
    width: int
    height: int
    frame_count: int = 1


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """A picture ready for a page.

    Attributes:
        asset_id: Row id of the asset.
        alt: Text for those who do not see the picture.
        width: Width of the widest rendition in pixels.
        height: Its height in pixels.
        colour: Average colour as ``#rrggbb``, shown until the picture is there.
        sources: For each type the widths in pixels and addresses, narrow to wide.
        fallback_url: Address for browsers that know no ``srcset``.
    """

    asset_id: int
    alt: str
    width: int
    height: int
    colour: str | None
    sources: tuple[tuple[str, tuple[tuple[int, str], ...]], ...]
    fallback_url: str


@dataclass(frozen=True, slots=True)
class AssetRecord:
    """An asset as it is kept."""

    asset_id: int
    public_id: str
    upt_id: int | None
    state: AssetState
    width: int
    height: int
    byte_count: int
    sha256: str
    original_key: str
    original_format: PictureFormat
    rendition_revision: int


@dataclass(frozen=True, slots=True)
class CheckedPicture:
    """A picture file that passed the check.

    Attributes:
        sha256: Digest of the content in hexadecimal.
    """

    header: PictureHeader
    content: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """One re-encoded file."""

    format: RenditionFormat
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class RenderedPicture:
    """A picture upright, in every public size.

    Attributes:
        width: Width of the upright original in pixels.
        height: Its height in pixels.
        colour: Average colour as ``#rrggbb``.
    """

    width: int
    height: int
    colour: str
    files: tuple[RenderedFile, ...]
