"""The photo studio: paper backdrop, window light, camera and render settings.

One idea: every picture is lit and framed by the same few numbers, so that the goods look like one
catalogue. Needs `bpy` (Blender as a Python module) in an environment of its own; the shop never
imports it.
"""

import math

import bpy
from mathutils import Vector

PAPER = "#F4F0E9"


def linear(colour):
    """Turn `#RRGGBB` into linear RGBA as Blender wants it."""
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return (*[v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values], 1.0)


def reset():
    """Start from an empty file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def area_light(name, place, target, size, power, colour="#FFFFFF"):
    """A soft square lamp at `place` that looks at `target`."""
    lamp = bpy.data.lights.new(name, "AREA")
    lamp.shape, lamp.size, lamp.energy = "SQUARE", size, power
    lamp.color = linear(colour)[:3]
    thing = bpy.data.objects.new(name, lamp)
    thing.location = place
    thing.rotation_euler = (Vector(target) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(thing)
    return thing


def sun(direction, strength, angle=2.0, colour="#FFE9C8"):
    """Low sun through the window; `direction` is where its rays go."""
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.energy, lamp.angle = strength, math.radians(angle)
    lamp.color = linear(colour)[:3]
    thing = bpy.data.objects.new("sun", lamp)
    thing.rotation_euler = Vector(direction).to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(thing)


def world(strength, colour="#FDFDFF"):
    """Even sky light from all sides."""
    sky = bpy.data.worlds.new("sky")
    bpy.context.scene.world = sky
    sky.use_nodes = True
    node = sky.node_tree.nodes["Background"]
    node.inputs[0].default_value = linear(colour)
    node.inputs[1].default_value = strength


def backdrop(colour=PAPER, depth=3.2, curve=2.2):
    """A paper sweep: floor, bend and wall in one sheet."""
    rows = [(-14.0, 0.0), (depth, 0.0)]
    for i in range(1, 25):
        angle = math.pi / 2 * i / 24
        rows.append((depth + curve * math.sin(angle), curve * (1 - math.cos(angle))))
    rows.append((depth + curve, 16.0))
    verts = [(x, y, z) for y, z in rows for x in (-20.0, 20.0)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(rows) - 1)]
    mesh = bpy.data.meshes.new("paper")
    mesh.from_pydata(verts, [], faces)
    mesh.polygons.foreach_set("use_smooth", [True] * len(faces))
    thing = bpy.data.objects.new("paper", mesh)
    bpy.context.collection.objects.link(thing)
    paper = bpy.data.materials.new("paper")
    paper.use_nodes = True
    shader = paper.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = linear(colour)
    shader.inputs["Roughness"].default_value = 0.95
    shader.inputs["Specular IOR Level"].default_value = 0.1
    mesh.materials.append(paper)
    return thing


def lights(key=260.0, fill=0.72):
    """Window from the left, a little behind; sky as fill."""
    world(fill)
    area_light("window", (-4.6, 0.4, 4.6), (0, 0, 0.7), 2.6, key, "#FFFAF2")
    area_light("front", (2.5, -6.0, 4.0), (0, 0, 0.8), 4.0, key * 0.32, "#FFFFFF")


def camera(target=(0, 0, 0.8), distance=9.0, height=18.0, turn=0.0, lens=80.0, blur=0.0):
    """Put the camera at an angle above the table, `turn` degrees to the right."""
    up, side = math.radians(height), math.radians(turn)
    aim = Vector(target)
    offset = Vector((math.sin(side) * math.cos(up), -math.cos(side) * math.cos(up), math.sin(up)))
    data = bpy.data.cameras.new("camera")
    data.lens = lens
    data.clip_end = 200
    thing = bpy.data.objects.new("camera", data)
    thing.location = aim + offset * distance
    thing.rotation_euler = (aim - thing.location).to_track_quat("-Z", "Y").to_euler()
    if blur:
        data.dof.use_dof = True
        data.dof.focus_distance = distance
        data.dof.aperture_fstop = blur
    bpy.context.collection.objects.link(thing)
    bpy.context.scene.camera = thing


def render(path, width, height, samples, exposure=0.0, threads=2):
    """Render the scene to a PNG file."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.seed = "CPU", samples, 7
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.05
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 6, 3, 2
    cycles.transmission_bounces, cycles.transparent_max_bounces = 5, 10
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Standard"
    scene.view_settings.exposure = exposure
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
