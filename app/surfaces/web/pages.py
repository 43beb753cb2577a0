"""What every page has around its content: the shell with cart, user, desk menu and notices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast

from flask import (
    Flask,
    current_app,
    flash,
    g,
    get_flashed_messages,
    render_template,
    request,
    url_for,
)
from jinja2 import StrictUndefined

from app.domain.cart import queries as cart_queries
from app.surfaces.web import messages, session

TONES: Final = ("success", "info", "warning", "danger")


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the desk menu."""

    label: str
    href: str
    icon: str
    is_current: bool
    badge: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence shown once, after a redirect."""

    tone: str
    text: str


MENU: Final = (
    ("Hari ini", "desk.start.start", "sun", "desk.enter"),
    ("Pesanan", "desk.orders.index", "package", "order.view"),
    ("Ongkos kirim", "desk.shipping.index", "map-pin", "order.view"),
    ("Produk", "desk.products.index", "shopping-bag", "product.edit"),
    ("Stok", "desk.stock.index", "boxes", "stock.view"),
    ("Kasir", "desk.till.index", "scan-line", "till.sell"),
    ("Opname", "desk.counts.index", "clipboard-list", "stock.view"),
    ("Kirim & pameran", "desk.transfers.index", "truck", "stock.view"),
    ("Impor & ekspor", "desk.imports.index", "file-spreadsheet", "stock.import"),
    ("Laporan stok", "desk.reports.index", "chart-column", "stock.view"),
    ("Janji kerja", "desk.capacity.index", "calendar-days", "stock.view"),
    ("Dokumen", "desk.papers.index", "file-text", "order.view"),
    ("Pembayaran", "desk.payments.index", "landmark", "payment.view"),
    ("UPT", "desk.admin.upts", "building-2", "upt.manage"),
    ("Kanwil", "desk.admin.kanwils", "map", "upt.manage"),
    ("Pengguna", "desk.admin.users", "users", "identity.manage"),
    ("Jejak audit", "desk.audit.index", "scroll-text", "audit.view"),
    ("Pekerjaan", "desk.jobs.index", "cog", "jobs.manage"),
)
"""Label, endpoint, icon, permission."""


class Shell:
    """Facts for the frame of a page, each read only when the template asks for it."""

    @property
    def is_offline(self) -> bool:
        """Say whether the database must not be asked (while answering a failure)."""
        return bool(g.get("shell_offline"))

    @cached_property
    def cart_quantity(self) -> int:
        """Return the pieces in the visitor's cart."""
        if self.is_offline:
            return 0
        key = session.cart_key()
        if key.token is None and key.user_id is None:
            return 0
        return cart_queries.count_pieces(key=key)

    @cached_property
    def user_name(self) -> str | None:
        """Return the name of the signed-in user."""
        found = None if self.is_offline else session.signed_in()
        return found.user.name if found else None

    @cached_property
    def is_staff(self) -> bool:
        """Say whether the desk is open to this user."""
        return not self.is_offline and session.current_actor().holds("desk.enter")

    @property
    def is_demo(self) -> bool:
        """Say whether this installation shows demo goods."""
        return bool(current_app.config["KARYABINA"].is_demo)

    @cached_property
    def desk_menu(self) -> tuple[MenuItem, ...]:
        """Return the desk entries that this user may open."""
        if self.is_offline:
            return ()
        actor = session.current_actor()
        here = (request.endpoint or "").rsplit(".", 1)[0]
        return tuple(
            MenuItem(label, url_for(endpoint), icon, _is_current(endpoint, here))
            for label, endpoint, icon, permission in MENU
            if endpoint in current_app.view_functions and actor.holds(permission)
        )

    @property
    def upt_label(self) -> str | None:
        """Return the name of the UPT that the desk is looking at, when the view set it."""
        label = g.get("upt_label")
        return str(label) if label else None

    @property
    def canonical_url(self) -> str:
        """Return the address of this page for search engines, without paging or filters."""
        base = current_app.config["KARYABINA"].base_url or request.url_root.rstrip("/")
        return (
            str(g.get("canonical_path") or request.path)
            if not base
            else f"{base}{g.get('canonical_path') or request.path}"
        )

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        """Return the sentences left for this visitor by the last action."""
        flashed = cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True))
        return tuple(Notice(tone if tone in TONES else "info", text) for tone, text in flashed)

    @property
    def theme(self) -> str:
        """Return the theme chosen by cookie: ``light``, ``dark`` or ``auto``."""
        chosen = request.cookies.get("kb_theme", "auto")
        return chosen if chosen in {"light", "dark"} else "auto"


_BELONGS: Final = {
    "desk.fairs": "desk.transfers",
    "desk.labels": "desk.stock",
    "desk.ledger": "desk.stock",
    "desk.payments.statements": "desk.payments",
    "desk.payments.proofs": "desk.payments",
    "desk.payments.cards": "desk.payments",
}
"""Pages without an entry of their own in the menu, by the one they belong to."""


def _is_current(endpoint: str, here: str) -> bool:
    if here == "desk.admin":
        return endpoint == request.endpoint
    here = _BELONGS.get(here, here)
    return endpoint.rsplit(".", 1)[0] == here


def notify(tone: str, code: str, **params: object) -> None:
    """Leave a sentence for the next page."""
    flash(messages.text(code, **params), tone)


def render(template: str, **values: Any) -> str:
    """Return a page."""
    return render_template(template, **values)


def init_app(app: Flask) -> None:
    """Attach the shell to the templates; an undefined name in a template is an error."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def _shell() -> dict[str, Any]:
        if "shell" not in g:
            g.shell = Shell()
        return {"shell": g.shell}
