"""Card payment by Stripe: hosted pay pages, refunds, signed notices, through the official library.

Stripe counts rupiah in hundredths: the factor lives in ``to_units`` and ``to_idr`` and nowhere else.
The library takes any address, so tests and the demo speak to our own small stand-in over HTTP.

Source: docs.stripe.com, currencies (IDR is a two-decimal currency), checkout sessions, webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import stripe

from app.domain.payments.errors import EventRefused, GatewayRefused, GatewayUnavailable
from app.domain.payments.types import (
    SIGNATURE_AGE_MAX,
    WEBHOOK_BYTES_MAX,
    GatewayPayment,
    GatewayRefund,
    GatewayState,
    PayPage,
    PayRequest,
    RefundState,
    SignedEvent,
)

UNITS_PER_IDR: Final = 100
CURRENCY: Final = "idr"
TIMEOUT_S: Final = 10

_KEY: Final = "karyabina_attempt"
_ORDER: Final = "karyabina_order"
_INTENT: Final = ["payment_intent.latest_charge"]

Result = TypeVar("Result")


def to_units(amount_idr: int) -> int:
    """Return rupiah as Stripe counts them: Rp10.000 is 1000000."""
    return amount_idr * UNITS_PER_IDR


def to_idr(units: int) -> int | None:
    """Return whole rupiah, or None when the amount has a fraction of one."""
    whole, rest = divmod(units, UNITS_PER_IDR)
    return None if rest else whole


class StripeGateway:
    """The port ``CardGateway`` in front of a Stripe account.

    Args:
        api_key: Secret key; ``sk_live_…`` takes real money.
        webhook_secret: Secret of the address that Stripe sends its notices to.
        api_url: Another address than Stripe's own, for the demo and for tests.
    """

    name = "stripe"

    def __init__(self, *, api_key: str, webhook_secret: str, api_url: str = "") -> None:
        self.is_live = api_key.startswith(("sk_live_", "rk_live_"))
        self._webhook_secret = webhook_secret
        options: Any = {"base_addresses": {"api": api_url}} if api_url else {}
        self._client = stripe.StripeClient(
            api_key,
            max_network_retries=1,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
            **options,
        )

    def open_page(self, request: PayRequest) -> PayPage:
        """Open a hosted pay page; see ``CardGateway.open_page``."""
        names = {_KEY: request.key, _ORDER: request.order_number}
        session = _ask(
            lambda: self._client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "client_reference_id": request.order_number,
                    "customer_email": request.email,
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": CURRENCY,
                                "unit_amount": to_units(request.amount_idr),
                                "product_data": {"name": f"Pesanan {request.order_number}"},
                            },
                        }
                    ],
                    "metadata": names,
                    "payment_intent_data": {"metadata": names},
                    "expires_at": int(request.expires_at.timestamp()),
                    "success_url": request.success_url,
                    "cancel_url": request.cancel_url,
                    "locale": "id",
                },
                {"idempotency_key": f"open:{request.key}"},
            )
        )
        if not session.url:
            raise GatewayRefused
        return PayPage(session.id, session.url, _instant(session.expires_at))

    def close_page(self, *, page_id: str) -> GatewayPayment:
        """Expire a pay page, unless it was paid; see ``CardGateway.close_page``."""
        found = self.fetch(page_id=page_id)
        if found.state is not GatewayState.OPEN:
            return found
        try:
            _ask(lambda: self._client.v1.checkout.sessions.expire(page_id))
        except GatewayRefused:
            return self.fetch(page_id=page_id)
        return self.fetch(page_id=page_id)

    def fetch(self, *, page_id: str) -> GatewayPayment:
        """Return a pay page with its money; see ``CardGateway.fetch``."""
        return _payment(
            _ask(
                lambda: self._client.v1.checkout.sessions.retrieve(page_id, {"expand": _INTENT})
            ).to_dict()
        )

    def refund(self, *, key: str, intent_id: str, amount_idr: int) -> GatewayRefund:
        """Send money back; see ``CardGateway.refund``."""
        found = _ask(
            lambda: self._client.v1.refunds.create(
                {
                    "payment_intent": intent_id,
                    "amount": to_units(amount_idr),
                    "metadata": {_KEY: key},
                },
                {"idempotency_key": f"refund:{key}"},
            )
        )
        return GatewayRefund(found.id, _refund_state(str(found.status)))

    def list_payments(self, *, since: datetime) -> Iterator[GatewayPayment]:
        """Yield the pay pages opened since an instant; see ``CardGateway.list_payments``."""
        after: str | None = None
        while True:
            wanted: Any = {
                "created": {"gte": int(since.timestamp())},
                "limit": 100,
                "expand": [f"data.{_INTENT[0]}"],
            }
            if after:
                wanted["starting_after"] = after
            page = self._list(wanted)
            for session in page["data"]:
                yield _payment(session)
            if not page["has_more"]:
                return
            after = page["data"][-1]["id"]

    def _list(self, wanted: Any) -> dict[str, Any]:
        found: dict[str, Any] = _ask(
            lambda: self._client.v1.checkout.sessions.list(wanted)
        ).to_dict()
        return found

    def read_event(self, *, body: bytes, signature: str, at: datetime) -> SignedEvent:
        """Return a signed notice; see ``CardGateway.read_event``."""
        if len(body) > WEBHOOK_BYTES_MAX or not _is_recent(signature, at=at):
            raise EventRefused
        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(text, signature, self._webhook_secret)
            event = json.loads(text)
            found = event["data"]["object"]
            return SignedEvent(
                event_id=str(event["id"])[:120],
                kind=str(event["type"])[:120],
                is_live=bool(event["livemode"]),
                page_id=found["id"] if found.get("object") == "checkout.session" else None,
                intent_id=_intent_of(found),
                key=str((found.get("metadata") or {}).get(_KEY, "")) or None,
                content=text,
            )
        except (ValueError, TypeError, LookupError, stripe.SignatureVerificationError) as error:
            raise EventRefused from error


def _is_recent(signature: str, *, at: datetime) -> bool:
    """Say whether the signature is from about now: neither old nor from the future."""
    for part in signature.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "t" and value.isascii() and value.isdecimal() and len(value) < 12:
            return abs(int(value) - at.timestamp()) <= SIGNATURE_AGE_MAX.total_seconds()
    return False


def _ask(request: Callable[[], Result]) -> Result:
    try:
        return request()
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise GatewayUnavailable from error
    except stripe.StripeError as error:
        raise GatewayRefused from error


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _intent_of(found: dict[str, Any]) -> str | None:
    if found.get("object") == "payment_intent":
        return str(found["id"])
    intent = found.get("payment_intent")
    if isinstance(intent, dict):
        return str(intent["id"])
    return str(intent) if intent else None


def _payment(session: dict[str, Any]) -> GatewayPayment:
    intent = session.get("payment_intent")
    money: dict[str, Any] = intent if isinstance(intent, dict) else {}
    charge = money.get("latest_charge")
    charged: dict[str, Any] = charge if isinstance(charge, dict) else {}
    state = _state(session, money)
    units = money.get("amount_received") if state is GatewayState.SUCCEEDED else None
    refunded = to_idr(int(charged.get("amount_refunded") or 0))
    return GatewayPayment(
        page_id=session["id"],
        key=str((session.get("metadata") or {}).get(_KEY, "")),
        state=state,
        intent_id=_intent_of(session),
        amount_idr=to_idr(int(session["amount_total"] if units is None else units)),
        currency=str(money.get("currency") or session["currency"]),
        is_live=bool(session["livemode"]),
        refunded_idr=refunded or 0,
        created_at=_instant(session["created"]),
    )


def _state(session: dict[str, Any], money: dict[str, Any]) -> GatewayState:
    if money.get("status") == "succeeded":
        return GatewayState.SUCCEEDED
    if session["status"] == "expired" or money.get("status") == "canceled":
        return GatewayState.CLOSED
    if money.get("status") == "processing":
        return GatewayState.PROCESSING
    return GatewayState.OPEN


def _refund_state(status: str) -> RefundState:
    if status == "succeeded":
        return RefundState.SUCCEEDED
    return RefundState.FAILED if status in ("failed", "canceled") else RefundState.OPEN
