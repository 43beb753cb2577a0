"""``flask media``: make the public sizes of pictures without waiting for the worker."""

from __future__ import annotations

from collections.abc import Iterator

import click
from flask.cli import AppGroup

from app.domain.media import flows as media_flows
from app.domain.media import queries as media_queries

CHUNK = 200

commands = AppGroup("media", help="Pictures and their public sizes.")


@commands.command("render")
@click.option("--again", is_flag=True, help="Also those that have public sizes already.")
def render(again: bool) -> None:
    """Make the public sizes of pictures that wait for them."""
    shown = refused = 0
    for asset_id in _asset_ids(only_waiting=not again):
        if media_flows.render_asset(asset_id=asset_id, is_again=again):
            shown += 1
        else:
            refused += 1
        if (shown + refused) % 20 == 0:
            click.echo(f"{shown + refused} gambar ...")
    click.echo(f"{shown} gambar siap, {refused} ditolak.")


def _asset_ids(*, only_waiting: bool) -> Iterator[int]:
    last_id = 0
    while chunk := media_queries.list_asset_ids(
        only_waiting=only_waiting, after_asset_id=last_id, limit=CHUNK
    ):
        yield from chunk
        last_id = chunk[-1]
