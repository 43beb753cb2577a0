"""``flask imports``: look at a list and bring it in."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.factories import lists
from tests.factories.ledger import Shelf

GOOD = lists.csv("mode;penerimaan", "kode;jumlah", "TIRAI-01;2", "KOPI-200;3")


@pytest.fixture
def shelf(app: Flask) -> Shelf:
    return lists.make_goods(["TIRAI-01", "KOPI-200"])


def run(app: Flask, tmp_path: Path, content: bytes, verb: str, *more: str) -> tuple[int, str]:
    path = tmp_path / "daftar.csv"
    path.write_bytes(content)
    done = app.test_cli_runner().invoke(
        args=["imports", verb, str(path), "--upt", "lapas-contoh", *more]
    )
    return done.exit_code, done.output


def test_looks_then_brings_in_once(app: Flask, shelf: Shelf, tmp_path: Path) -> None:
    assert run(app, tmp_path, GOOD, "check") == (
        0, "penerimaan: 2 baris baik dari 2 SKU, 0 sudah pernah diimpor, 0 tidak berubah\n",
    )  # fmt: skip
    assert lists.entries() == 0
    code, text = run(app, tmp_path, GOOD, "run")
    assert (code, "2 baris masuk sebagai impor" in text, lists.entries()) == (0, True, 2)
    code, text = run(app, tmp_path, GOOD, "run", "--again")
    assert (code, "sudah pernah diimpor" in text, lists.entries()) == (1, True, 2)


def test_names_every_error_and_leaves_the_books_alone(
    app: Flask, shelf: Shelf, tmp_path: Path
) -> None:
    bad = lists.csv("kode;jumlah", "TIRAI-1;x", "KOPI-200;3")
    code, text = run(app, tmp_path, bad, "run", "--mode", "penerimaan")
    assert code == 1
    assert "baris 2 kode: Kode ini tidak ada di UPT ini (mungkin maksudnya TIRAI-01)." in text
    assert "baris 2 jumlah:" in text
    assert "2 kesalahan; tidak ada yang diubah" in text
    assert lists.entries() == 0
    assert "Pilih jenis daftar" in run(app, tmp_path, bad, "check")[1]
    code, text = run(app, tmp_path, bad, "run", "--mode", "penerimaan", "--partial")
    assert (code, lists.entries()) == (0, 1)
    assert run(app, tmp_path, b"x;y", "check", "--mode", "harga")[0] == 1
