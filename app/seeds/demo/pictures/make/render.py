"""Render goods by stem: `python render.py STEM [--draft] [--out DIR]`.

Without a stem, lists them. Run in an environment with `bpy`; then `encode.py` makes the WebP files.
"""

import argparse
import importlib
import pathlib
import time

import studio

ROOMS = (
    "fibre_goods",
    "coir_goods",
    "wood_goods",
    "furniture_goods",
    "chess_goods",
    "bowl_goods",
    "pantry_goods",
    "drink_goods",
    "wash_goods",
    "baked_goods",
    "cake_goods",
    "knit_goods",
    "scenes",
)


def find(stem):
    """The function that builds a stem's goods."""
    for room in ROOMS:
        try:
            module = importlib.import_module(room)
        except ModuleNotFoundError as missing:
            if missing.name != room:
                raise
            continue
        maker = getattr(module, stem.replace("-", "_"), None)
        if maker:
            return maker
    raise SystemExit(f"no goods named {stem}")


def main():
    """Build one scene and render it."""
    reader = argparse.ArgumentParser()
    reader.add_argument("stem")
    reader.add_argument("--draft", action="store_true")
    reader.add_argument("--out", default="/tmp/karyabina-pictures")
    reader.add_argument("--samples", type=int)
    reader.add_argument("--size", type=int)
    given = reader.parse_args()
    start = time.monotonic()
    studio.reset()
    frame = dict(find(given.stem)())
    wide = frame.pop("wide", False)
    depth, key, fill = frame.pop("depth", 3.2), frame.pop("key", 260.0), frame.pop("fill", 0.72)
    exposure, backdrop = frame.pop("exposure", -0.14), frame.pop("backdrop", True)
    if backdrop:
        studio.backdrop(depth=depth, curve=frame.pop("curve", min(2.2, depth)))
        studio.lights(key, fill)
    studio.camera(**frame)
    width, height = (1600, 900) if wide else (1200, 1200)
    if given.size:
        width, height = given.size, given.size * 9 // 16 if wide else given.size
    elif given.draft:
        width, height = (480, 270) if wide else (300, 300)
    folder = pathlib.Path(given.out)
    folder.mkdir(parents=True, exist_ok=True)
    samples = given.samples or (8 if given.draft else 28)
    built = time.monotonic() - start
    studio.render(folder / f"{given.stem}.png", width, height, samples, exposure)
    print(f"{given.stem}: built in {built:.1f} s, all {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
