"""Accounts, roles and the register from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from app.domain.identity import queries as identity_queries
from app.domain.identity.models import RoleGrant, User
from app.domain.identity.types import Role
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import REGISTER_COLUMNS
from app.infra import db
from tests.factories import people

ADMIN = ["identity", "create-admin", "--email", "Admin@Contoh.Example", "--name", "Admin Contoh"]


@pytest.fixture
def shell(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def roles_of(email: str) -> list[tuple[Role, bool]]:
    user = identity_queries.find_user_by_email(email=email)
    assert user is not None
    found = identity_queries.list_grants(actor=people.SYSTEM, user_id=user.user_id)
    return [(grant.role, grant.revoked_at is None) for grant in found]


def test_the_first_administrator_is_made_once(shell: FlaskCliRunner) -> None:
    typed = f"{people.PASSWORD}\n{people.PASSWORD}\n"
    made = shell.invoke(args=ADMIN, input=typed)
    assert made.exit_code == 0, made.output
    assert people.PASSWORD not in made.output
    assert roles_of("admin@contoh.example") == [(Role.NATIONAL_ADMIN, True)]
    again = shell.invoke(args=[*ADMIN[:3], "lain@contoh.example", *ADMIN[4:]], input=typed)
    assert again.exit_code == 1
    assert "sudah ada admin nasional" in again.output
    assert db.read_session().scalar(sa.select(sa.func.count()).select_from(User)) == 1


def test_an_easy_password_or_wrong_address_makes_no_administrator(shell: FlaskCliRunner) -> None:
    easy = shell.invoke(args=[*ADMIN, "--password", "password123"])
    assert easy.exit_code == 1
    assert "mudah ditebak" in easy.output
    shape = shell.invoke(args=[*ADMIN[:3], "salah", *ADMIN[4:], "--password", people.PASSWORD])
    assert "Tulis alamat surel yang benar" in shape.output
    assert db.read_session().scalar(sa.select(sa.func.count()).select_from(User)) == 0


def test_roles_are_granted_shown_and_revoked(shell: FlaskCliRunner) -> None:
    user = people.make_user()
    people.make_upt("lapas-indramayu")
    scope = ["--upt", "lapas-indramayu"]
    assert shell.invoke(args=["identity", "grant", user.email, "upt_clerk", *scope]).exit_code == 0
    office = ["identity", "grant", user.email, "kanwil_staff", "--kanwil", "jawa-barat"]
    assert shell.invoke(args=[*office, "--until", "2099-12-31"]).exit_code == 0
    shown = shell.invoke(args=["identity", "show", user.email]).output
    assert "upt_clerk\tupt" in shown
    assert "kanwil_staff\tkanwil" in shown
    twice = shell.invoke(args=["identity", "grant", user.email, "upt_clerk", *scope])
    assert twice.exit_code == 1
    assert "sudah memegang peran itu" in twice.output
    revoked = shell.invoke(args=["identity", "revoke", user.email, "upt_clerk", *scope])
    assert revoked.exit_code == 0
    assert roles_of(user.email) == [(Role.KANWIL_STAFF, True), (Role.UPT_CLERK, False)]
    none = shell.invoke(args=["identity", "revoke", user.email, "upt_clerk", *scope])
    assert none.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["grant", "tidak@ada.id", "auditor"], 1),
        (["grant", "pembeli@contoh.example", "raja"], 2),
        (["grant", "pembeli@contoh.example", "upt_clerk"], 1),
        (["grant", "pembeli@contoh.example", "upt_clerk", "--upt", "tidak-ada"], 1),
        (["grant", "pembeli@contoh.example", "kanwil_staff", "--kanwil", "tidak-ada"], 1),
        (["grant", "pembeli@contoh.example", "auditor", "--from", "2020-01-01"], 1),
        (["show", "tidak@ada.id"], 1),
    ],
)
def test_wrong_calls_are_refused(shell: FlaskCliRunner, arguments: list[str], code: int) -> None:
    people.make_user()
    assert shell.invoke(args=["identity", *arguments]).exit_code == code
    assert db.read_session().scalar(sa.select(sa.func.count()).select_from(RoleGrant)) == 0


def test_a_password_is_set(shell: FlaskCliRunner, app: Flask) -> None:
    user = people.make_user()
    new = "angin-timur-membawa-hujan"
    result = shell.invoke(args=["identity", "set-password", user.email], input=f"{new}\n{new}\n")
    assert result.exit_code == 0
    people.sign_in(app.test_client(), user, password=new)


def test_a_register_is_checked_applied_and_listed(shell: FlaskCliRunner, tmp_path: Path) -> None:
    people.make_kanwil()
    row = "lapas-bandung,lapas,umum,IIB,Bandung,Nama Resmi,jawa-barat,32.73,,2025-01-01,,"
    good = tmp_path / "upt.csv"
    good.write_text(",".join(REGISTER_COLUMNS) + f"\n{row}\n")
    dry = shell.invoke(args=["upt", "import", "--dry-run", str(good)])
    assert (dry.exit_code, dry.output) == (0, "1 baru, 0 sudah tercatat\n")
    assert upt_queries.count_upts() == 0
    done = shell.invoke(args=["upt", "import", str(good)])
    assert done.output == "1 ditambahkan, 0 diperbarui, 0 tetap\n"
    assert "lapas-bandung\tLapas Bandung\tKota Bandung" in shell.invoke(args=["upt", "list"]).output
    good.write_text(",".join(REGISTER_COLUMNS) + f"\n{row.replace('IIB', 'IX')}\n")
    bad = shell.invoke(args=["upt", "import", str(good)])
    assert bad.exit_code == 1
    assert "baris 2 class" in bad.output
    good.write_text("bukan tabel")
    assert "bukan tabel CSV" in shell.invoke(args=["upt", "import", str(good)]).output
