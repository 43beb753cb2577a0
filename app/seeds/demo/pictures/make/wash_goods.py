"""The car wash, told by its tools.

One idea: a service is shown without a person and without a car.
"""

import math

import numpy as np
from materials import mottled, plain, thin_glass
from shapes import ball, box, circle, copies, lathe, resample, surface, sweep


def suds(x, y):
    """Foam in the pail and on the floor, and a few bubbles in the air."""
    foam = plain("foam", "#FDFEFF", 0.35, Subsurface_Weight=0.35, Coat_Weight=0.3)
    rng = np.random.default_rng(6)
    bubble = ball("suds", 1.0, (0, 0, 0), foam, rings=16)
    places = []
    for _ in range(420):
        t, r = rng.uniform(0, 6.28), 0.64 * math.sqrt(rng.uniform(0, 1))
        z = 1.20 + 0.34 * (1 - (r / 0.8) ** 2) * rng.uniform(0.2, 1)
        places.append(
            (
                (x + r * math.cos(t), y + r * math.sin(t), z),
                (0, 0, 0),
                0.05 + 0.10 * rng.uniform(0, 1) ** 2,
            )
        )
    for _ in range(90):
        t, r = rng.uniform(0, 6.28), 0.5 * math.sqrt(rng.uniform(0, 1))
        places.append(
            (
                (0.35 + r * math.cos(t) * 1.3, -0.95 + r * math.sin(t) * 0.5, 0.04),
                (0, 0, 0),
                0.03 + 0.07 * rng.uniform(0, 1) ** 2,
            )
        )
    copies(bubble, places)
    clear = thin_glass("bubble", "#FFFFFF", 0.12)
    for bx, by, bz, r in (
        (0.55, 0.2, 1.75, 0.16),
        (0.05, 0.1, 1.98, 0.10),
        (0.95, 0.0, 1.30, 0.09),
        (-0.75, 0.2, 1.90, 0.12),
        (0.80, 0.1, 2.12, 0.07),
    ):
        ball("bubble", r, (bx, by, bz), clear, rings=32)


def towels():
    """A pile of folded cloths."""
    for k, tone in enumerate(("#F1EEE8", "#4F7FA8", "#F1EEE8", "#2F6B4F")):
        t, s = np.linspace(-1, 1, 40)[:, None], np.linspace(-1, 1, 30)[None, :]
        z = 0.10 + k * 0.145 + 0.018 * np.sin(t * 3 + k) + 0.012 * np.cos(s * 4 + k)
        thing = surface(
            "cloth",
            np.stack(np.broadcast_arrays(t * 0.52, s * 0.40, z), axis=-1),
            mottled(f"towel {k}", tone, tone, scale=5.0, rough=1.0, bump=0.8, fine=60.0),
            thick=0.125,
        )
        soft = thing.modifiers.new("soft", "BEVEL")
        soft.width, soft.segments = 0.055, 4
        thing.location, thing.rotation_euler = (1.12, 0.35, 0), (0, 0, -0.25 + 0.05 * k)


def cuci_mobil():
    """A bucket full of suds, a sponge and folded cloths."""
    blue = plain("bucket", "#2C5A86", 0.32, Coat_Weight=0.2)
    pail = resample(
        [
            (0.001, 0, 0.02),
            (0.60, 0, 0.02),
            (0.66, 0, 0.05),
            (0.74, 0, 0.6),
            (0.82, 0, 1.22),
            (0.89, 0, 1.25),
            (0.89, 0, 1.31),
            (0.80, 0, 1.31),
            (0.72, 0, 0.7),
            (0.001, 0, 0.6),
        ],
        110,
    )[:, [0, 2]]
    pail[:, 0] = np.maximum(pail[:, 0], 0.001)
    x, y = -0.35, 0.35
    lathe("pail", pail, blue, 96, place=(x, y, 0))
    steel = plain("steel", "#B9BEC4", 0.25, Metallic=1.0)
    a = np.linspace(0, math.pi, 60)
    sweep(
        "handle",
        [
            np.stack(
                [x + 0.92 * np.cos(a), y - 0.46 * np.sin(a) ** 0.8, 1.24 - 0.42 * np.sin(a)], axis=1
            )
        ],
        circle(0.022, 10),
        steel,
    )
    suds(x, y)
    sponge = mottled(
        "sponge",
        "#E0A018",
        "#EDB83A",
        "#F5CB5C",
        scale=14.0,
        rough=0.9,
        bump=1.0,
        fine=26.0,
        depth=0.08,
    )
    box("sponge", (0.95, 0.60, 0.34), (0.42, -0.85, 0.20), sponge, 0.12, (0, 0, 0.3), 6)
    towels()
    return {"target": (0.22, -0.1, 0.92), "distance": 8.4, "height": 20, "turn": 6}
