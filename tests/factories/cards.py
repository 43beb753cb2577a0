"""A card provider for tests: our stand-in over HTTP on a free port, with a clock of its own."""

from __future__ import annotations

import dataclasses
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import stripe
from flask import Flask
from werkzeug.serving import make_server

import config
from app.bootstrap import create_app
from app.domain.checkout import flows
from app.domain.payments import queries as payments_queries
from app.domain.payments.adapters.stripe_gateway import StripeGateway
from app.domain.payments.types import AttemptRecord, PayPage, PayRequest
from app.fakes.stripe_server import create_server
from app.fakes.stripe_state import StripeState, Thing
from tests import quick
from tests.databases import settings

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SECRET = "whsec_only-for-tests"  # noqa: S105  # signs nothing real
GOOD, DECLINED, GUARDED = "4242 4242 4242 4242", "4000000000000002", "4000000000003220"


_numbers = itertools.count(1)


class Clock:
    """A clock that tests move by hand."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> float:
        """Return seconds, as servers count them."""
        return self.at.timestamp()

    def move(self, **step: float) -> datetime:
        """Go on by so much and return the new instant."""
        self.at += timedelta(**step)
        return self.at


@dataclass
class Provider:
    """The stand-in with its address and clock."""

    state: StripeState
    url: str
    clock: Clock

    def gateway(self, *, secret: str = SECRET) -> StripeGateway:
        """Return the adapter that asks this provider."""
        return StripeGateway(api_key="sk_test_x", webhook_secret=secret, api_url=self.url)

    def pay(self, page_id: str, number: str = GOOD, **more: Any) -> str:
        """Pay like a buyer on the pay page."""
        return self.state.pay(page_id, number, **more)

    def event(self, kind: str) -> Thing:
        """Return the newest event of a kind."""
        return next(each for each in reversed(self.state.events) if each["type"] == kind)


@contextmanager
def provider() -> Iterator[Provider]:
    """Give a provider that answers over HTTP."""
    clock = Clock()
    state = StripeState(clock=clock)
    server = make_server("127.0.0.1", 0, create_server(state), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Provider(state, f"http://127.0.0.1:{server.server_port}", clock)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def signed(event: Thing | str, *, at: datetime = AT, secret: str = SECRET) -> tuple[bytes, str]:
    """Return the body and the signature of a notice."""
    body = event if isinstance(event, str) else json.dumps(event)
    stamp = int(at.timestamp())
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, secret, stamp)


def card_settings(*, url: str, instance_dir: Path, api_url: str) -> config.Settings:
    """Return settings of the test mode with card payment at the stand-in."""
    return dataclasses.replace(
        settings(url=url, instance_dir=instance_dir),
        stripe_key="sk_test_x",
        stripe_webhook_secret=SECRET,
        stripe_api_url=api_url,
    )


def make_app(*, url: str, instance_dir: Path, api_url: str) -> Flask:
    """Return an application that takes cards."""
    chosen = card_settings(url=url, instance_dir=instance_dir, api_url=api_url)
    app = create_app(chosen, TESTING=True, PROPAGATE_EXCEPTIONS=True, WTF_CSRF_ENABLED=False)
    quick.hasten(app)
    return app


def request(key: str = "percobaan-1", **changes: Any) -> PayRequest:
    """Return what a pay page is asked with."""
    values: dict[str, Any] = {
        "key": key, "order_number": "KB-AAAA-BBBB-CCCC", "amount_idr": 185_000,
        "email": "pembeli@contoh.example", "expires_at": AT + timedelta(minutes=31),
        "success_url": "https://toko.example/ok", "cancel_url": "https://toko.example/batal",
    }  # fmt: skip
    return PayRequest(**{**values, **changes})


def start(number: str, *, key: str | None = None, at: datetime = AT) -> str:
    """Open a pay page for an order and return its address."""
    chosen = key or f"{'k' * 30}{next(_numbers):04d}"
    return flows.start_card(
        number=number, key=chosen, success_url="https://toko.example/ok",
        cancel_url="https://toko.example/batal", at=at,
    )  # fmt: skip


def attempt_of(payment_id: int) -> AttemptRecord:
    """Return the open try of a payment."""
    found = payments_queries.find_open_attempt(payment_id=payment_id)
    assert found is not None
    return found


def page_id(page: PayPage | str) -> str:
    """Return the id at the end of a pay page's address."""
    return (page if isinstance(page, str) else page.url).rsplit("/", 1)[1]
