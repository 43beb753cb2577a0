"""The secret link of an order: whoever holds it may see the order without an account.

The key is an HMAC of the number under the installation's secret, 256 bits long; it is stored nowhere,
and older secrets that are still accepted keep their links alive.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from flask import current_app, request, url_for

_PURPOSE: Final = b"karyabina.order-link.v1:"


def key_of(number: str) -> str:
    """Return the key of an order number as 43 URL-safe characters."""
    return _key(str(current_app.config["SECRET_KEY"]), number)


def is_key_of(number: str, key: str) -> bool:
    """Say whether a key opens the order, in constant time for each accepted secret."""
    secrets = [current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"]]
    given = key.encode()
    return any(hmac.compare_digest(_key(str(secret), number).encode(), given) for secret in secrets)


def link_to(number: str) -> str:
    """Return the whole address that opens the order in any browser."""
    path = url_for("storefront.orders.order", number=number, kunci=key_of(number))
    base = current_app.config["KARYABINA"].base_url or request.url_root.rstrip("/")
    return f"{base}{path}"


def _key(secret: str, number: str) -> str:
    digest = hmac.new(secret.encode(), _PURPOSE + number.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
