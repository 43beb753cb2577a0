"""Who is here: the signed-in user, the powers in force now, the cart, the UPT being worked on.

Sessions live in the database: the signed cookie carries a random token, the row behind it is read
on every request, so log-out and a changed role bite at once.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, current_app, g, request
from flask import session as cookie
from flask_login import LoginManager, current_user, login_user, logout_user

from app.domain.cart.types import CartKey
from app.domain.identity import queries as identity_queries
from app.domain.identity import services as identity_services
from app.domain.identity.types import SignedIn
from app.infra import db
from app.kernel import clock, ids
from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.errors import NotFound, Unavailable

CART_COOKIE: Final = "kb_cart"
CART_COOKIE_DAYS: Final = 60


class SessionUser:
    """What Flask-Login holds: a session token and what it stood for on this request."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, token: str, signed_in: SignedIn) -> None:
        self.token = token
        self.signed_in = signed_in

    def get_id(self) -> str:
        """Return the session token."""
        return self.token


def init_app(app: Flask) -> None:
    """Attach the session reader and the cart cookie to the application."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load)
    # We keep no remember-me cookie; its writer reads the session and so marks every answer,
    # pictures too, as varying by cookie.
    app.after_request_funcs[None].remove(manager._update_remember_cookie)
    app.after_request(_set_cart_cookie)
    app.after_request(_touch)


def _load(token: str) -> SessionUser | None:
    found = identity_queries.find_signed_in(token=token, at=clock.now())
    return SessionUser(token, found) if found else None


def _touch(response: Response) -> Response:
    """Write that the session was used, every few minutes; idle staff sessions end by it."""
    user = g.get("_login_user")
    if response.status_code < 500 and isinstance(user, SessionUser) and user.signed_in.needs_touch:
        session_id = user.signed_in.session_id
        try:
            db.transact(
                lambda: identity_services.touch_session(session_id=session_id, at=clock.now())
            )
        except Unavailable:
            return response  # the next request tries again
    return response


def signed_in() -> SignedIn | None:
    """Return the signed-in user with powers, or None."""
    user = current_user._get_current_object()
    return user.signed_in if isinstance(user, SessionUser) else None


def current_actor() -> Actor:
    """Return the actor of this request."""
    found = signed_in()
    return found.actor if found else ANONYMOUS


def current_user_id() -> int | None:
    """Return the row id of the signed-in user."""
    found = signed_in()
    return found.user.user_id if found else None


def begin(*, token: str) -> None:
    """Start a signed-in session under a fresh token; everything in the old cookie is dropped."""
    found = identity_queries.find_signed_in(token=token, at=clock.now())
    if found is None:
        raise NotFound
    orders = cookie.get("orders")
    cookie.clear()
    if orders:
        cookie["orders"] = orders
    login_user(SessionUser(token, found))
    cookie.permanent = True


def end() -> str | None:
    """Forget the signed-in session in the cookie; return its token so that the row can be revoked."""
    user = current_user._get_current_object()
    token = user.token if isinstance(user, SessionUser) else None
    logout_user()
    cookie.clear()
    return token


def cart_token() -> str | None:
    """Return the token of the visitor's cart cookie, if it has the right shape."""
    if "cart_token" in g:
        return str(g.cart_token)
    token = request.cookies.get(CART_COOKIE, "")
    return token if 40 <= len(token) <= 64 and token.isascii() else None


def ensure_cart_token() -> str:
    """Return the cart token, making one when the visitor has none."""
    token = cart_token()
    if token is None:
        token = ids.token()
        g.cart_token = token
    return token


def drop_cart_token() -> None:
    """Forget the cart cookie, after its cart was merged or ordered."""
    g.cart_token_dropped = True


def cart_key() -> CartKey:
    """Return the key of the present cart; a signed-in user's own cart goes before the cookie's."""
    user_id = current_user_id()
    return CartKey(token=None if user_id else cart_token(), user_id=user_id)


def _set_cart_cookie(response: Response) -> Response:
    if g.get("cart_token_dropped"):
        response.delete_cookie(CART_COOKIE)
    elif "cart_token" in g:
        response.set_cookie(
            CART_COOKIE,
            g.cart_token,
            max_age=CART_COOKIE_DAYS * 86_400,
            httponly=True,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            samesite="Lax",
        )
    return response


def current_upt_id(permission: str) -> int | None:
    """Return the UPT the desk is looking at: from ``?upt=``, the cookie, or the first in reach.

    None means that the actor reaches the whole nation and has chosen no UPT.

    Raises:
        NotFound: The UPT asked for is outside the actor's reach.
    """
    reach = current_actor().reach(permission)
    asked = request.args.get("upt", type=int)
    if asked is not None:
        if not reach.covers(asked):
            raise NotFound
        cookie["upt_id"] = asked
        return asked
    remembered = cookie.get("upt_id")
    if isinstance(remembered, int) and reach.covers(remembered):
        return remembered
    return min(reach.upt_ids, default=None)


def own_order_numbers() -> frozenset[str]:
    """Return the numbers of orders that this browser may open without signing in."""
    return frozenset(str(number) for number in cookie.get("orders", ()))


def remember_order(number: str) -> None:
    """Let this browser open the order; the latest twenty are kept."""
    kept = [known for known in cookie.get("orders", ()) if known != number]
    cookie["orders"] = [*kept[-19:], number]
    cookie.permanent = True
