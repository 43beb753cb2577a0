"""How a refusal is answered: one status for each family, one page or one JSON shape."""

from __future__ import annotations

from typing import Any, Final

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.kernel.errors import (
    Conflict,
    DomainError,
    Expired,
    Invalid,
    NotAllowed,
    NotFound,
    Unavailable,
)
from app.surfaces.web import headers, messages

log = structlog.get_logger("web")

STATUS: Final[tuple[tuple[type[DomainError], int], ...]] = (
    (Invalid, 422),
    (NotFound, 404),
    (NotAllowed, 403),
    (Conflict, 409),
    (Expired, 410),
    (Unavailable, 503),
)

TITLES: Final = {
    400: "Permintaan tidak dapat dibaca",
    403: "Belum ada wewenang",
    404: "Tidak ditemukan",
    405: "Cara membuka halaman ini keliru",
    409: "Keadaannya sudah berubah",
    410: "Sudah lewat batas waktu",
    413: "Berkas terlalu besar",
    422: "Ada yang perlu diperbaiki",
    429: "Terlalu banyak percobaan",
    500: "Ada yang rusak di pihak kami",
    503: "Sedang sibuk",
}

PAGES: Final = frozenset({400, 403, 404, 429, 500, 503})


def status_of(error: DomainError) -> int:
    """Return the HTTP status for a refusal; a class may set its own ``http_status``."""
    own = getattr(error, "http_status", None)
    if isinstance(own, int):
        return own
    return next((status for family, status in STATUS if isinstance(error, family)), 500)


def wants_json() -> bool:
    """Say whether the caller asked for JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def respond(
    status: int, *, code: str, text: str, details: dict[str, Any] | None = None
) -> Response:
    """Return the error page, or the one JSON shape for callers that ask for it."""
    if wants_json():
        body = {"code": code, "message": text, "request_id": headers.request_id()}
        response = jsonify({"error": {**body, "fields": {}, "details": details or {}}})
    else:
        page = f"errors/{status}.html" if status in PAGES else "errors/message.html"
        title = TITLES.get(status, TITLES[400])
        response = make_response(
            render_template(
                page,
                status=status,
                code=code,
                title=title,
                text=text,
                request_id=headers.request_id(),
                details=details or {},
            )
        )
    response.status_code = status
    if status in {429, 503}:
        response.headers["Retry-After"] = "30"
    return response


def init_app(app: Flask) -> None:
    """Attach the handlers to the application."""

    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> Response:
        return respond(
            status_of(error), code=error.code, text=messages.for_error(error), details=_safe(error)
        )

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> Response:
        return respond(400, code="request.csrf", text=messages.text("request.csrf"))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        response = error.get_response()
        if error.code is None or error.code < 400:
            return Response(response.get_data(), response.status_code, dict(response.headers))
        text = TITLES.get(error.code, TITLES[400])
        return respond(error.code, code=f"http.{error.code}", text=text + ".")

    @app.errorhandler(Exception)
    def _unknown(error: Exception) -> Response:
        if app.config["PROPAGATE_EXCEPTIONS"]:
            raise error
        g.shell_offline = True
        log.exception("request_failed", path=request.path, method=request.method)
        return respond(500, code="error.unknown", text=messages.text("error.unknown"))


def _safe(error: DomainError) -> dict[str, Any]:
    return {
        name: value
        for name, value in error.details().items()
        if isinstance(value, int | str | None)
    }
