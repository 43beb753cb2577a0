"""Who may open a view. Access is denied by default: a view without a policy is refused.

A policy is fastened to the view function by a decorator; the parent blueprint's
``before_request`` enforces it for every nested blueprint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.errors import NotAllowed, NotFound
from app.surfaces.web import session

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Policy:
    """What a visitor needs.

    Attributes:
        name: Text for the route table, for example ``staff(stock.view)``.
        needs_user: A signed-in user is required.
        permission: Permission that must be held somewhere.
    """

    name: str
    needs_user: bool = False
    permission: str | None = None


_PUBLIC: Final = Policy("public")
_BUYER: Final = Policy("buyer", needs_user=True)


def _fasten(view: View, policy: Policy) -> View:
    view.policy = policy  # type: ignore[attr-defined]  # read back by policy_of
    return view


def public(view: View) -> View:
    """Let anybody open the view."""
    return _fasten(view, _PUBLIC)


def buyer(view: View) -> View:
    """Let any signed-in person open the view."""
    return _fasten(view, _BUYER)


def staff(permission: str) -> Callable[[View], View]:
    """Let people who hold the permission somewhere open the view."""

    def decorate(view: View) -> View:
        return _fasten(view, Policy(f"staff({permission})", needs_user=True, permission=permission))

    return decorate


def policy_of(view: Callable[..., Any] | None) -> Policy | None:
    """Return the policy fastened to a view."""
    found = getattr(view, "policy", None)
    return found if isinstance(found, Policy) else None


def enforce() -> Response | None:
    """Check the policy of the view that is about to run.

    Raises:
        NotFound: The address carries a NUL, which no text in the database can hold.
        NotAllowed: No policy, or the permission is not held.
    """
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        raise NotFound
    policy = policy_of(current_app.view_functions.get(request.endpoint or ""))
    if policy is None:
        raise NotAllowed("view without a policy")
    if not policy.needs_user:
        return None
    if session.signed_in() is None:
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("storefront.auth.sign_in", next=target), code=303)
    if policy.permission and not session.current_actor().holds(policy.permission):
        raise NotAllowed(policy.permission)
    return None


def guard(blueprint: Blueprint) -> None:
    """Enforce policies on every view below this parent blueprint."""
    blueprint.before_request(enforce)
