"""Bread, buns, cookies and crackers.

One idea: pale at the foot, brown on top, uneven everywhere.
"""

import math

import bpy
import numpy as np
from fibre_goods import hyacinth
from jars import jar
from materials import baked, mottled, plain, wood
from mathutils import Vector, noise
from shapes import (
    ball,
    box,
    circle,
    copies,
    everything,
    lathe,
    lumps,
    move_since,
    resample,
    rope,
    surface,
    sweep,
)
from weave import basket, oval, rim_path


def plate(place=(0, 0, 0), size=1.4, colour="#F3EDE2"):
    """A shallow glazed plate."""
    outline = [
        (0.001, 0.02),
        (0.55, 0.02),
        (0.62, 0.0),
        (0.66, 0.03),
        (0.98, 0.13),
        (1.0, 0.155),
        (0.97, 0.155),
        (0.66, 0.075),
        (0.001, 0.06),
    ]
    line = resample([(r, 0, z) for r, z in outline], 80)[:, [0, 2]] * size
    line[:, 0] = np.maximum(line[:, 0], 0.001)
    lathe("plate", line, plain("glaze", colour, 0.25), 96, place=place)


def board(size=(3.0, 1.9, 0.12), place=(0, 0, 0.06)):
    """A serving board."""
    box("board", size, place, wood("serving", "#9A6A3C", "#D2A268", "x", 1.2, 0.5), 0.05)


def loaf_section(turn, wide=0.62, tall=0.98):
    """Outline of a tin loaf: straight sides, mushroomed top."""
    c, s = np.cos(turn), np.sin(turn)
    power = np.where(s > 0, 2.5, 5.0)
    reach = (np.abs(c) ** power + np.abs(s) ** power) ** (-1 / power)
    y = wide * c * reach * (1 + 0.10 * np.exp(-(((s * reach - 0.35) / 0.25) ** 2)))
    z = np.where(s > 0, 0.52 * tall + 0.50 * tall * s * reach, 0.52 * tall * (1 + s * reach))
    return y, z


def loaf_piece(start, end, crust, crumb, round_start=False, round_end=False):
    """A part of the loaf between two cuts along x."""
    turn = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    y, z = loaf_section(turn)
    steps = 40
    rows = []
    for x in np.linspace(start, end, steps):
        close = 1.0
        if round_start:
            close = min(close, (1 - (1 - min((x - start) / 0.16, 1)) ** 3.0) ** 0.4)
        if round_end:
            close = min(close, (1 - (1 - min((end - x) / 0.16, 1)) ** 3.0) ** 0.4)
        bumpy = np.array(
            [
                0.018 * noise.noise(Vector((x * 2.2, math.cos(a) * 1.6, math.sin(a) * 1.6)))
                for a in turn
            ]
        )
        swell = 1 + bumpy + 0.02 * math.sin(x * 5.5) * np.clip(np.sin(turn), 0, 1)
        rows.append(
            np.stack([np.full(96, x), y * close * swell, 0.5 + (z - 0.5) * close * swell], axis=1)
        )
    surface("crust", np.array(rows), crust, wrap=True)
    for x, hide in ((start, round_start), (end, round_end)):
        tone = crust if hide else crumb
        rings = [
            np.stack([np.full(96, x), y * k, 0.5 + (z - 0.5) * k], axis=1)
            for k in np.linspace(1.0 if not hide else 0.3, 0.01, 14)
        ]
        surface("crumb", np.array(rings), tone, wrap=True)


def roti_tawar():
    """A loaf with two slices cut from it, on a board."""
    board((3.3, 1.7, 0.12))
    crust = baked("crust", "#D9A25E", "#B5702F", "#7A4017", 0.15, 1.1, 0.5, 0.12, 7.0)
    crumb = baked("crumb", "#F6E6C4", "#F8EBCF", "#FAF0DA", 0.0, 1.0, 0.85, 0.75, 14.0, crumb=True)
    before = everything()
    loaf_piece(-0.35, 1.35, crust, crumb, round_end=True)
    move_since(before, (0.08, 0.12, 0.12), (0, 0, 0.08))
    for x, lean, shift in ((-0.62, -0.30, 0.05), (-0.98, -0.62, -0.04)):
        before = everything()
        loaf_piece(-0.085, 0.085, crust, crumb)
        move_since(before, (x, shift, 0.12 + 0.02 * abs(lean)), (0, lean, 0.04))
    return {"target": (0, 0, 0.52), "distance": 8.4, "height": 20, "turn": -32}


def roti_manis():
    """Six glossy buns baked side by side, one broken open beside them."""
    board((3.3, 2.3, 0.12))
    crust = baked(
        "bun", "#E9BF7E", "#C07A33", "#8F4A18", -0.25, 0.42, 0.26, 0.06, 5.0, Coat_Weight=0.35
    )
    seeds = plain("sesame", "#F3DFB4", 0.6)
    rng = np.random.default_rng(3)
    for i in range(3):
        for j in range(2):
            x, y = (i - 1) * 0.90 + 0.0, (j - 0.5) * 0.90 + 0.05

            def shape(grid, seed=i * 7.1 + j * 3.3):
                return lumps(1.3, 0.05, seed)(grid) - 0.10 * np.clip(-grid[..., 2], 0, 1) ** 2

            ball("bun", 0.50, (x, y, 0.48), crust, (1.0, 1.0, 0.80), 40, shape)
            if (i + j) % 2 == 0:
                for _ in range(30):
                    a, r = rng.uniform(0, 6.28), 0.27 * math.sqrt(rng.uniform(0, 1))
                    z = 0.48 + 0.395 * math.sqrt(max(0, 1 - (r / 0.5) ** 2))
                    ball(
                        "seed",
                        0.022,
                        (x + r * math.cos(a), y + r * math.sin(a), z + 0.012),
                        seeds,
                        (1.5, 0.9, 0.5),
                        6,
                    ).rotation_euler = (0, 0, rng.uniform(0, 6))
            else:
                line = mottled("crumble", "#6A3A18", "#8C5426", scale=12.0, rough=0.9)
                t = np.linspace(-1, 1, 60)
                for off in (-0.15, 0.0, 0.15):
                    px, py = x + t * 0.30, y + off + 0.05 * np.sin(t * 5)
                    rr = np.sqrt((px - x) ** 2 + (py - y) ** 2)
                    pz = 0.475 + 0.40 * np.sqrt(np.clip(1 - (rr / 0.5) ** 2, 0, 1))
                    sweep("stripe", [np.stack([px, py, pz], axis=1)], circle(0.022, 8), line)
    return {"target": (0, 0, 0.36), "distance": 8.8, "height": 33, "turn": 22}


def nastar(place, rng, tone, clove, size=0.235):
    """One glazed ball with a clove."""
    one = ball(
        "nastar",
        size,
        (place[0], place[1], place[2] + size * 0.80),
        tone,
        (1, 1, 0.88),
        26,
        lumps(2.2, 0.05, rng.uniform(0, 50)),
    )
    one.rotation_euler = (0, 0, rng.uniform(0, 6))
    top = place[2] + size * 1.66
    ball("clove", 0.034, (place[0], place[1], top), clove, (1, 1, 0.8), 8)
    for k in range(4):
        a = k * math.pi / 2 + 0.4
        ball(
            "petal",
            0.02,
            (place[0] + 0.036 * math.cos(a), place[1] + 0.036 * math.sin(a), top + 0.005),
            clove,
            (1.3, 0.7, 0.6),
            6,
        ).rotation_euler = (0, 0, a)


def kue_kering_nastar():
    """A jar of pineapple cookies and a plate in front."""
    rng = np.random.default_rng(11)
    tone = baked(
        "nastar", "#F0C871", "#E6A93F", "#C87A22", -0.16, 0.22, 0.20, 0.05, 5.0, Coat_Weight=0.5
    )
    clove = plain("clove", "#3A2213", 0.8)
    for ring, count, z in (
        (0.48, 9, 0.10),
        (0.50, 9, 0.50),
        (0.48, 9, 0.90),
        (0.48, 9, 1.28),
        (0.0, 1, 1.30),
    ):
        for k in range(count):
            a = 2 * math.pi * k / count + z * 2
            nastar((-0.55 + ring * math.cos(a), 0.45 + ring * math.sin(a), z), rng, tone, clove)
    jar((-0.55, 0.45, 0), 0.78, 1.75, plain("lid", "#A8352A", 0.4))
    plate((0.85, -0.55, 0), 1.02)
    for k in range(7):
        a = k * math.pi / 3
        r = 0.47 if k < 6 else 0
        nastar((0.85 + r * math.cos(a), -0.55 + r * math.sin(a), 0.08), rng, tone, clove)
    for k in range(3):
        a = k * 2.1 + 0.5
        nastar((0.85 + 0.25 * math.cos(a), -0.55 + 0.25 * math.sin(a), 0.40), rng, tone, clove)
    return {"target": (0.24, 0, 0.78), "distance": 8.0, "height": 22, "turn": 5}


def cracker(tone, rng, radius=0.62):
    """A puffed rice cracker: grains set in a wavy disc."""
    grain = ball(
        "grain", 1.0, (0, 0, 0), tone, (1.0, 0.55, 0.5), 10, lumps(1.5, 0.25, rng.uniform(0, 9))
    )
    places = []
    bend = rng.uniform(-0.10, 0.10)
    for _ in range(440):
        a, r = (
            rng.uniform(0, 2 * math.pi),
            radius * math.sqrt(rng.uniform(0, 1)) * rng.uniform(0.94, 1.04),
        )
        x, y = r * math.cos(a), r * math.sin(a)
        z = bend * (x**2 - 0.5 * y**2) + rng.normal(0, 0.012) + 0.03 * math.sin(3 * a) * r
        places.append(
            (
                (x, y, z),
                (rng.normal(0, 0.3), rng.normal(0, 0.3), rng.uniform(0, 6.28)),
                0.070 * rng.uniform(0.8, 1.2),
            )
        )
    return copies(grain, places)


def rengginang():
    """Crackers stacked on a woven tray, one leaning in front."""
    stuff = hyacinth()
    shape = oval(1.45, 1.1)
    basket("tray", shape, lambda t: 0.94 + 0.10 * t, 0.24, 5, 64, stuff, 0.034)
    rope("rim", rim_path(shape, 1.045, 0.27), 0.05, stuff, 3, 0.3)
    lathe("bed", [(0.001, 0.05), (1.34, 0.05)], stuff).scale = (1.0, 0.76, 1)
    rng = np.random.default_rng(21)
    tones = [
        mottled(f"rice {k}", *c, scale=3.0, rough=0.55, bump=0.2)
        for k, c in enumerate(
            (("#D9A55C", "#F0CF95", "#FAE9C6"), ("#C98C3E", "#E6BB78", "#F4DBA8"))
        )
    ]
    spots = []
    for x in (-0.62, 0.55):
        for k in range(3):
            spots.append(
                (
                    (x + 0.05 * math.sin(k * 3 + x), 0.62 - 0.36 * k, 0.55 - 0.03 * k),
                    (0.80 - 0.06 * k, 0.10 * math.sin(k + x), k + x),
                )
            )
    spots += [((0.02, -0.30, 0.50), (0.62, 0.05, 2.0)), ((1.02, -1.18, 0.10), (0.06, 0.02, 0.5))]
    for k, (place, turn) in enumerate(spots):
        grains = cracker(tones[k % 2], rng)
        hold = bpy.data.objects.new("cracker", None)
        bpy.context.collection.objects.link(hold)
        for grain in grains:
            grain.parent = hold
        hold.location, hold.rotation_euler = place, turn
    return {"target": (0.1, -0.2, 0.40), "distance": 7.7, "height": 28, "turn": 5}
