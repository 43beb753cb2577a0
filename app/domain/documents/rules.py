"""Numbers, words and the frozen text of papers.

A paper's text is canonical JSON: sorted keys, no spaces, UTF-8. Its SHA-256 is noted beside it and
shown on the check page. ``form`` names the layout, so that a later layout leaves old papers alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import lokal

from app.domain.documents.types import PaperKind
from app.domain.orders.types import OrderGroupRecord, UptOrderRecord
from app.domain.payments.types import PaymentMethod, PaymentRecord
from app.domain.shipping.types import DeliveryMethod
from app.domain.upt.types import UptRecord
from app.kernel import wording

FORM: Final = 1

PREFIXES: Final[Mapping[PaperKind, str]] = {
    PaperKind.INVOICE: "FJ",
    PaperKind.RECEIPT: "KW",
    PaperKind.CREDIT_NOTE: "NK",
}

TITLES: Final[Mapping[PaperKind, str]] = {
    PaperKind.INVOICE: "Faktur penjualan",
    PaperKind.RECEIPT: "Kwitansi",
    PaperKind.CREDIT_NOTE: "Nota kredit",
}

METHODS: Final[Mapping[PaymentMethod, str]] = {
    PaymentMethod.BANK_TRANSFER: "transfer bank",
    PaymentMethod.CARD: "kartu",
}


def paper_number(*, kind: PaperKind, upt_slug: str, year: int, sequence: int) -> str:
    """Return a number such as ``FJ-lapas-indramayu-2026-000123``."""
    return f"{PREFIXES[kind]}-{upt_slug}-{year}-{sequence:06d}"


def freeze(content: Mapping[str, Any]) -> tuple[str, str]:
    """Return the canonical text of a paper and its SHA-256 in hexadecimal."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text, sha256(text)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def in_words(amount_idr: int) -> str:
    """Return an amount in words, for example ``Empat puluh lima ribu rupiah``."""
    words = " ".join(str(lokal.terbilang(amount_idr)).split())
    words = words if words.endswith("rupiah") else f"{words} rupiah"
    return words[:1].upper() + words[1:]


def head(
    *,
    kind: PaperKind,
    number: str,
    upt: UptRecord,
    group: OrderGroupRecord,
    part: UptOrderRecord,
    amount_idr: int,
    day: date,
    at: datetime,
    address: str,
) -> dict[str, Any]:
    """Return what every paper says: who, to whom, about which order, how much.

    Of the buyer it keeps name and regency and nothing else.
    """
    place = ""
    if part.delivery_method is not DeliveryMethod.PICKUP and group.address is not None:
        place = f"{group.address.regency}, {group.address.province}"
    return {
        "form": FORM,
        "kind": str(kind),
        "title": TITLES[kind],
        "number": number,
        "day": wording.local_date(day),
        "issued_at": wording.local_datetime(at, upt.timezone),
        "unit": upt.name,
        "unit_place": ", ".join(filter(None, (upt.address_line, upt.town, upt.province_name))),
        "buyer": group.contact.name,
        "buyer_place": place,
        "order": part.number,
        "amount_idr": amount_idr,
        "amount": wording.idr(amount_idr),
        "in_words": in_words(amount_idr),
        "address": address,
    }


def invoice_body(*, part: UptOrderRecord, paid_on: date | None) -> dict[str, Any]:
    """Return the lines and sums of an invoice."""
    sums = [["Barang", wording.idr(part.goods_total_idr)]]
    if part.shipping_fee_idr:
        sums.append(["Ongkos kirim", wording.idr(part.shipping_fee_idr)])
    day = f"Lunas pada {wording.local_date(paid_on)}. " if paid_on else ""
    return {
        "lines": [
            {
                "name": line.product_name,
                "note": " · ".join(filter(None, (line.variant_name, line.sku))),
                "quantity": wording.integer(line.quantity),
                "price": wording.idr(line.unit_price_idr),
                "amount": wording.idr(line.line_total_idr),
            }
            for line in part.lines
        ],
        "sums": sums,
        "remark": f"{day}Faktur ini bukan faktur pajak.",
    }


def receipt_body(*, payment: PaymentRecord, paid_on: date | None, invoice: str) -> dict[str, Any]:
    """Return what a receipt says about the money."""
    return {
        "how": f"{METHODS.get(payment.method, 'uang')}, kode {payment.reference}",
        "paid_on": wording.local_date(paid_on) if paid_on else "",
        "for": f"Pembelian karya warga binaan menurut faktur {invoice}",
    }


def credit_body(*, invoice: str, amount_idr: int, reason: str) -> dict[str, Any]:
    """Return the one line of a credit note."""
    return {
        "lines": [
            {
                "name": f"Pengembalian atas faktur {invoice}",
                "note": reason,
                "quantity": "1",
                "price": wording.idr(amount_idr),
                "amount": wording.idr(amount_idr),
            }
        ],
        "sums": [],
        "remark": f"Nota ini mengurangi faktur {invoice}; fakturnya sendiri tidak berubah.",
    }
