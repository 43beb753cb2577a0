"""A receipt of the till as words and as an 80 mm paper, for the desk and for its buyer alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import Response, current_app, request, url_for

from app.domain.till import rules as till_rules
from app.domain.till.types import PayMethod, Sale
from app.domain.upt.types import UptRecord
from app.infra import pdf
from app.surfaces.web.filters import idr, integer, local_datetime

METHODS: Final = {
    PayMethod.CASH: "Tunai",
    PayMethod.QRIS: "QRIS",
    PayMethod.TRANSFER: "Transfer",
}


def base_url() -> str:
    """Return the address of this shop without a slash at its end."""
    return str(current_app.config["KARYABINA"].base_url or request.url_root.rstrip("/"))


def address_of(token: str) -> str:
    """Return the whole secret address of a receipt."""
    return base_url() + url_for("storefront.receipts.receipt", token=token)


def values_of(sale: Sale, upt: UptRecord, *, is_demo: bool) -> dict[str, Any]:
    """Return everything that the paper says, as words."""
    paid = sale.payment
    lines = [
        {
            "name": line.name,
            "sku": line.sku,
            "note": " · ".join(_notes(line.is_second, line.lots)),
            "sum": f"{integer(line.quantity)} × {idr(line.price_idr)}",
            "amount": idr(line.amount_idr),
        }
        for line in till_rules.receipt_lines(sale.lines)
    ]
    money = [[f"{METHODS[paid.method]}", idr(paid.given_idr or paid.amount_idr)]]
    if paid.change_idr:
        money.append(["Kembali", idr(paid.change_idr)])
    if paid.reference:
        money.append(["Rujukan", paid.reference])
    return {
        "title": "Struk pembatalan" if sale.is_undo else "Struk",
        "unit": upt.short_name,
        "place": ", ".join(part for part in (upt.address_line, upt.town) if part),
        "number": sale.number,
        "at": local_datetime(sale.sold_at, upt.timezone),
        "lines": lines,
        "total": idr(sale.total_idr),
        "money": money,
        "remark": _remark(sale),
        "address": address_of(sale.token),
        "qr": pdf.qr_svg(address_of(sale.token), border=1),
        "demo": is_demo,
    }


def _notes(is_second: bool, lots: tuple[str, ...]) -> list[str]:
    shown = ", ".join(lots[:3]) + (" …" if len(lots) > 3 else "")
    return [*(["mutu kedua"] if is_second else []), f"lot {shown}"]


def _remark(sale: Sale) -> str:
    if sale.is_undo:
        return f"Membatalkan struk {sale.other_number}. Sebab: {sale.reason}"
    if sale.is_undone:
        return f"DIBATALKAN dengan struk {sale.other_number}."
    return ""


def paper(sale: Sale, upt: UptRecord, *, is_demo: bool, at: datetime) -> Response:
    """Return the receipt as a PDF, 80 mm wide and as long as it needs."""
    content = pdf.render("receipt", values=values_of(sale, upt, is_demo=is_demo), at=at)
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{sale.number}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
