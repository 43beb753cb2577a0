"""Table and chair.

One idea: every board is a part of its own, so grain changes where joints are.
"""

import math

import numpy as np
from materials import fibre, plain, wood
from shapes import box, circle, everything, lathe, move_since, resample, surface, sweep
from wood_goods import mahogany


def leg(timber, x, y, tall, top, foot, splay=0.0):
    """A tapered round leg, leaning outwards a little."""
    sx, sy = np.sign(x), np.sign(y)
    path = np.linspace((x, y, tall), (x + sx * splay, y + sy * splay, 0.0), 24)
    sweep("leg", [path], circle(1.0, 20), timber, taper=np.linspace(top, foot, 24))


def table(place=(0, 0), length=3.0, depth=1.7, tall=1.75):
    """A table of jointed boards on tapered legs."""
    x0, y0 = place
    boards = 5
    wide = depth / boards
    for k in range(boards):
        tone = wood(f"board {k}", "#7A4724", "#BC8050", "x", 1.0 + 0.07 * k, 0.36)
        box(
            "board",
            (length, wide - 0.008, 0.11),
            (x0, y0 - depth / 2 + wide * (k + 0.5), tall),
            tone,
            0.018,
        )
    frame = mahogany("x", 1.1, "frame")
    upright = mahogany("z", 1.1, "upright")
    for side in (-1, 1):
        box(
            "apron",
            (length - 0.7, 0.07, 0.22),
            (x0, y0 + side * (depth / 2 - 0.2), tall - 0.17),
            frame,
            0.015,
        )
        box(
            "apron",
            (0.07, depth - 0.5, 0.22),
            (x0 + side * (length / 2 - 0.28), y0, tall - 0.17),
            frame,
            0.015,
        )
    for sx in (-1, 1):
        for sy in (-1, 1):
            leg(
                upright,
                x0 + sx * (length / 2 - 0.26),
                y0 + sy * (depth / 2 - 0.20),
                tall - 0.05,
                0.105,
                0.06,
                0.07,
            )


def meja_kayu():
    """The table, with a small plant pot to show its size."""
    table()
    clay = plain("clay", "#EFE6D8", 0.4)
    lathe(
        "vase",
        [
            (0.001, 1.81),
            (0.15, 1.81),
            (0.22, 1.95),
            (0.20, 2.12),
            (0.10, 2.27),
            (0.12, 2.33),
            (0.09, 2.32),
            (0.001, 2.2),
        ],
        clay,
        place=(0.62, 0.15, 0),
    )
    stem = plain("stem", "#8A7A4E", 0.8)
    ear = fibre("ear", "#B08A50", "#D5B57C", "#EBD4A4", 12, 5, 0.9)
    rng = np.random.default_rng(4)
    for _ in range(9):
        dx, dy = rng.normal(0, 0.17, 2)
        path = resample(
            [
                (0.62, 0.15, 2.2),
                (0.62 + dx * 0.3, 0.15 + dy * 0.3, 2.55),
                (0.62 + dx, 0.15 + dy, 2.82),
                (0.62 + dx * 1.9, 0.15 + dy * 1.9, 2.98 + rng.uniform(-0.1, 0.12)),
            ],
            40,
        )
        sweep("stem", [path], circle(0.008, 6), stem)
        sweep(
            "ear",
            [path[-15:]],
            circle(1.0, 8),
            ear,
            taper=np.sin(np.linspace(0.15, math.pi - 0.1, 15)) * 0.042,
        )
    return {"target": (0, 0, 1.28), "distance": 9.5, "height": 16, "turn": 30}


def chair(turn=0.0, place=(0, 0)):
    """A dining chair with three curved back slats."""
    timber, along = mahogany("z", 1.2, "posts"), mahogany("x", 1.3, "seat")
    before = everything()
    s, t = np.linspace(-1, 1, 26)[None, :], np.linspace(-1, 1, 22)[:, None]
    x, y = s * (0.60 - 0.05 * t), t * 0.56 + 0 * s
    edge = np.clip(np.maximum(np.abs(s), np.abs(t) + 0 * s), 0, 1)
    dip = 1.13 - 0.045 * (1 - (s * 0.95) ** 2) * (1 - t**2) - 0.03 * edge**18
    surface("seat", np.stack(np.broadcast_arrays(x, y, dip), axis=-1), along, thick=0.085)
    for sx in (-1, 1):
        path = np.linspace((sx * 0.54, -0.48, 1.1), (sx * 0.60, -0.54, 0), 20)
        sweep("front leg", [path], circle(1.0, 18), timber, taper=np.linspace(0.075, 0.045, 20))
        back = resample(
            [
                (sx * 0.52, 0.62, 0),
                (sx * 0.50, 0.52, 0.6),
                (sx * 0.49, 0.50, 1.12),
                (sx * 0.49, 0.58, 1.7),
                (sx * 0.49, 0.74, 2.28),
            ],
            60,
        )
        sweep("back leg", [back], circle(1.0, 18), timber, taper=np.linspace(0.05, 0.062, 60))
        sweep(
            "rail",
            [np.linspace((sx * 0.565, -0.50, 0.55), (sx * 0.505, 0.53, 0.55), 10)],
            circle(0.032, 12),
            timber,
        )
    sweep(
        "rail", [np.linspace((-0.55, 0.02, 0.55), (0.55, 0.02, 0.55), 10)], circle(0.032, 12), along
    )
    for z, y, h in ((1.52, 0.555, 0.085), (1.82, 0.615, 0.085), (2.17, 0.705, 0.14)):
        u, v = np.linspace(-1, 1, 30)[:, None], np.linspace(-1, 1, 6)[None, :]
        grid = np.stack(
            np.broadcast_arrays(
                u * 0.50, y + 0.10 * (1 - u**2) + 0.02 * v, z + v * h * (1 - 0.12 * u**2)
            ),
            axis=-1,
        )
        surface("slat", grid, along, thick=0.045)
    for thing in everything() - before:
        for part in thing.modifiers:
            if part.type == "SOLIDIFY":
                soft = thing.modifiers.new("soft", "BEVEL")
                soft.width, soft.segments = 0.018, 3
    move_since(before, (*place, 0), (0, 0, turn))


def kursi_kayu():
    """The chair, three quarters from the front."""
    chair(0.0)
    return {"target": (0, 0.05, 1.14), "distance": 8.0, "height": 14, "turn": 32}
