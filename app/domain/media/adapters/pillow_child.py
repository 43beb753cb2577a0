"""The child process in which Pillow decodes what strangers hand in.

Run as a script by ``pillow_codec``, never imported. It knows nothing of the application: limits
first, then the picture from standard input, the answer as JSON on standard output, files into the
folder named in the job. A decoder that crashes, hangs or eats memory ends this process and no other.
"""

from __future__ import annotations

import importlib
import io
import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

from PIL import Image

PLUGINS = {"jpeg": "JpegImagePlugin", "png": "PngImagePlugin", "webp": "WebPImagePlugin"}
BACKGROUND = (255, 255, 255)


def limit(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Cap this process for good."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def open_picture(content: bytes, job: dict[str, Any]) -> Image.Image:
    """Open with one decoder only, and take no more pixels than allowed."""
    importlib.import_module(f"PIL.{PLUGINS[job['format']]}")
    Image.MAX_IMAGE_PIXELS = job["pixels_max"]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    return Image.open(io.BytesIO(content), formats=(job["format"].upper(),))


def check(picture: Image.Image) -> dict[str, Any]:
    """Read every byte of the picture; JPEG may be read at an eighth of its size."""
    picture.draft("RGB", (1, 1))
    picture.load()
    return {}


def render(picture: Image.Image, job: dict[str, Any]) -> dict[str, Any]:
    """Write every size in every format."""
    from PIL import ImageOps, WebPImagePlugin  # noqa: F401  # only here, so that checks start quicker

    widths = job["widths"]
    is_lying = picture.getexif().get(0x0112, 1) >= 5
    width, height = picture.size[::-1] if is_lying else picture.size
    side = max(widths) * 2
    picture.draft("RGB", (side, side))
    upright = flat(ImageOps.exif_transpose(picture))
    chosen = [each for each in widths if each <= width] or [width]
    files = []
    for each in sorted(chosen, reverse=True):
        size = (each, max(1, round(height * each / width)))
        upright = upright.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        for name, options in (
            ("webp", {"quality": 80, "method": 4}),
            ("jpeg", {"quality": 82, "optimize": True, "progressive": True}),
        ):
            file_name = f"{each}.{name}"
            upright.save(Path(job["folder"]) / file_name, name, **options)
            files.append({"format": name, "width": size[0], "height": size[1], "name": file_name})
    average = upright.resize((1, 1), Image.Resampling.BOX).tobytes()
    return {
        "width": width,
        "height": height,
        "colour": "#" + "".join(f"{part:02x}" for part in average),
        "files": files,
    }


def flat(picture: Image.Image) -> Image.Image:
    """Return the pixels as sRGB on white, with nothing of the metadata."""
    profile = picture.info.get("icc_profile")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        over = picture.convert("RGBA")
        picture = Image.new("RGB", over.size, BACKGROUND)
        picture.paste(over, mask=over.getchannel("A"))
    elif profile and picture.mode in ("RGB", "CMYK", "L"):
        picture = to_srgb(picture, profile)
    picture = picture.convert("RGB")
    picture.info.clear()
    return picture


def to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Return the picture in sRGB; a profile that makes no sense is passed over."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        found = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return found if found is not None else picture


def main() -> None:
    """Do the job named in the arguments."""
    job = json.loads(sys.argv[1])
    limit(memory_bytes=job["memory_bytes"], cpu_seconds=job["cpu_seconds"])
    with open_picture(sys.stdin.buffer.read(), job) as picture:
        answer = check(picture) if job["task"] == "check" else render(picture, job)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
