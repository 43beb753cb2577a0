"""Why is this 47? One item: opening, movements by cause, closing; every cause down to its entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

from flask import g, make_response, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from app.domain.reports import queries, rules
from app.domain.reports.types import (
    SCOPE_ACCOUNTS,
    STOCK_VIEW,
    Axis,
    Cause,
    EntryRow,
    Scope,
    Window,
)
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import PeriodRecord
from app.domain.upt import queries as upt_queries
from app.infra.sheets import Column, ColumnKind, write_csv
from app.kernel import clock
from app.kernel.commands import Command, Whole
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE_MAX, Page
from app.surfaces.desk import stock_words
from app.surfaces.desk.reports import sources, words
from app.surfaces.desk.reports.base import blueprint
from app.surfaces.web import forms, pages, policy, session

AXES: Final = (
    (Axis.HAPPENED.value, "Hari kejadian"),
    (Axis.WRITTEN.value, "Hari dicatat"),
    (Axis.POSITION.value, "Nomor catatan"),
)
DAYS: Final = (("dari", "Dari", "date"), ("sampai", "Sampai", "date"))
NUMBERS: Final = (
    ("dari_nomor", "Setelah nomor", "number"), ("sampai_nomor", "Sampai nomor", "number"),
)  # fmt: skip
CSV_ROWS_MAX: Final = 20_000
_LAST_DAY: Final = date(9_000, 1, 1)

Position = Annotated[Whole, Field(ge=0, le=2**40)]


class Question(Command):
    """What is asked about an item; everything may be left out."""

    tempat: Scope = Scope.SELLABLE
    sumbu: Axis = Axis.HAPPENED
    dari: date | None = None
    sampai: date | None = None
    dari_nomor: Position | None = None
    sampai_nomor: Position | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """A cause as the page shows it."""

    cause: Cause
    label: str
    href: str
    is_chosen: bool


@blueprint.get("/kenapa/<int:variant_id>")
@policy.staff(STOCK_VIEW)
def why(variant_id: int) -> Response | str:
    """Show why an item's figure is what it is, at any day or entry number."""
    actor = session.current_actor()
    if variant_id >= 2**62:
        raise NotFound
    upt_id = queries.find_owner(actor=actor, variant_id=variant_id)
    upt = upt_queries.briefs(upt_ids=[upt_id])[upt_id]
    g.upt_label = upt.short_name
    today = clock.local_date(at=clock.now(), timezone=upt.timezone)
    asked, form = forms.bind(Question, request.args)
    question = _filled(asked or Question(), today)
    window = _window(question, upt.timezone)
    found = queries.explain(
        actor=actor, upt_id=upt_id, variant_id=variant_id, scope=question.tempat, window=window
    )
    cause = _chosen(request.args.get("sebab", ""), question.tempat)
    periods = queries.list_periods(upt_id=upt_id)
    if request.args.get("bentuk") == "csv":
        return _csv(variant_id, upt_id, question, window, cause, periods)
    page = queries.list_entries(
        actor=actor, upt_id=upt_id, variant_id=variant_id, scope=question.tempat, window=window,
        cause=cause, cursor=request.args.get("sesudah"),
    )  # fmt: skip
    kept = _kept(question)

    def href(**more: Any) -> str:
        return url_for(".why", variant_id=variant_id, **{**kept, **more})

    chosen = ".".join(cause) if cause else None
    body = pages.render(
        "desk/reports/why.html",
        variant_id=variant_id,
        name=stock_words.name(variant_id),
        upt=upt,
        form=_shown(form, question) if asked else form,
        question=question,
        found=found,
        lines=_lines(found.causes, chosen, href),
        scopes=words.SCOPES,
        axes=AXES,
        axis_words=dict(AXES)[question.sumbu.value].lower(),
        spans=NUMBERS if question.sumbu is Axis.POSITION else DAYS,
        span=_span(question),
        page=page,
        chosen=next((line.label for line in _lines(found.causes, chosen, href) if line.is_chosen),
                    None),
        all_href=href() + "#catatan",
        next_href=page.after and href(sebab=chosen, sesudah=page.after) + "#catatan",
        csv_href=href(sebab=chosen, bentuk="csv"),
        actors=words.actors(page.items),
        sources=sources.of(page.items),
        labels={row.sequence: _label(row) for row in page.items},
        late={row.sequence for row in page.items if _late(row, periods)},
    )  # fmt: skip
    return make_response(body, 200 if asked else 422)


def _filled(asked: Question, today: date) -> Question:
    """Return the question with the month so far where no time was given."""
    if asked.sumbu is Axis.POSITION:
        return asked
    until = asked.sampai or today
    return asked.model_copy(update={"sampai": until, "dari": asked.dari or until.replace(day=1)})


def _window(question: Question, timezone: str) -> Window:
    if question.sumbu is Axis.POSITION:
        return Window(
            Axis.POSITION,
            start_sequence=question.dari_nomor or 0,
            end_sequence=question.sampai_nomor,
        )
    assert question.dari is not None
    assert question.sampai is not None
    start, until = min(question.dari, _LAST_DAY), min(question.sampai, _LAST_DAY)
    return Window(
        question.sumbu,
        start_at=_start(start, timezone),
        end_at=_start(max(start, until) + timedelta(days=1), timezone),
    )


def _start(day: date, timezone: str) -> datetime:
    return rules.start_of(day=max(day, date(2, 1, 1)), timezone=timezone)


def _kept(question: Question) -> dict[str, Any]:
    values = {
        "tempat": question.tempat.value,
        "sumbu": question.sumbu.value,
        "dari": question.dari,
        "sampai": question.sampai,
        "dari_nomor": question.dari_nomor,
        "sampai_nomor": question.sampai_nomor,
    }
    if question.sumbu is Axis.POSITION:
        values["dari"] = values["sampai"] = None
    else:
        values["dari_nomor"] = values["sampai_nomor"] = None
    return {name: str(value) for name, value in values.items() if value is not None}


def _shown(form: forms.Form, question: Question) -> forms.Form:
    """Return the form with the values that were filled in."""
    for name, value in _kept(question).items():
        form = form.with_value(name, value)
    return form


def _chosen(text: str, scope: Scope) -> tuple[str, str, str] | None:
    parts = text[:80].split(".")
    if len(parts) != 3:
        return None
    seen = rules.signed(from_account=parts[1], to_account=parts[2], accounts=SCOPE_ACCOUNTS[scope])
    return (parts[0], parts[1], parts[2]) if seen else None


def _lines(causes: tuple[Cause, ...], chosen: str | None, href: Any) -> list[_Line]:
    return [
        _Line(
            cause,
            words.cause(
                kind_name=cause.kind,
                from_account=cause.from_account,
                to_account=cause.to_account,
                is_in=cause.quantity > 0,
            ),
            href(sebab=cause.key) + "#catatan",
            cause.key == chosen,
        )
        for cause in causes
    ]


def _label(row: EntryRow) -> str:
    return words.cause(
        kind_name=row.kind,
        from_account=row.from_account,
        to_account=row.to_account,
        is_in=row.quantity > 0,
    )


def _span(question: Question) -> tuple[str, str]:
    """Return what stands under opening and closing."""
    if question.sumbu is Axis.POSITION:
        last = question.sampai_nomor
        return (
            f"setelah catatan nomor {question.dari_nomor or 0}",
            "setelah catatan terakhir" if last is None else f"setelah catatan nomor {last}",
        )
    assert question.dari is not None
    assert question.sampai is not None
    return (
        f"awal {words.long_day(question.dari)}",
        f"akhir {words.long_day(max(question.sampai, question.dari))}",
    )


def _late(row: EntryRow, periods: tuple[PeriodRecord, ...]) -> bool:
    """Say whether an entry tells of a month that was closed before it was written."""
    return stock_queries.is_late(
        periods=periods, sequence=row.sequence, happened_at=row.happened_at
    )


_COLUMNS: Final = (
    Column("Nomor", ColumnKind.WHOLE), Column("Kejadian", width=30), Column("Buah", ColumnKind.WHOLE),
    Column("Lot"), Column("Terjadi"), Column("Dicatat"), Column("Sumber"), Column("Keterangan"),
    Column("Susulan"), Column("Sidik"),
)  # fmt: skip


def _csv(
    variant_id: int,
    upt_id: int,
    question: Question,
    window: Window,
    cause: tuple[str, str, str] | None,
    periods: tuple[PeriodRecord, ...],
) -> Response:
    actor = session.current_actor()
    rows: list[EntryRow] = []
    page: Page[EntryRow] = Page((), after="")
    while page.after is not None and len(rows) < CSV_ROWS_MAX:
        page = queries.list_entries(
            actor=actor, upt_id=upt_id, variant_id=variant_id, scope=question.tempat,
            window=window, cause=cause, cursor=page.after, size=PAGE_SIZE_MAX * 20,
        )  # fmt: skip
        rows += page.items
    blocks = write_csv(
        columns=_COLUMNS,
        rows=(
            (
                row.sequence, _label(row), row.quantity, row.lot_code,
                row.happened_at, row.written_at, f"{row.source_kind}:{row.source_key}", row.note,
                "ya" if _late(row, periods) else "", row.short_hash,
            )
            for row in rows
        ),
    )  # fmt: skip
    answer = make_response(b"".join(blocks))
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="kenapa-{variant_id}.csv"'
    return answer
