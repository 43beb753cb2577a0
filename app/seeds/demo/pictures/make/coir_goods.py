"""Coir shades, roll blinds and pots.

One idea: cord is laid, knotted or moulded, and loose fibres stand off it.
"""

import math

import numpy as np
from materials import fibre, mottled, plain, wood
from shapes import (
    ball,
    box,
    circle,
    copies,
    fuzz,
    lathe,
    resample,
    rope,
    sample_points,
    surface,
    sweep,
)
from weave import along_net, net


def coir(name="coir"):
    """Coconut fibre: reddish brown."""
    return fibre(name, "#79502B", "#B9834C", "#DDB37A", 7.0, 6.0, 0.9, 0.6)


def coir_net(columns, rows, place, tone, radius=0.026, hairs=9000):
    """A knotted coir panel with edge ropes; `place(u, v)` shapes it."""
    strands, knots = net(place, columns, rows)
    cord = along_net(strands, radius, tone)
    knot = ball("knot", radius * 1.75, (0, 0, 0), tone, (1.15, 0.9, 1.0), 8)
    copies(knot, [(tuple(k), (0.3 * i, 0.5 * i, 0), 1.0) for i, k in enumerate(knots)])
    s = np.linspace(0, 1, 240)
    for u, v in ((s, s * 0), (s, s * 0 + 1), (s * 0, s), (s * 0 + 1, s)):
        rope("edge", place(u, v)[0], radius * 1.8, tone, 3)
    roots, ways = sample_points(cord, hairs)
    fuzz("loose", roots, ways, plain("hair", "#CD9C62", 0.9), 0.075, 0.0016)


def tirai_sabut_kelapa():
    """A shade that hangs from a pole, with its shadow on the wall."""
    tone = coir()

    def place(u, v):
        x = (u - 0.5) * 2.5
        z = 2.95 - v * 2.55
        y = 0.10 * np.sin(u * 7 + 0.6) * (0.25 + v) - 0.05
        spot = np.stack([x + 0.03 * np.sin(v * 5), y, z], axis=1)
        return spot, np.broadcast_to([0.0, -1.0, 0.0], spot.shape)

    coir_net(10, 12, place, tone, 0.029)
    pole = wood("pole", "#5E3B1F", "#A9743F", "x", 1.2)
    sweep(
        "pole",
        [np.stack([np.linspace(-1.6, 1.6, 30), np.zeros(30), np.full(30, 3.07)], axis=1)],
        circle(0.06, 16),
        pole,
    )
    for i in range(11):
        x = -1.25 + 0.25 * i
        turn = np.linspace(0, 2 * math.pi, 24)
        loop = np.stack(
            [
                np.full(24, x) + 0.02 * np.sin(turn),
                0.085 * np.sin(turn),
                3.02 + 0.105 * np.cos(turn),
            ],
            axis=1,
        )
        sweep("tie", [loop], circle(0.018, 6), tone)
    turn = np.linspace(0, 13 * 2 * math.pi, 1100)
    ring = np.mod(turn / (2 * math.pi), 13)
    reach = 0.17 + 0.075 * np.abs(np.mod(ring, 8) - 4)
    coil = np.stack(
        [
            0.95 + reach * np.cos(turn),
            -0.75 + reach * np.sin(turn),
            0.05 + 0.085 * np.floor(ring / 4),
        ],
        axis=1,
    )
    rope("coil", coil, 0.045, tone, 3)
    return {
        "target": (0, 0, 1.62),
        "distance": 9.3,
        "height": 6,
        "turn": -10,
        "depth": 0.5,
        "key": 330.0,
    }


def blind_fittings(thread, top, low, count, gap):
    """Bindings, head rail, pull cords and hooks."""
    for at in (-0.92, -0.46, 0.0, 0.46, 0.92):
        z = np.linspace(top - 0.05, low - 0.05, count * 6)
        for s in (-1, 1):
            y = s * 0.040 * np.cos((top - 0.1 - z) / gap * math.pi)
            sweep(
                "binding", [np.stack([np.full_like(z, at), y, z], axis=1)], circle(0.010, 6), thread
            )
    pale = wood("slat", "#A87B4A", "#DDB984", "x", 1.0)
    box("top", (2.5, 0.10, 0.17), (0, 0, top + 0.02), pale, 0.02)
    for sx in (-0.8, 0.8):
        sweep(
            "cord",
            [
                resample(
                    [
                        (sx, -0.06, top),
                        (sx, -0.10, top - 1.2),
                        (sx, -0.32, low + 0.3),
                        (sx, -0.62, low - 0.05),
                        (sx, -0.35, low - 0.36),
                        (sx, 0.03, low),
                        (sx, 0.06, top - 0.6),
                        (sx, 0.05, top),
                    ],
                    90,
                )
            ],
            circle(0.016, 8),
            thread,
        )
        ring = np.linspace(0, 2 * math.pi, 30)
        sweep(
            "hook",
            [
                np.stack(
                    [sx + 0.06 * np.cos(ring), np.zeros(30), top + 0.17 + 0.06 * np.sin(ring)],
                    axis=1,
                )
            ],
            circle(0.012, 8),
            plain("iron", "#3A3430", 0.35, Metallic=0.9),
        )


def tirai_gulung_sabut():
    """A roll blind, half let down."""
    tone = coir()
    thread = plain("thread", "#E7D6B4", 0.9)
    count, gap = 40, 0.055
    top, x = 2.75, np.linspace(-1.15, 1.15, 120)
    lines = [
        np.stack([x, 0.012 * np.sin(x * 9 + i * 2.1), np.full(120, top - 0.1 - i * gap)], axis=1)
        for i in range(count)
    ]
    low = top - 0.1 - count * gap
    turn = np.linspace(0, 6.4 * math.pi, 78)
    reach = 0.31 - 0.17 * turn / turn[-1]
    for a, r in zip(turn, reach, strict=True):
        lines.append(
            np.stack(
                [
                    x,
                    np.full(120, -0.30 + r * math.cos(a)),
                    np.full(120, low + 0.0 - r * math.sin(a)),
                ],
                axis=1,
            )
        )
    parts = [p + np.array([0, 0.012 * s, 0.009 * s]) for p in lines for s in (-1, 1)]
    slats = sweep("cords", parts, circle(0.021, 7), tone)
    roots, ways = sample_points(slats, 9000)
    fuzz("loose", roots, ways, plain("hair", "#CD9C62", 0.9), 0.06, 0.0015)
    blind_fittings(thread, top, low, count, gap)
    return {"target": (0, 0, 1.45), "distance": 9.4, "height": 6, "turn": 14, "depth": 0.7}


def leaf_plant(place, size=1.0, seed=4, count=11):
    """Upright, banded leaves."""
    rng = np.random.default_rng(seed)
    green = mottled("leaf", "#3E6B3A", "#6C9A55", "#A9C27E", scale=6.0, rough=0.42, bump=0.1)
    for i in range(count):
        angle, lean = 2 * math.pi * i / count * 1.62 + rng.normal(0, 0.2), rng.uniform(0.10, 0.42)
        tall = size * rng.uniform(1.0, 1.75) * (1 - lean * 0.5)
        t, s = np.linspace(0, 1, 26)[:, None], np.linspace(-1, 1, 9)[None, :]
        wide = 0.17 * size * (np.sin(np.clip(t * 0.93 + 0.07, 0, 1) * math.pi) ** 0.6)
        out = lean * t**1.6 * tall + 0.05
        fold = 0.06 * s**2 * size
        x = (out + fold) * math.cos(angle) - wide * s * np.sin(angle + t * 0.5)
        y = (out + fold) * math.sin(angle) + wide * s * np.cos(angle + t * 0.5)
        z = t * tall * (1 + 0 * s)
        thing = surface("leaf", np.stack(np.broadcast_arrays(x, y, z), axis=-1), green, thick=0.012)
        thing.location = place


def coir_pot(place, size, tone, hairs=16000, seed=2):
    """A moulded coir pot with soil."""
    outline = [
        (0.001, 0.02),
        (0.42, 0.0),
        (0.47, 0.05),
        (0.62, 0.82),
        (0.645, 0.98),
        (0.60, 1.0),
        (0.54, 0.97),
        (0.52, 0.84),
        (0.001, 0.84),
    ]
    fine = resample([(r, 0, z) for r, z in outline], 110)
    rng = np.random.default_rng(seed)
    rough = rng.normal(0, 0.010, (110, 120))
    pot = lathe("pot", fine[:, [0, 2]] * size, tone, 120, warp=lambda a, h: 1 + rough)
    soil = lathe(
        "soil",
        np.array([(0.001, 0.90), (0.54, 0.88)]) * size,
        mottled("soil", "#2A1C12", "#4A3424", rough=1.0, bump=0.9),
    )
    roots, ways = sample_points(pot, hairs, seed)
    hair = fuzz("hair", roots, ways, plain("hair", "#C4935C", 0.9), 0.07 * size, 0.0022, seed)
    pot.location = hair.location = soil.location = place


def pot_sabut():
    """Pots in two sizes, one planted."""
    tone = mottled(
        "felt", "#7A5230", "#AE7E4B", "#D2A76E", scale=9.0, rough=0.95, bump=0.9, fine=30.0
    )
    coir_pot((-0.25, 0.15, 0), 1.35, tone, 26000)
    leaf_plant((-0.25, 0.15, 1.16), 1.15, count=15)
    for x, y, z in ((1.05, -0.35, 0), (1.05, -0.35, 0.13)):
        coir_pot((x, y, z), 0.72, tone, 9000, 5)
    return {"target": (0.22, 0, 1.34), "distance": 9.4, "height": 16}
