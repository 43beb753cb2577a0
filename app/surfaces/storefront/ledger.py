"""The open book: each day's signed heads and root, as a page and as files for anybody's own check."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, current_app, request, url_for

from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock.types import DailyHead, DailyRoot, HeadProof
from app.domain.upt import queries as upt_queries
from app.infra.memo import Memo
from app.kernel.errors import NotFound
from app.surfaces.web import pages, policy

blueprint = Blueprint("ledger", __name__, url_prefix="/buku")

DAY_SECONDS: Final = 86_400


_newest: Final[Memo[dict[int, DailyHead]]] = Memo("ledger.newest", seconds=60.0)


def newest_heads() -> dict[int, DailyHead]:
    """Return the newest published heads by UPT; a process keeps them for a minute."""
    return _newest.get("newest", _read_newest)


def _read_newest() -> dict[int, DailyHead]:
    return {head.upt_id: head for head in stock_queries.newest_daily_heads()}


@blueprint.get("/")
@policy.public
def index() -> str:
    """Show the newest root, the heads under it, and the days before."""
    cursor = request.args.get("sesudah")
    page = stock_queries.list_roots(cursor=cursor)
    newest = stock_queries.latest_root()
    heads = stock_queries.list_daily_heads(day=newest.day) if newest and not cursor else ()
    names = upt_queries.briefs(upt_ids={head.upt_id for head in heads})
    return pages.render(
        "storefront/ledger/index.html",
        newest=newest,
        heads=[(head, names.get(head.upt_id)) for head in heads],
        roots=page.items,
        next_href=page.after and url_for(".index", sesudah=page.after),
        is_first=cursor is None,
    )


@blueprint.get("/<day>.json")
@policy.public
def day_json(day: str) -> Response:
    """Send a day's heads and root."""
    on = _day(day)
    root = stock_queries.get_root(day=on)
    document = day_document(root=root, heads=stock_queries.list_daily_heads(day=on))
    return _kept(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "application/json")


@blueprint.get("/<day>.txt")
@policy.public
def day_txt(day: str) -> Response:
    """Send a day as it stands in the open file: one line for each head, then the root."""
    return _kept(stock_flows.day_text(day=_day(day)), "text/plain")


@blueprint.get("/<day>/<slug>.json")
@policy.public
def proof_json(day: str, slug: str) -> Response:
    """Send one UPT's head of a day with its way to the root, to be checked alone."""
    upt_id = upt_queries.find_id_by_slug(slug=slug)
    if upt_id is None:
        raise NotFound
    found = stock_queries.proof_of_head(upt_id=upt_id, day=_day(day))
    return _kept(
        json.dumps(proof_document(found), ensure_ascii=False, indent=1) + "\n", "application/json"
    )


@blueprint.get("/check_ledger.py")
@policy.public
def checker() -> Response:
    """Send the stand-alone checker."""
    path = Path(current_app.root_path) / "docs" / "ledger" / "check_ledger.py"
    response = _kept(path.read_text(), "text/x-python")
    response.headers["Content-Disposition"] = "attachment; filename=check_ledger.py"
    response.cache_control.max_age = 3_600
    return response


def day_document(*, root: DailyRoot, heads: Sequence[DailyHead]) -> dict[str, Any]:
    """Return a day as its public file has it."""
    return {
        "format": "karyabina-daily-1",
        "day": root.day.isoformat(),
        "published_at": stock_rules.instant(root.published_at),
        "root": _root(root),
        "heads": [
            {"line": stock_rules.line_of_head(head), "signature": head.signature} for head in heads
        ],
    }


def proof_document(found: HeadProof) -> dict[str, Any]:
    """Return one head with its way to the root as its public file has it."""
    return {
        "format": "karyabina-proof-1",
        "head": {
            "line": stock_rules.line_of_head(found.head),
            "signature": found.head.signature,
        },
        "proof": list(found.path),
        "root": _root(found.root),
    }


def _root(root: DailyRoot) -> dict[str, str]:
    return {
        "line": stock_rules.line_of_root(root),
        "signature": root.signature,
        "endorsement": root.endorsement,
    }


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
    if found.isoformat() != text:
        raise NotFound
    return found


def _kept(text: str, mimetype: str) -> Response:
    response = Response(text, mimetype=mimetype)
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    response.cache_control.public = True
    response.cache_control.max_age = DAY_SECONDS
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.make_conditional(request)
    return response
