"""Pure decisions about pictures: what a header may say, and which sizes and addresses follow."""

from __future__ import annotations

import struct
from typing import Final

from app.domain.media.errors import PictureReason, PictureRefused
from app.domain.media.types import (
    EXTENSIONS,
    MIME_TYPES,
    PIXELS_MAX,
    SIDE_PX_MAX,
    SIDE_PX_MIN,
    UPLOAD_BYTES_MAX,
    ImageRecord,
    PictureFormat,
    PictureHeader,
    RenditionFormat,
)

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG_SIZE_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def read_header(content: bytes) -> PictureHeader:
    """Return what a file's own header says, without decoding a pixel.

    Raises:
        PictureRefused: Empty, too large, no picture of ours, or a header that breaks off.
    """
    if not content:
        raise PictureRefused(PictureReason.EMPTY)
    if len(content) > UPLOAD_BYTES_MAX:
        raise PictureRefused(PictureReason.TOO_LARGE)
    try:
        if content.startswith(_PNG):
            return _read_png(content)
        if content.startswith(b"\xff\xd8\xff"):
            return _read_jpeg(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _read_webp(content)
    except (struct.error, IndexError):
        raise PictureRefused(PictureReason.DAMAGED) from None
    raise PictureRefused(PictureReason.UNKNOWN_FORMAT)


def check_header(header: PictureHeader) -> None:
    """Refuse what must not be decoded.

    Raises:
        PictureRefused: Animated, too many pixels, a side too long, or too small to be of use.
    """
    longest, shortest = max(header.width, header.height), min(header.width, header.height)
    if header.width * header.height > PIXELS_MAX or longest > SIDE_PX_MAX:
        raise PictureRefused(PictureReason.TOO_MANY_PIXELS)
    if header.frame_count > 1:
        raise PictureRefused(PictureReason.ANIMATED)
    if shortest == 0:
        raise PictureRefused(PictureReason.DAMAGED)
    if shortest < SIDE_PX_MIN:
        raise PictureRefused(PictureReason.TOO_SMALL)


def _read_png(content: bytes) -> PictureHeader:
    length, name, width, height = struct.unpack(">I4sII", content[8:24])
    if name != b"IHDR" or length != 13:
        raise PictureRefused(PictureReason.DAMAGED)
    place = 33
    frame_count = 1
    while place + 8 <= len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        if name == b"acTL":
            frame_count = struct.unpack(">I", content[place + 8 : place + 12])[0]
        if name in (b"IDAT", b"IEND"):
            break
        place += 12 + length
    return PictureHeader(PictureFormat.PNG, width, height, max(frame_count, 1))


def _read_jpeg(content: bytes) -> PictureHeader:
    place = 2
    while True:
        if content[place] != 0xFF:
            raise PictureRefused(PictureReason.DAMAGED)
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker in _JPEG_BARE_MARKERS:
            place += 2
            continue
        length = struct.unpack(">H", content[place + 2 : place + 4])[0]
        if marker in _JPEG_SIZE_MARKERS:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return PictureHeader(PictureFormat.JPEG, width, height)
        if marker == 0xDA or length < 2:
            raise PictureRefused(PictureReason.DAMAGED)
        place += 2 + length


def _read_webp(content: bytes) -> PictureHeader:
    kind = content[12:16]
    if kind == b"VP8X":
        flags = content[20]
        width = int.from_bytes(content[24:27], "little") + 1
        height = int.from_bytes(content[27:30], "little") + 1
        is_animated = bool(flags & 0x02) or b"ANIM" in content[30:4096]
        if len(content) < 30:
            raise PictureRefused(PictureReason.DAMAGED)
        return PictureHeader(PictureFormat.WEBP, width, height, 2 if is_animated else 1)
    if kind == b"VP8L":
        bits = struct.unpack("<I", content[21:25])[0]
        return PictureHeader(PictureFormat.WEBP, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return PictureHeader(PictureFormat.WEBP, width & 0x3FFF, height & 0x3FFF)
    raise PictureRefused(PictureReason.DAMAGED)


def scaled_height(*, width: int, height: int, to_width: int) -> int:
    """Return the height that keeps the shape, rounded to the nearest pixel, at least 1."""
    return max(1, (height * to_width * 2 + width) // (width * 2))


def write_widths(widths: tuple[int, ...]) -> str:
    """Return widths as the text in which an asset keeps them."""
    return " ".join(str(width) for width in widths)


def read_widths(text: str) -> tuple[int, ...]:
    """Return the widths from an asset's text."""
    return tuple(int(part) for part in text.split())


def original_key(*, public_id: str, picture_format: PictureFormat) -> str:
    """Return where an original is kept."""
    return f"{public_id[:2]}/{public_id}.{picture_format.value}"


def rendition_key(
    *, public_id: str, revision: int, width: int, rendition_format: RenditionFormat
) -> str:
    """Return where a rendition is kept; the revision makes an address mean one content for ever."""
    return f"{public_id[:2]}/{public_id}-{revision}-{width}.{EXTENSIONS[rendition_format]}"


def image_record(
    *,
    asset_id: int,
    public_id: str,
    alt: str,
    width: int,
    height: int,
    colour: str | None,
    revision: int,
    widths: tuple[int, ...],
) -> ImageRecord:
    """Return the record of a rendered picture; width and height are the upright original's."""
    stem = f"/media/{public_id[:2]}/{public_id}-{revision}-"
    sources = tuple(
        (
            MIME_TYPES[each],
            tuple((width_px, f"{stem}{width_px}.{EXTENSIONS[each]}") for width_px in widths),
        )
        for each in RenditionFormat
    )
    widest = widths[-1]
    middle = next((each for each in widths if each >= 640), widest)
    return ImageRecord(
        asset_id=asset_id,
        alt=alt,
        width=widest,
        height=scaled_height(width=width, height=height, to_width=widest),
        colour=colour,
        sources=sources,
        fallback_url=f"{stem}{middle}.{EXTENSIONS[RenditionFormat.JPEG]}",
    )
