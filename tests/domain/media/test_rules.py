"""What a header says, and what follows from it."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.domain.media import rules
from app.domain.media.errors import PictureReason, PictureRefused
from app.domain.media.types import (
    UPLOAD_BYTES_MAX,
    PictureFormat,
    PictureHeader,
    RenditionFormat,
)
from tests.factories import goods


def refused(content: bytes) -> PictureReason:
    with pytest.raises(PictureRefused) as caught:
        rules.check_header(rules.read_header(content))
    return caught.value.reason


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(640, 480), (200, 900)])
def test_reads_format_and_size_of_real_files(name: str, size: tuple[int, int]) -> None:
    content = goods.picture_bytes(*size, kind=name)
    assert rules.read_header(content) == PictureHeader(PictureFormat(name.lower()), *size)


@pytest.mark.parametrize("options", [{"lossless": True}, {"lossless": True, "exif": b"Exif\0\0MM"}])
def test_reads_the_size_of_every_kind_of_webp(options: dict[str, object]) -> None:
    content = goods.picture_bytes(321, 234, kind="WEBP", **options)
    header = rules.read_header(content)
    assert (header.width, header.height, header.frame_count) == (321, 234, 1)


def test_reads_progressive_jpeg_with_metadata_before_the_size() -> None:
    content = goods.picture_bytes(300, 260, kind="JPEG", progressive=True, comment=b"x" * 5000)
    assert rules.read_header(content) == PictureHeader(PictureFormat.JPEG, 300, 260)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", PictureReason.EMPTY),
        (b"\xff\xd8\xff" + b"0" * UPLOAD_BYTES_MAX, PictureReason.TOO_LARGE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PictureReason.UNKNOWN_FORMAT),
        (b"<?php echo 1; ?>", PictureReason.UNKNOWN_FORMAT),
        (b"GIF89a" + b"\0" * 40, PictureReason.UNKNOWN_FORMAT),
        (b"%PDF-1.7", PictureReason.UNKNOWN_FORMAT),
        (b"\x89PNG\r\n\x1a\n", PictureReason.DAMAGED),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, PictureReason.DAMAGED),
        (b"\xff\xd8\xff", PictureReason.DAMAGED),
        (b"\xff\xd8\xff\xe0\x00\x04\x00\x00\x00\x00", PictureReason.DAMAGED),
        (b"\xff\xd8\xff\xda\x00\x04", PictureReason.DAMAGED),
        (b"\xff\xd8\xff\xe0\x00\x00\x00\x00", PictureReason.DAMAGED),
        (b"RIFF\0\0\0\0WEBPVP8 ", PictureReason.DAMAGED),
        (b"RIFF\0\0\0\0WEBPxxxx" + b"\0" * 40, PictureReason.DAMAGED),
        (b"RIFF\0\0\0\0WEBPVP8X\0", PictureReason.DAMAGED),
        (png_header(50_000, 50_000), PictureReason.TOO_MANY_PIXELS),
        (png_header(5_001, 5_000), PictureReason.TOO_MANY_PIXELS),
        (png_header(20_000, 300), PictureReason.TOO_MANY_PIXELS),
        (png_header(0, 400), PictureReason.DAMAGED),
        (png_header(199, 400), PictureReason.TOO_SMALL),
    ],
)
def test_refuses_with_the_reason(content: bytes, reason: PictureReason) -> None:
    assert refused(content) is reason


def test_takes_exactly_25_million_pixels() -> None:
    rules.check_header(PictureHeader(PictureFormat.PNG, 5_000, 5_000))


def test_sees_animation_in_webp_and_png() -> None:
    frames = [goods.Image.new("RGB", (300, 300), colour) for colour in ("red", "blue", "green")]
    for name in ("WEBP", "PNG"):
        stream = goods.io.BytesIO()
        frames[0].save(stream, name, save_all=True, append_images=frames[1:])
        assert refused(stream.getvalue()) is PictureReason.ANIMATED


@given(some.binary(max_size=400), some.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_any_bytes_are_a_header_or_a_refusal(content: bytes, start: bytes) -> None:
    try:
        rules.check_header(rules.read_header(start + content))
    except PictureRefused:
        return


@given(some.binary(max_size=60))
def test_any_webp_is_a_header_or_a_refusal(content: bytes) -> None:
    for kind in (b"VP8X", b"VP8L", b"VP8 "):
        try:
            header = rules.read_header(b"RIFF\0\0\0\0WEBP" + kind + content)
        except PictureRefused:
            continue
        assert header.format is PictureFormat.WEBP


def test_widths_are_kept_as_text() -> None:
    assert rules.write_widths((320, 640, 960)) == "320 640 960"
    assert rules.read_widths("320 640 960") == (320, 640, 960)


def test_scaled_height_keeps_the_shape() -> None:
    assert rules.scaled_height(width=1_000, height=667, to_width=320) == 213
    assert rules.scaled_height(width=16_000, height=1, to_width=320) == 1


def test_addresses_carry_the_revision() -> None:
    key = rules.rendition_key(
        public_id="abcd2345", revision=2, width=640, rendition_format=RenditionFormat.JPEG
    )
    assert key == "ab/abcd2345-2-640.jpg"
    assert (
        rules.original_key(public_id="abcd2345", picture_format=PictureFormat.PNG)
        == "ab/abcd2345.png"
    )


def test_image_record_names_every_source() -> None:
    record = rules.image_record(
        asset_id=7,
        public_id="abcd2345",
        alt="Tirai",
        width=1_000,
        height=500,
        colour="#aabbcc",
        revision=1,
        widths=(320, 640, 960),
    )
    assert (record.width, record.height) == (960, 480)
    assert record.fallback_url == "/media/ab/abcd2345-1-640.jpg"
    assert record.sources == (
        (
            "image/webp",
            tuple((each, f"/media/ab/abcd2345-1-{each}.webp") for each in (320, 640, 960)),
        ),
        (
            "image/jpeg",
            tuple((each, f"/media/ab/abcd2345-1-{each}.jpg") for each in (320, 640, 960)),
        ),
    )
