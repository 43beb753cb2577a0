"""Signing in and out, and making a buyer's account."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, request
from werkzeug.wrappers import Response

from app.domain.cart import services as cart_services
from app.domain.identity import flows as identity_flows
from app.domain.identity import services as identity_services
from app.domain.identity.commands import RegisterBuyer, SignIn
from app.domain.identity.errors import TooManyAttempts
from app.infra import db
from app.kernel import clock, ids
from app.kernel.errors import Invalid, Unavailable
from app.surfaces.web import errors, forms, pages, policy, session

blueprint = Blueprint("auth", __name__)

NEXT_LENGTH_MAX: Final = 500
DESK: Final = "/meja/"
ACCOUNT: Final = "/akun"
SIGN_IN_PAGE: Final = "storefront/auth/sign_in.html"
REGISTER_PAGE: Final = "storefront/auth/register.html"


def safe_next(target: str | None) -> str | None:
    """Return an address of this site as given, or None for anything that could lead elsewhere."""
    if not target or len(target) > NEXT_LENGTH_MAX or not target.startswith("/"):
        return None
    if target.startswith("//") or "\\" in target or not target.isprintable():
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


@blueprint.get("/masuk")
@policy.public
def sign_in() -> Response | str:
    """Show the sign-in form; whoever is signed in goes on."""
    target = safe_next(request.args.get("next"))
    if session.signed_in() is not None:
        return redirect(target or _home(), code=303)
    return pages.render(SIGN_IN_PAGE, form=forms.blank(next=target or ""))


@blueprint.post("/masuk")
@policy.public
def sign_in_post() -> Response:
    """Check the password and begin a session under a fresh token."""
    command, form = forms.bind(SignIn, request.form)
    if command is None:
        return _again(SIGN_IN_PAGE, form, 422)
    try:
        _enter(command)
    except TooManyAttempts as error:
        return _again(SIGN_IN_PAGE, form.with_error("", error.code, **error.details()), 429)
    except Invalid as error:
        return _again(SIGN_IN_PAGE, form.with_errors(error), errors.status_of(error))
    return redirect(safe_next(form.value("next")) or _home(), code=303)


@blueprint.get("/daftar")
@policy.public
def register() -> Response | str:
    """Show the form for a buyer's account."""
    target = safe_next(request.args.get("next"))
    if session.signed_in() is not None:
        return redirect(target or _home(), code=303)
    return pages.render(REGISTER_PAGE, form=forms.blank(next=target or ""))


@blueprint.post("/daftar")
@policy.public
def register_post() -> Response:
    """Make a buyer's account and sign in to it."""
    command, form = forms.bind(RegisterBuyer, request.form)
    if command is None:
        return _again(REGISTER_PAGE, form, 422)
    try:
        identity_flows.register_buyer(command=command, client_key=_client(), at=clock.now())
        _enter(SignIn(email=command.email, password=command.password))
    except TooManyAttempts as error:
        return _again(REGISTER_PAGE, form.with_error("", error.code, **error.details()), 429)
    except Invalid as error:
        return _again(REGISTER_PAGE, form.with_errors(error), 422)
    pages.notify("success", "identity.welcome", name=command.name)
    return redirect(safe_next(form.value("next")) or _home(), code=303)


@blueprint.post("/keluar")
@policy.public
def sign_out() -> Response:
    """End the session on the server and forget it in the browser."""
    token = session.end()
    if token is not None:
        db.transact(lambda: identity_services.sign_out(token=token, at=clock.now()))
    pages.notify("info", "identity.signed_out")
    return redirect("/", code=303)


def _enter(command: SignIn) -> None:
    """Begin a session; an older one of this browser ends, and the visitor's cart comes along."""
    at = clock.now()
    begun = identity_flows.sign_in(
        command=command,
        client_key=_client(),
        at=at,
        token=ids.token(),
        user_agent=request.headers.get("User-Agent", ""),
    )
    older = session.end() if session.signed_in() is not None else None
    if older is not None:
        db.transact(lambda: identity_services.sign_out(token=older, at=at))
    session.begin(token=begun.token)
    _take_cart_along(begun.user_id)


def _take_cart_along(user_id: int) -> None:
    token = session.cart_token()
    if token is None:
        return
    try:
        db.transact(lambda: cart_services.merge(token=token, user_id=user_id, at=clock.now()))
    except Unavailable:
        return  # the cookie stays, so the next sign-in merges it
    session.drop_cart_token()


def _client() -> str:
    return request.remote_addr or "unknown"


def _home() -> str:
    return DESK if session.current_actor().holds("desk.enter") else ACCOUNT


def _again(template: str, form: forms.Form, status: int) -> Response:
    response = make_response(pages.render(template, form=form), status)
    if status == 429:
        response.headers["Retry-After"] = "300"
    return response
