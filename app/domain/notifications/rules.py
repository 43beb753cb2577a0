"""Decisions about letters: which still holds true, when to try again, and their words.

The words are Indonesian with one English sentence at the end: an order does not carry a language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from app.domain.notifications.types import (
    RETRY_FIRST,
    RETRY_LONGEST,
    MailKind,
    Story,
    Words,
)
from app.domain.orders.types import UptOrderRecord, UptOrderState
from app.domain.payments.types import PaymentMethod
from app.domain.shipping.types import DeliveryMethod
from app.kernel import wording

KIND_OF_ACTION: Final[Mapping[str, MailKind]] = {
    "accept": MailKind.ACCEPTED,
    "ship": MailKind.SHIPPED,
    "ship_part": MailKind.SHIPPED,
    "deliver": MailKind.DELIVERED,
    "hand_over": MailKind.DELIVERED,
    "refuse": MailKind.PART_CANCELLED,
    "cancel": MailKind.PART_CANCELLED,
    "refuse_part": MailKind.GOODS_REFUSED,
    "refuse_rest": MailKind.GOODS_REFUSED,
}
"""Steps of a child order that its buyer hears of."""

REASONS: Final[Mapping[str, str]] = {
    "out_of_stock": "barang ternyata tidak ada",
    "damaged": "barang rusak sebelum dikirim",
    "cannot_deliver": "alamat tidak terjangkau pengiriman",
    "unit_closed": "bengkel sedang tutup",
    "buyer_asked": "atas permintaan Anda",
}


def retry_delay(*, attempts: int) -> timedelta:
    """Return the pause after so many failed attempts: doubling, at most six hours."""
    pause: timedelta = RETRY_FIRST * 2 ** min(attempts - 1, 20)
    return min(pause, RETRY_LONGEST)


def is_still_true(*, kind: MailKind, story: Story) -> bool:
    """Say whether a letter that waited may still leave: nobody is asked to pay twice."""
    if kind is MailKind.ORDER_PLACED:
        return story.page.state is UptOrderState.HELD
    if kind is MailKind.MONEY_IN_REVIEW:
        return story.payment.sums.unsettled_idr > 0
    if kind is MailKind.REFUND_OWED:
        return story.payment.sums.refund_due_idr > 0
    return True


def words(*, kind: MailKind, story: Story) -> Words:
    """Return the words of a letter."""
    return _WRITERS[kind](story)


def whatsapp_text(*, number: str, heading: str, address: str) -> str:
    """Return a link that opens WhatsApp with words ready to send; it names no telephone number.

    Args:
        number: Number of the order.
        heading: What there is to tell, one sentence.
        address: Secret link of the order.
    """
    text = f"Karyabina, pesanan {number}: {heading} Lihat di {address}"
    return f"https://wa.me/?text={quote(text, safe='')}"


def _number(story: Story) -> str:
    return story.page.group.number


def _see(story: Story, label: str = "Lihat pesanan") -> tuple[str, str]:
    return (label, story.address)


def _goods(story: Story) -> tuple[tuple[str, str], ...]:
    parts = (story.part,) if story.part else story.page.upt_orders
    return tuple((story.units[part.upt_id], _lines(part)) for part in parts if part.lines)


def _lines(part: UptOrderRecord) -> str:
    return ", ".join(
        f"{line.quantity} × {line.product_name}"
        + (f" ({line.variant_name})" if line.variant_name else "")
        for line in part.lines
    )


def _english(at: datetime) -> str:
    there = at.astimezone(ZoneInfo(wording.DEFAULT_TIMEZONE))
    return f"{there:%d %B %Y at %H:%M} (UTC+7)"


def _unit(story: Story) -> str:
    return story.units[story.part.upt_id] if story.part else "UPT"


def _placed(story: Story) -> Words:
    total = wording.idr(story.payment.expected_idr)
    until = wording.local_datetime(story.payment.pay_by_at)
    facts = _goods(story)
    if story.payment.method is PaymentMethod.BANK_TRANSFER:
        how = f"Transfer tepat {total} paling lambat {until}. Sampai saat itu barangnya kami simpan untuk Anda."
        facts += (
            ("Bank", story.account.bank),
            ("Nomor rekening", story.account.number),
            ("Atas nama", story.account.holder),
            ("Jumlah tepat", total),
            ("Kode di berita transfer", story.payment.reference),
        )
    else:
        how = f"Pembayaran {total} belum kami terima. Anda bisa membayar dengan kartu di halaman pesanan selama barangnya masih disimpan, sekitar setengah jam sejak memesan."
        facts += (("Jumlah", total),)
    return Words(
        subject=f"Pesanan {_number(story)}: bayar {total}",
        heading="Terima kasih. Tinggal bayar.",
        paragraphs=(how,),
        facts=facts,
        button=_see(story, "Lihat pesanan dan cara membayar"),
        english=f"Your order {_number(story)} is reserved; please pay {total} by {_english(story.payment.pay_by_at)}.",
    )


def _paid(story: Story) -> Words:
    total = wording.idr(story.payment.expected_idr)
    return Words(
        subject=f"Pembayaran {_number(story)} diterima",
        heading="Pembayaran diterima. Terima kasih!",
        paragraphs=(
            "UPT memeriksa barang Anda lalu menjanjikan tanggal pengiriman. Kami kabari begitu ada kepastian.",
            "Faktur dan kwitansi bisa diunduh di halaman pesanan.",
        ),
        facts=(*_goods(story), ("Dibayar", total)),
        button=_see(story),
        english=f"We received your payment of {total} for order {_number(story)}.",
    )


def _accepted(story: Story) -> Words:
    promised = story.part.promised_on if story.part else None
    by = wording.local_date(promised) if promised else ""
    is_pickup = story.part is not None and story.part.delivery_method is DeliveryMethod.PICKUP
    ready = "siap diambil" if is_pickup else "dikirim"
    promise = f"Barang {ready} paling lambat {by}." if by else f"Barang segera {ready}."
    return Words(
        subject=f"Pesanan {_number(story)} dikonfirmasi {_unit(story)}",
        heading=f"{_unit(story)} mengonfirmasi pesanan Anda",
        paragraphs=(promise,),
        facts=(*_goods(story), *((("Paling lambat", by),) if by else ())),
        button=_see(story),
        english=f"Your order was confirmed{f' and is promised by {promised:%d %B %Y}' if promised else ''}.",
    )


def _shipped(story: Story) -> Words:
    part = story.part
    is_part = part is not None and part.state is UptOrderState.PART_SHIPPED
    carrier, tracking = (part.carrier, part.tracking_number) if part else ("", "")
    facts = (*_goods(story), *_parcels(story))
    rest = "Sisanya menyusul dalam paket lain." if is_part else ""
    return Words(
        subject=f"Pesanan {_number(story)} {'sebagian ' if is_part else ''}dikirim",
        heading="Sebagian pesanan Anda dalam perjalanan"
        if is_part
        else "Paket Anda dalam perjalanan",
        paragraphs=tuple(
            filter(None, (f"{_unit(story)} sudah menyerahkan paket kepada kurir.", rest))
        ),
        facts=facts,
        button=_see(story, "Lihat perjalanan paket"),
        english=f"Your parcel is on its way{f' with {carrier}, tracking {tracking}' if tracking else ''}.",
    )


def _parcels(story: Story) -> tuple[tuple[str, str], ...]:
    """Return carrier and number of each parcel, or of the whole part when it is one."""
    part = story.part
    own = [one for one in story.page.parcels if part and one.upt_order_id == part.upt_order_id]
    if len(own) > 1:
        return tuple(
            (
                f"Paket {one.position}",
                ", nomor resi ".join(filter(None, (one.carrier, one.tracking_number))),
            )
            for one in own
        )
    facts = (("Kurir", part.carrier), ("Nomor resi", part.tracking_number)) if part else ()
    return tuple((label, value) for label, value in facts if value)


def _delivered(story: Story) -> Words:
    return Words(
        subject=f"Pesanan {_number(story)}: sudah sampai?",
        heading="Semoga karyanya berkenan",
        paragraphs=(
            f"Barang dari {_unit(story)} tercatat sudah di tangan Anda.",
            "Belum menerimanya, atau ada yang tidak sesuai? Buka halaman pesanan dalam tujuh hari.",
        ),
        facts=_goods(story),
        button=_see(story),
        english="Our records say that your goods arrived; please tell us within seven days if not.",
    )


def _part_cancelled(story: Story) -> Words:
    why = REASONS.get(story.part.reason_code, "") if story.part else ""
    return Words(
        subject=f"Pesanan {_number(story)}: satu bagian dibatalkan",
        heading=f"{_unit(story)} tidak dapat memenuhi pesanan Anda",
        paragraphs=tuple(
            filter(
                None,
                (
                    f"Sebabnya: {why}." if why else "",
                    "Uang untuk bagian ini dikembalikan seluruhnya. Mohon maaf atas kekecewaan ini.",
                ),
            )
        ),
        facts=_goods(story),
        button=_see(story),
        english="One part of your order was cancelled; you get all money for it back.",
    )


def _goods_refused(story: Story) -> Words:
    return Words(
        subject=f"Pesanan {_number(story)}: sebagian barang tidak tersedia",
        heading=f"{_unit(story)} tidak dapat mengirim sebagian barang",
        paragraphs=(
            "Barang yang lain tetap dikerjakan. Uang untuk yang tidak tersedia dikembalikan; rinciannya ada di halaman pesanan.",
        ),
        facts=(),
        button=_see(story, "Lihat rinciannya"),
        english="Some goods of your order are not available; you get the money for them back.",
    )


def _cancelled(story: Story) -> Words:
    return Words(
        subject=f"Pesanan {_number(story)} dibatalkan",
        heading="Pesanan Anda dibatalkan",
        paragraphs=("Tidak ada yang perlu dibayar, dan barangnya sudah kembali dijual.",),
        facts=_goods(story),
        button=_see(story),
        english=f"Order {_number(story)} was cancelled; there is nothing to pay.",
    )


def _expired(story: Story) -> Words:
    return Words(
        subject=f"Pesanan {_number(story)} kedaluwarsa",
        heading="Batas waktu membayar sudah lewat",
        paragraphs=(
            "Barangnya sudah kembali dijual. Mohon jangan mentransfer lagi; silakan memesan ulang.",
            f"Sudah telanjur mentransfer? Uang Anda tidak hilang: simpan buktinya; bendahara mencocokkannya dengan kode {story.payment.reference}.",
        ),
        facts=_goods(story),
        button=_see(story),
        english=f"Order {_number(story)} was not paid in time and has expired; please do not pay any more.",
    )


def _refund_owed(story: Story) -> Words:
    amount = wording.idr(story.amount_idr or 0)
    is_card = story.payment.method is PaymentMethod.CARD
    way = (
        "Uang kembali ke kartu yang dipakai membayar; bank biasanya perlu 5 sampai 10 hari kerja."
        if is_card
        else "Bendahara menghubungi Anda untuk rekening tujuan. Kami tidak pernah meminta PIN atau kode OTP."
    )
    return Words(
        subject=f"Pesanan {_number(story)}: {amount} dikembalikan",
        heading=f"Uang {amount} akan dikembalikan",
        paragraphs=(way,),
        facts=(("Jumlah", amount),),
        button=_see(story),
        english=f"We owe you {amount} for order {_number(story)} and will send it back.",
    )


def _refund_sent(story: Story) -> Words:
    amount = wording.idr(story.amount_idr or 0)
    return Words(
        subject=f"Pesanan {_number(story)}: uang sudah dikirim kembali",
        heading=f"Uang {amount} sudah kami kirim kembali",
        paragraphs=("Nota kredit bisa diunduh di halaman pesanan.",)
        if story.payment.sums.refunded_settled_idr
        else (),
        facts=(("Jumlah yang sudah kembali", amount),),
        button=_see(story),
        english=f"We sent {amount} back to you for order {_number(story)}.",
    )


def _review(story: Story) -> Words:
    received = wording.idr(story.payment.sums.received_idr)
    expected = wording.idr(story.payment.expected_idr)
    return Words(
        subject=f"Pesanan {_number(story)}: uang Anda sedang diperiksa",
        heading="Uang Anda sampai dan sedang diperiksa",
        paragraphs=(
            f"Kami menerima {received}; pesanan ini {expected}. Jumlah atau waktunya tidak sesuai, jadi bendahara memeriksanya dan mengabari Anda.",
            "Uang tidak hilang, dan Anda tidak perlu mengirim apa pun lagi.",
        ),
        facts=(
            ("Diterima", received),
            ("Harga pesanan", expected),
            ("Kode", story.payment.reference),
        ),
        button=_see(story),
        english=f"We received {received} for order {_number(story)} and are checking it; nothing is lost.",
    )


_WRITERS: Final[Mapping[MailKind, Callable[[Story], Words]]] = {
    MailKind.ORDER_PLACED: _placed,
    MailKind.ORDER_PAID: _paid,
    MailKind.ACCEPTED: _accepted,
    MailKind.SHIPPED: _shipped,
    MailKind.DELIVERED: _delivered,
    MailKind.PART_CANCELLED: _part_cancelled,
    MailKind.GOODS_REFUSED: _goods_refused,
    MailKind.ORDER_CANCELLED: _cancelled,
    MailKind.ORDER_EXPIRED: _expired,
    MailKind.REFUND_OWED: _refund_owed,
    MailKind.REFUND_SENT: _refund_sent,
    MailKind.MONEY_IN_REVIEW: _review,
}
