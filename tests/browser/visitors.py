"""People with a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page

from app.seeds import demo

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
DOMAIN = "@demo.karyabina.example"


class Visitor:
    """A person with a browser of their own.

    Attributes:
        page: The one tab.
        complaints: What the console and uncaught exceptions said, answers of the server aside.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _console(self, message: Any) -> None:
        is_answer = "Failed to load resource" in message.text and "4" in message.text
        if message.type == "error" and not is_answer:
            self.complaints.append(message.text)

    def open(self, path: str) -> int:
        """Open a page of the shop; return its status."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        return answer.status

    def sign_in(self, name: str) -> None:
        """Sign in with a demo account, named by what stands before its domain."""
        self.open("/masuk")
        self.page.fill("[name=email]", name + DOMAIN)
        self.page.fill("[name=password]", demo.PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_load_state()
        assert "/masuk" not in self.page.url


Enter = Callable[..., Visitor]
