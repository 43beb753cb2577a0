"""Procedural surfaces: fibre, wood, yarn, crust, glass.

One idea: a few noise recipes with two or three colours each; nothing is painted from photographs.
"""

import bpy
from studio import linear


class Recipe:
    """A material under construction: its nodes and its principled shader."""

    def __init__(self, name):
        """Begin with a default shader."""
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.shader = self.tree.nodes["Principled BSDF"]

    def node(self, kind, **inputs):
        """Add a node; inputs may be numbers, colours or sockets of other nodes."""
        made = self.tree.nodes.new(kind)
        for key, value in inputs.items():
            slot = (
                made.inputs[int(key[1:])]
                if key[0] == "i" and key[1:].isdigit()
                else made.inputs[key]
            )
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, slot)
            else:
                slot.default_value = value
        return made

    def set(self, **inputs):
        """Set or link the shader's inputs; underscores stand for spaces."""
        for key, value in inputs.items():
            slot = self.shader.inputs[key.replace("_", " ")]
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, slot)
            else:
                slot.default_value = value

    def place(self, source="Object", scale=(1, 1, 1)):
        """Coordinates, stretched."""
        where = self.node("ShaderNodeTexCoord").outputs[source]
        return self.node("ShaderNodeMapping", Vector=where, Scale=scale).outputs[0]

    def noise(self, vector, scale=5.0, detail=4.0, rough=0.55, distortion=0.0):
        """Fractal noise, 0 to 1."""
        return self.node(
            "ShaderNodeTexNoise",
            Vector=vector,
            Scale=scale,
            Detail=detail,
            Roughness=rough,
            Distortion=distortion,
        ).outputs[0]

    def ramp(self, value, *stops):
        """Colours by value: pairs of position and `#RRGGBB`."""
        made = self.node("ShaderNodeValToRGB", Fac=value)
        points = made.color_ramp.elements
        while len(points) < len(stops):
            points.new(0.5)
        for point, (at, colour) in zip(points, stops, strict=True):
            point.position, point.color = at, linear(colour)
        return made.outputs[0]

    def bump(self, height, strength=0.3, distance=0.05):
        """Turn a height into a normal and use it."""
        made = self.node("ShaderNodeBump", Height=height, Strength=strength, Distance=distance)
        self.set(Normal=made.outputs[0])


def plain(name, colour, rough=0.6, **more):
    """One even colour."""
    recipe = Recipe(name)
    recipe.set(Base_Color=linear(colour), Roughness=rough, **more)
    return recipe.material


def fibre(name, dark, middle, light, along=3.0, across=9.0, rough=0.75, bump=0.35):
    """Dried stalk or rope: streaks that run along the strand (needs sweep's UV)."""
    recipe = Recipe(name)
    vector = recipe.place("UV", (along, across, 1))
    streak = recipe.noise(vector, 1.0, 5.0, 0.65)
    patch = recipe.noise(recipe.place("Object", (1, 1, 1)), 2.2, 2.0)
    mixed = recipe.node("ShaderNodeMath", i0=streak, i1=patch)
    mixed.operation = "ADD"
    half = recipe.node("ShaderNodeMath", i0=mixed.outputs[0], i1=0.5)
    half.operation = "MULTIPLY"
    recipe.set(
        Base_Color=recipe.ramp(half.outputs[0], (0.36, dark), (0.5, middle), (0.64, light)),
        Roughness=rough,
        Specular_IOR_Level=0.25,
    )
    recipe.bump(streak, bump, 0.02)
    return recipe.material


def wood(name, dark, light, axis="x", scale=1.0, rough=0.42, bump=0.08):
    """Planed board: stretched rings and fine pores along one axis."""
    recipe = Recipe(name)
    stretch = {"x": (0.16, 1.6, 1.6), "y": (1.6, 0.16, 1.6), "z": (1.6, 1.6, 0.16)}[axis]
    info = recipe.node("ShaderNodeObjectInfo").outputs["Random"]
    shift = recipe.node("ShaderNodeMath", i0=info, i1=37.0)
    shift.operation = "MULTIPLY"
    vector = recipe.place("Object", tuple(s * scale for s in stretch))
    moved = recipe.node("ShaderNodeVectorMath", i0=vector, i1=shift.outputs[0])
    moved.operation = "ADD"
    warp = recipe.noise(moved.outputs[0], 1.6, 3.0, 0.5, 0.6)
    rings = recipe.node("ShaderNodeMath", i0=warp, i1=13.0)
    rings.operation = "MULTIPLY"
    wave = recipe.node("ShaderNodeMath", i0=rings.outputs[0])
    wave.operation = "PINGPONG"
    wave.inputs[1].default_value = 1.0
    pores = recipe.noise(moved.outputs[0], 14.0, 4.0, 0.7)
    both = recipe.node("ShaderNodeMix", Factor=0.45, A=wave.outputs[0], B=pores)
    recipe.set(
        Base_Color=recipe.ramp(both.outputs[0], (0.2, dark), (0.8, light)),
        Roughness=rough,
        Specular_IOR_Level=0.4,
    )
    recipe.bump(pores, bump, 0.02)
    return recipe.material


def mottled(
    name, *colours, scale=4.0, detail=5.0, rough=0.6, bump=0.3, fine=18.0, depth=0.03, **more
):
    """Crust, crumb, stone, foam: colours by noise with a rough skin."""
    recipe = Recipe(name)
    vector = recipe.place("Object")
    value = recipe.noise(vector, scale, detail)
    step = 0.4 / max(len(colours) - 1, 1)
    stops = [(0.3 + step * i, colour) for i, colour in enumerate(colours)]
    recipe.set(Base_Color=recipe.ramp(value, *stops), Roughness=rough, **more)
    recipe.bump(recipe.noise(vector, fine, 6.0, 0.65), bump, depth)
    return recipe.material


def baked(name, low, middle, top, start, end, rough=0.5, bump=0.15, fine=9.0, crumb=False, **more):
    """Baked goods: pale at the foot, brown on top (by height in object space)."""
    recipe = Recipe(name)
    vector = recipe.place("Object")
    height = recipe.node("ShaderNodeSeparateXYZ", Vector=vector).outputs[2]
    uneven = recipe.noise(vector, 3.0, 4.0)
    lift = recipe.node("ShaderNodeMapRange", i0=height, i1=start, i2=end)
    both = recipe.node("ShaderNodeMix", Factor=0.28, A=lift.outputs[0], B=uneven)
    recipe.set(
        Base_Color=recipe.ramp(both.outputs[0], (0.16, low), (0.48, middle), (0.8, top)),
        Roughness=rough,
        **more,
    )
    skin = recipe.noise(vector, fine, 6.0, 0.6)
    if crumb:
        holes = recipe.node("ShaderNodeTexVoronoi", Vector=vector, Scale=fine * 1.6).outputs[0]
        skin = recipe.node("ShaderNodeMix", Factor=0.5, A=skin, B=holes).outputs[0]
    recipe.bump(skin, bump, 0.05)
    return recipe.material


def layers(name, dark, light, count, low, high):
    """Horizontal stripes, for a cake baked layer by layer."""
    recipe = Recipe(name)
    vector = recipe.place("Object")
    height = recipe.node("ShaderNodeSeparateXYZ", Vector=vector).outputs[2]
    wobble = recipe.noise(vector, 2.5, 3.0)
    bent = recipe.node("ShaderNodeMath", i0=wobble, i1=0.03, i2=height)
    bent.operation = "MULTIPLY_ADD"
    steps = recipe.node(
        "ShaderNodeMapRange", i0=bent.outputs[0], i1=low, i2=high, i3=0.0, i4=float(count)
    )
    part = recipe.node("ShaderNodeMath", i0=steps.outputs[0], i1=1.0)
    part.operation = "FRACT"
    recipe.set(
        Base_Color=recipe.ramp(
            part.outputs[0], (0.0, dark), (0.22, dark), (0.36, light), (0.86, light), (1.0, dark)
        ),
        Roughness=0.55,
    )
    recipe.bump(recipe.noise(vector, 26.0, 5.0, 0.7), 0.25, 0.03)
    return recipe.material


def thin_glass(name, tint="#FFFFFF", shine=0.10):
    """A jar wall without refraction: clear with a sheen towards the edges."""
    recipe = Recipe(name)
    tree = recipe.tree
    clear = recipe.node("ShaderNodeBsdfTransparent", Color=linear(tint))
    gloss = recipe.node("ShaderNodeBsdfGlossy", Roughness=0.05)
    edge = recipe.node("ShaderNodeLayerWeight", Blend=0.22).outputs["Facing"]
    fac = recipe.node("ShaderNodeMath", i0=edge, i1=0.42, i2=shine * 0.5)
    fac.operation = "MULTIPLY_ADD"
    mix = recipe.node(
        "ShaderNodeMixShader", i0=fac.outputs[0], i1=clear.outputs[0], i2=gloss.outputs[0]
    )
    output = tree.nodes["Material Output"]
    tree.links.new(mix.outputs[0], output.inputs["Surface"])
    return recipe.material
