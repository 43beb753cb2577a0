"""``flask seed``: reference data for everybody, demo goods for a look around."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.kernel import clock
from app.seeds import bulk, demo, reference

commands = AppGroup("seed", help="Load reference data and demo goods.")


@commands.command("reference")
def load_reference() -> None:
    """Load provinces to villages, kanwil and the first UPT; a second run changes nothing."""
    reference.load(at=clock.now(), progress=click.echo)


@commands.command("demo")
@click.option(
    "--products",
    type=click.IntRange(0, 200_000),
    default=0,
    help="Add this many generated products.",
)
@click.option(
    "--upt",
    "upts",
    type=click.IntRange(1, 1_000),
    default=50,
    help="Spread them over this many UPT.",
)
def load_demo(products: int, upts: int) -> None:
    """Load the demo shop; with --products also large generated data for tests of speed."""
    if current_app.config["KARYABINA"].is_production:
        raise click.ClickException("data demo ditolak pada mode produksi")
    if products:
        bulk.load(products=products, upts=upts, at=clock.now(), progress=click.echo)
    else:
        demo.load(at=clock.now(), progress=click.echo)
