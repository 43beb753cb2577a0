"""Coconut-shell bowls and a spoon.

One idea: half an ellipsoid outside, a smaller one inside, polished.
"""

import math

import numpy as np
from materials import fibre, wood
from shapes import lathe, surface


def coconut_bowl(place, size=1.0, turn=0.0, shell=None, inner=None):
    """Half a shell: dark outside with fibres in relief, honey inside."""
    shell = shell or fibre("shell", "#24140A", "#4B2D18", "#8A5B33", 22.0, 7.0, 0.3, 0.3)
    inner = inner or wood("inner", "#6B3F1F", "#A8703C", "z", 2.0, 0.22)
    rng = np.random.default_rng(int(size * 100) + int(turn * 10))
    a = np.linspace(0.16, math.pi / 2 + 0.16, 60)
    wob = 1 + 0.010 * np.cos(
        np.linspace(0, 2 * math.pi, 96, endpoint=False) * 3 + rng.uniform(0, 6)
    )
    outer = np.stack([np.sin(a), 0.92 - np.cos(a) * 0.92], axis=1)
    outer = np.concatenate([[(0.001, outer[0, 1])], outer])
    hollow = np.stack([np.sin(a) * 0.925, 0.985 - np.cos(a) * 0.90], axis=1)[::-1]
    hollow[0, 1] = outer[-1, 1]
    one = lathe("shell", outer * 0.72 * size, shell, 96, warp=lambda t, h: wob[None, :])
    two = lathe(
        "hollow",
        np.concatenate([[outer[-1]], hollow, [(0.001, hollow[-1, 1])]]) * 0.72 * size,
        inner,
        96,
        warp=lambda t, h: wob[None, :],
    )
    for thing in (one, two):
        thing.location, thing.rotation_euler = place, (0, 0, turn)


def spoon(place, turn, tone):
    """A small wooden spoon lying on the table."""
    t = np.linspace(0, 1, 60)
    wide = np.interp(
        t,
        [0, 0.04, 0.12, 0.22, 0.30, 0.40, 0.85, 0.97, 1],
        [0.01, 0.11, 0.17, 0.165, 0.10, 0.042, 0.05, 0.055, 0.01],
    )
    s = np.linspace(-1, 1, 13)[None, :]
    bowl = np.exp(-(((t - 0.17) / 0.10) ** 2))[:, None]
    z = (
        0.07
        - 0.055 * bowl * (1 - s**2)
        + 0.10 * np.clip(t - 0.25, 0, 1)[:, None] * (1 - np.clip(t - 0.6, 0, 1)[:, None] * 1.7)
    )
    x = (t * 1.5)[:, None] + 0 * s
    thing = surface("spoon", np.stack([x, wide[:, None] * s, z], axis=-1), tone, thick=0.045)
    soft = thing.modifiers.new("soft", "SUBSURF")
    soft.levels = soft.render_levels = 1
    thing.location, thing.rotation_euler = place, (0, 0, turn)


def mangkuk_batok():
    """A stack of two bowls and one open bowl with a spoon."""
    coconut_bowl((-0.42, 0.25, 0.0), 1.25, 0.4)
    coconut_bowl((-0.40, 0.24, 0.30), 1.22, 2.0)
    coconut_bowl((0.92, -0.35, 0.0), 1.0, 1.2)
    spoon((-0.72, -1.25, 0.0), 0.18, wood("spoon", "#7A4A26", "#C08A54", "x", 2.0, 0.35))
    return {"target": (0.15, -0.2, 0.42), "distance": 8.0, "height": 30, "turn": 6}
