"""Knitted hat, scarf and crocheted bag.

One idea: yarn is laid loop by loop on a shape, so stitches keep their size and catch the light.
"""

import math

import bpy
import numpy as np
from materials import fibre, plain, wood
from shapes import braid, circle, fuzz, lathe, resample, sample_points, sweep, unit
from weave import knit, oval


def wool(name, dark, middle, light):
    """Soft yarn."""
    return fibre(name, dark, middle, light, 26.0, 5.0, 0.95, 0.5)


def soft_hair(things, colour, count=7000, length=0.05):
    """A halo of fine hair over knitted parts."""
    hair = plain("halo", colour, 1.0)
    for seed, thing in enumerate(things):
        roots, ways = sample_points(thing, count, seed + 5)
        fuzz("halo", roots, ways, hair, length, 0.0009, seed, 0.1)


def body(profile, ribs=0, rib=0.0, outline=None):
    """Map (around, up) to a turned body given as (radius, height) points, with optional ribs."""
    line = resample([(r, 0, z) for r, z in profile], 200)[:, [0, 2]]
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    run /= run[-1]

    def place(u, v):
        r, z = np.interp(v, run, line[:, 0]), np.interp(v, run, line[:, 1])
        dr = np.interp(v + 0.01, run, line[:, 0]) - np.interp(v - 0.01, run, line[:, 0])
        dz = np.interp(v + 0.01, run, line[:, 1]) - np.interp(v - 0.01, run, line[:, 1])
        angle = 2 * math.pi * u
        wave = rib * np.cos(angle * ribs)
        flat = (
            np.stack([np.cos(angle), np.sin(angle)], axis=1) if outline is None else outline(angle)
        )
        spot = np.concatenate([flat * (r + wave)[:, None], z[:, None]], axis=1)
        way = unit(np.stack([flat[:, 0], flat[:, 1], 0 * z], axis=1))
        normal = unit(way * dz[:, None] - np.array([0, 0, 1.0]) * dr[:, None])
        return spot, normal

    return place


def topi_rajut():
    """A folded beanie in soga brown, one in indigo behind it."""
    tones = (
        (wool("soga", "#6B3F1D", "#8F5A2C", "#B47A45"), "#A87242", (-0.28, -0.15, 0.0), 0.0),
        (wool("nila", "#1A304D", "#294A6E", "#46698F"), "#46698F", (0.92, 0.75, 0.0), 0.5),
    )
    dome = [
        (0.92, 0.30),
        (0.97, 0.62),
        (0.96, 0.98),
        (0.86, 1.34),
        (0.66, 1.60),
        (0.38, 1.76),
        (0.14, 1.82),
        (0.05, 1.82),
    ]
    fold = [
        (0.93, 0.02),
        (1.03, 0.0),
        (1.085, 0.10),
        (1.085, 0.36),
        (1.07, 0.56),
        (1.0, 0.62),
        (0.95, 0.52),
    ]
    for tone, hair, spot, turn in tones:
        made = knit("dome", body(dome, 32, 0.018), 88, 38, tone, 0.86, 10)
        made += knit("fold", body(fold, 44, 0.022), 88, 19, tone, 0.9, 10)
        lathe(
            "inside",
            [(0.88, 0.05), (0.92, 0.6), (0.84, 1.3), (0.6, 1.58), (0.01, 1.76)],
            tone,
            64,
            spot,
        )
        soft_hair(made, hair, 5000)
        for thing in bpy.context.collection.objects:
            if thing.name.startswith(("dome", "fold", "halo")) and "set" not in thing:
                thing.location, thing.rotation_euler = spot, (0, 0, turn)
                thing["set"] = True
    return {"target": (0.22, 0, 0.9), "distance": 8.2, "height": 13}


def scarf_fringe(tone):
    """Loose yarn at the scarf's end."""
    rng = np.random.default_rng(8)
    fringe = []
    for k in range(20):
        y = -0.84 + 1.68 * k / 19 + 0.05 * math.sin(9.0)
        for _ in range(5):
            dx, dy = rng.normal(0, 0.035, 2)
            fringe.append(
                resample(
                    [
                        (1.62, y, 0.16),
                        (1.66, y, 0.06),
                        (1.82 + dx, y + dy, 0.03),
                        (2.14 + dx * 2, y + dy * 2.4, 0.03),
                    ],
                    24,
                )
            )
    sweep("fringe", fringe, circle(0.019, 6), tone)


def syal_rajut():
    """A scarf, folded in three with its fringe to the front."""
    tone = wool("nila", "#1A304D", "#294A6E", "#4A6D93")
    line = resample(
        [
            (-1.5, 0, 0.07),
            (0.9, 0, 0.07),
            (1.38, 0, 0.10),
            (1.52, 0, 0.22),
            (1.38, 0, 0.34),
            (0.9, 0, 0.36),
            (-0.8, 0, 0.36),
            (-1.30, 0, 0.38),
            (-1.46, 0, 0.52),
            (-1.30, 0, 0.66),
            (-0.8, 0, 0.67),
            (0.8, 0, 0.66),
            (1.30, 0, 0.66),
            (1.52, 0, 0.5),
            (1.63, 0, 0.12),
        ],
        400,
    )
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    run /= run[-1]
    tangent = unit(np.gradient(line, axis=0))
    above = np.stack([-tangent[:, 2], 0 * tangent[:, 1], tangent[:, 0]], axis=1)

    def place(u, v):
        at = v
        x, z = np.interp(at, run, line[:, 0]), np.interp(at, run, line[:, 2])
        normal = np.stack(
            [np.interp(at, run, above[:, 0]), 0 * at, np.interp(at, run, above[:, 2])], axis=1
        )
        wave = 0.045 * np.cos(2 * math.pi * 9 * u)
        drift = 0.05 * np.sin(at * 9.0)
        y = (u - 0.5) * 1.75 + drift
        spot = np.stack([x, y, z], axis=1) + unit(normal) * wave[:, None]
        return spot, unit(normal)

    made = knit("scarf", place, 36, 190, tone, 1.0, 10, closed=False, depth=0.4)
    scarf_fringe(tone)
    soft_hair(made, "#4A6D93", 16000)
    return {"target": (0.3, 0, 0.26), "distance": 9.3, "height": 31, "turn": 34}


def bag_fittings(tones, shape):
    """Rim, lining, handles, button and loop."""
    turn = np.linspace(0, 2 * math.pi, 300)
    rim = np.concatenate([shape(turn) * 0.955, np.full((300, 1), 1.79)], axis=1)
    braid("rim", rim, 0.06, tones[1], 0.28, (0, 0, 1))
    lathe(
        "lining",
        [(0.01, 0.1), (0.82, 0.12), (0.9, 0.6), (0.9, 1.2), (0.86, 1.74)],
        plain("lining", "#7A4030", 0.95),
        64,
        warp=None,
    ).scale = (1.05, 0.5, 1)
    for y in (-0.43, 0.41):
        path = resample(
            [
                (-0.50, y * 1.18, 1.38),
                (-0.52, y * 1.2, 1.78),
                (-0.46, y * 0.8, 2.35),
                (0, y * 0.5, 2.85),
                (0.46, y * 0.8, 2.35),
                (0.52, y * 1.2, 1.78),
                (0.50, y * 1.18, 1.38),
            ],
            160,
        )
        braid("handle", path, 0.07, tones[1], 0.36, (0, 1, 0))
    button = wood("button", "#5A3415", "#A06C3C", "x", 3.0)
    disc = lathe(
        "button",
        [(0.001, 0.05), (0.09, 0.05), (0.13, 0.035), (0.14, 0.0), (0.001, 0.0)],
        button,
        40,
    )
    disc.location, disc.rotation_euler = (0, -0.545, 1.55), (math.pi / 2, 0, 0)
    loop = resample(
        [
            (-0.03, -0.44, 1.82),
            (-0.05, -0.54, 1.72),
            (-0.06, -0.60, 1.52),
            (0, -0.61, 1.43),
            (0.06, -0.60, 1.52),
            (0.05, -0.54, 1.72),
            (0.03, -0.44, 1.82),
        ],
        60,
    )
    sweep("loop", [loop], circle(0.022, 8), tones[1])


def tas_rajut():
    """A crocheted shoulder bag in two colours."""
    tones = [
        wool("krem", "#C9B48C", "#E3D2AE", "#F3E7CB"),
        wool("bata", "#8E3A26", "#B3513A", "#CF7A60"),
    ]
    shape = oval(1.05, 0.5, 2.6)
    profile = [
        (0.35, 0.03),
        (0.80, 0.03),
        (0.99, 0.14),
        (1.06, 0.6),
        (1.05, 1.15),
        (0.98, 1.62),
        (0.95, 1.78),
    ]
    place = body(profile, outline=shape)

    def pick(row):
        return 1 if row in (14, 15, 16, 17, 20, 25, 26, 27, 28) or row > 36 else 0

    made = knit("bag", place, 92, 40, tones, 0.98, 10, pick=pick, depth=0.45)
    bag_fittings(tones, shape)
    soft_hair(made, "#E8D9B8", 6000, 0.04)
    return {"target": (0, 0, 1.4), "distance": 8.5, "height": 13, "turn": 20}
