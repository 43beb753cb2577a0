"""The counter: scan, change, pay. Everything is an ordinary form; the script only makes it quick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import VariantBrief
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.till import queries as till_queries
from app.domain.till import rules as till_rules
from app.domain.till import services as till_services
from app.domain.till.commands import PaySale, ScanGoods, SetQuantity, SetSecondPrice
from app.domain.till.errors import DraftShort, Unsellable
from app.domain.till.types import PRODUCT_EDIT, TILL_SELL, Draft, PayMethod
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import DomainError, FieldError, IdempotencyMismatch, Invalid, NotFound
from app.kernel.text import fold
from app.surfaces.desk.till import base
from app.surfaces.desk.till.base import Place, blueprint
from app.surfaces.web import forms, messages, pages, policy, session
from app.surfaces.web.forms import Form

CHOICES_MAX: Final = 8
SUGGESTIONS_MAX: Final = 8


@blueprint.get("/kasir")
@policy.staff(TILL_SELL)
def index() -> str:
    """Show what lies on the counter and how to pay it."""
    return _page(base.place())


def _page(
    place: Place,
    *,
    scan: Form | None = None,
    pay: Form | None = None,
    refusal: DomainError | None = None,
    choices: Sequence[VariantBrief] = (),
    unpriced: int | None = None,
) -> str:
    at = clock.now()
    draft = till_queries.draft(actor=session.current_actor(), upt_id=place.upt_id, at=at)
    shown = pay or forms.blank(method=PayMethod.CASH.value, entry_key=ids.token())
    given = _given(shown)
    is_cash = shown.value("method") == PayMethod.CASH.value
    return pages.render(
        "desk/till/counter.html",
        place=place,
        draft=draft,
        troubles={line.line_id: _trouble(line.trouble, line.name) for line in draft.lines},
        scan=scan or forms.blank(),
        scan_key=ids.token(),
        pay=shown,
        pay_key=ids.token() if isinstance(refusal, IdempotencyMismatch) else base.key_of(shown),
        refusal=refusal and messages.for_error(refusal),
        is_short=isinstance(refusal, DraftShort),
        choices=choices,
        unpriced=unpriced,
        can_price=session.current_actor().may(PRODUCT_EDIT, upt_id=place.upt_id),
        methods=[(method.value, words) for method, words in base.METHODS.items()],
        quick=till_rules.quick_amounts(total_idr=draft.total_idr),
        change_idr=_change(draft, given) if is_cash else None,
        places=base.PLACES,
    )


def _trouble(code: str, name: str) -> str:
    return messages.text(code, name=name) if code else ""


def _given(form: Form) -> int | None:
    text = form.value("given_idr")
    try:
        return PaySale.parse(
            {"method": "cash", "total_idr": 0, "given_idr": text, "entry_key": "x" * 16}
        ).given_idr
    except Invalid:
        return None


def _change(draft: Draft, given: int | None) -> int | None:
    if given is None or not draft.lines or given < draft.total_idr:
        return None
    return given - draft.total_idr


@blueprint.post("/kasir/tambah")
@policy.staff(TILL_SELL)
def add() -> Response:
    """Lay scanned or typed goods on the counter."""
    place, at = base.place(), clock.now()
    command, form = forms.bind(ScanGoods, request.form)
    if command is None:
        return make_response(_page(place, scan=form), 422)
    found = _find(place, command.q)
    if isinstance(found, FieldError):
        return make_response(_page(place, scan=form.with_errors(Invalid(found))), 422)
    if not isinstance(found, VariantBrief):
        return make_response(_page(place, scan=form, choices=found))
    refusal, _ = base.attempt(
        lambda: till_services.scan(
            actor=session.current_actor(),
            upt_id=place.upt_id,
            variant_id=found.variant_id,
            grade=command.grade,
            lot_code=stock_rules.parse_scan(command.q).lot_code,
            entry_key=command.entry_key,
            at=at,
        )
    )
    if refusal is None:
        return redirect(url_for(".index"), code=303)
    needs_price = isinstance(refusal, Unsellable) and refusal.why == "till.no_second_price"
    shown, status = base.refused(form, refusal)
    unpriced = found.variant_id if needs_price else None
    return make_response(_page(place, scan=shown, unpriced=unpriced), status)


def _find(place: Place, text: str) -> VariantBrief | FieldError | Sequence[VariantBrief]:
    """Return the goods meant, an error for the field, or several to choose from."""
    scanned = stock_rules.parse_scan(text)
    if scanned.upt_slug not in (None, place.upt.slug):
        return FieldError("q", "till.foreign_label")
    exact = catalog_queries.find_variant(upt_id=place.upt_id, sku=scanned.sku)
    if exact is not None:
        return exact
    near = _near(place.upt_id, scanned.sku) if scanned.sku else []
    if not near:
        return FieldError("q", "till.unknown_goods", (("text", scanned.sku),))
    return near[0] if len(near) == 1 else near[:CHOICES_MAX]


def _near(upt_id: int, text: str) -> list[VariantBrief]:
    """Return goods on sale by words of product or code, else by words of the variant too."""
    found = catalog_queries.variants_of_upt(upt_id=upt_id, text=text)
    words = fold(text).split()
    if not found and len(words) > 1:
        found = tuple(
            brief
            for brief in catalog_queries.variants_of_upt(upt_id=upt_id)
            for name in (fold(f"{brief.product_name} {brief.variant_name} {brief.sku}"),)
            if all(word in name for word in words)
        )
    return [brief for brief in found if brief.is_active]


@blueprint.post("/kasir/baris/<int:line_id>")
@policy.staff(TILL_SELL)
def change_line(line_id: int) -> Response:
    """Set the pieces of a line; zero takes it off."""
    place, at = base.place(), clock.now()
    typed = request.form.get("tombol") or request.form.get("quantity", "")
    command, form = forms.bind(SetQuantity, MultiDict([("quantity", typed)]))
    if command is None:
        wrong = Invalid(FieldError("q", "field.whole_number"))
        return make_response(_page(place, scan=form.with_errors(wrong)), 422)
    db.transact(
        lambda: till_services.set_quantity(
            actor=session.current_actor(),
            upt_id=place.upt_id,
            line_id=line_id,
            quantity=command.quantity,
            at=at,
        )
    )
    return redirect(url_for(".index"), code=303)


@blueprint.post("/kasir/baris/<int:line_id>/kembalikan")
@policy.staff(TILL_SELL)
def put_back(line_id: int) -> Response:
    """Lay a line back that was taken off."""
    place, at = base.place(), clock.now()
    db.transact(
        lambda: till_services.put_back(
            actor=session.current_actor(), upt_id=place.upt_id, line_id=line_id, at=at
        )
    )
    return redirect(url_for(".index"), code=303)


@blueprint.post("/kasir/kosongkan")
@policy.staff(TILL_SELL)
def clear() -> Response:
    """Take everything off the counter."""
    place, at = base.place(), clock.now()
    actor = session.current_actor()
    db.transact(lambda: till_services.clear(actor=actor, upt_id=place.upt_id, at=at))
    return redirect(url_for(".index"), code=303)


@blueprint.post("/kasir/bayar")
@policy.staff(TILL_SELL)
def sell() -> Response:
    """Sell what lies on the counter, or work out the change when only that was asked."""
    place, at = base.place(), clock.now()
    if "isi" in request.form:
        form = forms.typed(request.form).with_value("given_idr", request.form["isi"][:15])
        return make_response(_page(place, pay=form))
    command, form = forms.bind(PaySale, request.form)
    if command is None:
        return make_response(_page(place, pay=form), 422)
    token = ids.token()
    refusal, number = base.attempt(
        lambda: till_services.sell(
            actor=session.current_actor(),
            upt_id=place.upt_id,
            command=command,
            token=token,
            at=at,
        )
    )
    if refusal is None:
        return redirect(url_for(".receipt", number=number, baru=1), code=303)
    shown, status = base.refused(form, refusal)
    if isinstance(refusal, Unsellable):
        return make_response(_page(place, pay=form, refusal=refusal), 409)
    keep = form if status == 409 else shown
    return make_response(_page(place, pay=keep, refusal=refusal if status == 409 else None), status)


@blueprint.get("/kasir/saran")
@policy.staff(TILL_SELL)
def suggestions() -> str:
    """Return goods whose name or code holds the typed words, for the list under the field."""
    place, at = base.place(), clock.now()
    text = request.args.get("q", "").strip()[:80]
    shown = (_near(place.upt_id, text) if text else [])[:SUGGESTIONS_MAX]
    variant_ids = [brief.variant_id for brief in shown]
    return pages.render(
        "desk/till/suggestions.html",
        briefs=shown,
        offers=catalog_queries.offers(variant_ids=variant_ids),
        available=stock_queries.availability(variant_ids=variant_ids, at=at),
    )


@blueprint.route("/kasir/harga-kedua/<int:variant_id>", methods=["GET", "POST"])
@policy.staff(PRODUCT_EDIT)
def second_price(variant_id: int) -> Response | str:
    """Say what second-grade pieces of these goods cost."""
    place, at = base.place(PRODUCT_EDIT), clock.now()
    offer = catalog_queries.offers(variant_ids=[variant_id]).get(variant_id)
    if offer is None or offer.upt_id != place.upt_id:
        raise NotFound
    values: dict[str, Any] = {"offer": offer, "name": till_queries.full_name(offer=offer)}
    if request.method == "GET":
        now_idr = till_queries.find_second_price(variant_id=variant_id)
        form = forms.blank(price_idr=now_idr)
        return pages.render("desk/till/second_price.html", form=form, **values)
    command, form = forms.bind(SetSecondPrice, request.form)
    refusal: DomainError | None = None
    if command is not None:
        refusal, _ = base.attempt(
            lambda: till_services.set_second_price(
                actor=session.current_actor(),
                upt_id=place.upt_id,
                variant_id=variant_id,
                price_idr=command.price_idr,
                at=at,
            )
        )
    if command is None or refusal is not None:
        shown = base.refused(form, refusal)[0] if refusal else form
        return make_response(pages.render("desk/till/second_price.html", form=shown, **values), 422)
    pages.notify(
        "success", "till.second_price_done", name=values["name"], price_idr=command.price_idr
    )
    return redirect(url_for(".index"), code=303)
