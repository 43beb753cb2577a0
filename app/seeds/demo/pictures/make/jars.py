"""Jars with paper labels that carry a woven mark and no words.

One idea: glass without refraction, so that food inside stays clear and cheap to render.
"""

import math

import numpy as np
from materials import plain, thin_glass
from shapes import box, lathe, resample, surface


def jar(place, radius, height, lid, label=None):
    """A straight glass jar with a lid and a paper label."""
    r, h = radius, height
    glass = thin_glass("glass")
    outline = resample(
        [
            (r * 0.86, 0, 0.0),
            (r * 0.98, 0, 0.03),
            (r, 0, 0.12),
            (r, 0, h * 0.8),
            (r * 0.97, 0, h * 0.90),
            (r * 0.88, 0, h * 0.95),
            (r * 0.87, 0, h),
        ],
        60,
    )[:, [0, 2]]
    lathe("jar", outline, glass, 96, place=place)
    lathe(
        "lid",
        [
            (r * 0.86, h * 0.955),
            (r * 0.925, h * 0.955),
            (r * 0.93, h * 0.965),
            (r * 0.93, h * 1.065),
            (r * 0.91, h * 1.08),
            (r * 0.88, h * 1.085),
            (0.001, h * 1.088),
        ],
        lid,
        96,
        place=place,
    )
    if label is not None:
        band(place, r * 1.006, h * 0.24, h * 0.66, label)


def band(place, radius, low, high, accent, arc=2.1, facing=-math.pi / 2):
    """A curved paper label with a coloured field and two lines, without words."""
    for wide, bottom, top, tone, out in (
        (arc, low, high, plain("paper label", "#F6EEDC", 0.8), 0.0),
        (arc * 0.86, low + (high - low) * 0.12, low + (high - low) * 0.20, accent, 0.004),
        (arc * 0.86, low + (high - low) * 0.80, low + (high - low) * 0.88, accent, 0.004),
    ):
        a, t = (
            np.linspace(facing - wide / 2, facing + wide / 2, 40)[None, :],
            np.array([bottom, top])[:, None],
        )
        grid = np.stack(
            np.broadcast_arrays(
                (radius + out) * np.cos(a) + 0 * t, (radius + out) * np.sin(a) + 0 * t, t + 0 * a
            ),
            axis=-1,
        )
        surface("label", grid + np.asarray(place, dtype=float), tone)
    middle = (low + high) / 2
    size = (high - low) * 0.21
    for i in range(3):
        for j in range(3):
            a = facing + (i - 1) * size / radius * 0.92
            z = middle + (j - 1) * size * 0.62
            square = box(
                "weave",
                (size * 0.72, 0.006, size * 0.42)
                if (i + j) % 2
                else (size * 0.46, 0.006, size * 0.56),
                (
                    place[0] + (radius + 0.008) * math.cos(a),
                    place[1] + (radius + 0.008) * math.sin(a),
                    place[2] + z,
                ),
                accent,
                0,
            )
            square.rotation_euler = (0, 0, a + math.pi / 2)
