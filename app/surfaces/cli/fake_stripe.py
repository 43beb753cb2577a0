"""``flask fake-stripe``: our stand-in for Stripe beside the demo shop."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from werkzeug.serving import make_server

import config
from app.fakes.stripe_server import Deliveries, create_server
from app.fakes.stripe_state import StripeState


@click.command("fake-stripe")
@click.option("--port", type=click.IntRange(1, 65_535), required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--webhook", required=True, help="Address of the shop that takes notices.")
@click.option("--secret", envvar="KARYABINA_STRIPE_WEBHOOK_SECRET", required=True)
def commands(port: int, host: str, webhook: str, secret: str) -> None:
    """Take demo cards and tell the shop about it, until stopped."""
    settings: config.Settings = current_app.config["KARYABINA"]
    if settings.is_production:
        raise click.ClickException("hanya untuk peragaan dan uji")
    state = StripeState(path=Path(settings.instance_dir) / "fake_stripe.json")
    state.load()
    deliveries = Deliveries(url=webhook, secret=secret)
    state.on_event = deliveries.waiting.put
    deliveries.start()
    make_server(host, port, create_server(state), threaded=True).serve_forever()
