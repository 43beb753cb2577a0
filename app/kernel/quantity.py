"""Limits of whole pieces and physical measures, shared by commands and tables."""

from __future__ import annotations

from typing import Final

QUANTITY_MAX: Final = 1_000_000
"""Most pieces that one line, receipt or adjustment may name."""

CART_QUANTITY_MAX: Final = 999
"""Most pieces of one variant in one cart."""

WEIGHT_G_MAX: Final = 1_000_000
"""Heaviest piece: one ton."""

LENGTH_MM_MAX: Final = 20_000
"""Longest side of a piece: twenty metres."""
