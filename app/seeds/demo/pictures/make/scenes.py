"""Three wide pictures: workshop table, terrace under coir, a group of baskets.

One idea: the goods of the product pages, put together as one would meet them. No people, and no
shadows of bars.
"""

import math

import numpy as np
import studio
from baked_goods import loaf_piece, plate
from bowl_goods import coconut_bowl, spoon
from coir_goods import coir, coir_net, coir_pot, leaf_plant
from fibre_goods import round_basket, tas_eceng_gondok
from furniture_goods import chair, table
from knit_goods import syal_rajut
from materials import baked, fibre, mottled, plain, wood
from shapes import ball, box, circle, everything, lathe, move_since, rope, sweep
from wood_goods import miniatur_perahu


def placed(maker, place, turn=0.0, size=1.0):
    """Build goods and set them down somewhere."""
    before = everything()
    maker()
    move_since(before, place, (0, 0, turn), size)


def coil_of_rope(place, tone, size=1.0):
    """A coil of coir rope."""
    turn = np.linspace(0, 13 * 2 * math.pi, 1100)
    ring = turn / (2 * math.pi)
    reach = 0.30 + 0.10 * np.abs(np.mod(ring, 8) - 4)
    path = np.stack(
        [reach * np.cos(turn), reach * np.sin(turn), 0.06 + 0.11 * np.floor(ring / 4)], axis=1
    )
    rope("coil", path * size + np.asarray(place, dtype=float), 0.058 * size, tone, 3)


def boards(length, depth, count, top, dark="#7A4C29", light="#BF8B58"):
    """A table top or deck of planks."""
    wide = depth / count
    for k in range(count):
        tone = wood(f"plank {k}", dark, light, "x", 0.7 + 0.05 * (k % 4), 0.5)
        box(
            "plank",
            (length, wide - 0.03, 0.2),
            (0.35 * math.sin(k * 2.3), (k + 0.5) * wide - depth / 2, top - 0.1),
            tone,
            0.02,
        )


def adegan_meja_bengkel():
    """A long bench with bread, boat, bowls, rope and a scarf in morning light."""
    boards(26, 9.0, 7, 0.0)
    box("wall", (60, 0.2, 30), (0, 4.4, 5), plain("wall", "#EFE8DB", 0.95), 0)
    shelf = wood("shelf", "#8A5B33", "#C99A66", "x", 1.0)
    box("shelf", (7.4, 0.9, 0.14), (3.6, 3.9, 3.15), shelf, 0.02)
    studio.world(0.55)
    studio.area_light("window", (-8.5, -1.0, 6.5), (0, 0.5, 0.5), 4.0, 1150.0, "#FFF3E0")
    studio.area_light("front", (4.0, -9.0, 6.0), (0, 0, 0.8), 6.0, 260.0)
    placed(lambda: miniatur_perahu(), (-3.6, 0.75, 0), 0.15, 1.08)
    placed(lambda: round_basket((0, 0, 0), 1.0, 1.5), (-0.55, 1.45, 0), 0.3)
    crust = baked("crust", "#D9A25E", "#B5702F", "#7A4017", 0.15, 1.1, 0.5, 0.12, 7.0)
    crumb = baked("crumb", "#F6E6C4", "#F8EBCF", "#FAF0DA", 0.0, 1.0, 0.85, 0.75, 14.0, crumb=True)

    def bread():
        box(
            "board",
            (3.0, 1.5, 0.12),
            (0, 0, 0.06),
            wood("serving", "#A87848", "#DDB47C", "x", 1.2, 0.5),
            0.05,
        )
        before = everything()
        loaf_piece(-0.6, 1.1, crust, crumb, round_end=True)
        move_since(before, (0.1, 0.05, 0.12))
        before = everything()
        loaf_piece(-0.08, 0.08, crust, crumb)
        move_since(before, (-0.92, 0.0, 0.13), (0, -0.5, 0.05))

    placed(bread, (2.55, 0.15, 0), -0.18, 0.98)
    coil_of_rope((-1.35, -1.15, 0), coir(), 1.05)
    coconut_bowl((0.72, -1.05, 0), 0.95, 0.3)
    coconut_bowl((5.1, 0.9, 0), 1.1, 1.3)
    coconut_bowl((5.12, 0.9, 0.27), 1.07, 2.2)
    spoon((3.6, -1.5, 0), 0.25, wood("spoon", "#7A4A26", "#C08A54", "x", 2.0, 0.35))
    felt = mottled(
        "felt", "#7A5230", "#AE7E4B", "#D2A76E", scale=9.0, rough=0.95, bump=0.9, fine=30.0
    )
    for x in (1.2, 2.4):
        coir_pot((x, 3.85, 3.22), 0.62, felt, 5000, int(x * 3))
        leaf_plant((x, 3.85, 3.22 + 0.52), 0.55, int(x * 5), 11)
    for x, tone in ((4.0, "#F3E6C8"), (4.9, "#8E3A26"), (5.8, "#294A6E")):
        yarn = fibre(f"yarn {tone}", tone, tone, tone, 20, 5, 0.95, 0.4)
        yarn_ball((x, 3.85, 3.22 + 0.38), 0.38, yarn)
    return {
        "target": (0.3, 0.3, 1.5),
        "distance": 19.8,
        "height": 12,
        "turn": -4,
        "lens": 62,
        "wide": True,
        "backdrop": False,
        "exposure": -0.05,
    }


def yarn_ball(place, radius, tone):
    """A ball of wound yarn."""
    ball("core", radius * 0.97, place, tone)
    paths = []
    rng = np.random.default_rng(int(abs(place[0]) * 10))
    for _ in range(46):
        axis = rng.normal(size=3)
        axis /= np.linalg.norm(axis)
        side = np.cross(axis, [0.3, 0.5, 0.8])
        side /= np.linalg.norm(side)
        other = np.cross(axis, side)
        t = np.linspace(0, 2 * math.pi, 50)[:, None]
        shift = rng.uniform(-0.5, 0.5)
        ring = (np.cos(t) * side + np.sin(t) * other) * math.sqrt(1 - shift**2) + axis * shift
        paths.append(np.asarray(place) + ring * radius)
    sweep("yarn", paths, circle(radius * 0.055, 6), tone)


def pergola():
    """Posts and beams with a coir net laid over them."""
    timber = wood("post", "#6E4526", "#AE7C4C", "z", 0.8, 0.6)
    beam = wood("beam", "#6E4526", "#AE7C4C", "x", 0.8, 0.6)
    for x in (-5.0, 5.0):
        box("post", (0.26, 0.26, 5.2), (x, -1.2, 2.6), timber, 0.03)
        box("post", (0.26, 0.26, 5.2), (x, 4.2, 2.6), timber, 0.03)
        box(
            "cross",
            (0.2, 6.6, 0.26),
            (x, 1.4, 5.2),
            wood("cross", "#6E4526", "#AE7C4C", "y", 0.8, 0.6),
            0.03,
        )
    for y in (-1.2, 4.2):
        box("beam", (11.4, 0.2, 0.3), (0, y, 5.0), beam, 0.03)

    def place(u, v):
        x, y = (u - 0.5) * 9.7, -1.1 + v * 5.2
        z = 5.02 - 0.55 * np.sin(u * math.pi) * np.sin(v * math.pi) - 0.05 * np.sin(u * 23)
        spot = np.stack([x, y, z], axis=1)
        return spot, np.broadcast_to([0.0, 0.0, 1.0], spot.shape)

    def curtain(u, v):
        x, z = -4.6 + 3.1 * u, 4.86 - 3.3 * v
        spot = np.stack([x, 4.0 + 0.08 * np.sin(u * 9 + v), z], axis=1)
        return spot, np.broadcast_to([0.0, -1.0, 0.0], spot.shape)

    coir_net(26, 15, place, coir(), 0.045, 9000)
    coir_net(11, 12, curtain, coir(), 0.034, 5000)


def adegan_teras_sabut():
    """A terrace under a coir shade: sun falls through the net on table and floor."""
    tile = mottled("floor", "#CFC3AE", "#DBD0BD", "#E4DBCB", scale=1.2, rough=0.7, bump=0.08)
    box("floor", (40, 30, 0.2), (0, 0, -0.1), tile, 0)
    box("wall", (40, 0.3, 9), (0, 4.6, 4.0), plain("lime", "#F2EADB", 0.95), 0)
    pergola()
    studio.world(0.62, "#EAF2FF")
    studio.sun((0.42, 0.55, -1.0), 3.3, 4.5, "#FFF0DC")
    studio.area_light("front", (0, -12, 6.0), (0, 0, 1.5), 7.0, 420.0)
    placed(lambda: table((0, 0), 3.0, 1.7, 1.75), (0.7, 1.2, 0), 0.12, 1.0)
    chair(math.radians(62), (-1.75, 0.85))
    chair(math.radians(-70), (3.2, 1.0))
    clay = plain("clay", "#F4EDE2", 0.35)
    cup = [
        (0.001, 0.0),
        (0.13, 0.0),
        (0.17, 0.09),
        (0.19, 0.28),
        (0.17, 0.28),
        (0.15, 0.1),
        (0.001, 0.05),
    ]
    for x, y in ((0.2, 0.95), (1.25, 1.05)):
        lathe("cup", cup, clay, place=(x, y, 1.81))
        lathe("tea", [(0.001, 2.05), (0.175, 2.05)], plain("tea", "#7A3E12", 0.1), place=(x, y, 0))
    plate((0.75, 1.45, 1.81), 0.36)
    felt = mottled(
        "felt", "#7A5230", "#AE7E4B", "#D2A76E", scale=9.0, rough=0.95, bump=0.9, fine=30.0
    )
    for x, y, size, seed in (
        (-4.1, 3.3, 1.35, 3),
        (-3.0, 3.7, 0.95, 5),
        (4.3, 3.4, 1.5, 8),
        (-4.75, 2.0, 0.8, 11),
    ):
        coir_pot((x, y, 0), size, felt, 7000, seed)
        leaf_plant((x, y, size * 0.86), size * 0.95, seed, 15)
    placed(lambda: round_basket((0, 0, 0), 0.8, 1.0), (4.0, 0.0, 0), 0.4)
    return {
        "target": (0, 1.0, 2.55),
        "distance": 16.8,
        "height": 3.5,
        "turn": -6,
        "lens": 48,
        "wide": True,
        "backdrop": False,
        "exposure": -0.15,
    }


def adegan_kelompok_keranjang():
    """Baskets in three sizes, a tote and a folded scarf."""
    placed(lambda: round_basket((0, 0, 0), 1.25, 1.9), (-2.1, 0.7, 0), 0.2)
    placed(lambda: round_basket((0, 0, 0), 0.85, 1.15), (-0.1, -0.35, 0), 0.9)
    placed(lambda: round_basket((0, 0, 0), 0.5, 0.7), (-3.75, -0.55, 0), 1.6)
    placed(tas_eceng_gondok, (1.75, 0.95, 0), -0.15, 1.08)
    placed(syal_rajut, (3.55, -0.2, 0), -0.30, 0.74)
    dark = fibre("dark", "#5B3B20", "#8A5F36", "#B98C58", 2.2, 7.0)
    coil_of_rope((1.55, -1.25, 0), dark, 0.75)
    yarn_ball(
        (-0.25, -0.30, 0.92), 0.34, fibre("y1", "#E3D2AE", "#EFE2C4", "#F6EDD8", 20, 5, 0.95, 0.4)
    )
    yarn_ball(
        (0.22, -0.22, 0.92), 0.32, fibre("y2", "#8E3A26", "#A84A34", "#C06650", 20, 5, 0.95, 0.4)
    )
    yarn_ball(
        (-0.05, -0.75, 0.90), 0.28, fibre("y3", "#1A304D", "#294A6E", "#46698F", 20, 5, 0.95, 0.4)
    )
    return {
        "target": (0.15, 0, 1.12),
        "distance": 18.2,
        "height": 15,
        "turn": 0,
        "lens": 72,
        "wide": True,
        "key": 420.0,
        "depth": 3.6,
    }
