"""The stand-alone checker: whatever is done to an export, the row is named."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import config
from app.bootstrap import create_app
from app.domain.stock import flows, queries, rules, services
from app.domain.stock.adapters.ed25519 import Ed25519Signer
from app.domain.stock.types import AdjustReason, LotChoice
from app.infra import db
from app.surfaces.storefront import ledger as public_ledger
from tests.databases import PostgresTemplates, SqliteTemplates, settings
from tests.factories import ledger
from tests.factories.stock_steps import AT, adjust, on_holds, receive, reverse

SCRIPT = config.ROOT / "docs" / "ledger" / "check_ledger.py"
_spec = importlib.util.spec_from_file_location("check_ledger", SCRIPT)
assert _spec
assert _spec.loader
checker = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(checker)

LATER = AT + timedelta(days=20)
Records = list[dict[str, Any]]


@dataclass
class Book:
    """An export with the daily file published beside it."""

    folder: Path
    content: bytes
    daily: Path
    key: str
    forger: Ed25519Signer

    def records(self) -> Records:
        return [json.loads(line) for line in self.content.splitlines()]

    def entry(self, records: Records, sequence: int) -> dict[str, Any]:
        return next(
            record
            for record in records
            if record["type"] == "entry" and record["line"].split("\t")[2] == str(sequence)
        )

    def sealed(self, records: Records, *, with_end: bool = True) -> bytes:
        """Write records again as a careful forger would: every check and sum fits."""
        lines = [
            rules.sealed_line({name: value for name, value in record.items() if name != "check"})
            for record in records
            if record["type"] != "end"
        ]
        body = b"".join(lines)
        if not with_end:
            return body
        digest, first = hashlib.sha256(body).hexdigest(), records[0]
        signed = "\t".join(
            (first["format"], str(first["upt"]), str(first["sequence"]), first["hash"], digest)
        )
        end = rules.ending(
            lines=len(lines), digest=digest, key=self.forger.key, signature=self.forger.sign(signed)
        )
        return body + rules.sealed_line(end)


@pytest.fixture(scope="module")
def made(
    templates: SqliteTemplates | PostgresTemplates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Write, once, what a ledger with every phase, a closed month and two daily heads publishes."""
    folder = tmp_path_factory.mktemp("book")
    with templates.copy(folder) as url:
        app = create_app(settings(url=url, instance_dir=folder / "instance"), TESTING=True)
        with app.app_context():
            _publish(folder)
            db.db.session.remove()
            db.db.engine.dispose()
        yield folder


def _publish(folder: Path) -> None:
    shelf = ledger.make_shelf("lapas-indramayu", variants=2)
    receive(shelf, 20, lot=LotChoice("A"), note='tab\there \\n "quoted"\nand é')
    holds = [ledger.reserve(shelf.upt_id, shelf.variant_id, 2) for _ in range(3)]
    on_holds(services.keep, shelf, holds[0], expires_at=AT + timedelta(days=2))
    on_holds(services.ship, shelf, holds[0], quantities={holds[0][0].hold_id: 1})
    on_holds(services.deliver, shelf, holds[0])
    on_holds(services.release, shelf, holds[1], reason="cancelled")
    flows.publish_heads(at=AT)
    adjust(shelf, -1, AdjustReason.DAMAGED)
    reverse(shelf, rules.entry_id(upt_id=shelf.upt_id, sequence=9))
    other = ledger.make_shelf("lapas-pamekasan")
    ledger.receive(other.upt_id, other.variant_id, 3)
    with db.unit_of_work():
        services.close_period(
            actor=ledger.SYSTEM, upt_id=shelf.upt_id, month=AT.date().replace(day=1),
            timezone="Asia/Jakarta", entry_key="close-november-2026", at=LATER,
        )  # fmt: skip
    root = flows.publish_heads(at=LATER)
    assert root is not None
    heads = queries.list_daily_heads(day=root.day)
    proof = queries.proof_of_head(upt_id=shelf.upt_id, day=root.day)
    daily = public_ledger.day_document(root=root, heads=heads)
    (folder / "daily.json").write_text(json.dumps(daily))
    (folder / "proof.json").write_text(json.dumps(public_ledger.proof_document(proof)))
    (folder / "first.txt").write_text(flows.day_text(day=AT.date()))
    (folder / "key").write_text(root.key)
    lines = flows.export_ledger(upt_id=shelf.upt_id, at=LATER)
    (folder / "export.jsonl").write_bytes(b"".join(lines))


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Book:
    """Give a copy of what was published."""
    shutil.copytree(made, tmp_path / "book")
    folder = tmp_path / "book"
    forger = Ed25519Signer(seed="7" * 64, own_file=tmp_path / "unused")
    return Book(
        folder=folder,
        content=(folder / "export.jsonl").read_bytes(),
        daily=folder / "daily.json",
        key=(folder / "key").read_text(),
        forger=forger,
    )


@pytest.fixture
def check(book: Book, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Give a function that runs the checker over some bytes."""

    def run(content: bytes, *options: str) -> tuple[int, str]:
        path = book.folder / "export.jsonl"
        path.write_bytes(content)
        code = checker.main([str(path), *options])
        return code, capsys.readouterr().out

    return run


def test_an_untouched_export_fits_alone_and_with_the_daily_files(
    book: Book, check: Callable[..., tuple[int, str]]
) -> None:
    code, words = check(book.content)
    assert (code, "COCOK" in words) == (0, True), words
    assert "10 catatan" in words
    text, proof = book.folder / "first.txt", book.folder / "proof.json"
    whole, key = book.folder / "instance" / "ledger" / "heads.txt", book.key
    for files in ([book.daily], [text, book.daily], [whole], [proof]):
        code, words = check(book.content, "--heads", *map(str, files), "--key", key, "--en")
        assert (code, "FITS" in words) == (0, True), words


def test_the_script_runs_alone_without_the_shop(book: Book) -> None:
    path = book.folder / "export.jsonl"
    path.write_bytes(book.content)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(path), "--heads", str(book.daily)],
        capture_output=True, text=True, cwd=book.folder, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    source = SCRIPT.read_text()
    assert "import app" not in source
    assert "from app" not in source
    compile(source, str(SCRIPT), "exec", dont_inherit=True)


def changed(field: int, value: str) -> Callable[[Book, Records], Records]:
    def change(book: Book, records: Records) -> Records:
        entry = book.entry(records, 3)
        fields = entry["line"].split("\t")
        fields[field] = value
        entry["line"] = "\t".join(fields)
        return records

    return change


def removed(book: Book, records: Records) -> Records:
    records.remove(book.entry(records, 3))
    return records


def swapped(book: Book, records: Records) -> Records:
    one = records.index(book.entry(records, 3))
    records[one], records[one + 1] = records[one + 1], records[one]
    return records


def slipped_in(book: Book, records: Records) -> Records:
    entry = book.entry(records, 2)
    records.insert(records.index(book.entry(records, 3)), dict(entry))
    return records


def cut_off(book: Book, records: Records) -> Records:
    return [
        record
        for record in records
        if record["type"] != "entry" or int(record["line"].split("\t")[2]) < 9
    ]


def other_balance(book: Book, records: Records) -> Records:
    balance = next(record for record in records if record["type"] == "balance")
    balance["in_posted"] += 1
    return records


def other_head(book: Book, records: Records) -> Records:
    head = next(record for record in records if record["type"] == "head")
    head["line"] = head["line"].replace("lapas-indramayu", "lapas-lain")
    return records


def other_month(book: Book, records: Records) -> Records:
    close = next(record for record in records if record["type"] == "close")
    close["sequence"] -= 1
    return records


TAMPERINGS = {
    "quantity": (changed(11, "19"), "catatan nomor 3"),
    "account": (changed(9, "gallery"), "catatan nomor 3"),
    "note": (changed(17, "lain"), "catatan nomor 3"),
    "actor": (changed(15, "user:9"), "catatan nomor 3"),
    "time": (changed(3, "2020-01-01T00:00:00.000000Z"), "catatan nomor 3"),
    "number": (changed(2, "30"), "catatan nomor 3"),
    "removed": (removed, "catatan nomor 3 hilang"),
    "swapped": (swapped, "catatan nomor 3"),
    "slipped in": (slipped_in, "catatan nomor 2: nomor ini tidak berurutan"),
    "cut off": (cut_off, "catatan nomor 9 sampai 10 hilang"),
    "balance": (other_balance, "saldo barang"),
    "daily head": (other_head, "tanda tangan ujung"),
    "closed month": (other_month, "berbeda dengan ujung"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_every_tampering_is_found_though_all_sums_of_the_file_fit(
    book: Book, check: Callable[..., tuple[int, str]], name: str
) -> None:
    change, words_expected = TAMPERINGS[name]
    code, words = check(book.sealed(change(book, book.records())))
    assert code == 1
    assert words_expected in words, words
    assert "COCOK" not in words


def test_a_file_cut_off_at_any_line_is_found(
    book: Book, check: Callable[..., tuple[int, str]]
) -> None:
    lines = book.content.splitlines(keepends=True)
    for count in (0, 1, len(lines) // 2, len(lines) - 1):
        code, words = check(b"".join(lines[:count]))
        assert code == 1, words
    assert "terpotong" in words


def rewritten(book: Book) -> bytes:
    """Return a ledger rewritten from its first entry on, with every hash and balance made to fit."""
    records = book.records()
    previous = "0" * 64
    for record in records:
        if record["type"] != "entry":
            continue
        fields = record["line"].split("\t")
        if fields[2] == "1":
            fields[11] = "19"
        record["line"] = "\t".join(fields)
        previous = hashlib.sha256(f"{previous}\t{record['line']}".encode()).hexdigest()
        record["hash"] = previous
    for record in records:
        if record["type"] == "balance" and record["account"] == "production":
            record["out_posted"] -= 1
        if record["type"] == "balance" and record["account"] == "available":
            record["in_posted"] -= 1
    records[0]["hash"] = previous
    return book.sealed([record for record in records if record["type"] not in ("head", "close")])


def test_a_ledger_rewritten_whole_is_found_by_a_published_head_alone(
    book: Book, check: Callable[..., tuple[int, str]]
) -> None:
    forged = rewritten(book)
    assert check(forged)[0] == 0
    code, words = check(forged, "--heads", str(book.daily))
    assert code == 1
    assert "catatan nomor 10: berbeda dengan ujung" in words
    code, words = check(forged, "--key", book.key)
    assert (code, "kunci lain" in words) == (1, True)


def test_a_tail_cut_off_before_a_published_head_is_found(
    book: Book, check: Callable[..., tuple[int, str]]
) -> None:
    records = cut_off(book, book.records())
    last = book.entry(records, 8)
    records[0].update(sequence=8, hash=last["hash"])
    kept = [record for record in records if record["type"] not in ("head", "close", "balance")]
    code, words = check(book.sealed(kept), "--heads", str(book.daily))
    assert code == 1
    assert "sesudah nomor 8 hilang" in words


def test_changed_daily_files_are_refused(book: Book, check: Callable[..., tuple[int, str]]) -> None:
    day = json.loads(book.daily.read_text())
    attacks: list[dict[str, Any]] = []
    for index in range(2):
        attacked = json.loads(json.dumps(day))
        attacked["heads"][index]["line"] = attacked["heads"][index]["line"].replace("\t10\t", "\t9\t").replace("\t1\t", "\t2\t")  # fmt: skip
        attacks.append(attacked)
    attacks.append({**day, "heads": day["heads"][1:]})
    attacks.append({**day, "root": {**day["root"], "signature": "0" * 128}})
    attacks.append(
        {**day, "root": {**day["root"], "line": day["root"]["line"].replace("\t2\t", "\t3\t")}}
    )
    for attacked in attacks:
        book.daily.write_text(json.dumps(attacked))
        code, words = check(book.content, "--heads", str(book.daily))
        assert code == 1, words
    for broken in ("", "{", "[]", "not a daily file"):
        book.daily.write_text(broken)
        assert check(book.content, "--heads", str(book.daily))[0] == 1


def test_any_single_changed_byte_is_found_and_its_line_named(
    book: Book, check: Callable[..., tuple[int, str]]
) -> None:
    chance = random.Random(20261122)
    for _ in range(250):
        place = chance.randrange(len(book.content))
        new = chance.choice([value for value in range(256) if value != book.content[place]])
        attacked = book.content[:place] + bytes([new]) + book.content[place + 1 :]
        line = book.content.count(b"\n", 0, place) + 1
        code, words = check(attacked)
        assert code == 1, (place, new)
        assert f"baris {line}" in words, (place, new, words)


VECTORS = (
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"),
)  # fmt: skip
"""Public key, message and signature of tests 1, 2, 3 and SHA(abc) of RFC 8032, section 7.1."""


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_signatures_are_checked_as_rfc_8032_says(key: str, message: str, signature: str) -> None:
    text = bytes.fromhex(message)
    assert checker.is_signed(key, text, signature)
    assert not checker.is_signed(key, text + b"x", signature)
    for wrong in (0, 40, 127):
        digit = "0" if signature[wrong] != "0" else "1"
        assert not checker.is_signed(key, text, signature[:wrong] + digit + signature[wrong + 1 :])
    order = checker.ORDER + int.from_bytes(bytes.fromhex(signature[64:]), "little")
    malleable = signature[:64] + order.to_bytes(32, "little").hex()
    assert not checker.is_signed(key, text, malleable)
    assert not checker.is_signed("ff" * 32, text, signature)
    assert not checker.is_signed("nonsense", text, signature)


def test_the_sample_in_the_docs_fits() -> None:
    folder = SCRIPT.parent
    assert checker.main(
        [str(folder / "sample-export.jsonl"), "--heads", str(folder / "sample-heads.json")]
    ) == 0  # fmt: skip
