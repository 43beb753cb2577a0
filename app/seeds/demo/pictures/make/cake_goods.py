"""Layer cake and ring cake.

One idea: the cut face sells the cake, so it is shown.
"""

import math

import numpy as np
from baked_goods import board, plate
from materials import baked, layers, mottled, plain
from shapes import ball, box, everything, move_since, surface


def cake_block(size, place, stripe, top, turn=0.0):
    """A block of layer cake with a browned top."""
    body = box(
        "cake", size, (place[0], place[1], place[2] + size[2] / 2), stripe, 0.012, (0, 0, turn)
    )
    box(
        "top",
        (size[0] * 0.998, size[1] * 0.998, 0.035),
        (place[0], place[1], place[2] + size[2] + 0.012),
        top,
        0.014,
        (0, 0, turn),
    )
    return body


def lapis_legit():
    """A block of eighteen layers with slices laid in front."""
    board((3.3, 2.3, 0.12))
    stripe = layers("layers", "#8A4A1C", "#EDC67A", 18, -0.36, 0.36)
    top = baked("top", "#9A5A26", "#8A4A1E", "#6B3414", -0.2, 0.2, 0.4, 0.25, 12.0)
    cake_block((1.75, 1.0, 0.72), (0.25, 0.42, 0.12), stripe, top)
    for k, (x, y, turn) in enumerate(
        ((-1.02, 0.42, 0.10), (-0.55, -0.55, 0.12), (0.05, -0.56, 0.05), (0.65, -0.54, -0.06))
    ):
        if k == 0:
            cake_block((0.20, 1.0, 0.72), (x, y, 0.12), stripe, top, turn)
            continue
        slab = box(
            "slice",
            (0.20, 0.98, 0.72),
            (x, y, 0.24),
            stripe,
            0.012,
            (math.radians(4), math.pi / 2, turn),
        )
        slab.scale = (1, 0.72, 0.75)
    star = plain("star anise", "#5A2F16", 0.6)
    for arm in range(8):
        a = arm * math.pi / 4
        ball(
            "anise",
            0.06,
            (1.22 + 0.09 * math.cos(a), -0.70 + 0.09 * math.sin(a), 0.16),
            star,
            (1.5, 0.55, 0.5),
            12,
        ).rotation_euler = (0, 0, a)
    return {"target": (0.05, -0.08, 0.38), "distance": 8.9, "height": 25, "turn": -24}


def ring_shape(angle, fluted=14):
    """Cross-section of a ring cake: radius and height pairs, fluted outside."""
    around = np.linspace(0, 2 * math.pi, 60, endpoint=False)
    c, s = np.cos(around), np.sin(around)
    wave = 1 + 0.045 * np.cos(fluted * angle) * np.clip(c * 0.7 + 0.5, 0, 1)
    r = 0.88 + 0.50 * np.sign(c) * np.abs(c) ** 0.75 * wave
    z = 0.42 + np.where(s > 0, 0.44 * np.abs(s) ** 0.8 * wave, -0.42 * np.abs(s) ** 0.35)
    return r, z


def ring_piece(start, end, skin, crumb):
    """A part of the ring between two angles, with crumb on the cut faces."""
    grid = []
    for a in np.linspace(start, end, 150):
        r, z = ring_shape(a)
        grid.append(np.stack([r * math.cos(a), r * math.sin(a), z + 0.10], axis=1))
    surface("ring", np.array(grid), skin, wrap=True)
    for a in (start, end):
        r, z = ring_shape(a)
        for steps, tone in ((np.linspace(0.965, 0.01, 14), crumb), ((1.0, 0.965), skin)):
            rows = [
                np.stack(
                    [
                        (0.88 + (r - 0.88) * k) * math.cos(a),
                        (0.88 + (r - 0.88) * k) * math.sin(a),
                        0.52 + (z - 0.42) * k,
                    ],
                    axis=1,
                )
                for k in steps
            ]
            surface("face", np.array(rows), tone, wrap=True)


def bolu_pandan():
    """A green ring cake with one slice pulled out."""
    plate((0.05, -0.1, 0), 1.9)
    skin = baked("skin", "#93B553", "#A3B04E", "#A97B33", 0.05, 1.05, 0.55, 0.2, 14.0)
    green = mottled(
        "green", "#86B548", "#9AC65A", "#AFD474", scale=9.0, rough=0.85, bump=0.9, fine=20.0
    )
    half = math.radians(29)
    cut = math.radians(-68)
    ring_piece(cut + half, cut + 2 * math.pi - half, skin, green)
    before = everything()
    ring_piece(math.radians(-13), math.radians(13), skin, green)
    move_since(before, (0.18, -2.22, 0.0), (0, 0, math.radians(52)))
    leaf = mottled("pandan", "#2E6A2C", "#4E8C3C", "#6FA84F", scale=3.0, rough=0.4, bump=0.1)
    for y, bend, turn in ((0.0, 0.10, 0.5), (0.0, 0.16, 0.72)):
        t, s = np.linspace(0, 1, 40)[:, None], np.linspace(-1, 1, 7)[None, :]
        wide = 0.13 * np.sin(np.clip(t * 0.9 + 0.1, 0, 1) * math.pi) ** 0.5
        x, z = -2.1 + t * 2.3, 0.05 + bend * np.sin(t * math.pi) + 0.05 * np.abs(s)
        blade = surface(
            "leaf", np.stack(np.broadcast_arrays(x, y + wide * s, z), axis=-1), leaf, thick=0.01
        )
        blade.location, blade.rotation_euler = (1.3, -1.62, 0.0), (0, 0, turn - 0.2)
    return {"target": (0.05, -0.3, 0.36), "distance": 9.2, "height": 31, "turn": 0}
