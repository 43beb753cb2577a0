"""Response headers: content policy, framing, caching, request id, compression."""

from __future__ import annotations

import gzip
import re
import secrets
from typing import Final

import structlog
from flask import Flask, Response, g, request

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_GZIP_MIN: Final = 1_400


def csp_nonce() -> str:
    """Return the nonce of this response for a script element, made on first use."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def request_id() -> str:
    """Return the id of this request, for logs and for the page that says something broke."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def init_app(app: Flask, *, is_secure: bool, pay_origin: str = "") -> None:
    """Attach the headers to every response.

    Args:
        pay_origin: Where a form may lead beside this shop: the provider's pay page.
    """
    form_targets = " ".join(filter(None, ("'self'", pay_origin)))
    app.jinja_env.globals["csp_nonce"] = csp_nonce

    @app.before_request
    def _bind_request_id() -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id())

    @app.after_request
    def _headers(response: Response) -> Response:
        script = "'self'" + (f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "")
        response.headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data: blob:;"
            f" font-src 'self'; connect-src 'self'; form-action {form_targets};"
            " base-uri 'none';"
            " frame-ancestors 'none'; manifest-src 'self'",
        )
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "geolocation=(), microphone=(), payment=()"
        )
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers["X-Request-Id"] = request_id()
        if is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if _is_private() else "private, no-cache"
        return _compress(response)


def _is_private() -> bool:
    private = ("/meja", "/akun", "/pesanan", "/checkout", "/keranjang", "/masuk", "/daftar")
    return request.path.startswith(private)


def _compress(response: Response) -> Response:
    is_text = response.mimetype in {
        "text/html",
        "application/json",
        "application/xml",
        "text/plain",
    }
    if (
        not is_text
        or response.direct_passthrough
        or response.status_code == 304
        or _is_private()
        or "Content-Encoding" in response.headers
        or "gzip" not in request.headers.get("Accept-Encoding", "")
    ):
        return response
    body = response.get_data()
    response.vary.add("Accept-Encoding")
    if len(body) >= _GZIP_MIN:
        response.set_data(gzip.compress(body, compresslevel=4, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
