"""Bank statements at the desk: send a file, see what it would do, say which order each row pays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.checkout import services as checkout_services
from app.domain.payments import queries, services
from app.domain.payments.commands import ChooseColumns, IgnoreRow, MatchRow, UploadStatement
from app.domain.payments.errors import (
    EntryKeyTaken,
    EntryUnfit,
    RowTaken,
    StatementNotReady,
    StatementUnderWay,
    UnknownReference,
)
from app.domain.payments.types import (
    FAULTS_SHOWN,
    PERMISSION_CONFIRM,
    PERMISSION_VIEW,
    STATEMENT_BYTES_MAX,
    FileState,
    RowState,
    TransferOutcome,
    TransferResult,
)
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import DomainError, IdempotencyMismatch, Invalid, NotFound
from app.surfaces.desk.payments import statement_words, tabs
from app.surfaces.web import errors, forms, messages, pages, policy, session, uploads

blueprint = Blueprint("statements", __name__, url_prefix="/mutasi")

_STATES: Final = {
    "baru": RowState.NEW,
    "cocok": RowState.MATCHED,
    "disisihkan": RowState.IGNORED,
}
_AT_ONCE: Final = 100
_WORDS: Final = {
    ("", "payments.account_required"): "payments.account_required",
    ("reason", "field.required"): "payments.reason_required",
    ("reason", "field.too_short"): "payments.reason_required",
    ("reference", "field.required"): "payments.reference_required",
}
_TAKEN: Final = (RowTaken, IdempotencyMismatch, EntryKeyTaken)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row of a bulk confirmation."""

    row_id: int
    reference: str
    tone: str
    text: str


@blueprint.get("")
@policy.staff(PERMISSION_VIEW)
def index() -> Response:
    """List rows of money in: those nobody knows yet, with what they may belong to, or the others."""
    return _index()


def _index(refusal: str = "", *, status: int = 200) -> Response:
    actor = session.current_actor()
    word = request.args.get("keadaan", "baru")
    state = _STATES.get(word, RowState.NEW)
    page = queries.list_bank_rows(actor=actor, state=state, cursor=request.args.get("sesudah"))
    offers = queries.row_offers(actor=actor, rows=page.items) if state is RowState.NEW else {}
    html = pages.render(
        "desk/payments/statements/index.html",
        tabs=tabs.tabs("statements.index"),
        accounts=queries.list_accounts(actor=actor),
        rows=page.items,
        offers=offers,
        sure_count=sum(found.sure is not None for found in offers.values()),
        state=state,
        states=_STATES,
        state_words=statement_words.STATES,
        why=statement_words.why,
        refusal=refusal,
        may_confirm=actor.reach(PERMISSION_CONFIRM).is_national,
        first_href=url_for(".index", keadaan=word) if "sesudah" in request.args else None,
        next_href=url_for(".index", keadaan=word, sesudah=page.after) if page.after else None,
    )
    return make_response(html, status)


@blueprint.post("/cocokkan")
@policy.staff(PERMISSION_CONFIRM)
def match_many() -> Response:
    """Confirm the marked rows that are still sure, each for itself; say what became of each."""
    chosen = dict.fromkeys(request.form.getlist("baris")[:_AT_ONCE])
    wanted: dict[int, str] = {}
    for text in chosen:
        number, _, reference = text.partition(":")
        if number.isascii() and number.isdecimal() and len(number) < 16:
            wanted[int(number)] = reference
    if not wanted:
        return _index(messages.text("payments.rows_not_chosen"), status=422)
    actor = session.current_actor()
    rows = queries.get_bank_rows(actor=actor, row_ids=wanted)
    offers = queries.row_offers(actor=actor, rows=[r for r in rows if r.state is RowState.NEW])
    results = []
    for row in rows:
        reference = wanted[row.row_id]
        sure = offers[row.row_id].sure if row.row_id in offers else None
        if row.state is RowState.NEW and (sure is None or sure.candidate.reference != reference):
            text = messages.text("payments.row_no_longer_sure")
            results.append(Result(row.row_id, reference, "warning", text))
        else:
            results.append(_match_one(row.row_id, reference))
    html = pages.render("desk/payments/statements/results.html", results=results)
    return make_response(html)


def _match_one(row_id: int, reference: str) -> Result:
    try:
        outcome = _match(row_id, MatchRow.parse({"reference": reference}))
    except DomainError as error:
        code = RowTaken.code if isinstance(error, _TAKEN) else error.code
        return Result(row_id, reference, "danger", messages.text(code, **error.details()))
    if outcome.is_repeat:
        text = messages.text("payments.recorded_before")
        return Result(row_id, reference, "info", text)
    tone, text = statement_words.OUTCOMES[outcome.result]
    return Result(row_id, reference, tone, text)


def _match(row_id: int, command: MatchRow) -> TransferOutcome:
    return db.transact(
        lambda: checkout_services.match_row(
            actor=session.current_actor(), row_id=row_id, command=command, at=clock.now()
        )
    )


@blueprint.get("/kirim")
@policy.staff(PERMISSION_CONFIRM)
def upload() -> Response:
    """Show the form for a statement, and what was sent before."""
    return _upload_page(forms.blank(entry_key=ids.token()))


@blueprint.post("/kirim")
@policy.staff(PERMISSION_CONFIRM)
def upload_post() -> Response:
    """Keep a statement and go to what it would do."""
    command, form = forms.bind(UploadStatement, request.form, words=_WORDS)
    sent = uploads.sent(STATEMENT_BYTES_MAX)
    if sent is None:
        form = form.and_error("file", "payments.statement_missing")
    if command is None or sent is None:
        return _upload_page(form, status=422)
    name, content = sent
    try:
        file_id = db.transact(
            lambda: services.stage_statement(
                actor=session.current_actor(),
                command=command,
                name=name,
                content=content,
                at=clock.now(),
            )
        )
    except Invalid as error:
        return _upload_page(form.with_errors(error), status=422)
    except StatementUnderWay as error:
        return _upload_page(form.with_error("", error.code), status=errors.status_of(error))
    return redirect(url_for(".show", file_id=file_id), code=303)


def _upload_page(form: forms.Form, *, status: int = 200) -> Response:
    actor = session.current_actor()
    accounts = queries.list_accounts(actor=actor)
    html = pages.render(
        "desk/payments/statements/upload.html",
        form=form,
        entry_key=form.value("entry_key") or ids.token(),
        options=[(each.account_id, f"{each.bank} {each.number}") for each in accounts],
        files=queries.list_statements(actor=actor),
        accounts={each.account_id: each for each in accounts},
    )
    return make_response(html, status)


@blueprint.get("/berkas/<int:file_id>")
@policy.staff(PERMISSION_VIEW)
def show(file_id: int) -> Response:
    """Show what a statement would bring, with everything in it that cannot be read."""
    return _file_page(file_id)


def _file_page(file_id: int, form: forms.Form | None = None, *, status: int = 200) -> Response:
    actor = session.current_actor()
    file, account = queries.get_statement(actor=actor, file_id=file_id)
    preview = None
    if file.state is FileState.CHECKED:
        preview = queries.preview_statement(actor=actor, file_id=file_id, at=clock.now())
        columns = preview.checked.columns
        form = form or forms.blank(
            date=columns.date, description=columns.description, amount=columns.amount,
            reference=columns.reference, direction=columns.direction,
        )  # fmt: skip
    html = pages.render(
        "desk/payments/statements/file.html",
        file=file,
        account=account,
        preview=preview,
        form=form,
        headings=[(each, each) for each in preview.checked.headings if each] if preview else [],
        faults=preview.checked.faults[:FAULTS_SHOWN] if preview else (),
        fault_words=messages.text,
        may_confirm=actor.reach(PERMISSION_CONFIRM).is_national,
    )
    return make_response(html, status)


@blueprint.post("/berkas/<int:file_id>/kolom")
@policy.staff(PERMISSION_CONFIRM)
def choose(file_id: int) -> Response:
    """Take the columns as chosen and read the file anew."""
    command, form = forms.bind(ChooseColumns, request.form)
    if command is None:
        return _file_page(file_id, form, status=422)
    actor = session.current_actor()
    work = lambda: services.choose_columns(actor=actor, file_id=file_id, command=command)  # noqa: E731
    return _decide_file(file_id, work, lambda _: ("info", "payments.columns_chosen", {}))


@blueprint.post("/berkas/<int:file_id>/masukkan")
@policy.staff(PERMISSION_CONFIRM)
def take(file_id: int) -> Response:
    """Write the rows that are not in the books yet."""
    actor, at = session.current_actor(), clock.now()

    def said(rows: int) -> tuple[str, str, dict[str, Any]]:
        if not rows:
            return "info", "payments.statement_nothing_new", {}
        return "success", "payments.statement_imported", {"rows": rows}

    work = lambda: services.import_statement(actor=actor, file_id=file_id, at=at)  # noqa: E731
    return _decide_file(file_id, work, said, then="desk.payments.statements.index")


@blueprint.post("/berkas/<int:file_id>/buang")
@policy.staff(PERMISSION_CONFIRM)
def discard(file_id: int) -> Response:
    """Let go of a file that was only looked at."""
    actor = session.current_actor()
    work = lambda: services.discard_statement(actor=actor, file_id=file_id)  # noqa: E731
    return _decide_file(
        file_id,
        work,
        lambda _: ("info", "payments.statement_discarded", {}),
        then="desk.payments.statements.upload",
    )


def _decide_file(
    file_id: int,
    work: Callable[[], Any],
    said: Callable[[Any], tuple[str, str, dict[str, Any]]],
    *,
    then: str = "",
) -> Response:
    try:
        tone, code, params = said(db.transact(work))
    except (StatementNotReady, StatementUnderWay) as error:
        tone, code, params, then = "warning", error.code, {}, ""
    pages.notify(tone, code, **params)
    address = url_for(then) if then else url_for(".show", file_id=file_id)
    return redirect(address, code=303)


@blueprint.get("/baris/<int:row_id>")
@policy.staff(PERMISSION_VIEW)
def row(row_id: int) -> Response:
    """Show one row with everything that it may belong to."""
    return _row_page(row_id, forms.blank())


def _row_page(row_id: int, form: forms.Form, refusal: str = "", *, status: int = 200) -> Response:
    actor = session.current_actor()
    record = queries.get_bank_row(actor=actor, row_id=row_id)
    file, account = queries.get_statement(actor=actor, file_id=record.file_id)
    is_new = record.state is RowState.NEW
    text = request.args.get("q", "").strip()
    html = pages.render(
        "desk/payments/statements/row.html",
        row=record,
        file=file,
        account=account,
        offers=queries.row_offers(actor=actor, rows=[record])[row_id] if is_new else None,
        found=queries.list_waiting(actor=actor, text=text).items[:10] if is_new and text else None,
        text=text,
        form=form,
        refusal=refusal,
        state_word=statement_words.STATES[record.state],
        tone=statement_words.TONES[record.state],
        why=statement_words.why,
        may_confirm=actor.reach(PERMISSION_CONFIRM).is_national,
    )
    return make_response(html, status)


@blueprint.post("/baris/<int:row_id>/cocokkan")
@policy.staff(PERMISSION_CONFIRM)
def match(row_id: int) -> Response:
    """Record a row as the transfer for an order."""
    command, form = forms.bind(MatchRow, request.form, words=_WORDS)
    if command is None:
        return _row_page(row_id, form, status=422)
    try:
        outcome = _match(row_id, command)
    except UnknownReference as error:
        shown = form.with_error("reference", error.code, **error.details())
        return _row_page(row_id, shown, status=409)
    except _TAKEN:
        return _row_page(row_id, form, messages.text(RowTaken.code), status=409)
    _say(row_id, outcome, command)
    return redirect(url_for(".index"), code=303)


def _say(row_id: int, outcome: TransferOutcome, command: MatchRow) -> None:
    if outcome.is_repeat:
        pages.notify("info", "payments.recorded_before")
        return
    actor = session.current_actor()
    record = queries.get_bank_row(actor=actor, row_id=row_id)
    page = queries.get_payment_page(actor=actor, reference=command.reference)
    code = {
        TransferResult.SETTLED: "payments.settled",
        TransferResult.HELD_FOR_REVIEW: "payments.held_for_review",
        TransferResult.LATE: "payments.held_late",
        TransferResult.DUPLICATE: "payments.held_duplicate",
    }[outcome.result]
    tone = statement_words.OUTCOMES[outcome.result][0]
    pages.notify(tone, code, amount_idr=record.amount_idr, number=page.order_number)


@blueprint.post("/baris/<int:row_id>/tautkan")
@policy.staff(PERMISSION_CONFIRM)
def link(row_id: int) -> Response:
    """Say that a row is a transfer that was typed by hand."""
    text = request.form.get("entry_id", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise NotFound
    actor, at = session.current_actor(), clock.now()
    return _decide_row(
        row_id,
        lambda: services.link_row(actor=actor, row_id=row_id, entry_id=int(text), at=at),
        "payments.row_linked",
    )


@blueprint.post("/baris/<int:row_id>/sisihkan")
@policy.staff(PERMISSION_CONFIRM)
def ignore(row_id: int) -> Response:
    """Put a row aside that pays no order."""
    command, form = forms.bind(IgnoreRow, request.form, words=_WORDS)
    if command is None:
        return _row_page(row_id, form, status=422)
    actor, at = session.current_actor(), clock.now()
    return _decide_row(
        row_id,
        lambda: services.ignore_row(actor=actor, row_id=row_id, command=command, at=at),
        "payments.row_ignored",
    )


@blueprint.post("/baris/<int:row_id>/buka")
@policy.staff(PERMISSION_CONFIRM)
def reopen(row_id: int) -> Response:
    """Take a row back that was put aside."""
    actor, at = session.current_actor(), clock.now()
    return _decide_row(
        row_id,
        lambda: services.reopen_row(actor=actor, row_id=row_id, at=at),
        "payments.row_reopened",
    )


def _decide_row(row_id: int, work: Callable[[], None], said: str) -> Response:
    try:
        db.transact(work)
    except (RowTaken, EntryUnfit) as error:
        return _row_page(row_id, forms.blank(), messages.for_error(error), status=409)
    pages.notify("success", said)
    return redirect(url_for(".index"), code=303)
