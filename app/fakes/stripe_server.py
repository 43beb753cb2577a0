"""Our small stand-in for Stripe over HTTP, with a pay page of its own: for the demo and for tests.

``flask fake-stripe`` runs it beside the demo shop, so that a newcomer pays with 4242 4242 4242 4242
and watches the notice arrive. Production refuses to start with it.
"""

from __future__ import annotations

import html
import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import stripe
from flask import Flask, Response, redirect, request

from app.fakes.stripe_state import StripeRefusal, StripeState, Thing

RETRIES: Final = (0.0, 0.5, 2.0, 5.0, 15.0, 60.0)
"""Seconds before each try to deliver a notice."""

_WORDS: Final = {
    "card_declined": "Kartu ditolak. Coba kartu lain.",
    "insufficient_funds": "Saldo kartu tidak cukup.",
    "authentication_failed": "Konfirmasi bank gagal. Coba lagi.",
    "closed": "Halaman bayar ini sudah ditutup.",
}

_PAGE: Final = """<!doctype html><html lang="id"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Bayar (peragaan)</title>
<style>body{{font:16px/1.55 system-ui,sans-serif;background:#fbf7f0;color:#1f1a17;margin:0}}
main{{max-width:26rem;margin:2rem auto;padding:1.5rem;background:#fff;border-radius:12px}}
.tip{{background:#fdf3dc;padding:.75rem;border-radius:8px}}label{{display:block;margin:.75rem 0 .25rem}}
input{{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;border:1px solid #8a7d72;border-radius:8px}}
button{{font:inherit;font-weight:600;width:100%;padding:.8rem;margin-top:1rem;border:0;border-radius:8px;
background:#7a4a21;color:#fff}}.error{{color:#b3402a;font-weight:600}}a{{color:#5a3415}}</style></head>
<body><main><h1>Bayar {amount}</h1><p class="tip"><strong>Peragaan.</strong> Ini bukan Stripe yang
sebenarnya; tidak ada uang yang bergerak. Pakai 4242 4242 4242 4242 untuk berhasil, 4000 0000 0000 0002
untuk ditolak, 4000 0000 0000 3220 untuk konfirmasi bank.</p>{error}{form}
<p><a href="{cancel_url}">Kembali tanpa membayar</a></p></main></body></html>"""

_CARD_FORM: Final = """<form method="post"><label for="number">Nomor kartu</label>
<input id="number" name="number" inputmode="numeric" autocomplete="cc-number" required>
<button type="submit">Bayar {amount}</button></form>"""

_BANK_FORM: Final = """<form method="post"><input type="hidden" name="number" value="{number}">
<p>Bank Anda bertanya: benarkah Anda yang membayar {amount}?</p>
<button type="submit" name="confirmed" value="yes">Ya, itu saya</button>
<button type="submit" name="confirmed" value="no">Bukan</button></form>"""


@dataclass
class Deliveries:
    """Sends notices to a shop, signed, in the order in which they arose, again when refused.

    Attributes:
        url: Address of the shop that takes notices.
        secret: What they are signed with.
        waiting: Notices still to be sent.
    """

    url: str
    secret: str
    waiting: queue.Queue[Thing] = field(default_factory=queue.Queue)

    def start(self) -> None:
        """Begin delivering in the background."""
        threading.Thread(target=self._run, daemon=True, name="deliveries").start()

    def _run(self) -> None:
        while True:
            event = self.waiting.get()
            for pause in RETRIES:
                time.sleep(pause)
                if self.send(event) < 400:
                    break

    def send(self, event: Thing) -> int:
        """Send one notice now; return the shop's status, 599 when it did not answer."""
        body = json.dumps(event)
        header = stripe.WebhookSignature.generate_signature_header(body, self.secret)
        wanted = urllib.request.Request(  # noqa: S310  # an address from our own settings
            self.url,
            data=body.encode(),
            headers={"Content-Type": "application/json", "Stripe-Signature": header},
        )
        try:
            with urllib.request.urlopen(wanted, timeout=5) as answer:  # noqa: S310  # as above
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 599


def nested(form: Any) -> Thing:
    """Return ``a[b][0]=c`` fields as nested dictionaries."""
    found: Thing = {}
    for name, value in form.items(multi=True):
        parts = name.replace("]", "").split("[")
        place = found
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = value
    return found


def create_server(state: StripeState) -> Flask:
    """Return the stand-in as a WSGI application."""
    server = Flask("karyabina-fake-stripe", static_folder=None)

    @server.errorhandler(StripeRefusal)
    def _refused(error: StripeRefusal) -> tuple[Thing, int]:
        return error.body, error.status

    @server.before_request
    def _authorised() -> tuple[Thing, int] | None:
        given = request.headers.get("Authorization", "")
        if request.path.startswith("/v1/") and "sk_test" not in given:
            return {"error": {"type": "invalid_request_error", "message": "No API key"}}, 401
        return None

    _add_pages_api(server, state)
    _add_money_api(server, state)
    _add_pay_page(server, state)
    return server


def _answer(state: StripeState, work: Callable[[], Thing]) -> tuple[Thing, int]:
    key = request.headers.get("Idempotency-Key", "")
    content = f"{request.path}?{sorted(request.form.items(multi=True))}"
    status, body = state.once(key, content, work)
    return body, status


def _add_pages_api(server: Flask, state: StripeState) -> None:
    def page_url(session_id: str) -> str:
        return f"{request.url_root}pay/{session_id}"

    @server.post("/v1/checkout/sessions")
    def _open() -> tuple[Thing, int]:
        wanted = nested(request.form)
        return _answer(state, lambda: state.open_session(wanted, page_url=page_url))

    @server.get("/v1/checkout/sessions")
    def _list() -> Thing:
        limit = int(request.args.get("limit", "10"))
        rows = state.list_sessions(
            since=int(request.args.get("created[gte]", "0")),
            after=request.args.get("starting_after"),
        )
        shown = rows[:limit]
        return {"object": "list", "data": shown, "has_more": len(rows) > limit, "url": request.path}

    @server.get("/v1/checkout/sessions/<session_id>")
    def _session(session_id: str) -> Thing:
        with state.lock:
            expanded = any(name.startswith("expand") for name in request.args)
            return dict(state.show(state.session(session_id), expanded=expanded))

    @server.post("/v1/checkout/sessions/<session_id>/expire")
    def _expire(session_id: str) -> Thing:
        return state.expire(session_id)


def _add_money_api(server: Flask, state: StripeState) -> None:
    @server.post("/v1/refunds")
    def _refund() -> tuple[Thing, int]:
        wanted = nested(request.form)
        return _answer(state, lambda: state.refund(wanted))


def _add_pay_page(server: Flask, state: StripeState) -> None:
    @server.get("/pay/<session_id>")
    def _show(session_id: str) -> Response:
        return _page(state.session(session_id), "", "")

    @server.post("/pay/<session_id>")
    def _pay(session_id: str) -> Any:
        session = state.session(session_id)
        number, said = request.form.get("number", ""), request.form.get("confirmed")
        result = state.pay(session_id, number, confirmed=None if said is None else said == "yes")
        if result == "paid":
            return redirect(session["success_url"], code=303)
        return _page(session, result, number)


def _page(session: Thing, result: str, number: str) -> Response:
    amount = f"Rp{session['amount_total'] // 100:,}".replace(",", ".")
    is_closed = session["status"] != "open"
    error = _WORDS.get("closed" if is_closed else result, "")
    form = _BANK_FORM if result == "three_d_secure" else _CARD_FORM
    page = _PAGE.format(
        amount=amount,
        error=f'<p class="error" role="alert">{error}</p>' if error else "",
        form="" if is_closed else form.format(amount=amount, number=html.escape(number)),
        cancel_url=html.escape(session["cancel_url"]),
    )
    return Response(page, mimetype="text/html")
