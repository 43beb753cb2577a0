"""The doctor finds what would make an installation unsafe."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.infra import append_only, db


def doctor(app: Flask) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["doctor"])
    return result.exit_code, result.output


@pytest.mark.unhurried
def test_a_healthy_installation_passes(app: Flask, database_kind: str) -> None:
    code, output = doctor(app)
    if database_kind == "postgres":
        assert code == 1
        assert output.splitlines() == [
            "✗ PostgreSQL berjalan dengan fsync=off",
            "✗ PostgreSQL berjalan dengan synchronous_commit=off",
        ]
    else:
        assert (code, output) == (0, "Semua pemeriksaan lulus.\n")


def test_a_missing_guard_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append_only, "APPEND_ONLY_TABLES", ("stock_entry", "job_event"))
    code, output = doctor(app)
    assert code == 1
    assert "✗ tabel job_event tidak dijaga pemicu" in output
    assert "stock_entry" not in output


def test_an_old_revision_is_named(app: Flask) -> None:
    with db.unit_of_work():
        db.session().execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    code, output = doctor(app)
    assert code == 1
    assert "✗ revisi basis data 0001, seharusnya" in output
