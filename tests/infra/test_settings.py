"""Settings: typed, complete, and loud about every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

import config


def load(tmp_path: Path, **environment: str) -> config.Settings:
    return config.load({"KARYABINA_INSTANCE_DIR": str(tmp_path), **environment})


def test_an_empty_environment_is_the_demo_on_sqlite(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.is_demo
    assert settings.database_url == f"sqlite:///{tmp_path / 'karyabina.db'}"
    assert settings.transfer_hours == 24


def test_the_own_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = load(tmp_path).secret_key
    assert len(first) >= 32
    assert load(tmp_path).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("prefix", ["postgres://", "postgresql://", "postgresql+psycopg://"])
def test_every_spelling_of_postgresql_is_understood(tmp_path: Path, prefix: str) -> None:
    settings = load(tmp_path, DATABASE_URL=f"{prefix}me@db/shop")
    assert settings.database_url == "postgresql+psycopg://me@db/shop"


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(config.SettingsError) as refused:
        load(
            tmp_path,
            KARYABINA_MODE="staging",
            KARYABINA_PROXY_HOPS="many",
            KARYABINA_TRANSFER_HOURS="0",
            KARYABINA_LOG_LEVEL="loud",
            KARYABINA_SMTP_PORT="0",
            KARYABINA_SMTP_SENDER="toko",
            KARYABINA_SECRETKEY="typo",
            DATABASE_URL="mysql://x",
        )
    assert [reason.split(":")[0] for reason in refused.value.reasons] == [
        "KARYABINA_SECRETKEY",
        "KARYABINA_MODE",
        "DATABASE_URL",
        "KARYABINA_PROXY_HOPS",
        "KARYABINA_TRANSFER_HOURS",
        "KARYABINA_LOG_LEVEL",
        "KARYABINA_SMTP_PORT",
        "KARYABINA_SMTP_SENDER",
    ]


def test_production_has_no_default_for_what_matters(tmp_path: Path) -> None:
    with pytest.raises(config.SettingsError) as refused:
        load(tmp_path, KARYABINA_MODE="production")
    assert {reason.split(":")[0] for reason in refused.value.reasons} == {
        "DATABASE_URL",
        "KARYABINA_SECRET_KEY",
        "KARYABINA_LEDGER_KEY",
        "KARYABINA_BASE_URL",
        "KARYABINA_TRUSTED_HOSTS",
        "KARYABINA_TRANSFER_BANK",
        "KARYABINA_TRANSFER_NUMBER",
        "KARYABINA_TRANSFER_HOLDER",
        "KARYABINA_SMTP_HOST",
        "KARYABINA_SMTP_SENDER",
    }


def test_the_ledger_key_comes_as_it_is_or_from_a_file_and_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("AB" * 32 + "\n")
    assert load(tmp_path, KARYABINA_LEDGER_KEY_FILE=str(path)).ledger_key == "ab" * 32
    assert load(tmp_path, KARYABINA_LEDGER_KEY="0" * 64).ledger_key == "0" * 64
    for wrong in (
        {"KARYABINA_LEDGER_KEY": "short"},
        {"KARYABINA_LEDGER_KEY_FILE": str(tmp_path / "none")},
        {"KARYABINA_LEDGER_KEY_FALLBACKS": "0" * 63},
    ):
        with pytest.raises(config.SettingsError) as refused:
            load(tmp_path, **wrong)
        assert [reason.split(":")[0] for reason in refused.value.reasons] == list(wrong)


def test_production_refuses_short_secrets_and_plain_http(tmp_path: Path) -> None:
    with pytest.raises(config.SettingsError) as refused:
        load(
            tmp_path,
            KARYABINA_MODE="production",
            DATABASE_URL="postgresql://me@db/shop",
            KARYABINA_SECRET_KEY="short",
            KARYABINA_LEDGER_KEY="0" * 64,
            KARYABINA_BASE_URL="http://karyabina.example",
            KARYABINA_TRUSTED_HOSTS="karyabina.example",
            KARYABINA_TRANSFER_BANK="Bank",
            KARYABINA_TRANSFER_NUMBER="1",
            KARYABINA_TRANSFER_HOLDER="Satker",
            KARYABINA_SMTP_HOST="smtp.karyabina.example",
            KARYABINA_SMTP_SENDER="toko@karyabina.example",
            KARYABINA_SMTP_USER="toko",
            KARYABINA_SMTP_SECURITY="none",
        )
    assert refused.value.reasons == [
        "KARYABINA_SECRET_KEY: at least 32 characters",
        "KARYABINA_SMTP_SECURITY: a password needs starttls or tls",
        "KARYABINA_BASE_URL: must start with https://",
    ]


def test_production_takes_cards_for_real_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(config.SettingsError) as refused:
        load(
            tmp_path,
            KARYABINA_MODE="production",
            KARYABINA_STRIPE_KEY="sk_test_x",
            KARYABINA_STRIPE_API_URL="http://127.0.0.1:8001",
        )
    named = [reason for reason in refused.value.reasons if "STRIPE" in reason]
    assert [reason.split(":")[0] for reason in named] == [
        "KARYABINA_STRIPE_API_URL",
        "KARYABINA_STRIPE_KEY",
        "KARYABINA_STRIPE_WEBHOOK_SECRET",
    ]
