"""Meshes from numbers: swept strands, turned bodies, soft boxes and loose fibres.

One idea: every strand of a weave, rope or knit is a real path with a real cross-section, so that
over and under, light and shadow come out by themselves.
"""

import math

import bpy
import numpy as np
from mathutils import Vector, noise


def link(name, data, material=None):
    """Put new data into the scene as an object."""
    if material is not None:
        data.materials.append(material)
    thing = bpy.data.objects.new(name, data)
    bpy.context.collection.objects.link(thing)
    return thing


def quads(name, points, faces, uvs, material, smooth=True):
    """Build a mesh of quads quickly from arrays."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(points))
    mesh.vertices.foreach_set("co", np.asarray(points, dtype=np.float32).ravel())
    mesh.loops.add(faces.size)
    mesh.loops.foreach_set("vertex_index", faces.astype(np.int32).ravel())
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 4, dtype=np.int32))
    mesh.polygons.foreach_set("use_smooth", np.full(len(faces), smooth))
    mesh.update(calc_edges=True)
    layer = mesh.uv_layers.new(name="UVMap")
    layer.data.foreach_set("uv", np.asarray(uvs, dtype=np.float32)[faces.ravel()].ravel())
    mesh.validate()
    return link(name, mesh, material)


def unit(vectors):
    """Normalise along the last axis."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(length, 1e-9)


def frames(path, up=None):
    """Side and up vectors along a path, carried without twist or held to `up`."""
    tangent = unit(np.gradient(path, axis=0))
    if up is not None:
        side = unit(np.cross(tangent, np.broadcast_to(up, path.shape)))
        return side, np.cross(side, tangent)
    start = np.array([0.0, 0.0, 1.0]) if abs(tangent[0, 2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    side = np.zeros_like(path)
    side[0] = unit(np.cross(tangent[0], start))
    for i in range(1, len(path)):
        kept = side[i - 1] - tangent[i] * np.dot(side[i - 1], tangent[i])
        side[i] = unit(kept)
    return side, np.cross(side, tangent)


def circle(radius, sides=8, flat=1.0):
    """Cross-section: a circle, or an ellipse when `flat` is not 1."""
    turn = np.linspace(0, 2 * math.pi, sides, endpoint=False)
    return np.stack([np.cos(turn) * radius, np.sin(turn) * radius * flat], axis=1)


def strip(width, thick):
    """Cross-section: a flat strip with rounded edges."""
    half, edge = width / 2, thick / 2
    return np.array(
        [(half, 0), (half * 0.86, edge), (0, edge * 1.25), (-half * 0.86, edge)]
        + [(-half, 0), (-half * 0.86, -edge), (0, -edge), (half * 0.86, -edge)]
    )


def sweep(name, paths, profile, material, ups=None, closed=False, taper=None, seed=1):
    """Sweep a cross-section along many paths into one mesh; u runs along, v around."""
    rng = np.random.default_rng(seed)
    points, faces, uvs, base = [], [], [], 0
    k = len(profile)
    for index, raw in enumerate(paths):
        path = np.asarray(raw, dtype=float)
        side, up = frames(path, None if ups is None else ups[index])
        n = len(path)
        size = np.ones(n) if taper is None else taper
        ring = path[:, None, :] + size[:, None, None] * (
            side[:, None, :] * profile[None, :, 0, None]
            + up[:, None, :] * profile[None, :, 1, None]
        )
        points.append(ring.reshape(-1, 3))
        run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        shift = rng.uniform(0, 50, 2)
        grid_u, grid_v = np.meshgrid(run + shift[0], np.arange(k) / k + shift[1], indexing="ij")
        uvs.append(np.stack([grid_u.ravel(), grid_v.ravel()], axis=1))
        i = np.arange(n if closed else n - 1)[:, None]
        j = np.arange(k)[None, :]
        a, b = i * k + j, i * k + (j + 1) % k
        c, d = ((i + 1) % n) * k + (j + 1) % k, ((i + 1) % n) * k + j
        faces.append(base + np.stack(np.broadcast_arrays(a, d, c, b), axis=-1).reshape(-1, 4))
        base += n * k
    return quads(name, np.concatenate(points), np.concatenate(faces), np.concatenate(uvs), material)


def twisted(path, radius, strands=3, pitch=0.5, up=None):
    """Split a path into strands that wind around it like a rope."""
    side, normal = frames(path, up)
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    out = []
    for s in range(strands):
        angle = (2 * math.pi * (run / pitch + s / strands))[:, None]
        out.append(path + radius * (np.cos(angle) * side + np.sin(angle) * normal))
    return out


def rope(name, path, radius, material, strands=3, pitch=None, sides=8):
    """A laid rope of several strands along a path."""
    parts = twisted(path, radius * 0.52, strands, pitch or radius * 7)
    return sweep(name, parts, circle(radius * 0.62, sides), material)


def braid(name, path, radius, material, pitch=0.6, up=(0, 0, 1)):
    """A flat plait of three strands."""
    side, normal = frames(path, np.asarray(up, dtype=float))
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    parts = []
    for s in range(3):
        angle = (2 * math.pi * (run / pitch + s / 3))[:, None]
        parts.append(
            path + side * np.sin(angle) * radius + normal * np.sin(2 * angle) * radius * 0.45
        )
    return sweep(name, parts, circle(radius * 0.62, 10), material)


def resample(points, count):
    """A smooth line through a few points (Catmull-Rom)."""
    p = np.asarray(points, dtype=float)
    p = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    out = []
    for t in np.linspace(0, len(p) - 3 - 1e-9, count):
        i, f = int(t), t - int(t)
        a, b, c, d = p[i : i + 4]
        out.append(
            0.5
            * (
                2 * b
                + (c - a) * f
                + (2 * a - 5 * b + 4 * c - d) * f**2
                + (3 * b - a - 3 * c + d) * f**3
            )
        )
    return np.array(out)


def surface(name, grid, material, wrap=False, thick=0.0, smooth=True):
    """A sheet from a grid of points; `wrap` closes the second direction."""
    n, m = grid.shape[:2]
    i = np.arange(n - 1)[:, None]
    j = np.arange(m if wrap else m - 1)[None, :]
    a, b = i * m + j, i * m + (j + 1) % m
    c, d = (i + 1) * m + (j + 1) % m, (i + 1) * m + j
    faces = np.stack(np.broadcast_arrays(a, b, c, d), axis=-1).reshape(-1, 4)
    u, v = np.meshgrid(np.linspace(0, 1, n), np.linspace(0, 1, m), indexing="ij")
    uvs = np.stack([u.ravel(), v.ravel()], axis=1)
    thing = quads(name, grid.reshape(-1, 3), faces, uvs, material, smooth)
    if thick:
        solid = thing.modifiers.new("solid", "SOLIDIFY")
        solid.thickness, solid.offset = thick, 0
    return thing


def lathe(name, outline, material, sides=64, place=(0, 0, 0), smooth=True, warp=None):
    """Turn an outline of (radius, height) pairs; `warp(angle, height)` scales the radius."""
    outline = np.asarray(outline, dtype=float)
    turn = np.linspace(0, 2 * math.pi, sides, endpoint=False)
    radius = np.repeat(outline[:, 0][:, None], sides, axis=1)
    if warp is not None:
        radius = radius * warp(turn[None, :], outline[:, 1][:, None])
    height = np.repeat(outline[:, 1][:, None], sides, axis=1)
    grid = np.stack([radius * np.cos(turn), radius * np.sin(turn), height], axis=-1)
    thing = surface(name, grid + np.asarray(place, dtype=float), material, wrap=True, smooth=smooth)
    return thing


def box(name, size, place, material, bevel=0.03, turn=(0, 0, 0), segments=3):
    """A box with softened edges."""
    x, y, z = (s / 2 for s in size)
    verts = [(sx * x, sy * y, sz * z) for sz in (-1, 1) for sy in (-1, 1) for sx in (-1, 1)]
    faces = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(verts, [], faces)
    thing = link(name, mesh, material)
    thing.location, thing.rotation_euler = place, turn
    if bevel:
        edge = thing.modifiers.new("bevel", "BEVEL")
        edge.width, edge.segments = bevel, segments
        mesh.polygons.foreach_set("use_smooth", [True] * len(faces))
        edge.harden_normals = True
    return thing


def ball(name, radius, place, material, scale=(1, 1, 1), rings=24, lump=None):
    """A ball, squashed by `scale` and pushed along its normals by `lump(points)`."""
    lat = np.linspace(-math.pi / 2, math.pi / 2, rings)
    lon = np.linspace(0, 2 * math.pi, rings * 2, endpoint=False)
    grid = np.stack(
        [
            np.cos(lat)[:, None] * np.cos(lon)[None, :],
            np.cos(lat)[:, None] * np.sin(lon)[None, :],
            np.repeat(np.sin(lat)[:, None], rings * 2, axis=1),
        ],
        axis=-1,
    )
    if lump is not None:
        grid = grid * (1 + lump(grid))[..., None]
    thing = surface(name, grid * radius * np.asarray(scale, dtype=float), material, wrap=True)
    thing.location = place
    return thing


def copies(thing, places, hide=True):
    """Place linked copies at (location, rotation, scale) triples."""
    made = []
    for place, turn, size in places:
        twin = thing.copy()
        twin.location, twin.rotation_euler = place, turn
        twin.scale = (size,) * 3 if np.isscalar(size) else size
        bpy.context.collection.objects.link(twin)
        made.append(twin)
    if hide:
        bpy.data.objects.remove(thing)
    return made


def fuzz(name, roots, directions, material, length=0.08, radius=0.0015, seed=3, droop=0.3):
    """Loose fibres standing off a surface."""
    rng = np.random.default_rng(seed)
    count = len(roots)
    reach = length * rng.uniform(0.35, 1.0, (count, 1))
    bend = rng.normal(0, 1, (count, 3)) * reach * 0.45
    way = unit(np.asarray(directions) + rng.normal(0, 0.45, (count, 3)))
    steps = [roots, roots + way * reach * 0.5 + bend * 0.3, roots + way * reach + bend]
    steps[2] = steps[2] - np.array([0, 0, 1]) * reach * droop
    strands = np.stack(steps, axis=1)
    hair = bpy.data.hair_curves.new(name)
    hair.add_curves([3] * count)
    hair.position_data.foreach_set("vector", strands.astype(np.float32).ravel())
    attribute = hair.attributes.new("radius", "FLOAT", "POINT")
    attribute.data.foreach_set(
        "value", np.tile([radius, radius, radius * 0.3], count).astype(np.float32)
    )
    return link(name, hair, material)


def sample_points(thing, count, seed=5):
    """Random points and normals on a mesh object, for loose fibres."""
    rng = np.random.default_rng(seed)
    mesh = thing.data
    points = np.zeros(len(mesh.vertices) * 3, dtype=np.float32)
    normals = np.zeros(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", points)
    mesh.vertex_normals.foreach_get("vector", normals)
    pick = rng.integers(0, len(mesh.vertices), count)
    return points.reshape(-1, 3)[pick], normals.reshape(-1, 3)[pick]


def lumps(scale, strength, seed=0.0):
    """A bumpy skin for `ball`."""

    def push(grid):
        flat = grid.reshape(-1, 3)
        values = [
            noise.noise(Vector(p) * scale + Vector((seed, seed * 2, 0))) * strength for p in flat
        ]
        return np.array(values).reshape(grid.shape[:2])

    return push


def everything():
    """The set of all things in the scene, to know later what is new."""
    return set(bpy.context.collection.objects)


def move_since(before, place, turn=(0, 0, 0), size=1.0):
    """Hang everything made since `before` on one handle and move it."""
    made = everything() - before
    hold = bpy.data.objects.new("hold", None)
    bpy.context.collection.objects.link(hold)
    for thing in made:
        if thing.parent is None:
            thing.parent = hold
    hold.location, hold.rotation_euler, hold.scale = place, turn, (size,) * 3
    return hold
