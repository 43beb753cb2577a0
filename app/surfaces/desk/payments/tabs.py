"""The views of money at the desk, with how much waits in each."""

from __future__ import annotations

from flask import url_for

from app.domain.payments import queries as payment_queries
from app.surfaces.web import session

_LABELS = {
    "index": "Menunggu transfer",
    "statements.index": "Rekening koran",
    "proofs.index": "Bukti transfer",
    "reviews": "Perlu diperiksa",
    "refunds": "Perlu dikembalikan",
    "cards.index": "Penyedia kartu",
}


def tabs(current: str) -> tuple[tuple[str, str, bool, int | None], ...]:
    """Return label, address, whether it is the current one, and how much waits."""
    actor = session.current_actor()
    counts = {
        "index": None,
        "statements.index": payment_queries.count_unmatched(actor=actor),
        "proofs.index": payment_queries.count_unseen_proofs(actor=actor),
        "reviews": len(payment_queries.list_reviews(actor=actor)),
        "refunds": len(payment_queries.list_refunds_due(actor=actor)),
        "cards.index": payment_queries.count_differences(actor=actor) or None,
    }
    return tuple(
        (label, url_for(f"desk.payments.{name}"), name == current, counts[name])
        for name, label in _LABELS.items()
    )
