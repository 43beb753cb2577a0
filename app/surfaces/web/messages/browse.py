"""Words of browsing and searching."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "search.unavailable": "Pencarian sedang tidak dapat dipakai. Coba lagi sebentar.",
    "search.rebuild_running": "Indeks pencarian sedang dibuat ulang. Tunggu sampai selesai.",
}
