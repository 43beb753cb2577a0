"""What our small stand-in for Stripe remembers: pay pages, money, refunds, answers by key, events.

Only what a shop with hosted pay pages needs, in the shapes of the real interface. It keeps one rule
that many stand-ins forget: a request with a known idempotency key gets the first answer again, and
with other content is refused.

Source: docs.stripe.com, API reference (checkout sessions, payment intents, refunds, events,
idempotent requests, testing).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

CARDS: Final = {
    "4242424242424242": "paid",
    "4000000000000002": "card_declined",
    "4000000000009995": "insufficient_funds",
    "4000000000003220": "three_d_secure",
}
"""Test numbers and what happens with them; any other number is declined."""

SESSION_SECONDS_MIN: Final = 30 * 60

Thing = dict[str, Any]


class StripeRefusal(Exception):
    """An answer with an error, as Stripe words them."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        kind = code if code == "idempotency_error" else "invalid_request_error"
        self.body = {"error": {"type": kind, "code": code, "message": message}}


@dataclass
class StripeState:
    """Everything that the stand-in knows; one lock around it.

    Attributes:
        clock: Returns the present time in seconds.
        path: File that survives a restart; None keeps all in memory.
        events: Every event in the order in which it arose.
        on_event: Called with each event, outside the lock.
    """

    clock: Callable[[], float] = time.time
    path: Path | None = None
    sessions: dict[str, Thing] = field(default_factory=dict)
    intents: dict[str, Thing] = field(default_factory=dict)
    refunds: dict[str, Thing] = field(default_factory=dict)
    answers: dict[str, tuple[str, int, Thing]] = field(default_factory=dict)
    events: list[Thing] = field(default_factory=list)
    on_event: Callable[[Thing], None] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def load(self) -> None:
        """Read what an earlier process kept."""
        if self.path is not None and self.path.is_file():
            kept = json.loads(self.path.read_text())
            self.sessions, self.intents = kept["sessions"], kept["intents"]
            self.refunds, self.events = kept["refunds"], kept["events"]
            self.answers = {key: tuple(value) for key, value in kept["answers"].items()}

    def _keep(self) -> None:
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        kept = {
            "sessions": self.sessions, "intents": self.intents, "refunds": self.refunds,
            "answers": self.answers, "events": self.events[-200:],
        }  # fmt: skip
        partial.write_text(json.dumps(kept))
        partial.replace(self.path)

    def once(self, key: str, content: str, work: Callable[[], Thing]) -> tuple[int, Thing]:
        """Answer a request with an idempotency key: the first answer again, or a refusal."""
        digest = hashlib.sha256(content.encode()).hexdigest()
        with self.lock:
            known = self.answers.get(key) if key else None
            if known is not None:
                if known[0] != digest:
                    raise StripeRefusal(400, "idempotency_error", "Key used for other content")
                return known[1], known[2]
            answer = json.loads(json.dumps(work()))
            if key:
                self.answers[key] = (digest, 200, answer)
            self._keep()
            return 200, answer

    def open_session(self, wanted: Thing, *, page_url: Callable[[str], str]) -> Thing:
        """Make a pay page and the intent behind it."""
        now = int(self.clock())
        item = wanted["line_items"]["0"]
        amount = int(item["price_data"]["unit_amount"]) * int(item.get("quantity", 1))
        expires_at = int(wanted.get("expires_at", now + 24 * 3600))
        if amount < 1:
            raise StripeRefusal(400, "amount_too_small", "Amount must be positive")
        if not now + SESSION_SECONDS_MIN <= expires_at <= now + 24 * 3600:
            raise StripeRefusal(400, "parameter_invalid", "expires_at: 30 minutes to 24 hours")
        session_id = f"cs_test_{secrets.token_hex(12)}"
        currency = item["price_data"]["currency"]
        intent = self._new_intent(wanted, amount, currency, now)
        session = {
            "id": session_id, "object": "checkout.session", "status": "open",
            "payment_status": "unpaid", "amount_total": amount, "currency": currency,
            "metadata": wanted.get("metadata", {}), "created": now, "expires_at": expires_at,
            "livemode": False, "payment_intent": intent["id"], "mode": "payment",
            "client_reference_id": wanted.get("client_reference_id"),
            "success_url": wanted["success_url"], "cancel_url": wanted["cancel_url"],
            "url": page_url(session_id),
        }  # fmt: skip
        self.sessions[session_id] = session
        return session

    def _new_intent(self, wanted: Thing, amount: int, currency: str, now: int) -> Thing:
        intent = {
            "id": f"pi_{secrets.token_hex(12)}", "object": "payment_intent", "amount": amount,
            "amount_received": 0, "currency": currency, "status": "requires_payment_method",
            "metadata": wanted.get("payment_intent_data", {}).get("metadata", {}),
            "created": now, "livemode": False, "latest_charge": None, "last_payment_error": None,
        }  # fmt: skip
        self.intents[str(intent["id"])] = intent
        self._tell("payment_intent.created", intent)
        return intent

    def show(self, session: Thing, *, expanded: bool) -> Thing:
        """Return a pay page as it is now, with its money inside when asked for."""
        self._lapse(session)
        if not expanded:
            return session
        return {**session, "payment_intent": self.intents[session["payment_intent"]]}

    def list_sessions(self, *, since: int, after: str | None) -> list[Thing]:
        """Return pay pages with their money, newest first, after one of them."""
        with self.lock:
            rows = [each for each in reversed(self.sessions.values()) if each["created"] >= since]
            if after is not None:
                ids = [each["id"] for each in rows]
                rows = rows[ids.index(after) + 1 :] if after in ids else []
            return [dict(self.show(each, expanded=True)) for each in rows]

    def session(self, session_id: str) -> Thing:
        """Return a pay page.

        Raises:
            StripeRefusal: There is none with this id.
        """
        found = self.sessions.get(session_id)
        if found is None:
            raise StripeRefusal(404, "resource_missing", f"No such checkout session: {session_id}")
        self._lapse(found)
        return found

    def _lapse(self, session: Thing) -> None:
        if session["status"] == "open" and session["expires_at"] <= self.clock():
            self._close(session)

    def _close(self, session: Thing) -> None:
        session["status"] = "expired"
        intent = self.intents[session["payment_intent"]]
        if intent["status"] != "succeeded":
            intent["status"] = "canceled"
        self._tell("checkout.session.expired", session)

    def expire(self, session_id: str) -> Thing:
        """Close a pay page that nobody paid.

        Raises:
            StripeRefusal: It is not open.
        """
        with self.lock:
            session = self.session(session_id)
            if session["status"] != "open":
                raise StripeRefusal(400, "session_not_open", "Only open sessions can be expired")
            self._close(session)
            self._keep()
            return session

    def pay(self, session_id: str, number: str, *, confirmed: bool | None = None) -> str:
        """Try a card on a pay page; return ``paid``, ``three_d_secure`` or why not.

        Args:
            confirmed: What the buyer told the bank, on the second call for a guarded card.
        """
        with self.lock:
            session = self.session(session_id)
            if session["status"] != "open":
                return "closed"
            intent = self.intents[session["payment_intent"]]
            result = CARDS.get(number.replace(" ", ""), "card_declined")
            if result == "three_d_secure" and confirmed is None:
                intent["status"] = "requires_action"
                self._keep()
                return result
            if result == "three_d_secure":
                result = "paid" if confirmed else "authentication_failed"
            if result == "paid":
                self._take(session, intent)
            else:
                intent["status"] = "requires_payment_method"
                intent["last_payment_error"] = {"code": result}
                self._tell("payment_intent.payment_failed", intent)
            self._keep()
            return result

    def _take(self, session: Thing, intent: Thing) -> None:
        charge = {
            "id": f"ch_{secrets.token_hex(12)}", "object": "charge", "amount": intent["amount"],
            "amount_refunded": 0, "currency": intent["currency"], "metadata": intent["metadata"],
            "payment_intent": intent["id"], "status": "succeeded", "livemode": False,
        }  # fmt: skip
        intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge)
        session.update(status="complete", payment_status="paid")
        self._tell("charge.succeeded", charge)
        self._tell("payment_intent.succeeded", intent)
        self._tell("checkout.session.completed", session)

    def refund(self, wanted: Thing) -> Thing:
        """Send money of an intent back.

        Raises:
            StripeRefusal: More than was taken, or nothing was.
        """
        intent = self.intents.get(wanted["payment_intent"])
        if intent is None or intent["status"] != "succeeded":
            raise StripeRefusal(400, "charge_not_refundable", "Nothing was taken")
        charge = intent["latest_charge"]
        amount = int(wanted.get("amount", charge["amount"]))
        if not 1 <= amount <= charge["amount"] - charge["amount_refunded"]:
            raise StripeRefusal(400, "amount_too_large", "More than is left of the charge")
        charge["amount_refunded"] += amount
        refund = {
            "id": f"re_{secrets.token_hex(12)}", "object": "refund", "amount": amount,
            "currency": intent["currency"], "payment_intent": intent["id"],
            "metadata": wanted.get("metadata", {}), "status": "succeeded",
            "created": int(self.clock()),
        }  # fmt: skip
        self.refunds[str(refund["id"])] = refund
        self._tell("refund.created", refund)
        self._tell("charge.refunded", charge)
        return refund

    def _tell(self, kind: str, thing: Thing) -> None:
        event = {
            "id": f"evt_{secrets.token_hex(12)}", "object": "event", "type": kind,
            "created": int(self.clock()), "livemode": False,
            "data": {"object": json.loads(json.dumps(thing))},
        }  # fmt: skip
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)
