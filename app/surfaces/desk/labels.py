"""Labels for shelves and cartons: choose goods, lots and copies, print on sheets of A4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, g, make_response, request, url_for
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import Offer
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock.types import PLACES, STOCK_RECEIVE, LotBalance
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import pdf
from app.kernel import clock
from app.kernel.errors import FieldError, Invalid, NotFound
from app.surfaces.web import forms, pages, policy, receipt_paper, session
from app.surfaces.web.filters import idr, integer, local_date
from app.surfaces.web.forms import Form

blueprint = Blueprint("labels", __name__)

LABELS_MAX: Final = 480
LOTS_MAX: Final = 6
KINDS: Final[Mapping[str, str]] = {"rak": "Label rak", "karton": "Label karton"}
LAYOUTS: Final[Mapping[str, Mapping[str, str]]] = {
    "rak": {
        "3x8": "3 × 8 (24 label, 70 × 37 mm)",
        "2x7": "2 × 7 (14 label, 105 × 42 mm)",
        "2x4": "2 × 4 (8 label, 105 × 74 mm)",
    },
    "karton": {
        "2x4": "2 × 4 (8 label, 105 × 74 mm)",
        "1x2": "1 × 2 (2 label, 210 × 148 mm)",
    },
}
TEMPLATES: Final = {"rak": "shelf_labels", "karton": "carton_labels"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Labels of one kind of goods, or of one lot of it."""

    variant_id: int
    lot_id: int
    copies: int
    pieces: int | None


def _upt() -> UptBrief:
    upt_id = session.current_upt_id(STOCK_RECEIVE)
    upt = upt_queries.briefs(upt_ids=[upt_id]).get(upt_id) if upt_id else None
    if upt is None:
        raise NotFound
    g.upt_label = upt.short_name
    return upt


@blueprint.get("/label")
@policy.staff(STOCK_RECEIVE)
def index() -> str:
    """Choose goods, lots and copies; after a receipt its goods are filled in."""
    upt = _upt()
    filled: dict[str, object] = {"jenis": _kind(), "tata": request.args.get("tata", "")}
    variant_id = request.args.get("barang", type=int)
    if variant_id is not None:
        lot_id = request.args.get("lot", 0, type=int)
        copies = request.args.get("jumlah", 1, type=int)
        filled[f"n.{variant_id}.{lot_id}"] = max(1, min(copies, LABELS_MAX))
        filled[f"i.{variant_id}.{lot_id}"] = request.args.get("isi", type=int)
    return _page(upt, forms.blank(**filled), variant_id=variant_id)


def _kind() -> str:
    asked = request.args.get("jenis", "rak")
    return asked if asked in KINDS else "rak"


def _page(upt: UptBrief, form: Form, *, variant_id: int | None = None) -> str:
    text = request.args.get("q", "").strip()[:80]
    if variant_id is not None:
        brief = catalog_queries.variant_briefs(variant_ids=[variant_id]).get(variant_id)
        text = text or (brief.sku if brief else "")
    page = stock_queries.stock_table(
        actor=session.current_actor(),
        upt_id=upt.upt_id,
        at=clock.now(),
        text=text,
        cursor=request.args.get("sesudah"),
    )
    ids = [row.variant_id for row in page.items]
    kind = _kind()
    return pages.render(
        "desk/labels/index.html",
        form=form,
        kind=kind,
        kinds=[
            (words, url_for(".index", jenis=name, q=text or None), name == kind)
            for name, words in KINDS.items()
        ],
        layouts=list(LAYOUTS[kind].items()),
        text=text,
        page=page,
        lots=_lots(upt.upt_id, ids),
        prices={one: offer.price_idr for one, offer in _offers(ids).items()},
        next_href=page.after and url_for(".index", jenis=kind, q=text or None, sesudah=page.after),
    )


def _offers(variant_ids: Sequence[int]) -> dict[int, Offer]:
    return catalog_queries.offers(variant_ids=variant_ids)


def _lots(upt_id: int, variant_ids: Sequence[int]) -> dict[int, list[LotBalance]]:
    """Return the lots that lie somewhere inside, by variant, first to expire first."""
    found: dict[int, dict[int, LotBalance]] = {one: {} for one in variant_ids}
    if variant_ids:
        for lot in stock_queries.lots_in(upt_id=upt_id, accounts=PLACES, variant_ids=variant_ids):
            found[lot.variant_id].setdefault(lot.lot_id, lot)
    return {one: list(lots.values())[:LOTS_MAX] for one, lots in found.items()}


@blueprint.get("/label/lembar.pdf")
@policy.staff(STOCK_RECEIVE)
def sheet() -> Response:
    """Return the sheets, or the page again with what is wrong."""
    upt = _upt()
    form = forms.typed(request.args)
    kind = _kind()
    layouts = LAYOUTS[kind]
    layout = request.args.get("tata", "")
    across, down = (int(part) for part in (layout if layout in layouts else "2x4").split("x"))
    wanted, errors = _wanted()
    skipped = _number("mulai", 1, across * down, 1)
    if skipped is None:
        errors.append(FieldError("mulai", "field.whole_number"))
    if errors or skipped is None:
        return make_response(_page(upt, form.with_errors(Invalid(*errors))), 422)
    content = pdf.render(
        TEMPLATES[kind],
        values={
            "across": across,
            "down": down,
            "skipped": skipped - 1,
            **_values(upt, wanted),
        },
        at=clock.now(),
    )
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="label-{kind}.pdf"'
    return answer


def _number(name: str, least: int, most: int, default: int) -> int | None:
    text = request.args.get(name, "").strip()
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1
    return number if least <= number <= most else None


def _wanted() -> tuple[list[Wanted], list[FieldError]]:
    wanted: list[Wanted] = []
    errors: list[FieldError] = []
    for name, text in request.args.items():
        parts = name.split(".")
        is_copies = len(parts) == 3 and parts[0] == "n" and text.strip()
        if not is_copies or not all(part.isdecimal() and len(part) < 19 for part in parts[1:]):
            continue
        copies = _number(name, 0, LABELS_MAX, 0)
        pieces = _number(f"i.{parts[1]}.{parts[2]}", 0, 999_999, 0)
        if copies is None or pieces is None:
            errors.append(FieldError(name, "field.whole_number"))
        elif copies:
            wanted.append(Wanted(int(parts[1]), int(parts[2]), copies, pieces or None))
    if not wanted and not errors:
        errors.append(FieldError("", "labels.none_chosen"))
    if sum(one.copies for one in wanted) > LABELS_MAX:
        errors.append(FieldError("", "labels.too_many", (("most", LABELS_MAX),)))
    return wanted, errors


def _values(upt: UptBrief, wanted: Sequence[Wanted]) -> dict[str, Any]:
    """Return the labels with their words; every code is drawn once, however many copies."""
    variant_ids = [one.variant_id for one in wanted]
    offers = _offers(variant_ids)
    if any(one not in offers or offers[one].upt_id != upt.upt_id for one in variant_ids):
        raise NotFound
    lots = {
        lot.lot_id: lot
        for lot in stock_queries.lots_in(
            upt_id=upt.upt_id, accounts=PLACES, variant_ids=variant_ids
        )
    }
    labels = []
    for one in wanted:
        lot = lots.get(one.lot_id)
        if one.lot_id and (lot is None or lot.variant_id != one.variant_id):
            raise NotFound
        labels.append(_label(upt, offers[one.variant_id], lot, one))
    return {"labels": labels, "demo": pages.Shell().is_demo}


def _label(upt: UptBrief, offer: Offer, lot: LotBalance | None, one: Wanted) -> dict[str, Any]:
    path = stock_rules.scan_path(
        upt_slug=upt.slug, sku=offer.sku, lot_code=lot.code if lot else None
    )
    return {
        "copies": one.copies,
        "name": offer.product_name,
        "variant": offer.variant_name,
        "sku": offer.sku,
        "price": idr(offer.price_idr) if offer.price_idr else "",
        "upt": upt.short_name,
        "lot": lot.code if lot else "",
        "made": local_date(lot.produced_on) if lot and lot.produced_on else "",
        "expires": local_date(lot.expires_on) if lot and lot.expires_on else "",
        "pieces": f"{integer(one.pieces)} buah" if one.pieces else "",
        "qr": pdf.qr_svg(receipt_paper.base_url() + path, border=1),
    }
