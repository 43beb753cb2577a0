"""The audit trail: who did what, newest first."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, request, url_for

from app.domain.audit import queries as audit_queries
from app.domain.upt import queries as upt_queries
from app.surfaces.web import forms, pages, policy, session

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

GROUPS: Final = (
    ("stock.", "Stok"),
    ("till.", "Kasir"),
    ("product.", "Produk"),
    ("order.", "Pesanan"),
    ("payment.", "Pembayaran"),
    ("upt.", "UPT"),
    ("kanwil.", "Kanwil"),
    ("role.", "Peran"),
    ("user.", "Akun"),
    ("session.", "Masuk dan keluar"),
)
ACTOR_KINDS: Final = {"user": "Pengguna", "system": "Sistem", "anonymous": "Pengunjung"}


@blueprint.get("")
@policy.staff("audit.view")
def index() -> str:
    """List the trail, narrowed by unit and kind of act."""
    upt_id = request.args.get("upt", type=int)
    action = request.args.get("aksi", "")
    page = audit_queries.list_entries(
        actor=session.current_actor(),
        upt_id=upt_id,
        after=request.args.get("sesudah"),
        action=action if action in dict(GROUPS) else "",
    )
    upts = upt_queries.list_all()
    briefs = upt_queries.briefs(
        upt_ids={entry.upt_id for entry in page.items if entry.upt_id is not None}
    )
    is_first = "sesudah" not in request.args
    return pages.render(
        "desk/audit/index.html",
        entries=page.items,
        form=forms.blank(upt=upt_id, aksi=action),
        groups=GROUPS,
        upts=[(upt.upt_id, upt.short_name) for upt in upts],
        upt_names={key: brief.short_name for key, brief in briefs.items()},
        actor_kinds=ACTOR_KINDS,
        next_href=_href(upt_id, action, page.after) if page.after else None,
        first_href=None if is_first else _href(upt_id, action, None),
    )


def _href(upt_id: int | None, action: str, after: str | None) -> str:
    return url_for("desk.audit.index", upt=upt_id, aksi=action or None, sesudah=after)
