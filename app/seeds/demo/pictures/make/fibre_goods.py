"""Baskets, trays, totes and a tissue box.

One idea: dried stalks woven strand by strand, with a rope for every rim.
"""

import math

import numpy as np
from materials import fibre, plain, wood
from shapes import box, braid, lathe, resample, rope, surface
from weave import basket, oval, rim_path, sheet


def hyacinth(name="hyacinth"):
    """Dried water hyacinth: straw to tobacco brown."""
    return fibre(name, "#835B34", "#C3965F", "#E4C592", 2.2, 7.0)


def round_basket(place=(0, 0, 0), width=1.0, height=1.55, tone=None):
    """A round basket with two handles."""
    stuff = tone or hyacinth()
    shape = oval(width, width)

    def flare(t):
        return 0.80 + 0.20 * math.sin(t * math.pi * 0.62)

    rows = max(12, round(19 * height / 1.5))
    made = basket("basket", shape, flare, height, rows, 40, stuff, 0.05 * min(1.0, width + 0.25))
    top = flare(1.0)
    made.append(rope("rim", rim_path(shape, top, height + 0.02), 0.075, stuff, 3, 0.42))
    made.append(rope("foot", rim_path(shape, flare(0.0), 0.05), 0.06, stuff, 3, 0.42))
    for sign in (-1, 1):
        w = width * top
        path = resample(
            [
                (sign * w, -0.26, height - 0.32),
                (sign * w, -0.27, height + 0.08),
                (sign * (w + 0.03), -0.17, height + 0.38),
                (sign * (w + 0.03), 0.17, height + 0.38),
                (sign * w, 0.27, height + 0.08),
                (sign * w, 0.26, height - 0.32),
            ],
            90,
        )
        made.append(rope("handle", path, 0.062, stuff, 3, 0.36))
    lathe("inside", [(0.001, 0.04), (width * 0.78, 0.04)], stuff, place=place)
    for thing in made:
        thing.location = place
    return stuff


def keranjang_eceng_gondok():
    """Large basket, and a small one beside it."""
    round_basket((-0.22, 0.25, 0), 1.0, 1.5)
    round_basket((1.22, -0.45, 0), 0.5, 0.72)
    return {"target": (0.2, 0, 0.86), "distance": 7.9, "height": 24}


def nampan_eceng_gondok():
    """A tray, leaning a little forward, with a cup for scale."""
    stuff = hyacinth()
    dark = fibre("dark", "#5B3B20", "#8A5F36", "#B98C58", 2.2, 7.0)

    def place(u, v):
        x, y = (u - 0.5) * 2.92, (v - 0.5) * 2.04
        spot = np.stack([x, y, np.full_like(x, 0.1)], axis=1)
        return spot, np.broadcast_to([0.0, 0.0, 1.0], spot.shape)

    sheet("floor", place, 26, 18, (stuff, dark), 2, 0.04)
    shape = oval(1.5, 1.05, 13.0)
    basket("wall", shape, lambda t: 1 + 0.06 * t, 0.30, 6, 72, stuff, 0.032, 0.05)
    rope("rim", rim_path(shape, 1.065, 0.38, 420), 0.06, stuff, 3, 0.36)
    for sign in (-1, 1):
        x = sign * 1.57
        path = resample(
            [
                (x, -0.36, 0.3),
                (x + sign * 0.02, -0.33, 0.52),
                (x + sign * 0.03, 0, 0.62),
                (x + sign * 0.02, 0.33, 0.52),
                (x, 0.36, 0.3),
            ],
            80,
        )
        rope("handle", path, 0.05, stuff, 3, 0.3)
    clay = plain("clay", "#F4EDE2", 0.35)
    cup = [
        (0.001, 0.16),
        (0.2, 0.16),
        (0.27, 0.3),
        (0.3, 0.62),
        (0.27, 0.62),
        (0.24, 0.34),
        (0.001, 0.25),
    ]
    for x, y in ((-0.55, 0.3), (0.15, 0.42)):
        lathe("cup", cup, clay, place=(x, y, 0))
        lathe("tea", [(0.001, 0.54), (0.275, 0.54)], plain("tea", "#7A3E12", 0.08), place=(x, y, 0))
    return {"target": (0, 0, 0.25), "distance": 8.9, "height": 38, "turn": 14}


def tas_eceng_gondok():
    """A woven tote with plaited handles."""
    stuff = hyacinth()
    shape = oval(1.12, 0.42, 3.2)

    def flare(t):
        return 0.92 + 0.09 * t

    basket("tote", shape, flare, 1.6, 24, 52, stuff, 0.036)
    rope("rim", rim_path(shape, 1.015, 1.62, 420), 0.055, stuff, 3, 0.3)
    lathe("floor", [(0.001, 0.05), (0.36, 0.05)], stuff)
    for y in (-0.43, 0.40):
        path = resample(
            [
                (-0.5, y, 1.15),
                (-0.5, y - 0.03, 1.6),
                (-0.42, y * 0.75, 2.2),
                (0, y * 0.55, 2.62),
                (0.42, y * 0.75, 2.2),
                (0.5, y - 0.03, 1.6),
                (0.5, y, 1.15),
            ],
            150,
        )
        braid("handle", path, 0.052, stuff, 0.34, (0, 1, 0))
    lining = plain("lining", "#EADFC8", 0.9)
    turn = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    wall = np.stack(
        [
            np.concatenate(
                [oval(1.07, 0.37, 3.2)(turn) * (0.9 + 0.1 * t), np.full((96, 1), 0.1 + t * 1.42)],
                axis=1,
            )
            for t in np.linspace(0, 1, 6)
        ]
    )
    surface("lining", wall, lining, wrap=True)
    return {"target": (0, 0, 1.3), "distance": 8.0, "height": 13, "turn": 22}


def tempat_tisu_anyaman():
    """A tissue box of two-tone bamboo."""
    pale = fibre("pale", "#B88F58", "#DDBD86", "#F0DAAE", 1.5, 6.0, 0.5, 0.2)
    smoked = fibre("smoked", "#4A2C17", "#6E4526", "#93653B", 1.5, 6.0, 0.5, 0.2)
    w, d, h = 1.25, 0.68, 0.78
    corners = [(-w, -d), (w, -d), (w, d), (-w, d)]
    for k in range(4):
        (ax, ay), (bx, by) = corners[k], corners[(k + 1) % 4]
        normal = np.array([by - ay, ax - bx, 0.0])
        normal /= np.linalg.norm(normal)

        def place(u, v, a=(ax, ay), b=(bx, by), n=normal):
            spot = np.stack(
                [a[0] + (b[0] - a[0]) * u, a[1] + (b[1] - a[1]) * u, v * h + 0.04], axis=1
            )
            return spot, np.broadcast_to(n, spot.shape)

        sheet(f"side {k}", place, 30 if k % 2 == 0 else 16, 10, (pale, smoked), 2, 0.024)

    def lid(u, v):
        spot = np.stack([(u - 0.5) * 2 * w, (v - 0.5) * 2 * d, np.full_like(u, h + 0.06)], axis=1)
        return spot, np.broadcast_to([0.0, 0.0, 1.0], spot.shape)

    sheet("lid", lid, 30, 16, (pale, smoked), 2, 0.024)
    edge = wood("edge", "#4F3018", "#80542F", "x", 1.5)
    for z in (0.05, h + 0.05):
        for sign in (-1, 1):
            box("rail", (2 * w + 0.1, 0.06, 0.07), (0, sign * d, z), edge, 0.015)
            box("rail", (0.06, 2 * d + 0.1, 0.07), (sign * w, 0, z), edge, 0.015)
    for cx, cy in corners:
        box("post", (0.07, 0.07, h + 0.1), (cx, cy, h / 2 + 0.05), edge, 0.015)
    slot = plain("slot", "#2A1A0E", 0.9)
    lathe("slot", [(0.001, h + 0.088), (0.42, h + 0.088)], slot, 48).scale = (1.25, 0.42, 1)
    lathe(
        "slot rim",
        [(0.40, h + 0.07), (0.42, h + 0.11), (0.46, h + 0.11), (0.47, h + 0.07)],
        edge,
        48,
    ).scale = (1.25, 0.45, 1)
    t, s = np.linspace(0, 1, 40)[:, None], np.linspace(-1, 1, 60)[None, :]
    x = s * (0.16 + 0.52 * t**0.8) + 0.05 * np.sin(t * 5)
    y = (0.05 + 0.20 * t) * np.sin(s * 5.5 + 0.8) * (0.35 + 0.65 * t) + 0.05 * np.sin(s * 13) * t
    z = h + 0.05 + t * (0.86 - 0.34 * np.abs(s) ** 1.6) + 0.04 * np.sin(s * 9) * t
    surface(
        "tissue",
        np.stack(np.broadcast_arrays(x, y, z), axis=-1),
        plain("tissue", "#FFFFFF", 0.9, Subsurface_Weight=0.2),
        thick=0.004,
    )
    return {"target": (0, 0, 0.78), "distance": 7.9, "height": 25, "turn": 24}
