"""Reads of proofs of transfer: the treasurer's queue, those of one payment, the files."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import func, select

from app.domain.payments.models import Payment, TransferProof
from app.domain.payments.types import PERMISSION_VIEW, PROOFS_MAX, ProofRecord
from app.infra import db, storage
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import Page, decode_cursor, encode_cursor

QUEUE_SIZE: Final = 30


def proof_key(*, public_id: str, kind: str) -> str:
    """Return where the file of a proof is kept."""
    return f"proof/{public_id[:2]}/{public_id}.{kind}"


def list_proofs(*, payment_id: int) -> tuple[ProofRecord, ...]:
    """Return the proofs of a payment, for whoever may see its order."""
    return tuple(_proofs(TransferProof.payment_id == payment_id, limit=PROOFS_MAX))


def list_unseen_proofs(*, actor: Actor, cursor: str | None = None) -> Page[ProofRecord]:
    """Return a page of proofs that nobody looked at, oldest first.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    conditions: list[Any] = [TransferProof.seen_at.is_(None)]
    if values := decode_cursor(cursor, kinds=(int,)):
        conditions.append(TransferProof.id > values[0])
    ids = list(
        db.read_session().scalars(
            select(TransferProof.id)
            .where(*conditions)
            .order_by(TransferProof.id)
            .limit(QUEUE_SIZE + 1)
        )
    )
    shown = ids[:QUEUE_SIZE]
    found = tuple(_proofs(TransferProof.id.in_(shown), limit=QUEUE_SIZE)) if shown else ()
    return Page(found, encode_cursor([shown[-1]]) if len(ids) > QUEUE_SIZE else None)


def count_unseen_proofs(*, actor: Actor) -> int:
    """Return how many proofs nobody looked at.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    statement = select(func.count()).where(TransferProof.seen_at.is_(None))
    return db.read_session().scalar(statement) or 0


def get_proof(*, actor: Actor, public_id: str) -> tuple[ProofRecord, bytes]:
    """Return a proof with its file.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
        NotFound: No such proof, or its file is gone.
    """
    actor.ensure_national(PERMISSION_VIEW)
    found = _proofs(TransferProof.public_id == public_id, limit=1)
    if not found:
        raise NotFound
    key = proof_key(public_id=public_id, kind=found[0].kind)
    if not storage.originals().exists(key):
        raise NotFound
    return found[0], storage.originals().read(key)


def _proofs(*conditions: Any, limit: int) -> list[ProofRecord]:
    rows = db.read_session().execute(
        select(TransferProof, Payment.reference, Payment.expected_idr)
        .join(Payment, Payment.id == TransferProof.payment_id)
        .where(*conditions)
        .order_by(TransferProof.id)
        .limit(limit)
    )
    return [
        ProofRecord(
            public_id=row.public_id, payment_reference=reference, expected_idr=expected_idr,
            kind=row.kind, width=row.width, height=row.height, byte_count=row.byte_count,
            uploaded_at=row.uploaded_at, seen_at=row.seen_at,
        )
        for row, reference, expected_idr in rows
    ]  # fmt: skip
