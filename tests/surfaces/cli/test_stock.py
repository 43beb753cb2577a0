"""``flask stock`` as people type it: export, publish, watch, rebuild, verify."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

import config
from app.domain.stock import flows, queries
from tests.factories import forging, ledger, people
from tests.factories.ledger import Shelf
from tests.factories.stock_steps import AT, Statements, receive


@pytest.fixture
def shelf(app: Flask) -> Shelf:
    made = ledger.make_shelf("lapas-indramayu")
    receive(made, 20)
    return made


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["stock", *arguments])


def drift(database_kind: str) -> None:
    with forging.tampering(database_kind) as forger:
        forger.execute(text("UPDATE stock_balance SET in_posted = 23 WHERE account = 'available'"))


def test_an_export_is_written_whole_and_passes_the_checker(
    app: Flask, shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = run(app, "heads", "publish")
    assert published.exit_code == 0, published.output
    assert "1 ujung, akar " in published.output
    assert run(app, "heads", "publish").output == published.output
    path = tmp_path / "ekspor.jsonl"
    answer = run(app, "export", "--upt", "lapas-indramayu", "--out", str(path))
    assert answer.exit_code == 0, answer.output
    assert "baris" in answer.output
    assert [one.name for one in tmp_path.glob("*ekspor*")] == ["ekspor.jsonl"]
    script = config.ROOT / "docs" / "ledger" / "check_ledger.py"
    spec = importlib.util.spec_from_file_location("check_ledger_here", script)
    assert spec
    assert spec.loader
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    key = run(app, "heads", "key").output.strip()
    assert checker.main([str(path), "--key", key]) == 0, capsys.readouterr().out
    shown = run(app, "export", "--upt", "lapas-indramayu")
    assert shown.stdout_bytes.count(b"\n") == path.read_bytes().count(b"\n")
    assert run(app, "export", "--upt", "tidak-ada").exit_code == 1


def test_an_export_reads_in_few_statements_however_long(app: Flask, shelf: Shelf) -> None:
    def cost() -> int:
        with Statements() as seen:
            for _ in flows.export_ledger(upt_id=shelf.upt_id, at=AT):
                pass
        return len(seen)

    few = cost()
    for _ in range(20):
        receive(shelf, 1)
    assert cost() == few


def test_verify_says_what_was_compared(app: Flask, shelf: Shelf, database_kind: str) -> None:
    run(app, "heads", "publish")
    answer = run(app, "verify", "--since-close")
    assert answer.exit_code == 0, answer.output
    assert "1 ujung harian yang diumumkan, 0 bulan yang ditutup" in answer.output
    with forging.tampering(database_kind) as forger:
        forger.execute(text("DELETE FROM stock_daily_head"))
    answer = run(app, "verify")
    assert answer.exit_code == 1
    assert "SALAH nasional [published]" in answer.output


def test_nothing_to_publish_and_a_differing_file_are_said_in_words(app: Flask) -> None:
    assert "Belum ada buku stok" in run(app, "heads", "publish").output
    path = Path(app.instance_path) / "ledger" / "heads.txt"
    path.parent.mkdir(parents=True)
    path.write_text("karyabina-root-1\t2026-01-01\t0\ta\t\tb\tc\td\n")
    answer = run(app, "heads", "publish")
    assert answer.exit_code == 1
    assert "Tidak ada yang ditandatangani" in answer.output


def test_watching_raises_and_rebuilding_needs_a_person_with_the_right(
    app: Flask, shelf: Shelf, database_kind: str
) -> None:
    assert run(app, "watch").exit_code == 0
    drift(database_kind)
    watched = run(app, "watch", "--whole")
    assert (watched.exit_code, "1 selisih" in watched.output) == (1, True)
    shown = run(app, "rebuild", "--upt", "lapas-indramayu", "--dry-run")
    assert shown.exit_code == 1
    assert "menurut catatan 20/0/0/0, tersimpan 23/0/0/0" in shown.output
    assert "Tidak ada yang diubah" in shown.output
    head = people.make_user("kepala@contoh.example", "Kepala Contoh")
    clerk = people.make_user("petugas@contoh.example", "Petugas Contoh")
    people.grant(head.user_id, "upt_head", upt_id=shelf.upt_id)
    people.grant(clerk.user_id, "upt_clerk", upt_id=shelf.upt_id)
    base = ("rebuild", "--upt", "lapas-indramayu", "--approve", "Dihitung ulang")
    assert run(app, *base).exit_code == 2
    assert run(app, *base, "--by", "kepala@contoh.example", "--dry-run").exit_code == 2
    assert "tidak ada akun" in run(app, *base, "--by", "siapa@contoh.example").output
    assert "tidak berhak" in run(app, *base, "--by", "petugas@contoh.example").output
    assert queries.count_open_incidents() == {shelf.upt_id: 1}
    done = run(app, *base, "--by", "kepala@contoh.example")
    assert done.exit_code == 0, done.output
    assert "1 selisih diperbaiki" in done.output
    assert queries.count_open_incidents() == {}
    assert "Tidak ada selisih" in run(app, "rebuild", "--upt", "lapas-indramayu").output
    assert "Buku stok utuh." in run(app, "verify").output


def test_a_broken_chain_is_named_and_not_rebuilt(
    app: Flask, shelf: Shelf, database_kind: str
) -> None:
    with forging.tampering(database_kind) as forger:
        forger.execute(text("UPDATE stock_entry SET quantity = 9"))
    answer = run(app, "rebuild", "--upt", "lapas-indramayu")
    assert answer.exit_code == 1
    assert "SALAH lapas-indramayu #1 [hash]" in answer.output
    assert "Tidak ada yang dihitung ulang" in answer.output
