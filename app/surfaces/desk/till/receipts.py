"""One receipt on the desk: show, print, take back."""

from __future__ import annotations

import base64

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.identity import queries as identity_queries
from app.domain.till import queries as till_queries
from app.domain.till import rules as till_rules
from app.domain.till import services as till_services
from app.domain.till.commands import UndoSale
from app.domain.till.types import STOCK_APPROVE, TILL_SELL, PayMethod, Sale
from app.domain.upt import queries as upt_queries
from app.infra import pdf
from app.kernel import clock, ids
from app.surfaces.desk.till import base
from app.surfaces.desk.till.base import Place, blueprint
from app.surfaces.web import forms, pages, policy, receipt_paper, session
from app.surfaces.web.forms import Form


def _sale(place: Place, number: str) -> Sale:
    return till_queries.get_sale(actor=session.current_actor(), upt_id=place.upt_id, number=number)


def _picture(svg: str) -> str:
    """Return an SVG as the address of a picture."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _may_undo(place: Place, sale: Sale, *, is_today: bool) -> bool:
    if sale.is_undo or sale.is_undone:
        return False
    return is_today or session.current_actor().may(STOCK_APPROVE, upt_id=place.upt_id)


@blueprint.get("/kasir/penjualan/<number>")
@policy.staff(TILL_SELL)
def receipt(number: str) -> str:
    """Show a receipt with its code for the buyer; right after paying, the change stands on top."""
    place, at = base.place(), clock.now()
    sale = _sale(place, number)
    names = identity_queries.staff_names(user_ids={sale.actor_user_id})
    is_today = sale.day == place.today(at)
    address = receipt_paper.address_of(sale.token)
    return pages.render(
        "desk/till/receipt.html",
        place=place,
        sale=sale,
        lines=till_rules.receipt_lines(sale.lines),
        methods=base.METHODS,
        places=base.PLACES,
        cashier=names.get(sale.actor_user_id, "Petugas"),
        address=address,
        code=_picture(pdf.qr_svg(address, border=4)),
        scan_key=ids.token(),
        is_new="baru" in request.args and not sale.is_undone,
        may_undo=_may_undo(place, sale, is_today=is_today),
        needs_head=not is_today and not sale.is_undo and not sale.is_undone,
    )


@blueprint.get("/kasir/penjualan/<number>.pdf")
@policy.staff(TILL_SELL)
def receipt_pdf(number: str) -> Response:
    """Return the receipt as an 80 mm paper."""
    place, at = base.place(), clock.now()
    sale = _sale(place, number)
    upt = upt_queries.get(upt_id=place.upt_id, on=place.today(at))
    return receipt_paper.paper(sale, upt, is_demo=pages.Shell().is_demo, at=sale.sold_at)


@blueprint.route("/kasir/penjualan/<number>/batal", methods=["GET", "POST"])
@policy.staff(TILL_SELL)
def undo(number: str) -> Response | str:
    """Take a sale back: goods to where they were, money to the buyer, both on a new receipt."""
    place, at = base.place(), clock.now()
    sale = _sale(place, number)
    if sale.day != place.today(at):
        session.current_actor().ensure(STOCK_APPROVE, upt_id=place.upt_id)
    if request.method == "GET":
        blank = forms.blank(method=sale.payment.method.value, entry_key=ids.token())
        return _undo_page(blank, sale)
    command, form = forms.bind(UndoSale, request.form)
    if command is None:
        return make_response(_undo_page(form, sale), 422)
    token = ids.token()
    refusal, undoing = base.attempt(
        lambda: till_services.undo(
            actor=session.current_actor(),
            upt_id=place.upt_id,
            number=number,
            command=command,
            token=token,
            at=at,
        )
    )
    if refusal is not None:
        shown, status = base.refused(form, refusal)
        return make_response(_undo_page(shown, _sale(place, number)), status)
    pages.notify("success", "till.undone_done", number=number)
    return redirect(url_for(".receipt", number=undoing), code=303)


def _undo_page(form: Form, sale: Sale) -> str:
    ways = {sale.payment.method: f"{base.METHODS[sale.payment.method]}, seperti dibayar"}
    ways.setdefault(PayMethod.CASH, "Tunai dari laci")
    return pages.render(
        "desk/till/undo.html",
        form=form,
        entry_key=base.key_of(form),
        sale=sale,
        lines=till_rules.receipt_lines(sale.lines),
        ways=[(method.value, words) for method, words in ways.items()],
    )
