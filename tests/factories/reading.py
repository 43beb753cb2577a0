"""Pages as a browser without scripts sees them: the words, and the fields a form would send."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {"input", "img", "br", "hr", "meta", "link", "source", "use", "wbr"}


class _Forms(HTMLParser):
    """Collects, form by form, what would be sent, without the submit buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._open = False
        self._area: str | None = None
        self._text = ""
        self._select: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self.forms.append((given.get("action") or "", []))
            self._open = True
        elif self._open and tag == "input":
            self._take_input(given)
        elif self._open and tag == "textarea":
            self._area, self._text = given.get("name") or "", ""
        elif self._open and tag == "select":
            self._select = given.get("name") or ""
        elif self._select and tag == "option" and "selected" in given:
            self._add(self._select, given.get("value") or "")

    def _take_input(self, given: dict[str, str | None]) -> None:
        if not given.get("name"):
            return
        if given.get("type") in ("radio", "checkbox") and "checked" not in given:
            return
        self._add(str(given["name"]), given.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "textarea" and self._area is not None:
            self._add(self._area, self._text.removeprefix("\n"))
            self._area = None
        elif tag == "select":
            self._select = None

    def _add(self, name: str, value: str) -> None:
        self.forms[-1][1].append((name, value))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._skip = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._skip += tag in ("script", "style", "head")

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in ("script", "style", "head")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.parts.append(data)


def words(answer: TestResponse) -> str:
    """Return the text of a page with single spaces."""
    reader = _Words()
    reader.feed(answer.get_data(as_text=True))
    return re.sub(r"\s+", " ", " ".join(reader.parts)).strip()


def fields(answer: TestResponse, action: str) -> dict[str, str]:
    """Return what the first form with this action would send, without its buttons."""
    reader = _Forms()
    reader.feed(answer.get_data(as_text=True))
    for found, pairs in reader.forms:
        if found == action:
            return {name: value for name, value in pairs if name != "csrf_token"}
    raise AssertionError(f"no form sends to {action}: {[name for name, _ in reader.forms]}")


def actions(answer: TestResponse) -> set[str]:
    """Return where the forms of a page send to."""
    reader = _Forms()
    reader.feed(answer.get_data(as_text=True))
    return {action for action, _ in reader.forms}


CONTACT = {
    "contact_name": "Sari Contoh",
    "contact_email": "sari@contoh.example",
    "contact_phone": "0812 3456 7890",
}
ADDRESS = {"place_query": "Senayan", "street": "Jalan Contoh 1"}


def add(client: FlaskClient, variant_id: int, quantity: int | str = 1) -> TestResponse:
    """Put pieces into the cart as the product page does."""
    return client.post(
        "/keranjang/tambah", data={"variant_id": variant_id, "quantity": str(quantity)}
    )


def checkout_values(client: FlaskClient, **changes: str) -> dict[str, str]:
    """Return a checkout form that is filled in and counted, ready to be sent."""
    shown = client.get("/checkout")
    assert shown.status_code == 200, shown.get_data(as_text=True)
    values = {**fields(shown, "/checkout"), **CONTACT, **ADDRESS, **changes}
    counted = client.post("/checkout", data={**values, "langkah": "cari"})
    assert counted.status_code == 200, words(counted)
    return {**fields(counted, "/checkout"), "langkah": "pesan"}


def order(client: FlaskClient, pieces: dict[int, int], **changes: str) -> str:
    """Buy pieces by variant as a visitor does; return the number of the order."""
    for variant_id, quantity in pieces.items():
        assert add(client, variant_id, quantity).status_code == 303
    answer = client.post("/checkout", data=checkout_values(client, **changes))
    assert answer.status_code == 303, words(answer)
    return answer.location.rsplit("/", 1)[1]
