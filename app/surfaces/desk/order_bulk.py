"""Many orders at once: accepted one by one with a result for each, or printed on one paper."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.domain.orders import queries as order_queries
from app.domain.orders import services as order_services
from app.domain.orders.commands import AcceptOrder
from app.domain.orders.types import PERMISSION_FULFIL, PERMISSION_VIEW, UptOrderPage
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db, pdf
from app.kernel import clock
from app.kernel.errors import DomainError, Invalid
from app.surfaces.desk import units
from app.surfaces.web import filters, messages, order_words, pages, policy, session

blueprint = Blueprint("order_bulk", __name__, url_prefix="/pesanan-banyak")

AT_ONCE: Final = 30


@blueprint.post("/terima")
@policy.staff(PERMISSION_FULFIL)
def accept() -> AnyResponse:
    """Accept the chosen orders with one promised day, each in its own transaction."""
    back = redirect(url_for("desk.orders.index", keadaan="perlu-diterima"), code=303)
    chosen = _chosen()
    if not chosen:
        pages.notify("warning", "orders.bulk_none")
        return back
    actor, at = session.current_actor(), clock.now()
    done, promised_on = 0, request.form.get("promised_on", "")
    for number, version in chosen:
        try:
            command = AcceptOrder.parse({"expected_version": version, "promised_on": promised_on})
            db.transact(
                lambda number=number, command=command: order_services.accept(  # type: ignore[misc]
                    actor=actor, number=number, command=command, at=at
                )
            )
            done += 1
        except Invalid:
            pages.notify("warning", "orders.promise_required")
            return back
        except DomainError as error:
            pages.notify(
                "warning", "orders.bulk_failed", number=number, why=messages.for_error(error)
            )
    if done:
        day = filters.local_date(date.fromisoformat(promised_on))
        pages.notify("success", "orders.bulk_done", done=done, day=day)
    return back


@blueprint.post("/slip.pdf")
@policy.staff(PERMISSION_VIEW)
def slips() -> AnyResponse:
    """Print what goes into each parcel, by lot and without prices."""
    upt, found = _printed()
    if upt is None or not found:
        return _nothing()
    values = {
        "unit": upt.short_name,
        "demo": pages.Shell().is_demo,
        "orders": [_slip(page) for page in found],
    }
    return _pdf("packing_slip", "slip-pengepakan", values)


@blueprint.post("/label.pdf")
@policy.staff(PERMISSION_VIEW)
def labels() -> AnyResponse:
    """Print the addresses, eight on a page."""
    upt, found = _printed()
    sent = [page for page in found if page.group.address is not None]
    if upt is None or not sent:
        return _nothing()
    today = clock.local_date(at=clock.now(), timezone=upt.timezone)
    record = upt_queries.records(upt_ids=(upt.upt_id,), on=today)[upt.upt_id]
    sender = f"{upt.short_name}, {record.address_line}, {record.town} {record.postcode}"
    values = {"labels": [_label(page, sender) for page in sent]}
    return _pdf("address_labels", "label-alamat", values)


def _chosen() -> list[tuple[str, str]]:
    pairs = (value.partition(":") for value in request.form.getlist("nomor")[:AT_ONCE])
    return [(number, version) for number, _, version in pairs]


def _printed() -> tuple[UptBrief | None, tuple[UptOrderPage, ...]]:
    upt = units.current(PERMISSION_VIEW).upt
    numbers = [number for number, _ in _chosen()]
    if upt is None or not numbers:
        return upt, ()
    found = order_queries.list_pages(
        actor=session.current_actor(), upt_id=upt.upt_id, numbers=numbers
    )
    return upt, found


def _slip(page: UptOrderPage) -> dict[str, Any]:
    order, address = page.order, page.group.address
    lots: dict[int, list[str]] = {}
    for part in page.held:
        if part.lot_code:
            lots.setdefault(part.line_id, []).append(f"{part.lot_code} ({part.quantity})")
    return {
        "number": order.number,
        "recipient": (address.recipient if address else "") or page.group.contact.name,
        "delivery": order_words.delivery_text(order),
        "promised": filters.local_date(order.promised_on) if order.promised_on else "",
        "note": page.group.note,
        "lines": [
            {
                "quantity": line.quantity_held,
                "name": " · ".join(filter(None, (line.product_name, line.variant_name))),
                "sku": line.sku,
                "lots": ", ".join(lots.get(line.line_id, ())),
            }
            for line in order.lines
            if line.quantity_held
        ],
    }


def _label(page: UptOrderPage, sender: str) -> dict[str, Any]:
    address = page.group.address
    assert address is not None
    return {
        "number": page.order.number,
        "facts": f"{filters.grams(page.order.weight_g)} · {page.order.delivery_service}",
        "recipient": address.recipient or page.group.contact.name,
        "lines": list(address.lines),
        "phone": address.phone or page.group.contact.phone,
        "sender": sender,
    }


def _nothing() -> AnyResponse:
    pages.notify("warning", "orders.bulk_none")
    return redirect(url_for("desk.orders.index"), code=303)


def _pdf(template: str, name: str, values: dict[str, Any]) -> AnyResponse:
    content = pdf.render(template, values=values, at=clock.now())
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
