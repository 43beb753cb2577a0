"""``flask doctor``: is this installation safe to open? Every finding at once; exit 1 on any."""

from __future__ import annotations

import sqlite3

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import inspect, text

import config
from app.bootstrap import MIGRATIONS_DIR
from app.infra import append_only, db, pool


@click.command("doctor")
def commands() -> None:
    """Check settings, database, revisions and the guards of append-only tables."""
    settings: config.Settings = current_app.config["KARYABINA"]
    findings = [*_database_findings(), *_guard_findings(), *_setting_findings(settings)]
    for finding in findings:
        click.echo(f"✗ {finding}")
    if findings:
        raise click.exceptions.Exit(1)
    click.echo("Semua pemeriksaan lulus.")


def _database_findings() -> list[str]:
    findings = []
    with db.db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        newest = ScriptDirectory(str(MIGRATIONS_DIR)).get_current_head()
        if current != newest:
            findings.append(f"revisi basis data {current}, seharusnya {newest}")
        if connection.dialect.name == "postgresql":
            if connection.scalar(text("SHOW fsync")) != "on":
                findings.append("PostgreSQL berjalan dengan fsync=off")
            if connection.scalar(text("SHOW synchronous_commit")) == "off":
                findings.append("PostgreSQL berjalan dengan synchronous_commit=off")
            return findings
        if connection.scalar(text("PRAGMA foreign_keys")) != 1:
            findings.append("SQLite: foreign_keys mati")
        if connection.scalar(text("PRAGMA synchronous")) != 2:
            findings.append("SQLite: synchronous bukan FULL")
        journal = connection.scalar(text("PRAGMA journal_mode"))
        if journal == "wal" and not pool.sqlite_has_safe_wal(sqlite3.sqlite_version_info):
            findings.append(f"SQLite {sqlite3.sqlite_version} tidak aman dengan WAL")
    return findings


def _guard_findings() -> list[str]:
    with db.db.engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        if connection.dialect.name == "postgresql":
            guarded = text("SELECT DISTINCT event_object_table FROM information_schema.triggers")
        else:
            guarded = text("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
        triggers = set(connection.scalars(guarded))
    return [
        f"tabel {table} tidak dijaga pemicu"
        for table in append_only.APPEND_ONLY_TABLES
        if table not in names or table not in triggers
    ]


def _setting_findings(settings: config.Settings) -> list[str]:
    findings = []
    if settings.is_production and current_app.debug:
        findings.append("mode debug menyala pada produksi")
    if settings.is_production and settings.database_url.startswith("sqlite"):
        findings.append("produksi memakai SQLite; pakai PostgreSQL untuk lebih dari satu mesin")
    return findings
