"""Boat and monument miniatures.

One idea: planks and blades are curved sheets of real thickness, each with its own grain.
"""

import math

import bpy
import numpy as np
from materials import fibre, plain, wood
from shapes import box, circle, lathe, surface, sweep


def mahogany(axis="x", scale=1.0, name="mahogany"):
    """Warm red-brown wood."""
    return wood(name, "#6E3F20", "#B4764A", axis, scale)


def hull_point(t, s, length=2.9):
    """A point of the hull: t from stern to bow, s from keel (0) to rail (1)."""
    x = (t - 0.5) * length
    rise = 0.52 * np.abs(2 * t - 1) ** 2.6
    wide = 0.44 * np.clip(1 - np.abs(2 * t - 1) ** 2.5, 0, 1) ** 0.75
    z = 0.30 + rise * (0.4 + 0.6 * s) + 0.46 * s
    y = wide * np.sin(np.clip(s, 0, 1) * math.pi / 2) ** 0.62
    return np.stack(np.broadcast_arrays(x + 0.10 * s * (2 * t - 1) ** 3 * length, y, z), axis=-1)


def boat_hull(timber, paints):
    """Planks laid edge to edge on both sides, two of them painted."""
    planks = 7
    t = np.linspace(0.012, 0.988, 70)[:, None]
    for k in range(planks):
        s = np.linspace(k / planks, (k + 1.06) / planks, 7)[None, :]
        tone = {6: paints[0], 5: paints[1], 4: paints[2]}.get(k, timber)
        for side in (1, -1):
            grid = hull_point(t, s)
            grid[..., 1] = grid[..., 1] * side * (1 + 0.014 * (1 - (s * planks - k))) + side * 0.008
            surface("plank", grid, tone, thick=0.028)
    s = np.linspace(0, 1, 60)
    for side in (1, -1):
        rail = hull_point(np.linspace(0.01, 0.99, 80), np.full(80, 1.03))
        rail[:, 1] *= side
        sweep("rail", [rail], circle(0.026, 10), paints[3])
    for end in (0.004, 0.996):
        post = hull_point(np.full(60, end), s * 1.22 - 0.02)
        post[:, 1] = 0
        post[:, 0] += (1 if end > 0.5 else -1) * 0.05 * s**2
        sweep("post", [post], circle(0.045, 12), paints[3])
    deck_t, side = np.linspace(0.05, 0.95, 40)[:, None], np.linspace(-1, 1, 9)[None, :]
    deck = hull_point(deck_t, np.full_like(side, 0.80))
    deck[..., 1] *= side
    surface("deck", deck, wood("deck", "#A9763F", "#D9AC72", "x", 1.5))


def sail(mast_foot, cloth, spar):
    """A wide Madura sail: two spars that meet low at the bow, cloth between, bellied by wind."""
    tack, peak, clew = (
        np.array([1.15, 0.0, 1.02]),
        np.array([-0.25, 0.05, 3.05]),
        np.array([-1.25, -0.16, 1.45]),
    )
    u, v = np.linspace(0, 1, 40)[:, None, None], np.linspace(0, 1, 30)[None, :, None]
    grid = tack + (peak - tack) * u + (clew - peak) * u * v
    belly = np.sin(v * math.pi) * np.sin(u * math.pi) ** 0.8 * 0.26
    surface("sail", grid + np.array([0, -1, 0]) * belly, cloth, thick=0.010)
    for a, b, r in ((tack, peak, 0.028), (tack, clew, 0.026)):
        way = (b - a) / np.linalg.norm(b - a)
        sweep("spar", [np.linspace(a - way * 0.1, b + way * 0.16, 20)], circle(r, 10), spar)
    sweep(
        "mast",
        [np.linspace(mast_foot, mast_foot + np.array([0.10, 0, 2.0]), 20)],
        circle(0.04, 12),
        spar,
    )


def miniatur_perahu(place_stand=True):
    """A sailing boat on its stand."""
    timber = wood("teak", "#8A5527", "#C98F52", "x", 1.4)
    paints = [
        plain("red", "#A8352A", 0.35),
        plain("cream", "#F3E6C8", 0.4),
        plain("green", "#2F6B4F", 0.35),
        wood("dark", "#4A2A14", "#7A4A26", "x", 1.5),
    ]
    boat_hull(timber, paints)
    cloth = fibre("cloth", "#E3D3B2", "#F1E5CB", "#FAF3E2", 30.0, 30.0, 0.9, 0.15)
    sail(np.array([0.28, 0, 0.5]), cloth, paints[3])
    line = plain("line", "#C9A86E", 0.9)
    for a, b in (
        ((0.37, 0, 2.45), (1.52, 0, 1.36)),
        ((0.36, 0, 2.35), (-1.5, 0, 1.34)),
        ((0.34, 0, 2.2), (0.2, 0.42, 1.06)),
        ((0.34, 0, 2.2), (0.2, -0.42, 1.06)),
        ((-1.2, -0.16, 1.45), (-0.95, -0.2, 1.1)),
    ):
        sweep("line", [np.linspace(a, b, 12)], circle(0.008, 6), line)
    cabin = wood("cabin", "#9C6A38", "#CFA066", "x", 2.0)
    box("cabin", (0.52, 0.42, 0.26), (-0.55, 0, 0.90), cabin, 0.02)
    turn, x = np.linspace(-1, 1, 14)[None, :], np.linspace(-0.86, -0.24, 6)[:, None]
    roof = np.stack(np.broadcast_arrays(x, turn * 0.27, 1.10 - 0.09 * turn**2 + 0 * x), axis=-1)
    surface("roof", roof, paints[0], thick=0.03)
    for x in (-0.6, 0.6):
        box("cradle", (0.12, 0.72, 0.16), (x, 0, 0.22), paints[3], 0.02)
        for side in (-1, 1):
            box(
                "arm",
                (0.10, 0.09, 0.36),
                (x, side * 0.33, 0.40),
                paints[3],
                0.02,
                (-side * 0.35, 0, 0),
            )
    box("stand", (2.0, 0.86, 0.13), (0, 0, 0.07), mahogany("x", 1.2), 0.035)
    return {"target": (0, 0, 1.55), "distance": 9.0, "height": 9, "turn": -24}


def blade(timber, foot, lean, tall, wide, turn):
    """One flame-shaped blade: a leaf section that grows, bends out, then returns to a point."""
    t = np.linspace(0, 1, 60)
    out = lean * np.sin(t * math.pi * 0.92) - lean * 0.55 * t**2
    path = np.stack([foot + out, 0 * t, tall * t], axis=1)
    size = np.clip((0.52 + 0.75 * np.sin(t * math.pi * 0.74)) * (1 - t**3.2), 0.012, 2)
    around = np.linspace(0, 2 * math.pi, 20, endpoint=False)
    profile = np.stack(
        [
            wide * np.cos(around) * (0.72 + 0.28 * np.abs(np.cos(around))),
            wide * 0.42 * np.sin(around),
        ],
        axis=1,
    )
    side = np.broadcast_to([0.0, 1.0, 0.0], path.shape)
    normal = np.cross(side, np.gradient(path, axis=0))
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    grid = path[:, None, :] + size[:, None, None] * (
        side[:, None, :] * profile[None, :, 0, None]
        + normal[:, None, :] * profile[None, :, 1, None]
    )
    thing = surface("blade", grid, timber, wrap=True)
    thing.rotation_euler = (0, 0, turn)
    return thing


def miniatur_arek_lancor():
    """Five flame-like blades on a stepped pentagon."""
    timber = wood("carved", "#8C5428", "#CC915A", "z", 1.3, 0.32)
    dark = wood("base", "#4A2A14", "#7D4C28", "x", 1.4, 0.35)
    for k in range(5):
        turn = math.radians(-90 + 72 * k)
        blade(timber, 0.30, 0.36, 1.95 if k else 1.6, 0.24, turn)
    blade_height = 0.46
    for thing in bpy.context.collection.objects:
        if thing.name.startswith("blade"):
            thing.location.z = blade_height
    for sides, r, z, h in (
        (5, 1.12, 0.0, 0.16),
        (5, 0.92, 0.16, 0.13),
        (64, 0.68, 0.29, 0.12),
        (64, 0.56, 0.41, 0.08),
    ):
        outline = [
            (0.001, z),
            (r - 0.02, z),
            (r, z + 0.03),
            (r, z + h - 0.04),
            (r - 0.03, z + h),
            (0.001, z + h),
        ]
        step = lathe("step", outline, dark if sides == 5 else timber, sides, smooth=sides != 5)
        step.rotation_euler = (0, 0, math.radians(-90))
    plate = plain("brass", "#C79A45", 0.3, Metallic=1.0)
    box("plate", (0.46, 0.015, 0.10), (0, -0.915, 0.085), plate, 0.008)
    return {"target": (0, 0, 1.22), "distance": 8.2, "height": 12, "turn": 12}
