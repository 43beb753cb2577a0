"""The register of units from a file: upload, look at every row, and only then apply.

The file is kept under its digest between the two steps and judged again before it is applied, so
what is applied is exactly what was seen, against the register as it then is.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.upt import queries as upt_queries
from app.domain.upt import rules as upt_rules
from app.domain.upt import services as upt_services
from app.domain.upt.adapters import register_file
from app.domain.upt.errors import RegisterRefused, RegisterUnreadable
from app.domain.upt.types import (
    REGISTER_COLUMNS,
    REGISTER_COLUMNS_REQUIRED,
    RegisterPreview,
)
from app.infra import db, storage
from app.kernel import clock
from app.surfaces.desk.admin.base import again, blueprint, today
from app.surfaces.web import forms, messages, pages, policy, session

PAGE: Final = "desk/admin/register.html"
ROWS_SHOWN: Final = 100
ERRORS_SHOWN: Final = 300
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@blueprint.get("/impor")
@policy.staff("upt.manage")
def register() -> str:
    """Show the upload form and the columns it understands."""
    session.current_actor().ensure_national("upt.manage")
    return pages.render(PAGE, form=forms.blank(), **_page(None, ""))


@blueprint.post("/impor")
@policy.staff("upt.manage")
def register_preview() -> Response:
    """Judge an uploaded file; nothing is changed."""
    session.current_actor().ensure_national("upt.manage")
    content = _uploaded()
    if content is None:
        wrong = forms.blank().with_error("file", "register.file_missing")
        return again(PAGE, wrong, **_page(None, ""))
    try:
        preview = _judge(content)
    except RegisterUnreadable as error:
        return again(PAGE, forms.blank().with_errors(error), **_page(None, ""))
    digest = hashlib.sha256(content).hexdigest()
    if not preview.errors:
        storage.originals().write(_key(digest), content)
    status = 422 if preview.errors else 200
    return make_response(pages.render(PAGE, form=forms.blank(), **_page(preview, digest)), status)


@blueprint.post("/impor/terapkan")
@policy.staff("upt.manage")
def register_apply() -> Response:
    """Apply the file that was looked at."""
    actor = session.current_actor()
    actor.ensure_national("upt.manage")
    digest = request.form.get("digest", "")
    if not _DIGEST.fullmatch(digest) or not storage.originals().exists(_key(digest)):
        wrong = forms.blank().with_error("file", "register.file_gone")
        return again(PAGE, wrong, **_page(None, ""))
    content = storage.originals().read(_key(digest))
    preview = _judge(content)
    try:
        outcome = db.transact(
            lambda: upt_services.apply_register(actor=actor, preview=preview, at=clock.now())
        )
    except RegisterRefused:
        return again(PAGE, forms.blank(), **_page(preview, digest))
    storage.originals().delete(_key(digest))
    pages.notify(
        "success",
        "upt.register_applied",
        added=outcome.added,
        changed=outcome.changed,
        unchanged=outcome.unchanged,
    )
    return redirect(url_for("desk.admin.upts"), code=303)


def _uploaded() -> bytes | None:
    """Return the file's bytes, at most one more than allowed; None when none was chosen."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return None
    try:
        return upload.stream.read(register_file.LIMITS.bytes_max + 1)
    finally:
        upload.close()


def _judge(content: bytes) -> RegisterPreview:
    rows = register_file.read_rows(content)
    return upt_rules.read_register(rows=rows, context=upt_queries.register_context(), today=today())


def _key(digest: str) -> str:
    return f"imports/upt-{digest}"


def _page(preview: RegisterPreview | None, digest: str) -> dict[str, object]:
    lines = () if preview is None else preview.errors[:ERRORS_SHOWN]
    return {
        "preview": preview,
        "digest": digest,
        "rows_shown": ROWS_SHOWN,
        "errors_shown": ERRORS_SHOWN,
        "error_lines": [(line, messages.text(line.code)) for line in lines],
        "columns": [(name, name in REGISTER_COLUMNS_REQUIRED) for name in REGISTER_COLUMNS],
    }
