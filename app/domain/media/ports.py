"""What media needs from a picture library."""

from __future__ import annotations

from typing import Protocol

from app.domain.media.types import PictureFormat, RenderedPicture


class PictureCodec(Protocol):
    """Decodes and re-encodes pictures without endangering the process that asks."""

    def check(self, content: bytes, *, picture_format: PictureFormat) -> None:
        """Decode the whole picture once.

        Raises:
            PictureRefused: It is damaged, or decoding it costs too much.
        """
        ...

    def render(
        self, content: bytes, *, picture_format: PictureFormat, widths: tuple[int, ...]
    ) -> RenderedPicture:
        """Return the picture upright, without metadata, in the widths that it can fill.

        Raises:
            PictureRefused: It is damaged, or decoding it costs too much.
        """
        ...
