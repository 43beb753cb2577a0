"""Weaving, netting and knitting as paths.

One idea: over and under is a wave, and each neighbouring strand has the opposite phase.
"""

import math

import numpy as np
from shapes import circle, frames, strip, sweep, unit


def oval(width, depth, power=2.0):
    """A closed outline: circle at power 2, towards a rectangle above."""

    def outline(turn):
        c, s = np.cos(turn), np.sin(turn)
        reach = (np.abs(c / width) ** power + np.abs(s / depth) ** power) ** (-1 / power)
        return np.stack([c * reach, s * reach], axis=-1)

    return outline


def basket(name, outline, flare, height, rows, stakes, material, thick=0.045, foot=0.0):
    """Walls of a basket: round weavers that pass in front of and behind upright stakes.

    `flare(t)` scales the outline from foot (0) to rim (1).
    """
    count = stakes * 10
    turn = np.linspace(0, 2 * math.pi, count, endpoint=False)
    base = outline(turn)
    outward = unit(np.stack([base[:, 0], base[:, 1], np.zeros(count)], axis=1))
    paths, ups = [], []
    for row in range(rows):
        t = (row + 0.5) / rows
        wave = np.cos(stakes / 2 * turn + math.pi * row)[:, None] * thick * 0.8
        flat = np.concatenate([base * flare(t), np.full((count, 1), foot + t * height)], axis=1)
        paths.append(flat + outward * wave)
        ups.append(outward)
    gap = height / rows
    weavers = sweep(
        name, paths, circle(gap * 0.60, 10, thick / gap * 1.1), material, ups, closed=True
    )
    posts = []
    for k in range(stakes):
        angle = 2 * math.pi * (k) / stakes
        t = np.linspace(0, 1, 24)
        reach = outline(np.full(24, angle))
        grow = np.array([flare(v) for v in t])[:, None]
        posts.append(np.concatenate([reach * grow, (foot + t * height)[:, None]], axis=1))
    stakes_made = sweep(name + " stakes", posts, circle(thick * 0.55, 8), material)
    return [weavers, stakes_made]


def rim_path(outline, scale, height, count=260):
    """The closed line around a rim, first point repeated to close a rope."""
    turn = np.linspace(0, 2 * math.pi, count)
    return np.concatenate([outline(turn) * scale, np.full((count, 1), height)], axis=1)


def sheet(name, place, across, along, materials, twill=2, thick=0.03, fill=0.94, steps=8):
    """A flat weave; `place(u, v)` maps 0..1 to points, `twill` strips are passed by a float."""

    def height(i, j):
        return np.where(np.mod(i + j, 2 * twill) < twill, 1.0, -1.0)

    for first in (True, False):
        n, m = (across, along) if first else (along, across)
        paths, ups = [], []
        for i in range(n):
            s = np.linspace(0, 1, m * steps + 1)
            cell = s * m
            near = np.clip(np.floor(cell), 0, m - 1)
            ease = np.clip((cell - near - 0.5) * 1.0, -0.5, 0.5)
            other = np.clip(near + np.sign(ease), 0, m - 1)
            blend = 0.5 - 0.5 * np.cos(np.abs(ease) * 2 * math.pi / 2)
            index = (i, near, other)
            here = height(index[0], index[1]) * (1 - blend) + height(index[0], index[2]) * blend
            lift = here * thick * 0.55 * (1 if first else -1)
            u = np.full_like(s, (i + 0.5) / n)
            spot, normal = place(u, s) if first else place(s, u)
            paths.append(spot + normal * lift[:, None])
            ups.append(normal)
        size = np.linalg.norm(
            place(np.array([0.5]), np.array([0.5]))[0]
            - place(np.array([0.5 + 1 / n]), np.array([0.5]))[0]
        )
        if not first:
            size = np.linalg.norm(
                place(np.array([0.5]), np.array([0.5]))[0]
                - place(np.array([0.5]), np.array([0.5 + 1 / n]))[0]
            )
        sweep(
            f"{name} {first}", paths, strip(size * fill, thick), materials[0 if first else 1], ups
        )


def net(place, columns, rows, points=12):
    """Zigzag strands of a diamond net on the unit square, and its knots.

    Strand i swings between columns; neighbours meet in a knot at each row.
    """
    strands, knots = [], []
    for i in range(columns):
        for start in (0, 1):
            t = np.linspace(0, 1, rows * points + 1)
            swing = np.abs(np.mod(t * rows + start, 2) - 1)
            u = (i + 0.5 + (swing - 0.5) * 0.97) / columns
            strands.append(place(u, t)[0])
    for j in range(2 * rows + 1):
        for i in range(columns + 1 - j % 2):
            u = (i + 0.5 * (j % 2)) / columns
            knots.append(place(np.array([u]), np.array([j / 2 / rows]))[0][0])
    return strands, np.array(knots)


def knit(
    name, place, stitches, rows, material, yarn=0.5, steps=12, closed=True, depth=0.35, pick=None
):
    """Stockinette on a surface: every row one yarn of interlocking loops.

    `place(u, v)` gives points and normals; `pick(row)` chooses among several materials.
    """
    groups = {}
    t = np.linspace(0, 2 * math.pi * stitches, stitches * steps, endpoint=False)
    for row in range(rows):
        u = (t / (2 * math.pi) + 0.2 * np.sin(2 * t)) / stitches
        lift = 0.5 + row + 0.72 * np.cos(t)
        v = np.clip(lift / rows, 0, 1)
        spot, normal = place(np.mod(u, 1.0) if closed else np.clip(u, 0, 1), v)
        size = stitch_size(place, stitches, row, rows)
        path = spot - normal * (np.cos(2 * t) * size * depth * 0.5)[:, None]
        groups.setdefault(0 if pick is None else pick(row), []).append((path, normal, size))
    made = []
    for key, lines in groups.items():
        mean = float(np.mean([size for _, _, size in lines]))
        palette = material if isinstance(material, list | tuple) else [material]
        made.append(
            sweep(
                f"{name} {key}",
                [p for p, _, _ in lines],
                circle(mean * yarn * 0.5, 7),
                palette[key],
                [n for _, n, _ in lines],
                closed=closed,
            )
        )
    return made


def stitch_size(place, stitches, row, rows):
    """Width of one stitch at a row."""
    v = np.full(2, (row + 0.5) / rows)
    ends = place(np.array([0.0, 1.0 / stitches]), v)[0]
    return float(np.linalg.norm(ends[1] - ends[0]))


def along_net(strands, radius, material, name="net"):
    """Lay two-strand cord along net paths."""
    parts = []
    for path in strands:
        side, normal = frames(path, np.array([0.0, 1.0, 0.01]))
        run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        for phase in (0, math.pi):
            angle = (run / (radius * 5) * 2 * math.pi + phase)[:, None]
            parts.append(path + radius * 0.5 * (np.cos(angle) * side + np.sin(angle) * normal))
    return sweep(name, parts, circle(radius * 0.62, 6), material)
