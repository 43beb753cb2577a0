"""Words about lists: what a file would do, what it did, what its columns are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.domain.identity import queries as identity_queries
from app.domain.imports.types import Earlier, FileRecord, FileState, Mode, StagedRow
from app.surfaces.web import filters, messages

MODES: Final = {
    Mode.RECEIPTS: "Penerimaan",
    Mode.COUNT: "Opname",
    Mode.PRICES: "Harga",
}
MODE_HINTS: Final = (
    ("", "Ikuti yang tertulis di berkas", "Contoh dari halaman ini sudah menyebutnya."),
    (Mode.RECEIPTS.value, "Penerimaan", "Barang masuk: hasil produksi, pembelian, saldo awal."),
    (Mode.COUNT.value, "Opname", "Hasil hitung untuk satu lembar opname."),
    (Mode.PRICES.value, "Harga", "Harga jual baru."),
)
STATES: Final = {
    FileState.CHECKED: ("Diperiksa", "info"),
    FileState.QUEUED: ("Menunggu giliran", "info"),
    FileState.RUNNING: ("Sedang masuk", "info"),
    FileState.HALTED: ("Berhenti di tengah", "warning"),
    FileState.DONE: ("Selesai", "success"),
    FileState.CANCELLED: ("Batal", "neutral"),
}
COLUMNS: Final = {
    Mode.RECEIPTS: (
        ("kode", "wajib", "Kode barang seperti di daftar produk."),
        ("jumlah", "wajib", "Angka bulat: 12 atau 1.240."),
        ("lot", "", "Kode pada label. Kosong: dibuatkan dari tanggalnya."),
        ("dibuat", "", "Tanggal dibuat: 2026-11-22 atau 22/11/2026."),
        ("baik_sampai", "", "Tanggal terakhir boleh dijual."),
        ("tanggal", "", "Tanggal diterima. Kosong: hari ini."),
        ("asal", "", "produksi, pembelian, atau saldo awal. Kosong: produksi."),
        ("tempat", "", "gudang, galeri, atau karantina. Kosong: gudang."),
        ("no_bukti", "", "Nomor surat atau berita acara."),
        ("catatan", "", "Bebas, paling panjang 300 tanda."),
    ),
    Mode.COUNT: (
        ("kode", "wajib", "Kode barang."),
        ("dihitung", "wajib", "Jumlah yang dilihat; 0 bila tidak ada."),
        ("lot", "", "Kosong bila lembar hanya memuat satu lot."),
        ("tempat", "", "gudang, galeri, mutu kedua, karantina, atau retur."),
        ("lembar", "", "Kode lembar opname, sekali di atas atau di setiap baris."),
        ("catatan", "", "Bebas, paling panjang 200 tanda."),
    ),
    Mode.PRICES: (
        ("kode", "wajib", "Kode barang."),
        ("harga", "wajib", "Rupiah bulat: 185000 atau Rp185.000."),
        ("berlaku", "", "Boleh kosong; tidak boleh tanggal yang belum tiba."),
    ),
}


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """One wrong cell as the page shows it."""

    number: int
    column: str
    value: str
    text: str


def error_lines(rows: tuple[StagedRow, ...]) -> list[ErrorLine]:
    """Return every wrong cell of some rows in words."""
    return [
        ErrorLine(row.number, error.column, error.value, messages.text(error.code, hint=error.hint))
        for row in rows
        for error in row.errors
    ]


def people(*user_ids: int | None) -> dict[int, str]:
    """Return the names of staff."""
    return identity_queries.staff_names(user_ids={each for each in user_ids if each is not None})


def outlook(file: FileRecord) -> str:
    """Return in a sentence what confirming the good rows of a file would do."""
    pieces, goods = filters.integer(file.pieces), filters.integer(file.goods)
    parts = {
        Mode.RECEIPTS: f"Akan masuk {pieces} buah dari {goods} SKU",
        Mode.COUNT: f"Lembar {file.target}: {pieces} buah pada {_rows(file.rows_ready)} akan dicatat",
        Mode.PRICES: f"Harga {goods} SKU akan berubah",
    }
    text = parts[file.mode]
    if file.rows_known:
        text += f"; {_rows(file.rows_known)} sudah pernah diimpor"
    if file.rows_blank:
        text += f"; {_rows(file.rows_blank)} tidak diisi dan dilewati"
    if file.rows_same:
        text += f"; {_rows(file.rows_same)} sudah sama dan dibiarkan"
    return text + "."


def outcome(file: FileRecord) -> str:
    """Return in a sentence what a file did."""
    text = f"{_rows(file.rows_posted)} masuk"
    left = file.rows_total - file.rows_posted
    if left:
        text += f", {_rows(left)} tidak"
    return text + "."


def _rows(count: int) -> str:
    return f"{filters.integer(count)} baris"


def verb(file: FileRecord) -> str:
    """Return what stands on the button that confirms."""
    if file.mode is Mode.PRICES:
        return f"Ubah {filters.integer(file.goods)} harga"
    if file.mode is Mode.COUNT:
        return f"Catat {_rows(file.rows_ready)}"
    return f"Masukkan {filters.integer(file.pieces)} buah"


def earlier(found: Earlier, timezone: str) -> str:
    """Return when and by whom the same content was brought in first."""
    name = people(found.confirmed_by).get(found.confirmed_by or 0, "sistem")
    when = filters.local_datetime(found.confirmed_at, timezone) if found.confirmed_at else ""
    return f"Pada {when} oleh {name}. Tidak ada yang berubah."


def again(mode: Mode) -> str:
    """Return how to say that it is meant anew."""
    if mode is Mode.RECEIPTS:
        return "Kalau ini memang barang lain, isi kolom tanggal atau no_bukti, lalu unggah lagi."
    if mode is Mode.PRICES:
        return "Kalau harga itu hendak dipakai lagi, isi kolom berlaku dengan tanggal hari ini."
    return ""
