"""Fried shallots, sambal and banana chips.

One idea: one small piece, copied many times at random turns.
"""

import math

import numpy as np
from bowl_goods import coconut_bowl
from jars import jar
from materials import baked, mottled, plain, wood
from shapes import ball, circle, copies, lathe, lumps, resample, surface, sweep


def fried_tones():
    """Light and dark brown."""
    return [
        mottled(f"fried {k}", *c, scale=5.0, rough=0.35, bump=0.3)
        for k, c in enumerate(
            (("#8A4A1A", "#B9742E", "#D69A4C"), ("#6E3512", "#A05A20", "#C98A3E"))
        )
    ]


def fried_curls(rng, tones):
    """Six shapes of fried shallot, to be copied."""
    curls = []
    for k in range(6):
        t = np.linspace(0, rng.uniform(2.5, 5.2), 16)
        r = 0.085 * (1 - 0.06 * t) * (1 + 0.2 * rng.normal())
        path = np.stack(
            [r * np.cos(t), r * np.sin(t) * rng.uniform(0.6, 1), 0.035 * np.sin(t * 1.7 + k)],
            axis=1,
        )
        curls.append(
            sweep(
                "curl",
                [path],
                np.array([(0.012, 0.03), (-0.010, 0.03), (-0.012, -0.03), (0.010, -0.03)]),
                tones[k % 2],
            )
        )
    return curls


def shallots():
    """Three whole shallots."""
    skin = baked("shallot", "#C9828A", "#9A3F55", "#7E2C42", -0.3, 0.5, 0.35, 0.15, 8.0)
    for x, y, size, turn in (
        (0.52, 0.42, 0.25, 0.3),
        (0.98, 0.22, 0.22, 2.0),
        (1.38, 0.05, 0.19, 1.0),
    ):
        line = resample(
            [
                (0.001, 0, -0.95),
                (0.55, 0, -0.75),
                (0.95, 0, -0.1),
                (0.80, 0, 0.5),
                (0.35, 0, 0.95),
                (0.12, 0, 1.35),
                (0.05, 0, 1.7),
            ],
            50,
        )[:, [0, 2]]
        line[:, 0] = np.maximum(line[:, 0], 0.001)
        bulb = lathe("shallot", line * size, skin, 48, warp=lambda a, h: 1 + 0.015 * np.cos(a * 11))
        bulb.location, bulb.rotation_euler = (x, y, size * 0.86), (math.pi / 2 - 0.25, 0, turn)


def bawang_goreng_palu():
    """A full jar, a heap in front and whole shallots."""
    rng = np.random.default_rng(5)
    tones = fried_tones()
    curls = fried_curls(rng, tones)
    spots = {k: [] for k in range(6)}
    for _ in range(1500):
        a, r, z = rng.uniform(0, 6.28), 0.555 * rng.uniform(0.72, 1) ** 0.5, rng.uniform(0.10, 1.20)
        spots[int(rng.integers(6))].append(
            (
                (-0.42 + r * math.cos(a), 0.35 + r * math.sin(a), z),
                tuple(rng.uniform(0, 6.28, 3)),
                rng.uniform(0.8, 1.15),
            )
        )
    for _ in range(620):
        a, r = rng.uniform(0, 6.28), 0.62 * math.sqrt(rng.uniform(0, 1))
        z = 0.05 + max(0.0, 0.36 * (1 - (r / 0.62) ** 1.3)) * rng.uniform(0.1, 1)
        spots[int(rng.integers(6))].append(
            (
                (0.82 + r * math.cos(a), -0.72 + r * math.sin(a) * 0.85, z),
                tuple(rng.uniform(0, 6.28, 3)),
                rng.uniform(0.8, 1.2),
            )
        )
    for k, curl in enumerate(curls):
        copies(curl, spots[k])
    lathe(
        "core",
        [(0.001, 0.05), (0.52, 0.05), (0.52, 1.2), (0.001, 1.22)],
        tones[1],
        48,
        place=(-0.42, 0.35, 0),
    )
    jar(
        (-0.42, 0.35, 0),
        0.68,
        1.5,
        wood("lid", "#9C6B3C", "#D2A46B", "x", 1.6),
        plain("accent", "#7A4A21", 0.7),
    )
    shallots()
    return {"target": (0.2, -0.1, 0.64), "distance": 7.2, "height": 20, "turn": 4}


def sambal_dish(paste):
    """A clay dish with a heap of sambal."""
    clay = mottled("clay", "#3B2A20", "#4E382A", scale=8.0, rough=0.5, bump=0.1)
    dish = resample(
        [
            (0.001, 0, 0.0),
            (0.32, 0, 0.0),
            (0.36, 0, 0.05),
            (0.60, 0, 0.28),
            (0.64, 0, 0.31),
            (0.58, 0, 0.31),
            (0.40, 0, 0.13),
            (0.001, 0, 0.10),
        ],
        70,
    )[:, [0, 2]]
    dish[:, 0] = np.maximum(dish[:, 0], 0.001)
    lathe("dish", dish, clay, 80, place=(0.85, -0.55, 0))
    ball("heap", 0.49, (0.85, -0.55, 0.20), paste, (1, 1, 0.44), 48, lumps(4.0, 0.10, 2.0))
    flake = mottled("flake", "#C8702E", "#E0A055", rough=0.6)
    rng = np.random.default_rng(9)
    for _ in range(26):
        a, r = rng.uniform(0, 6.28), 0.36 * math.sqrt(rng.uniform(0, 1))
        ball(
            "flake",
            0.03,
            (
                0.85 + r * math.cos(a),
                -0.55 + r * math.sin(a),
                0.20 + 0.22 * math.sqrt(1 - (r / 0.49) ** 2),
            ),
            flake,
            (1.6, 0.8, 0.4),
            6,
        ).rotation_euler = tuple(rng.uniform(0, 3, 3))


def chillies():
    """Three red chillies with their stalks."""
    red = plain("chilli", "#B3201A", 0.18, Coat_Weight=0.6)
    green = plain("stalk", "#4E7A34", 0.5)
    for x, y, turn in ((0.15, -0.95, 0.35), (-0.15, -0.72, -0.15), (1.15, 0.25, 1.1)):
        t = np.linspace(0, 1, 50)
        bend = np.stack(
            [
                x + math.cos(turn) * t * 0.85,
                y + math.sin(turn) * t * 0.85 + 0.10 * np.sin(t * 2.6),
                0.075 + 0 * t,
            ],
            axis=1,
        )
        sweep(
            "chilli",
            [bend],
            circle(1.0, 18),
            red,
            taper=0.085
            * np.clip(np.interp(t, [0, 0.05, 0.25, 0.8, 1], [0.55, 0.9, 1.0, 0.55, 0.03]), 0.03, 1),
        )
        stalk = np.stack(
            [
                bend[0] + np.array([-math.cos(turn), -math.sin(turn), 0]) * k
                for k in np.linspace(-0.03, 0.24, 12)
            ]
        )
        stalk[:, 2] += np.linspace(0, 0.08, 12)
        sweep(
            "stalk",
            [stalk],
            circle(1.0, 10),
            green,
            taper=np.interp(np.linspace(0, 1, 12), [0, 0.2, 1], [0.06, 0.022, 0.02]),
        )


def sambal_roa():
    """A jar of dark red sambal, a small dish and chillies."""
    paste = mottled(
        "paste",
        "#5A140A",
        "#8E2412",
        "#B8431C",
        scale=9.0,
        rough=0.22,
        bump=1.0,
        fine=22.0,
        depth=0.06,
        Coat_Weight=0.4,
    )
    lathe(
        "fill",
        [(0.001, 0.05), (0.60, 0.05), (0.655, 0.10), (0.655, 0.98), (0.001, 1.0)],
        paste,
        96,
        place=(-0.42, 0.3, 0),
    )
    jar(
        (-0.42, 0.3, 0),
        0.68,
        1.2,
        plain("lid", "#2A2320", 0.4, Metallic=0.6),
        plain("accent", "#A8352A", 0.7),
    )
    sambal_dish(paste)
    chillies()
    return {"target": (0.22, -0.12, 0.56), "distance": 6.9, "height": 24, "turn": 3}


def chip(seed, tone):
    """A thin, warped slice."""
    rng = np.random.default_rng(seed)
    a, r = (
        np.linspace(0, 2 * math.pi, 40, endpoint=False)[None, :],
        np.linspace(0.02, 1, 12)[:, None],
    )
    x, y = r * np.cos(a) * rng.uniform(0.85, 1.0) * 0.30, r * np.sin(a) * 0.34
    p = rng.uniform(0, 6.28, 3)
    z = (
        0.05 * r**2 * np.sin(2 * a + p[0])
        + 0.02 * r * np.sin(3 * a + p[1])
        + 0.03 * r**2 * rng.normal()
    )
    return surface(
        "chip", np.stack(np.broadcast_arrays(x, y, z), axis=-1), tone, wrap=True, thick=0.018
    )


def kraft_pouch():
    """A paper pouch with a plain label."""
    kraft = mottled("kraft", "#B98F5E", "#C9A070", "#D3AE80", scale=22.0, rough=0.85, bump=0.1)
    u, v = np.meshgrid(np.linspace(-1, 1, 50), np.linspace(0, 1, 60), indexing="ij")
    for side in (-1, 1):
        puff = (
            0.34
            * np.clip(1 - np.abs(u) ** 3.0, 0, 1) ** 0.7
            * np.clip(1 - v, 0, 1) ** 0.55
            * (0.9 + 0.1 * np.sin(v * 20 + u * 4))
        )
        sheet = np.stack([u * 0.72, side * (puff + 0.004), v * 2.05], axis=-1)
        half = surface("pouch", sheet, kraft)
        half.location, half.rotation_euler = (-0.62, 0.75, 0), (-0.06, 0, 0.16)
    accent = plain("accent", "#2F6B4F", 0.7)
    for z, h, tone, off in (
        (0.98, 0.74, plain("paper label", "#F6EEDC", 0.8), 0.0),
        (1.28, 0.07, accent, 0.006),
        (0.69, 0.07, accent, 0.006),
    ):
        uu, vv = np.meshgrid(
            np.linspace(-0.46, 0.46, 20), np.linspace(z - h / 2, z + h / 2, 12), indexing="ij"
        )
        deep = (
            0.34
            * np.clip(1 - np.abs(uu / 0.72) ** 3.0, 0, 1) ** 0.7
            * np.clip(1 - vv / 2.05, 0, 1) ** 0.55
            * (0.9 + 0.1 * np.sin(vv / 2.05 * 20 + uu / 0.72 * 4))
        )
        tag = surface("label", np.stack([uu, -(deep + 0.012 + off), vv], axis=-1), tone)
        tag.location, tag.rotation_euler = (-0.62, 0.75, 0), (-0.06, 0, 0.16)


def keripik_pisang():
    """A coconut bowl heaped with chips, and a kraft pouch behind."""
    tones = [
        mottled(f"chip {k}", *c, scale=5.0, rough=0.42, bump=0.35, fine=24.0)
        for k, c in enumerate(
            (("#D89A3A", "#EFC565", "#F7DC90"), ("#C98428", "#E8B452", "#F4D27C"))
        )
    ]
    chips = [chip(k, tones[k % 2]) for k in range(7)]
    rng = np.random.default_rng(12)
    spots = {k: [] for k in range(7)}
    for k in range(170):
        a, r = rng.uniform(0, 6.28), 0.62 * math.sqrt(rng.uniform(0, 1))
        z = 0.86 + 0.62 * (1 - (r / 0.74) ** 1.8) * rng.uniform(0.1, 1)
        spots[k % 7].append(
            (
                (0.45 + r * math.cos(a), -0.3 + r * math.sin(a), z),
                (rng.normal(0, 0.6), rng.normal(0, 0.6), rng.uniform(0, 6)),
                rng.uniform(0.85, 1.1),
            )
        )
    for x, y, turn in (
        (-0.75, -1.05, 0.1),
        (-0.35, -1.28, 2.0),
        (-1.10, -0.72, 1.0),
        (1.45, -1.0, 0.4),
    ):
        spots[int(rng.integers(7))].append(((x, y, 0.06), (0.12, 0.1, turn), 1.0))
    for k, one in enumerate(chips):
        copies(one, spots[k])
    coconut_bowl((0.45, -0.3, 0), 1.42, 0.8)
    kraft_pouch()
    return {"target": (0.15, -0.15, 0.86), "distance": 8.1, "height": 20, "turn": -4}
