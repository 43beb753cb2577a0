"""The way to the provider's pay page and back, for checkout and for the order page."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.checkout import flows as checkout_flows
from app.domain.payments.errors import (
    AttemptUnderWay,
    GatewayRefused,
    GatewayUnavailable,
    NothingToPay,
)
from app.kernel import ids
from app.surfaces.web import pages

TRANSFER_HINT: Final = (
    "Nomor rekening dan kode transfer tampil setelah pesanan dibuat. Stok kami simpan selama"
    " menunggu transfer Anda."
)
CARD_HINT: Final = (
    "Anda dibawa ke halaman bayar Stripe dan kembali ke sini sesudahnya. Langsung lunas; stok"
    " disimpan setengah jam."
)
DEMO_HINT: Final = " Peragaan: pakai kartu 4242 4242 4242 4242, tidak ada uang yang bergerak."


def methods() -> list[tuple[str, str, str]]:
    """Return the ways to pay that this installation offers, as choices of a form."""
    transfer = ("bank_transfer", "Transfer bank", TRANSFER_HINT)
    if checkout_flows.card_gateway() is None:
        return [transfer]
    hint = CARD_HINT + DEMO_HINT if is_stand_in() else CARD_HINT
    return [transfer, ("card", "Kartu debit atau kredit", hint)]


def is_stand_in() -> bool:
    """Say whether cards are paid at our stand-in instead of the real provider."""
    return bool(current_app.config["KARYABINA"].stripe_api_url)


def to_pay_page(number: str, at: datetime) -> Response:
    """Send the buyer to a pay page; without one, to the order with a word why."""
    base_url = current_app.config["KARYABINA"].base_url or request.url_root.rstrip("/")
    order = f"{base_url}{url_for('storefront.orders.order', number=number)}"
    try:
        url = checkout_flows.start_card(
            number=number,
            key=ids.token(),
            success_url=f"{order}?bayar=selesai",
            cancel_url=f"{order}?bayar=batal",
            at=at,
        )
        return redirect(url, code=303)
    except (GatewayUnavailable, GatewayRefused, AttemptUnderWay, NothingToPay) as error:
        pages.notify("warning", error.code)
    return redirect(url_for("storefront.orders.order", number=number), code=303)
