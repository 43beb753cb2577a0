"""Turn rendered PNG files into the WebP files the shop is seeded with.

One idea: as good as fits. Quality falls until the file is small enough; nothing but pixels is kept.
`python encode.py PNG_DIR [OUT_DIR]`, with Pillow.
"""

import io
import pathlib
import sys

from PIL import Image

LIMIT = 88_000


def encode(source, target):
    """Write one picture; returns (width, height, bytes, quality)."""
    picture = Image.open(source).convert("RGB")
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    for quality in (90, 86, 82, 78, 74, 70, 64, 58, 50):
        buffer = io.BytesIO()
        clean.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= LIMIT:
            break
    target.write_bytes(buffer.getvalue())
    return (*clean.size, buffer.tell(), quality)


def main():
    """Encode every PNG of a folder."""
    folder = pathlib.Path(sys.argv[1])
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).parent.parent
    for source in sorted(folder.glob("*.png")):
        print(source.stem, *encode(source, out / f"{source.stem}.webp"))


if __name__ == "__main__":
    main()
