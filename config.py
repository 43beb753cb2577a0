"""Settings: one frozen tree read from the environment, typed, with every error named at once.

Only ``app.bootstrap`` reads it. Names outside the list below that start with ``KARYABINA_`` are
refused, so a misspelt setting cannot pass unseen.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from lokal.qris import parse_qris

ROOT: Final = Path(__file__).resolve().parent

DEMO_BANK: Final = ("Bank Contoh (demo)", "000-111-222-333", "Rekening demo Karyabina")

Value = TypeVar("Value")


class Mode(StrEnum):
    """What this installation is for."""

    DEMO = "demo"
    PRODUCTION = "production"
    TEST = "test"


class SettingsError(Exception):
    """The environment does not make a valid set of settings; lists every reason."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAccount:
    """The bank account that buyers transfer to."""

    bank: str
    number: str
    holder: str


class MailSecurity(StrEnum):
    """How the line to the mail server is kept secret."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The server that takes our e-mail.

    Attributes:
        sender: Address that stands in From.
    """

    host: str = ""
    port: int = 587
    user: str = ""
    password: str = ""
    sender: str = "toko@karyabina.example"
    security: MailSecurity = MailSecurity.STARTTLS


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs between installations.

    Attributes:
        mode: Demo (default), production or test.
        database_url: SQLAlchemy address; SQLite in the instance folder unless told otherwise.
        secret_key: Signs sessions and order links.
        secret_key_fallbacks: Older keys that still verify, newest first.
        instance_dir: Folder of the embedded database, pictures and search index.
        base_url: Public address without a trailing slash, used in links.
        trusted_hosts: Host names that are answered; empty means any (demo and test only).
        proxy_hops: Number of trusted proxies in front; 0 when the server faces the network.
        ledger_key: Ed25519 private key of the daily heads, 64 hexadecimal digits; empty in a demo,
            which makes one of its own.
        ledger_key_fallbacks: Keys used before, which endorse the new one on its first day.
        transfer_account: Where buyers transfer money.
        transfer_hours: Hours a buyer has to pay by transfer.
        log_level: Least severity that is logged.
        stripe_key: Secret key of the Stripe account; empty means no card payment.
        stripe_webhook_secret: Secret of the address that takes Stripe's notices.
        stripe_api_url: Address of the stand-in for Stripe; empty means Stripe itself.
        qris: Fixed QRIS code of the account for transfers; empty means none is shown.
        mail_server: Where e-mail leaves; without a host it is kept in a local outbox.
    """

    mode: Mode
    database_url: str
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    instance_dir: Path
    base_url: str
    trusted_hosts: tuple[str, ...]
    proxy_hops: int
    ledger_key: str
    ledger_key_fallbacks: tuple[str, ...]
    transfer_account: TransferAccount
    transfer_hours: int
    log_level: str
    stripe_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_api_url: str = ""
    qris: str = ""
    mail_server: MailServer = MailServer()

    @property
    def is_production(self) -> bool:
        """Say whether real buyers and real money are served."""
        return self.mode is Mode.PRODUCTION

    @property
    def is_demo(self) -> bool:
        """Say whether demo goods and accounts are welcome."""
        return self.mode is Mode.DEMO


NAMES: Final = frozenset(
    {
        "KARYABINA_MODE",
        "KARYABINA_SECRET_KEY",
        "KARYABINA_SECRET_KEY_FALLBACKS",
        "KARYABINA_INSTANCE_DIR",
        "KARYABINA_BASE_URL",
        "KARYABINA_TRUSTED_HOSTS",
        "KARYABINA_PROXY_HOPS",
        "KARYABINA_LEDGER_KEY",
        "KARYABINA_LEDGER_KEY_FILE",
        "KARYABINA_LEDGER_KEY_FALLBACKS",
        "KARYABINA_TRANSFER_BANK",
        "KARYABINA_TRANSFER_NUMBER",
        "KARYABINA_TRANSFER_HOLDER",
        "KARYABINA_TRANSFER_HOURS",
        "KARYABINA_LOG_LEVEL",
        "KARYABINA_STRIPE_KEY",
        "KARYABINA_STRIPE_WEBHOOK_SECRET",
        "KARYABINA_STRIPE_API_URL",
        "KARYABINA_QRIS",
        "KARYABINA_SMTP_HOST",
        "KARYABINA_SMTP_PORT",
        "KARYABINA_SMTP_USER",
        "KARYABINA_SMTP_PASSWORD",
        "KARYABINA_SMTP_SENDER",
        "KARYABINA_SMTP_SECURITY",
    }
)


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.reasons: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.environment.get(name, "").strip() or default

    def read(
        self, name: str, default: str, convert: Callable[[str], Value], fallback: Value
    ) -> Value:
        raw = self.text(name, default)
        try:
            return convert(raw)
        except ValueError:
            self.reasons.append(f"{name}: {raw!r} is not valid")
            return fallback

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word for word in self.text(name).replace(",", " ").split() if word)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def convert(raw: str) -> int:
        number = int(raw)
        if not low <= number <= high:
            raise ValueError(raw)
        return number

    return convert


def _level(raw: str) -> str:
    if raw.lower() not in {"debug", "info", "warning", "error"}:
        raise ValueError(raw)
    return raw.lower()


def _database_url(raw: str) -> str:
    for old in ("postgres://", "postgresql://"):
        if raw.startswith(old):
            return "postgresql+psycopg://" + raw[len(old) :]
    if not raw.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError(raw)
    return raw


def _ledger_key(reader: _Reader) -> str:
    """Return the key that signs daily heads: given as it is, or as the path of a file."""
    name, raw = "KARYABINA_LEDGER_KEY", reader.text("KARYABINA_LEDGER_KEY")
    path = reader.text("KARYABINA_LEDGER_KEY_FILE")
    if path and not raw:
        name = "KARYABINA_LEDGER_KEY_FILE"
        try:
            raw = Path(path).read_text().strip()
        except OSError:
            reader.reasons.append(f"{name}: {path!r} cannot be read")
            return ""
    return _key(reader, name, raw) if raw else ""


def _key(reader: _Reader, name: str, raw: str) -> str:
    if re.fullmatch(r"[0-9a-fA-F]{64}", raw):
        return raw.lower()
    reader.reasons.append(f"{name}: must be 64 hexadecimal digits")
    return ""


def _mail_address(raw: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", raw):
        raise ValueError(raw)
    return raw


def _mail_server(reader: _Reader) -> MailServer:
    default = MailServer()
    return MailServer(
        host=reader.text("KARYABINA_SMTP_HOST"),
        port=reader.read("KARYABINA_SMTP_PORT", "587", _whole(1, 65_535), default.port),
        user=reader.text("KARYABINA_SMTP_USER"),
        password=reader.text("KARYABINA_SMTP_PASSWORD"),
        sender=reader.read("KARYABINA_SMTP_SENDER", default.sender, _mail_address, default.sender),
        security=reader.read(
            "KARYABINA_SMTP_SECURITY", "starttls", MailSecurity, MailSecurity.STARTTLS
        ),
    )


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of an environment (the process's own by default).

    Raises:
        SettingsError: With every reason at once.
    """
    reader = _Reader(os.environ if environment is None else environment)
    reader.reasons.extend(
        f"{name}: no such setting"
        for name in sorted(reader.environment)
        if name.startswith("KARYABINA_") and name not in NAMES
    )
    mode = reader.read("KARYABINA_MODE", "demo", Mode, Mode.DEMO)
    instance_dir = Path(reader.text("KARYABINA_INSTANCE_DIR", str(ROOT / "instance"))).resolve()
    settings = Settings(
        mode=mode,
        database_url=reader.read(
            "DATABASE_URL", f"sqlite:///{instance_dir / 'karyabina.db'}", _database_url, ""
        ),
        secret_key=reader.text("KARYABINA_SECRET_KEY"),
        secret_key_fallbacks=reader.words("KARYABINA_SECRET_KEY_FALLBACKS"),
        instance_dir=instance_dir,
        base_url=reader.text("KARYABINA_BASE_URL").rstrip("/"),
        trusted_hosts=reader.words("KARYABINA_TRUSTED_HOSTS"),
        proxy_hops=reader.read("KARYABINA_PROXY_HOPS", "0", _whole(0, 5), 0),
        ledger_key=_ledger_key(reader),
        ledger_key_fallbacks=tuple(
            _key(reader, "KARYABINA_LEDGER_KEY_FALLBACKS", raw)
            for raw in reader.words("KARYABINA_LEDGER_KEY_FALLBACKS")
        ),
        transfer_account=TransferAccount(
            bank=reader.text("KARYABINA_TRANSFER_BANK", DEMO_BANK[0]),
            number=reader.text("KARYABINA_TRANSFER_NUMBER", DEMO_BANK[1]),
            holder=reader.text("KARYABINA_TRANSFER_HOLDER", DEMO_BANK[2]),
        ),
        transfer_hours=reader.read("KARYABINA_TRANSFER_HOURS", "24", _whole(1, 24 * 14), 24),
        log_level=reader.read("KARYABINA_LOG_LEVEL", "info", _level, "info"),
        stripe_key=reader.text("KARYABINA_STRIPE_KEY"),
        stripe_webhook_secret=reader.text("KARYABINA_STRIPE_WEBHOOK_SECRET"),
        stripe_api_url=reader.text("KARYABINA_STRIPE_API_URL").rstrip("/"),
        qris=reader.read("KARYABINA_QRIS", "", _qris, ""),
        mail_server=_mail_server(reader),
    )
    reader.reasons.extend(_production_reasons(settings, reader) if mode is Mode.PRODUCTION else ())
    if reader.reasons:
        raise SettingsError(reader.reasons)
    if settings.secret_key:
        return settings
    return _with_own_secret(settings)


def _qris(text: str) -> str:
    found = parse_qris(text) if text else None
    if found and not (found.valid and found.type == "static" and found.currency == "360"):
        raise ValueError("a fixed QRIS code in rupiah, as the bank issued it")
    return text


def _production_reasons(settings: Settings, reader: _Reader) -> list[str]:
    reasons = [
        f"{name}: required in production"
        for name in (
            "DATABASE_URL",
            "KARYABINA_SECRET_KEY",
            "KARYABINA_BASE_URL",
            "KARYABINA_TRUSTED_HOSTS",
            "KARYABINA_TRANSFER_BANK",
            "KARYABINA_TRANSFER_NUMBER",
            "KARYABINA_TRANSFER_HOLDER",
            "KARYABINA_SMTP_HOST",
            "KARYABINA_SMTP_SENDER",
        )
        if not reader.text(name)
    ]
    if not reader.text("KARYABINA_LEDGER_KEY") and not reader.text("KARYABINA_LEDGER_KEY_FILE"):
        reasons.append("KARYABINA_LEDGER_KEY: required in production, or its _FILE")
    if settings.secret_key and len(settings.secret_key) < 32:
        reasons.append("KARYABINA_SECRET_KEY: at least 32 characters")
    if settings.stripe_api_url:
        reasons.append("KARYABINA_STRIPE_API_URL: the stand-in for Stripe is for demo and tests")
    if settings.stripe_key.startswith(("sk_test_", "rk_test_")):
        reasons.append("KARYABINA_STRIPE_KEY: a test key takes no real money")
    if bool(settings.stripe_key) != bool(settings.stripe_webhook_secret):
        reasons.append("KARYABINA_STRIPE_WEBHOOK_SECRET: needed together with KARYABINA_STRIPE_KEY")
    if settings.mail_server.user and settings.mail_server.security is MailSecurity.NONE:
        reasons.append("KARYABINA_SMTP_SECURITY: a password needs starttls or tls")
    if settings.base_url and not settings.base_url.startswith("https://"):
        reasons.append("KARYABINA_BASE_URL: must start with https://")
    return reasons


def _with_own_secret(settings: Settings) -> Settings:
    path = settings.instance_dir / "secret_key"
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    values = {name: getattr(settings, name) for name in Settings.__slots__}
    return Settings(**{**values, "secret_key": path.read_text().strip()})
