"""The desk's pages for lists: send a file, see what it would do, decide, watch it go in."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, g, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.imports import flows, queries, services
from app.domain.imports.commands import ConfirmList, Known, UploadList, Way
from app.domain.imports.errors import ImportNotReady, ImportRepeated
from app.domain.imports.types import (
    FILE_BYTES_MAX,
    MODE_NAMES,
    MOVING,
    STOCK_IMPORT,
    STOCK_VIEW,
    FileRecord,
    FileState,
    Mode,
)
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import Conflict, Invalid, NotFound
from app.surfaces.desk import imports_exports, imports_words, units
from app.surfaces.desk.imports_exports import place
from app.surfaces.web import forms, messages, pages, policy, session
from app.surfaces.web.forms import Form

blueprint = Blueprint("imports", __name__)
blueprint.register_blueprint(imports_exports.blueprint)

_SHOWN_STATES: Final = (FileState.CHECKED, FileState.DONE, FileState.HALTED, FileState.CANCELLED)


@blueprint.get("/impor")
@policy.staff(STOCK_VIEW)
def index() -> str:
    """Show the upload form, the templates, the exports and what came in so far."""
    return _index_page(forms.blank(mode="", entry_key=ids.token()))


def _index_page(form: Form) -> str:
    upt = units.current(STOCK_VIEW).upt
    if upt is None:
        raise NotFound
    actor = session.current_actor()
    can_import = actor.may(STOCK_IMPORT, upt_id=upt.upt_id)
    page = (
        queries.list_files(actor=actor, upt_id=upt.upt_id, cursor=request.args.get("sesudah"))
        if can_import
        else None
    )
    today = clock.local_date(at=clock.now(), timezone=upt.timezone)
    return pages.render(
        "desk/imports/index.html",
        form=form,
        entry_key=ids.token() if form.errors("entry_key") else form.value("entry_key"),
        upt=upt,
        page=page,
        can_import=can_import,
        words=imports_words,
        mode_names=MODE_NAMES,
        names=imports_words.people(*(file.uploaded_by for file in page.items)) if page else {},
        next_href=page and page.after and url_for(".index", sesudah=page.after),
        first_day=today.replace(day=1),
        today=today,
        goods=catalog_queries.variants_of_upt(upt_id=upt.upt_id),
    )


@blueprint.post("/impor")
@policy.staff(STOCK_IMPORT)
def upload() -> Response:
    """Look at an uploaded file and keep what was found; nothing enters the books."""
    upt, at = place(STOCK_IMPORT), clock.now()
    command, form = forms.bind(UploadList, request.form)
    sent = _sent()
    if sent is None:
        form = form.and_error("file", "imports.file_missing")
    if command is None or sent is None:
        return make_response(_index_page(form), 422)
    try:
        file_id = flows.check_file(
            actor=session.current_actor(),
            upt_id=upt.upt_id,
            content=sent[1],
            name=sent[0],
            chosen=command.mode,
            target=command.target,
            entry_key=command.entry_key,
            today=clock.local_date(at=at, timezone=upt.timezone),
            at=at,
        )
    except Invalid as refusal:
        return make_response(_index_page(form.with_errors(refusal)), 422)
    return redirect(url_for(".show", file_id=file_id), code=303)


def _sent() -> tuple[str, bytes] | None:
    """Return name and bytes of the file, at most one byte more than allowed; None without one."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return None
    try:
        return sent.filename, sent.stream.read(FILE_BYTES_MAX + 1)
    finally:
        sent.close()


def _file(file_id: int) -> tuple[FileRecord, UptBrief]:
    file = queries.get_file(actor=session.current_actor(), file_id=file_id)
    upt = upt_queries.briefs(upt_ids=[file.upt_id])[file.upt_id]
    g.upt_label = upt.short_name
    return file, upt


@blueprint.get("/impor/<int:file_id>")
@policy.staff(STOCK_IMPORT)
def show(file_id: int) -> str:
    """Show a file: everything wrong with it, what it would do, how far it is, what it did."""
    return _show_page(forms.blank(way=Way.WHOLE.value, known=Known.SKIP.value), file_id)


def _show_page(form: Form, file_id: int) -> str:
    file, upt = _file(file_id)
    is_open = file.state is FileState.CHECKED
    wrong = (
        queries.list_wrong(file_id=file_id, cursor=request.args.get("salah"))
        if file.rows_wrong and file.has_rows
        else None
    )
    sums = (
        queries.list_sums(file=file, cursor=request.args.get("sku"))
        if file.has_rows and file.state not in MOVING
        else None
    )
    earlier = queries.find_earlier(file=file) if is_open else None
    return pages.render(
        "desk/imports/file.html",
        form=form,
        file=file,
        timezone=upt.timezone,
        words=imports_words,
        names=imports_words.people(file.uploaded_by, file.confirmed_by),
        is_open=is_open and file.has_rows,
        is_moving=file.state in MOVING,
        error_lines=imports_words.error_lines(wrong.items) if wrong else [],
        errors_href=wrong and wrong.after and url_for(".show", file_id=file_id, salah=wrong.after),
        sums=sums.items if sums else (),
        sums_href=sums and sums.after and url_for(".show", file_id=file_id, sku=sums.after),
        earlier=earlier,
        reason=messages.text(file.stop_code) if file.stop_code else "",
        is_priced=file.mode is Mode.PRICES,
        is_counted=file.mode is Mode.COUNT,
    )


@blueprint.get("/impor/<int:file_id>/kemajuan")
@policy.staff(STOCK_IMPORT)
def progress(file_id: int) -> Response:
    """Say how far a file is, for the page that watches it."""
    file, _ = _file(file_id)
    return jsonify(
        percent=file.percent, text=_progress_words(file), is_over=file.state not in MOVING
    )


def _progress_words(file: FileRecord) -> str:
    if file.state is FileState.QUEUED:
        return "Menunggu giliran."
    if file.is_whole:
        return "Semua baris sedang ditulis sekaligus."
    return f"{file.rows_posted} dari {file.rows_chosen} baris."


@blueprint.post("/impor/<int:file_id>/terapkan")
@policy.staff(STOCK_IMPORT)
def apply(file_id: int) -> Response:
    """Decide that a file be posted; the worker does it."""
    command, form = forms.bind(ConfirmList, request.form)
    if command is None:
        return make_response(_show_page(form, file_id), 422)
    is_whole, with_known = command.way is Way.WHOLE, command.known is Known.TAKE
    actor, at = session.current_actor(), clock.now()
    try:
        db.transact(
            lambda: services.confirm(
                actor=actor, file_id=file_id, is_whole=is_whole, with_known=with_known, at=at
            )
        )
    except (ImportRepeated, ImportNotReady) as refusal:
        return _refused(form, refusal, file_id)
    pages.notify("success", "imports.confirmed")
    return redirect(url_for(".show", file_id=file_id), code=303)


def _refused(form: Form, refusal: Conflict, file_id: int) -> Response:
    return make_response(_show_page(form.with_error("", refusal.code), file_id), 409)


@blueprint.post("/impor/<int:file_id>/batal")
@policy.staff(STOCK_IMPORT)
def cancel(file_id: int) -> Response:
    """Stop a file; what is in the books stays."""
    actor, at = session.current_actor(), clock.now()
    try:
        db.transact(lambda: services.cancel(actor=actor, file_id=file_id, at=at))
    except ImportNotReady as refusal:
        return _refused(forms.blank(), refusal, file_id)
    pages.notify("info", "imports.cancelled")
    return redirect(url_for(".show", file_id=file_id), code=303)


@blueprint.post("/impor/<int:file_id>/lanjut")
@policy.staff(STOCK_IMPORT)
def go_on(file_id: int) -> Response:
    """Let the rest of a halted file follow."""
    actor, at = session.current_actor(), clock.now()
    try:
        db.transact(lambda: services.go_on(actor=actor, file_id=file_id, at=at))
    except ImportNotReady as refusal:
        return _refused(forms.blank(), refusal, file_id)
    pages.notify("success", "imports.resumed")
    return redirect(url_for(".show", file_id=file_id), code=303)
