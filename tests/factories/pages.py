"""Reading pages and handing files in, as a browser would."""

from __future__ import annotations

import io
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def text_of(answer: TestResponse) -> str:
    """Return the page of an answer."""
    return answer.get_data(as_text=True)


def value_of(page: str, name: str) -> str | None:
    """Return the value of the first input with this name."""
    found = re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', page)
    return found[1] if found else None


def upload(
    client: FlaskClient, product_id: int, content: bytes, name: str, alt: str
) -> TestResponse:
    """Hand in a picture for a product, by its form on the desk."""
    answer = client.post(
        f"/meja/produk/{product_id}/gambar",
        data={"picture": (io.BytesIO(content), name), "alt": alt, "picture_key": "a" * 16},
        content_type="multipart/form-data",
    )
    answer.request.environ["wsgi.input"].close()
    return answer
