"""National counts: calling one, and the map of how far every UPT is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.counts import queries as counts_queries
from app.domain.counts import services as counts_services
from app.domain.counts.commands import OpenCampaign
from app.domain.counts.types import (
    STOCK_VIEW,
    UPT_MANAGE,
    CampaignLine,
    CampaignRecord,
    CampaignState,
    CountState,
    ScopeKind,
)
from app.domain.upt import queries as upt_queries
from app.kernel import clock, ids
from app.kernel.paging import PAGE_SIZE
from app.surfaces.desk.counts import base, words
from app.surfaces.desk.counts.base import blueprint
from app.surfaces.desk.counts.differences import as_csv
from app.surfaces.web import forms, pages, policy, session
from app.surfaces.web.forms import Form

TILE = 22
TILES_A_ROW = 12
CAPITAL = "Asia/Jakarta"

KEYS = {"belum": None, **{state.value: state for state in CountState}}
SIGNS = {
    None: "", CountState.COUNTING: "…", CountState.HANDED_IN: "?", CountState.APPROVED: "✓",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tile:
    """One UPT on the map."""

    x: int
    y: int
    key: str
    sign: str
    text: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Office:
    """One regional office: its tiles and its figures."""

    kanwil_id: int
    name: str
    tiles: tuple[Tile, ...]
    width: int
    height: int
    not_started: int
    counting: int
    handed_in: int
    approved: int
    gain_idr: int
    loss_idr: int

    @property
    def total(self) -> int:
        """Return how many UPT belong to it."""
        return self.not_started + self.counting + self.handed_in + self.approved

    @property
    def text(self) -> str:
        """Return the tiles in words."""
        return (
            f"{self.name}: {self.approved} disetujui, {self.handed_in} menunggu persetujuan,"
            f" {self.counting} sedang dihitung, {self.not_started} belum mulai"
        )


@blueprint.get("/nasional")
@policy.staff(STOCK_VIEW)
def campaigns() -> str:
    """List the national counts."""
    actor = session.current_actor()
    page = counts_queries.list_campaigns(actor=actor, cursor=request.args.get("sesudah"))
    return pages.render(
        "desk/counts/campaigns.html",
        page=page,
        offices=_office_names(),
        next_href=page.after and url_for(".campaigns", sesudah=page.after),
        can_manage=actor.reach(UPT_MANAGE).is_national,
        words=words,
    )


def _office_names() -> dict[int, str]:
    return {office.kanwil_id: office.name for office in upt_queries.list_kanwil()}


@blueprint.route("/nasional/baru", methods=["GET", "POST"])
@policy.staff(UPT_MANAGE)
def new_campaign() -> Response | str:
    """Call a national count."""
    session.current_actor().ensure_national(UPT_MANAGE)
    if request.method == "GET":
        today = clock.local_date(at=clock.now(), timezone=CAPITAL)
        blank = forms.blank(
            scope=ScopeKind.WHOLE.value, starts_on=today, ends_on=today, entry_key=ids.token()
        )
        return _new_page(blank)
    command, form = forms.bind(OpenCampaign, request.form)
    if command is None:
        return make_response(_new_page(form), 422)
    refusal, campaign_id = base.attempt(
        lambda: counts_services.open_campaign(
            actor=session.current_actor(), title=command.title, kanwil_id=command.kanwil_id,
            scope=command.as_scope(), starts_on=command.starts_on, ends_on=command.ends_on,
            entry_key=command.entry_key, at=clock.now(),
        )
    )  # fmt: skip
    if refusal is not None:
        return make_response(_new_page(form.with_error("", refusal.code)), 409)
    pages.notify("success", "counts.campaign_opened_done", title=command.title)
    return redirect(url_for(".campaign", campaign_id=campaign_id), code=303)


def _new_page(form: Form) -> str:
    kinds = (ScopeKind.WHOLE, ScopeKind.PLACE, ScopeKind.CATEGORY)
    return pages.render(
        "desk/counts/new_campaign.html",
        form=form,
        entry_key=ids.token() if form.errors("entry_key") else form.value("entry_key"),
        scopes=[(kind.value, *words.SCOPES[kind]) for kind in kinds],
        places=words.place_options(),
        categories=words.category_options(),
        offices=sorted(_office_names().items(), key=lambda pair: pair[1]),
    )


@blueprint.get("/nasional/<int:campaign_id>")
@policy.staff(STOCK_VIEW)
def campaign(campaign_id: int) -> str:
    """Show how far every UPT in reach is: a map of tiles, the same in a table, and the rows."""
    actor = session.current_actor()
    record = counts_queries.get_campaign(actor=actor, campaign_id=campaign_id)
    lines = counts_queries.campaign_lines(actor=actor, campaign_id=campaign_id)
    names = _office_names()
    kanwil_id, key = request.args.get("kanwil", type=int), request.args.get("keadaan", "")
    shown = [
        line
        for line in lines
        if kanwil_id in (None, line.kanwil_id) and (key not in KEYS or line.state is KEYS[key])
    ]
    start = max(request.args.get("dari", 0, type=int), 0)
    counts = Counter(line.state for line in lines)
    has_more = len(shown) > start + PAGE_SIZE
    return pages.render(
        "desk/counts/campaign.html",
        record=record,
        offices=_offices(lines, names),
        office_names=names,
        rows=shown[start : start + PAGE_SIZE],
        found=len(shown),
        total=len(lines),
        approved=counts[CountState.APPROVED],
        figures=_figures(lines),
        filters=_filters(record, kanwil_id, key, counts, len(lines)),
        kanwil_id=kanwil_id,
        previous_href=_page_href(campaign_id, kanwil_id, key, start - PAGE_SIZE) if start else None,
        next_href=(
            _page_href(campaign_id, kanwil_id, key, start + PAGE_SIZE) if has_more else None
        ),
        can_manage=actor.reach(UPT_MANAGE).is_national,
        is_open=record.state is CampaignState.OPEN,
        words=words,
    )


def _page_href(campaign_id: int, kanwil_id: int | None, key: str, start: int) -> str:
    return url_for(
        ".campaign", campaign_id=campaign_id, kanwil=kanwil_id, keadaan=key or None,
        dari=max(start, 0) or None,
    )  # fmt: skip


def _filters(
    record: CampaignRecord,
    kanwil_id: int | None,
    key: str,
    counts: Counter[CountState | None],
    total: int,
) -> list[tuple[str, str, bool, int]]:
    labels: dict[str, tuple[str, int]] = {"": ("Semua", total)}
    for name, state in KEYS.items():
        if state is not CountState.CANCELLED:
            label = words.STATES[state] if state else words.NOT_STARTED
            labels[name] = (label, counts[state])
    return [
        (
            label,
            url_for(
                ".campaign", campaign_id=record.campaign_id, kanwil=kanwil_id, keadaan=name or None
            ),
            name == key,
            number,
        )
        for name, (label, number) in labels.items()
    ]


def _figures(lines: Sequence[CampaignLine]) -> tuple[int, int]:
    return sum(line.gain_idr or 0 for line in lines), sum(line.loss_idr or 0 for line in lines)


def _offices(lines: Sequence[CampaignLine], names: dict[int, str]) -> list[Office]:
    by_office: dict[int, list[CampaignLine]] = {}
    for line in lines:
        by_office.setdefault(line.kanwil_id, []).append(line)
    offices = [_office(kanwil_id, names, own) for kanwil_id, own in by_office.items()]
    return sorted(offices, key=lambda office: office.name)


def _office(kanwil_id: int, names: dict[int, str], lines: list[CampaignLine]) -> Office:
    counts = Counter(line.state for line in lines)
    gain, loss = _figures(lines)
    return Office(
        kanwil_id=kanwil_id,
        name=names.get(kanwil_id, ""),
        tiles=tuple(_tile(number, line) for number, line in enumerate(lines)),
        width=min(len(lines), TILES_A_ROW) * TILE,
        height=-(-len(lines) // TILES_A_ROW) * TILE,
        not_started=counts[None],
        counting=counts[CountState.COUNTING],
        handed_in=counts[CountState.HANDED_IN],
        approved=counts[CountState.APPROVED],
        gain_idr=gain,
        loss_idr=loss,
    )


def _tile(number: int, line: CampaignLine) -> Tile:
    label = words.STATES[line.state] if line.state else words.NOT_STARTED
    return Tile(
        x=number % TILES_A_ROW * TILE,
        y=number // TILES_A_ROW * TILE,
        key=line.state.value if line.state else "none",
        sign=SIGNS[line.state],
        text=f"{line.upt_name}: {label.lower()}",
        href=url_for(".show", count_id=line.count_id) if line.count_id else None,
    )


@blueprint.get("/nasional/<int:campaign_id>/upt.csv")
@policy.staff(STOCK_VIEW)
def campaign_csv(campaign_id: int) -> Response:
    """Hand out the state of every UPT in reach as a file for spreadsheets."""
    lines = counts_queries.campaign_lines(actor=session.current_actor(), campaign_id=campaign_id)
    names = _office_names()
    head = (
        "kanwil", "provinsi", "upt", "keadaan", "lembar", "baris", "baris_berbeda",
        "nilai_lebih", "nilai_kurang",
    )  # fmt: skip
    rows: list[tuple[object, ...]] = [
        (
            names.get(line.kanwil_id, ""), line.province_name, line.upt_name,
            words.STATES[line.state] if line.state else words.NOT_STARTED, line.code,
            line.row_count, line.differing, line.gain_idr, line.loss_idr,
        )
        for line in lines
    ]  # fmt: skip
    return base.download(
        as_csv([head, *rows]), name=f"opname-nasional-{campaign_id}.csv", mimetype="text/csv"
    )


@blueprint.post("/nasional/<int:campaign_id>/tutup")
@policy.staff(UPT_MANAGE)
def close_campaign(campaign_id: int) -> Response:
    """Take no more sheets for a national count."""
    refusal, _ = base.attempt(
        lambda: counts_services.close_campaign(
            actor=session.current_actor(), campaign_id=campaign_id, at=clock.now()
        )
    )
    if refusal is not None:
        base.tell(refusal)
    else:
        pages.notify("success", "counts.campaign_closed_done")
    return redirect(url_for(".campaign", campaign_id=campaign_id), code=303)
