"""Proofs of transfer at the desk: the queue and the files, which nobody else can open."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.payments import queries, services
from app.domain.payments.types import PERMISSION_CONFIRM, PERMISSION_VIEW
from app.infra import db
from app.kernel import clock
from app.surfaces.desk.payments import tabs
from app.surfaces.web import pages, policy, session

blueprint = Blueprint("proofs", __name__, url_prefix="/bukti")

_TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}


@blueprint.get("")
@policy.staff(PERMISSION_VIEW)
def index() -> str:
    """List proofs that nobody looked at."""
    actor = session.current_actor()
    page = queries.list_unseen_proofs(actor=actor, cursor=request.args.get("sesudah"))
    return pages.render(
        "desk/payments/proofs.html",
        proofs=page.items,
        tabs=tabs.tabs("proofs.index"),
        may_confirm=actor.reach(PERMISSION_CONFIRM).is_national,
        next_href=url_for(".index", sesudah=page.after) if page.after else None,
    )


@blueprint.get("/<public_id>")
@policy.staff(PERMISSION_VIEW)
def show(public_id: str) -> Response:
    """Send the file: a picture to be shown, a PDF to be saved; never kept by anybody between."""
    proof, content = queries.get_proof(actor=session.current_actor(), public_id=public_id)
    answer = make_response(content)
    answer.mimetype = _TYPES[proof.kind]
    way = "inline" if proof.is_picture else "attachment"
    name = f"bukti-{proof.payment_reference}.{proof.kind}"
    answer.headers["Content-Disposition"] = f'{way}; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/<public_id>/dilihat")
@policy.staff(PERMISSION_CONFIRM)
def seen(public_id: str) -> Response:
    """Take a proof off the queue."""
    actor, at = session.current_actor(), clock.now()
    db.transact(lambda: services.mark_proof_seen(actor=actor, public_id=public_id, at=at))
    pages.notify("success", "payments.proof_seen")
    return redirect(url_for(".index"), code=303)
