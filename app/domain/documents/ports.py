"""What papers need from the shop's face: the address under which anybody may check one."""

from __future__ import annotations

from typing import Final, Protocol

ADDRESSES: Final = "paper_addresses"
"""Name under which bootstrap plugs it in."""


class PaperAddresses(Protocol):
    """Public addresses of papers."""

    def paper_address(self, token: str) -> str:
        """Return the whole address of a paper's check page."""
