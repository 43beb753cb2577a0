"""Wire everything: settings, extensions, jobs, blueprints, error handlers, commands."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Flask, Response
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from app.domain.documents import ports as document_ports
from app.domain.notifications import ports as notification_ports
from app.domain.payments.adapters.stripe_gateway import StripeGateway
from app.domain.search.adapters.whoosh_engine import WhooshEngine
from app.domain.stock import ports as stock_ports
from app.domain.stock.adapters.ed25519 import Ed25519Signer
from app.domain.stock.adapters.heads_file import HeadsTextFile
from app.infra import db, jobs, logs, mail, pdf, ports, storage
from app.surfaces.web import assets, errors, filters, headers, pages, policy, session, shop_face

MODEL_PACKAGES: Final = (
    "audit", "identity", "places", "upt", "media", "catalog", "stock", "cart", "shipping",
    "till", "counts", "transfers", "imports", "orders", "payments",
    "documents", "checkout", "notifications", "buyers", "reports",
)  # fmt: skip
HANDLER_PACKAGES: Final = (
    "identity", "media", "search", "stock", "documents", "checkout", "notifications", "reports",
    "imports",
)  # fmt: skip
STOREFRONT: Final = (
    "home", "catalogue", "product", "search", "galleries", "seo", "cart", "checkout", "orders", "order_parts", "order_returns", "proofs", "qris",
    "account", "auth", "places", "media", "webhooks", "feeds", "receipts", "ledger", "papers", "outbox", "account_privacy",
)  # fmt: skip
DESK: Final = (
    "start",
    "products",
    "stock",
    "till",
    "labels",
    "counts",
    "transfers",
    "fairs",
    "imports",
    "reports",
    "ledger",
    "capacity",
    "orders",
    "order_parts",
    "order_returns",
    "order_bulk",
    "papers",
    "shipping",
    "payments",
    "admin",
    "audit",
    "jobs",
    "style",
)
COMMANDS: Final = (
    "serve", "fake_stripe", "jobs", "doctor", "seed", "identity", "upt", "media", "catalog", "stock", "search",
    "orders", "payments", "imports",
)  # fmt: skip

MIGRATIONS_DIR: Final = config.ROOT / "migrations"


def create_app(settings: config.Settings | None = None, **overrides: Any) -> Flask:
    """Return the application.

    Args:
        settings: Read from the environment when not given.
        overrides: Flask configuration values, for tests.
    """
    settings = settings or config.load()
    logs.configure(as_json=settings.is_production, level=settings.log_level)
    app = Flask(
        "karyabina",
        root_path=str(config.ROOT),
        template_folder="templates",
        static_folder=None,
        instance_path=str(settings.instance_dir),
    )
    app.config.from_mapping(_flask_config(settings), **overrides)
    app.extensions["karyabina.modules"] = _import_domain()
    db.init_app(app)
    Migrate(app, db.db, directory=str(MIGRATIONS_DIR), render_as_batch=True)
    storage.init_app(app, instance_dir=settings.instance_dir)
    pdf.init_app(
        app,
        templates=config.ROOT / "templates" / "documents",
        instance_dir=settings.instance_dir,
        dist=config.ROOT / "static" / "dist",
    )
    ports.plug(app, "search", WhooshEngine(settings.instance_dir / "search"))
    _plug_ledger(app, settings)
    mail.init_app(app, templates=config.ROOT / "templates" / "emails", mailer=_mailer(settings))
    ports.plug(app, notification_ports.SHOP, shop_face.Face())
    ports.plug(app, document_ports.ADDRESSES, shop_face.Face())
    if settings.stripe_key:
        gateway = StripeGateway(
            api_key=settings.stripe_key,
            webhook_secret=settings.stripe_webhook_secret,
            api_url=settings.stripe_api_url,
        )
        ports.plug(app, "card_gateway", gateway)
    handlers, periodics = _collect_jobs()
    jobs.init_app(app, handlers=handlers, periodics=periodics)
    _init_web(app, settings)
    for name in COMMANDS:
        app.cli.add_command(_module("app.surfaces.cli", name).commands)
    return app


def _mailer(settings: config.Settings) -> mail.Mailer:
    server = settings.mail_server
    if not server.host:
        return mail.Outbox(settings.instance_dir / "outbox", sender=server.sender)
    return mail.SmtpMailer(
        host=server.host,
        port=server.port,
        sender=server.sender,
        user=server.user,
        password=server.password,
        security=str(server.security),
    )


def _plug_ledger(app: Flask, settings: config.Settings) -> None:
    signer = Ed25519Signer(
        seed=settings.ledger_key,
        own_file=settings.instance_dir / "ledger_key",
        older=settings.ledger_key_fallbacks,
    )
    ports.plug(app, stock_ports.SIGNER, signer)
    heads = HeadsTextFile(settings.instance_dir / "ledger" / "heads.txt")
    ports.plug(app, stock_ports.HEADS_FILE, heads)


def _flask_config(settings: config.Settings) -> dict[str, Any]:
    return {
        "KARYABINA": settings,
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": db.engine_options(settings.database_url),
        "SESSION_COOKIE_NAME": "kb_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_production,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 256 * 1024,
        "MAX_FORM_PARTS": 400,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        "PROPAGATE_EXCEPTIONS": False,
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _module(package: str, name: str) -> Any:
    return importlib.import_module(f"{package}.{name}")


def _import_domain() -> tuple[Any, ...]:
    return tuple(_module(f"app.domain.{name}", "models") for name in MODEL_PACKAGES)


def _collect_jobs() -> tuple[list[jobs.Handler], list[jobs.Periodic]]:
    handlers: list[jobs.Handler] = []
    periodics: list[jobs.Periodic] = []
    for name in HANDLER_PACKAGES:
        module = _module(f"app.domain.{name}", "handlers")
        handlers.extend(module.HANDLERS)
        periodics.extend(module.PERIODICS)
    return handlers, periodics


def _init_web(app: Flask, settings: config.Settings) -> None:
    pages.init_app(app)
    filters.init_app(app)
    assets.init_app(app, static_dir=config.ROOT / "static")
    pay_origin = settings.stripe_api_url or "https://checkout.stripe.com"
    headers.init_app(
        app,
        is_secure=settings.is_production,
        pay_origin=pay_origin if settings.stripe_key else "",
    )
    errors.init_app(app)
    session.init_app(app)
    csrf = CSRFProtect(app)
    csrf.exempt(_module("app.surfaces.storefront", "webhooks").stripe)
    app.register_blueprint(_parent("storefront", STOREFRONT, url_prefix=None))
    app.register_blueprint(_parent("desk", DESK, url_prefix="/meja"))
    _register_probes(app)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _parent(name: str, children: tuple[str, ...], *, url_prefix: str | None) -> Blueprint:
    parent = Blueprint(name, __name__, url_prefix=url_prefix)
    policy.guard(parent)
    for child in children:
        parent.register_blueprint(_module(f"app.surfaces.{name}", child).blueprint)
    return parent


def _register_probes(app: Flask) -> None:
    @app.get("/healthz")
    @policy.public
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    @policy.public
    def readyz() -> Response:
        db.read_session().execute(text("SELECT 1"))
        return Response("ready\n", mimetype="text/plain")
