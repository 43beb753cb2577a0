"""The counts of a UPT: the list, opening a sheet, its page, handing in, cancelling."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.counts import queries as counts_queries
from app.domain.counts import services as counts_services
from app.domain.counts.commands import Decide, DecideWithReason, OpenCount
from app.domain.counts.types import (
    ROWS_A_PAPER,
    STOCK_APPROVE,
    STOCK_COUNT,
    STOCK_VIEW,
    UPT_MANAGE,
    CountState,
    EventKind,
    EventRecord,
    Scope,
    ScopeKind,
)
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.kernel import clock, ids
from app.kernel.errors import NotFound
from app.surfaces.desk.counts import base, words
from app.surfaces.desk.counts.base import Desk, blueprint
from app.surfaces.web import filters, forms, pages, policy, session
from app.surfaces.web.forms import Form


@blueprint.get("")
@policy.staff(STOCK_VIEW)
def index() -> Response | str:
    """List the counts of the UPT at hand and the national counts that it takes part in."""
    actor = session.current_actor()
    upt_id = session.current_upt_id(STOCK_VIEW)
    if upt_id is None or "pilih" in request.args:
        if upt_id is None and "pilih" not in request.args:
            return redirect(url_for(".campaigns"), code=303)
        return pages.render("desk/counts/choose.html", upts=_upts_in_reach())
    upt = base.upt_of(upt_id)
    page = counts_queries.list_counts(
        actor=actor, upt_id=upt_id, cursor=request.args.get("sesudah")
    )
    reach = actor.reach(STOCK_VIEW)
    return pages.render(
        "desk/counts/index.html",
        page=page,
        campaigns=counts_queries.list_campaigns_of(actor=actor, upt_id=upt_id),
        keys=ids.token(),
        timezone=upt.timezone,
        next_href=page.after and url_for(".index", sesudah=page.after),
        can_count=actor.may(STOCK_COUNT, upt_id=upt_id),
        can_manage=actor.reach(UPT_MANAGE).is_national,
        has_several_upts=reach.is_national or len(reach.upt_ids) > 1,
        words=words,
    )


def _upts_in_reach() -> list[UptBrief]:
    reach = session.current_actor().reach(STOCK_VIEW)
    return [upt for upt in upt_queries.list_all() if reach.covers(upt.upt_id)]


@blueprint.route("/buka", methods=["GET", "POST"])
@policy.staff(STOCK_COUNT)
def open_sheet() -> Response | str:
    """Open a sheet for the UPT at hand."""
    upt_id = session.current_upt_id(STOCK_COUNT)
    if upt_id is None:
        raise NotFound
    upt = base.upt_of(upt_id)
    if request.method == "GET":
        blank = forms.blank(scope=ScopeKind.WHOLE.value, entry_key=ids.token())
        return _open_page(blank, upt)
    command, form = forms.bind(OpenCount, request.form)
    if command is None:
        return make_response(_open_page(form, upt), 422)
    return _opened(upt, command.as_scope(), command.entry_key, None, form)


def _opened(
    upt: UptBrief, scope: Scope, entry_key: str, campaign_id: int | None, form: Form
) -> Response:
    letters = ids.payment_reference()
    refusal, record = base.attempt(
        lambda: counts_services.open_count(
            actor=session.current_actor(),
            upt_id=upt.upt_id,
            scope=scope,
            code=f"OP-{letters[:4]}-{letters[4:]}",
            entry_key=entry_key,
            at=clock.now(),
            campaign_id=campaign_id,
        )
    )
    if refusal is not None or record is None:
        assert refusal is not None
        if campaign_id is not None:
            base.tell(refusal)
            return redirect(url_for(".index"), code=303)
        shown = form.with_error("", refusal.code, **refusal.details())
        return make_response(_open_page(shown, upt), 409)
    pages.notify("success", "counts.opened_done", sheet=record.code, rows=record.row_count)
    return redirect(url_for(".show", count_id=record.count_id), code=303)


def _open_page(form: Form, upt: UptBrief) -> str:
    briefs = catalog_queries.variants_of_upt(upt_id=upt.upt_id, text="")
    return pages.render(
        "desk/counts/open.html",
        form=form,
        entry_key=ids.token() if form.errors("entry_key") else form.value("entry_key"),
        scopes=[(kind.value, *words.SCOPES[kind]) for kind in ScopeKind],
        places=words.place_options(),
        categories=words.category_options(),
        goods=[
            (brief.variant_id, _label(brief.product_name, brief.variant_name, brief.sku))
            for brief in briefs
        ],
    )


def _label(product: str, variant: str, sku: str) -> str:
    return ", ".join(part for part in (product, variant) if part) + f" ({sku})"


@blueprint.post("/nasional/<int:campaign_id>/mulai")
@policy.staff(STOCK_COUNT)
def start_campaign(campaign_id: int) -> Response:
    """Open the sheet of the UPT at hand for a national count."""
    upt_id = session.current_upt_id(STOCK_COUNT)
    if upt_id is None:
        raise NotFound
    upt = base.upt_of(upt_id)
    key = request.form.get("entry_key", "")
    key = key if 16 <= len(key) <= 64 else ids.token()
    whole = Scope(ScopeKind.WHOLE)
    return _opened(upt, whole, f"{key[:50]}-{campaign_id}", campaign_id, forms.blank())


@blueprint.get("/<int:count_id>")
@policy.staff(STOCK_VIEW)
def show(count_id: int) -> str:
    """Show how far a sheet is, and what can be done next."""
    return _show(base.sheet(count_id), forms.blank())


def _show(desk: Desk, form: Form) -> str:
    record, actor = desk.record, session.current_actor()
    events = counts_queries.list_events(actor=actor, count_id=record.count_id)
    user_ids = [_user_id(event.actor) for event in events]
    is_told = record.state in (CountState.HANDED_IN, CountState.APPROVED)
    return pages.render(
        "desk/counts/show.html",
        desk=desk,
        record=record,
        form=form,
        words=words,
        timezone=desk.upt.timezone,
        steps=_steps(events, base.names(user_ids), desk.upt.timezone),
        totals=counts_queries.totals(actor=actor, count_id=record.count_id) if is_told else None,
        posting=counts_queries.get_posting(actor=actor, count_id=record.count_id),
        parts=range(1, max(1, -(-record.row_count // ROWS_A_PAPER)) + 1),
        is_maker=counts_queries.is_maker(actor=actor, count_id=record.count_id),
    )


def _user_id(actor: str) -> int | None:
    kind, _, rest = actor.partition(":")
    return int(rest) if kind == "user" else None


def _steps(
    events: tuple[EventRecord, ...], names: dict[int, str], timezone: str
) -> list[dict[str, str]]:
    steps = []
    for event in events:
        who = names.get(_user_id(event.actor) or 0, "Sistem")
        bad = event.event in (EventKind.CANCELLED, EventKind.SENT_BACK)
        steps.append(
            {
                "label": words.EVENTS[event.event],
                "at_text": filters.local_datetime(event.at, timezone),
                "state": "failed" if bad else "done",
                "note": f"{who}: {event.note}" if event.note else who,
            }
        )
    return steps


@blueprint.post("/<int:count_id>/serahkan")
@policy.staff(STOCK_COUNT)
def hand_in(count_id: int) -> Response:
    """Hand the sheet in; from now on the differences are shown."""
    command, _ = forms.bind(Decide, request.form)
    refusal, _ = base.attempt(
        lambda: counts_services.hand_in(
            actor=session.current_actor(),
            count_id=count_id,
            version=command.version if command else -1,
            at=clock.now(),
        )
    )
    if refusal is not None:
        base.tell(refusal)
        return redirect(url_for(".show", count_id=count_id), code=303)
    pages.notify("success", "counts.handed_in_done")
    return redirect(url_for(".differences", count_id=count_id), code=303)


@blueprint.post("/<int:count_id>/batalkan")
@policy.staff(STOCK_COUNT)
def cancel(count_id: int) -> Response:
    """Cancel the sheet, saying why; nothing is posted."""
    return _with_reason(count_id, "cancel")


@blueprint.post("/<int:count_id>/kembalikan")
@policy.staff(STOCK_APPROVE)
def send_back(count_id: int) -> Response:
    """Give the sheet back to its counters, saying why."""
    return _with_reason(count_id, "send_back")


def _with_reason(count_id: int, step: str) -> Response:
    desk = base.sheet(count_id)
    command, form = forms.bind(DecideWithReason, request.form)
    if command is None:
        return make_response(_show(desk, form), 422)
    service = counts_services.cancel if step == "cancel" else counts_services.send_back
    refusal, _ = base.attempt(
        lambda: service(
            actor=session.current_actor(),
            count_id=count_id,
            version=command.version,
            reason=command.reason,
            at=clock.now(),
        )
    )
    if refusal is not None:
        shown = form.with_error("", refusal.code, **refusal.details())
        return make_response(_show(base.sheet(count_id), shown), 409)
    if step == "cancel":
        pages.notify("success", "counts.cancelled_done", sheet=desk.record.code)
    else:
        pages.notify("success", "counts.sent_back_done")
    return redirect(url_for(".show", count_id=count_id), code=303)
