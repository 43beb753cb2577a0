"""Every route has a policy, a reviewed line in the golden table, and a template of its own name."""

from __future__ import annotations

import re

from flask import Flask

import config
from app.surfaces.web import policy
from tests import golden

GOLDEN = config.ROOT / "tests" / "golden" / "routes.txt"


def table(app: Flask) -> list[str]:
    lines = []
    for rule in app.url_map.iter_rules():
        found = policy.policy_of(app.view_functions[rule.endpoint])
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        lines.append(
            f"{methods:<9} {rule.rule:<48} {found.name if found else 'NONE':<28} {rule.endpoint}"
        )
    return sorted(lines, key=lambda line: line.split(None, 1)[1])


def test_every_route_has_a_policy(app: Flask) -> None:
    assert [line for line in table(app) if " NONE " in line] == []


def test_routes_equal_the_reviewed_table(app: Flask) -> None:
    golden.check(GOLDEN, table(app))


def test_views_render_the_template_of_their_own_surface() -> None:
    wrong = []
    for surface in ("storefront", "desk"):
        for path in sorted((config.ROOT / "app" / "surfaces" / surface).glob("*.py")):
            for name in re.findall(
                r'"((?:storefront|desk)/[\w/]+\.(?:html|xml))"', path.read_text()
            ):
                if not (config.ROOT / "templates" / name).exists():
                    wrong.append(f"{path.name}: {name} is missing")
                if not name.startswith(f"{surface}/{path.stem}/"):
                    wrong.append(f"{path.name}: {name} belongs to another page")
    assert wrong == []
