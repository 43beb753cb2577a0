"""Proofs of transfer: kept for the treasurer to see. They never change a payment.

Originals are never public; only the desk sends them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update

from app.domain.media import services as media_services
from app.domain.payments import queries
from app.domain.payments.errors import NothingToPay, ProofRefused
from app.domain.payments.models import TransferProof
from app.domain.payments.types import (
    PERMISSION_CONFIRM,
    PROOF_BYTES_MAX,
    PROOFS_MAX,
    CheckedProof,
    ClosedReason,
)
from app.infra import db, storage
from app.kernel.actor import Actor
from app.kernel.errors import NotFound

_PDF: Final = b"%PDF-"
_PDF_END: Final = b"%%EOF"
_TAIL: Final = 2_048
_KINDS: Final = {"jpeg": "jpg", "png": "png", "webp": "webp"}


def check_proof(*, content: bytes) -> CheckedProof:
    """Judge a file; pictures are decoded once in a child process. Touches no database.

    Raises:
        PictureRefused: It is a picture that we do not take, or no picture at all.
        ProofRefused: It is too large, or a PDF that breaks off.
    """
    if len(content) > PROOF_BYTES_MAX:
        raise ProofRefused("too_large")
    if content.startswith(_PDF):
        if _PDF_END not in content[-_TAIL:]:
            raise ProofRefused("damaged")
        return CheckedProof("pdf", 0, 0, content, hashlib.sha256(content).hexdigest())
    picture = media_services.check_upload(content=content)
    header = picture.header
    return CheckedProof(
        _KINDS[header.format.value], header.width, header.height, content, picture.sha256
    )


def keep_proof(*, group_id: int, proof: CheckedProof, public_id: str, at: datetime) -> bool:
    """Keep a proof for an order that is not paid; return whether it is new.

    The surface has checked that the caller holds the link or owns the order.

    Args:
        public_id: Random name that the surface made.

    Raises:
        NotFound: The order has no payment.
        NothingToPay: It is paid.
        ProofRefused: Enough files were sent.
    """
    payment = queries.lock(group_id=group_id)
    if payment.closed_reason is ClosedReason.SETTLED:
        raise NothingToPay
    own = TransferProof.payment_id == payment.payment_id
    known = db.session().scalar(
        select(TransferProof.id).where(own, TransferProof.sha256 == proof.sha256)
    )
    if known is not None:
        return False
    count = db.session().scalar(select(func.count()).select_from(TransferProof).where(own)) or 0
    if count >= PROOFS_MAX:
        raise ProofRefused("too_many")
    storage.originals().write(
        queries.proof_key(public_id=public_id, kind=proof.kind), proof.content
    )
    db.add(
        TransferProof(
            payment_id=payment.payment_id,
            public_id=public_id,
            kind=proof.kind,
            width=proof.width,
            height=proof.height,
            byte_count=len(proof.content),
            sha256=proof.sha256,
            uploaded_at=at,
        )
    )
    return True


def mark_proof_seen(*, actor: Actor, public_id: str, at: datetime) -> None:
    """Take a proof off the queue; a second call changes nothing.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        NotFound: No such proof.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    found = db.session().scalar(
        select(TransferProof.id).where(TransferProof.public_id == public_id)
    )
    if found is None:
        raise NotFound
    db.session().execute(
        update(TransferProof)
        .where(TransferProof.id == found, TransferProof.seen_at.is_(None))
        .values(seen_by=actor.user_id, seen_at=at)
    )
