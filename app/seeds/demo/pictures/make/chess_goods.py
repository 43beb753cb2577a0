"""Chess set.

One idea: pieces are turned from outlines, squares are glued blocks.
"""

import numpy as np
from materials import wood
from shapes import ball, box, circle, lathe, resample, sweep

PIECES = {
    "pawn": [
        (0.10, 0),
        (0.105, 0.03),
        (0.08, 0.06),
        (0.05, 0.12),
        (0.042, 0.20),
        (0.065, 0.22),
        (0.045, 0.235),
    ],
    "rook": [
        (0.12, 0),
        (0.125, 0.04),
        (0.09, 0.08),
        (0.07, 0.18),
        (0.068, 0.28),
        (0.10, 0.30),
        (0.105, 0.39),
        (0.07, 0.39),
        (0.07, 0.34),
        (0.001, 0.34),
    ],
    "bishop": [
        (0.12, 0),
        (0.125, 0.04),
        (0.09, 0.08),
        (0.06, 0.18),
        (0.05, 0.30),
        (0.085, 0.32),
        (0.05, 0.34),
        (0.085, 0.42),
        (0.06, 0.50),
        (0.02, 0.545),
        (0.028, 0.57),
        (0.001, 0.59),
    ],
    "queen": [
        (0.13, 0),
        (0.135, 0.04),
        (0.10, 0.09),
        (0.065, 0.22),
        (0.055, 0.38),
        (0.095, 0.40),
        (0.06, 0.43),
        (0.10, 0.56),
        (0.085, 0.57),
        (0.05, 0.60),
        (0.03, 0.63),
        (0.001, 0.645),
    ],
    "king": [
        (0.13, 0),
        (0.135, 0.04),
        (0.10, 0.09),
        (0.065, 0.24),
        (0.058, 0.42),
        (0.10, 0.44),
        (0.06, 0.47),
        (0.095, 0.62),
        (0.05, 0.66),
        (0.018, 0.67),
        (0.018, 0.70),
        (0.001, 0.70),
    ],
}


def piece(kind, tone, place):
    """One chess piece."""
    x, y, z = place
    outline = resample([(r, 0, h) for r, h in PIECES.get(kind, PIECES["pawn"])], 50)[:, [0, 2]]
    outline[:, 0] = np.maximum(outline[:, 0], 0.001)
    if kind != "knight":
        lathe(kind, outline, tone, 32, place=place)
    if kind == "pawn":
        ball("head", 0.068, (x, y, z + 0.29), tone, rings=16)
    if kind == "king":
        box("cross", (0.03, 0.03, 0.13), (x, y, z + 0.75), tone, 0.006)
        box("cross", (0.095, 0.03, 0.03), (x, y, z + 0.765), tone, 0.006)
    if kind == "knight":
        lathe(
            "foot",
            [(0.001, 0), (0.12, 0), (0.125, 0.04), (0.09, 0.09), (0.07, 0.12), (0.001, 0.12)],
            tone,
            32,
            place=place,
        )
        neck = resample(
            [
                (x, y + 0.02, z + 0.10),
                (x, y + 0.055, z + 0.24),
                (x, y + 0.03, z + 0.37),
                (x, y - 0.05, z + 0.42),
                (x, y - 0.13, z + 0.33),
            ],
            40,
        )
        sweep(
            "horse",
            [neck],
            circle(1.0, 16, 0.62)[:, ::-1],
            tone,
            taper=np.interp(
                np.linspace(0, 1, 40),
                [0, 0.3, 0.6, 0.8, 0.95, 1],
                [0.085, 0.095, 0.088, 0.080, 0.058, 0.01],
            ),
        )
        for s in (-1, 1):
            ball("ear", 0.024, (x + s * 0.028, y + 0.03, z + 0.475), tone, (0.7, 0.7, 1.9), 10)


def chess_board(light, dark, frame, top=0.22):
    """Sixty-four squares in a frame."""
    for i in range(8):
        for j in range(8):
            box(
                "square",
                (0.268, 0.268, 0.06),
                ((i - 3.5) * 0.27, (j - 3.5) * 0.27, top - 0.03),
                dark if (i + j) % 2 == 0 else light,
                0.004,
                segments=1,
            )
    box("bed", (2.4, 2.4, 0.16), (0, 0, top - 0.10), frame, 0.02)
    for s in (-1, 1):
        box("edge", (2.5, 0.16, 0.25), (0, s * 1.165, top - 0.115), frame, 0.03)
        box("edge", (0.16, 2.168, 0.25), (s * 1.165, 0, top - 0.115), frame, 0.03)


def papan_catur():
    """A set in the first moves of a game."""
    light, dark = (
        wood("pine", "#C99A5E", "#EBCB98", "x", 2.0, 0.35),
        wood("mahogany", "#4A2712", "#7F4A28", "x", 2.0, 0.32),
    )
    chess_board(light, dark, wood("frame", "#5A3218", "#8F5B33", "x", 1.2, 0.35))
    men = (
        wood("men light", "#C79659", "#EACB96", "z", 3.0, 0.3),
        wood("men dark", "#45240F", "#74431F", "z", 3.0, 0.28),
    )
    back = ["rook", "knight", "bishop", "queen", "king", "bishop", "knight", "rook"]
    moved = {(0, 4): 3, (0, 3): 2, (1, 4): 4, (1, 2): 5}
    for side, tone in enumerate(men):
        for i, kind in enumerate(back):
            row = 0 if side == 0 else 7
            spot = [(i - 3.5) * 0.27, (row - 3.5) * 0.27, 0.22]
            if kind == "knight" and i == 6 and side == 0:
                spot[0], spot[1] = (5 - 3.5) * 0.27, (2 - 3.5) * 0.27
            piece(kind, tone, tuple(spot))
            row = moved.get((side, i), 1 if side == 0 else 6)
            piece("pawn", tone, ((i - 3.5) * 0.27, (row - 3.5) * 0.27, 0.22))
    return {"target": (0, -0.05, 0.28), "distance": 7.9, "height": 33, "turn": 28}
