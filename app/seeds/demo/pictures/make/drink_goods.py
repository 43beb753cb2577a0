"""Ginger drink.

One idea: bottle and glass are thin shells around a coloured body.
"""

import math

import numpy as np
from jars import band
from materials import fibre, mottled, plain, thin_glass
from shapes import ball, lathe, lumps, resample, rope, surface


def ginger(place, turn, size=1.0):
    """A ginger root: a few joined lumps."""
    skin = mottled(
        "ginger", "#B08A55", "#D0AC72", "#E3C795", scale=6.0, rough=0.7, bump=0.5, fine=16.0
    )
    c, s = math.cos(turn), math.sin(turn)
    for k, (x, y, r, stretch, angle) in enumerate(
        (
            (0, 0, 0.20, 1.5, 0.1),
            (0.30, 0.06, 0.19, 1.3, 0.5),
            (0.55, -0.04, 0.17, 1.4, -0.3),
            (0.22, 0.26, 0.13, 1.5, 1.3),
            (-0.26, 0.10, 0.15, 1.4, 2.5),
            (0.50, 0.22, 0.11, 1.4, 1.0),
            (-0.10, -0.20, 0.12, 1.3, -1.2),
        )
    ):
        spot = (
            place[0] + (x * c - y * s) * size,
            place[1] + (x * s + y * c) * size,
            place[2] + 0.15 * size,
        )
        ball(
            "ginger", r * size, spot, skin, (stretch, 1, 0.9), 26, lumps(2.4, 0.12, k * 3.7)
        ).rotation_euler = (0, 0, turn + angle)


def syrup_bottle():
    """A corked bottle with twine and label."""
    amber = plain("syrup", "#BE5E08", 0.12, Coat_Weight=0.5)
    x, y = -0.42, 0.3
    line = resample(
        [
            (0.001, 0, 0.02),
            (0.40, 0, 0.02),
            (0.47, 0, 0.08),
            (0.48, 0, 0.3),
            (0.48, 0, 1.25),
            (0.42, 0, 1.52),
            (0.20, 0, 1.80),
            (0.165, 0, 2.0),
            (0.16, 0, 2.3),
        ],
        90,
    )[:, [0, 2]]
    line[:, 0] = np.maximum(line[:, 0], 0.001)
    inner = line[line[:, 1] < 1.95].copy()
    inner[:, 0] *= 0.955
    lathe("syrup", np.concatenate([inner, [(0.001, inner[-1, 1])]]), amber, 96, place=(x, y, 0))
    lathe("bottle", line, thin_glass("glass", "#FFF6E8", 0.06), 96, place=(x, y, 0))
    lathe(
        "lip",
        [(0.16, 2.22), (0.205, 2.23), (0.205, 2.30), (0.16, 2.31)],
        thin_glass("lip", "#FFF6E8", 0.1),
        64,
        place=(x, y, 0),
    )
    lathe(
        "cork",
        [(0.001, 2.1), (0.145, 2.1), (0.165, 2.48), (0.001, 2.49)],
        mottled("cork", "#A87848", "#C99B66", "#DDB684", scale=10.0, rough=0.9, bump=0.6),
        48,
        place=(x, y, 0),
    )
    twine = fibre("twine", "#9A7140", "#C79B62", "#E2BE88", 12, 5, 0.9)
    for z in (1.86, 1.91):
        t = np.linspace(0, 2 * math.pi, 60)
        rope(
            "twine",
            np.stack([x + 0.205 * np.cos(t), y + 0.205 * np.sin(t), np.full(60, z)], axis=1),
            0.026,
            twine,
            2,
        )
    band((x, y, 0), 0.487, 0.38, 1.12, plain("accent", "#E3A018", 0.7), 2.4)


def tumbler():
    """A glass of the drink."""
    gx, gy = 0.78, -0.28
    lathe(
        "drink",
        [(0.001, 0.06), (0.295, 0.06), (0.335, 0.66), (0.001, 0.66)],
        plain("drink", "#D9820F", 0.1, Coat_Weight=0.3),
        64,
        place=(gx, gy, 0),
    )
    lathe(
        "glass",
        [
            (0.001, 0.03),
            (0.30, 0.03),
            (0.315, 0.06),
            (0.375, 0.86),
            (0.362, 0.86),
            (0.30, 0.08),
            (0.001, 0.06),
        ],
        thin_glass("tumbler", "#FFFFFF", 0.05),
        64,
        place=(gx, gy, 0),
    )


def cinnamon():
    """Three rolled sticks."""
    bark = fibre("bark", "#6B3717", "#96552A", "#B97846", 1.2, 9.0, 0.7)
    for bx, by, bz, turn in (
        (0.30, -0.98, 0.08, 0.25),
        (0.36, -0.83, 0.09, 0.12),
        (0.33, -0.90, 0.21, 0.34),
    ):
        t, a = np.linspace(-0.5, 0.5, 20)[:, None], np.linspace(0, 4.6 * math.pi, 50)[None, :]
        r = 0.085 - 0.055 * a / (4.6 * math.pi)
        roll = surface(
            "cinnamon",
            np.stack(np.broadcast_arrays(t * 1.0, r * np.cos(a), r * np.sin(a)), axis=-1),
            bark,
            thick=0.012,
        )
        roll.location, roll.rotation_euler = (bx + 0.5, by, bz), (0, 0, turn)


def minuman_jahe_rempah():
    """A bottle of ginger syrup, a glass, ginger, cinnamon and lemongrass."""
    syrup_bottle()
    tumbler()
    cinnamon()
    ginger((-0.62, -0.78, 0), 0.15, 1.15)
    ginger((1.22, 0.35, 0), 1.2, 0.8)
    return {"target": (0.16, -0.1, 1.12), "distance": 8.2, "height": 15, "turn": 4}
