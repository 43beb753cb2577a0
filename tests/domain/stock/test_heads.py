"""Signed daily heads: once a day, chained, in the open file too; whatever is rewritten is found."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.domain.stock import flows, ports, queries, rules
from app.domain.stock.adapters.ed25519 import Ed25519Signer
from app.domain.stock.errors import HeadsDiffer
from app.infra import db
from app.infra import ports as infra_ports
from app.kernel.errors import NotFound
from tests.factories import forging, ledger
from tests.factories.ledger import Shelf
from tests.factories.stock_steps import AT, receive

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    made = ledger.make_shelf()
    receive(made, 20)
    return made


@pytest.fixture
def book(app: Flask) -> Path:
    return app.extensions["karyabina.port." + ports.HEADS_FILE].path


def codes() -> list[str]:
    return [fault.code for fault in flows.verify().faults]


def test_nothing_is_published_before_the_first_entry() -> None:
    assert flows.publish_heads(at=AT) is None
    assert queries.latest_root() is None


def test_a_day_is_published_once_signed_and_chained(shelf: Shelf, book: Path) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    receive(other, 3)
    first = flows.publish_heads(at=AT)
    receive(shelf, 1)
    assert flows.publish_heads(at=AT + timedelta(hours=3)) == first
    second = flows.publish_heads(at=AT + DAY)
    assert first
    assert second
    assert (first.heads, first.previous, first.previous_day) == (2, "0" * 64, None)
    assert (second.previous, second.previous_day) == (rules.root_hash(first), first.day)
    heads = queries.list_daily_heads(day=second.day)
    assert [(head.upt_id, head.sequence) for head in heads] == [
        (shelf.upt_id, 2),
        (other.upt_id, 1),
    ]
    signer = ports.signer()
    for head in heads:
        line = rules.line_of_head(head)
        assert signer.is_signed(line, key=second.key, signature=head.signature)
        assert not signer.is_signed(line + "x", key=second.key, signature=head.signature)
        assert not signer.is_signed(line, key="nonsense", signature=head.signature)
    assert book.read_text() == flows.day_text(day=first.day) + flows.day_text(day=second.day)
    report = flows.verify()
    assert (report.faults, report.heads) == ((), 4)
    with pytest.raises(NotFound):
        queries.proof_of_head(upt_id=999, day=first.day)


def test_the_nations_day_begins_at_midnight_in_jakarta(shelf: Shelf) -> None:
    late = flows.publish_heads(at=AT.replace(hour=16, minute=59))
    early = flows.publish_heads(at=AT.replace(hour=17, minute=0))
    assert late
    assert early
    assert (late.day.day, early.day.day) == (22, 23)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_every_leaf_climbs_to_the_root(count: int) -> None:
    leaves = [rules.leaf(f"line {number}") for number in range(count)]
    root = rules.merkle_root(leaves)
    for index, one in enumerate(leaves):
        made = one
        for step in rules.merkle_path(leaves, index):
            beside = bytes.fromhex(step[2:])
            made = rules.heads._node(beside, made) if step[0] == "L" else rules.heads._node(made, beside)  # fmt: skip
        assert made == root
    assert rules.merkle_root([]).hex().startswith("e3b0c442")


def test_published_rows_cannot_be_changed_or_removed(shelf: Shelf) -> None:
    flows.publish_heads(at=AT)
    for attack in (
        "UPDATE stock_daily_head SET hash = 'x'",
        "DELETE FROM stock_daily_head",
        "UPDATE stock_daily_root SET heads = 2",
        "DELETE FROM stock_daily_root",
    ):
        with pytest.raises(DBAPIError, match="append_only"), db.unit_of_work():
            db.session().execute(text(attack))


def test_a_chain_rewritten_whole_is_found_by_its_published_head(
    shelf: Shelf, database_kind: str
) -> None:
    receive(shelf, 1)
    flows.publish_heads(at=AT)
    receive(shelf, 1)
    with forging.tampering(database_kind) as forger:
        forging.rewrite(forger, shelf.upt_id)
    found = flows.verify().faults
    assert {fault.code for fault in found} == {"published"}
    assert {fault.sequence for fault in found} == {2}


def test_also_when_the_table_of_heads_was_emptied_with_it(shelf: Shelf, database_kind: str) -> None:
    flows.publish_heads(at=AT)
    with forging.tampering(database_kind) as forger:
        forging.rewrite(forger, shelf.upt_id)
        forger.execute(text("DELETE FROM stock_daily_head"))
        forger.execute(text("DELETE FROM stock_daily_root"))
    assert codes() == ["published", "published"]
    with pytest.raises(HeadsDiffer):
        flows.publish_heads(at=AT + DAY)
    assert queries.latest_root() is None


def test_a_cut_off_tail_is_found_though_head_and_balances_fit(
    shelf: Shelf, database_kind: str
) -> None:
    first = queries.list_heads(upt_id=shelf.upt_id)[shelf.upt_id]
    receive(shelf, 1)
    flows.publish_heads(at=AT)
    with forging.tampering(database_kind) as forger:
        forger.execute(text("DELETE FROM stock_entry WHERE sequence = 2"))
        forger.execute(text("UPDATE stock_head SET sequence = 1, hash = :h"), {"h": first.hash})
        forger.execute(text("UPDATE stock_balance SET in_posted = 20 WHERE in_posted = 21"))
        forger.execute(text("UPDATE stock_balance SET out_posted = 20 WHERE out_posted = 21"))
    found = flows.verify().faults
    assert [(fault.code, fault.sequence) for fault in found] == [("published", 2)]


def test_a_rewritten_chain_never_gets_a_new_signature(shelf: Shelf, database_kind: str) -> None:
    first = flows.publish_heads(at=AT)
    assert first
    old = queries.last_daily_head(upt_id=shelf.upt_id)
    with forging.tampering(database_kind) as forger:
        forging.rewrite(forger, shelf.upt_id)
    flows.publish_heads(at=AT + DAY)
    new = queries.last_daily_head(upt_id=shelf.upt_id)
    assert old
    assert new
    assert (new.sequence, new.hash, new.day - old.day) == (old.sequence, old.hash, DAY)
    items = queries.list_incidents(actor=ledger.SYSTEM).items
    assert [(item.code, item.upt_id) for item in items] == [("published", shelf.upt_id)]


def test_an_altered_open_file_is_found_and_stops_signing(shelf: Shelf, book: Path) -> None:
    flows.publish_heads(at=AT)
    whole = book.read_text()
    book.write_text(whole.replace("\t1\t", "\t2\t", 1))
    assert "published" in codes()
    with pytest.raises(HeadsDiffer):
        flows.publish_heads(at=AT + DAY)
    book.write_text(whole)
    assert codes() == []


def test_a_day_torn_by_a_crash_or_lost_is_written_again(shelf: Shelf, book: Path) -> None:
    flows.publish_heads(at=AT)
    whole = book.read_text()
    for left in ("", whole[:40], whole[: whole.index("\n") + 30]):
        book.write_text(left)
        assert codes() == ["published"]
        flows.publish_heads(at=AT + timedelta(minutes=5))
        assert codes() == []
    assert whole in book.read_text()
    with book.open("a") as stream:
        stream.write(whole.replace("\t1\t", "\t2\t", 1))
    assert codes() == ["published"]


def test_a_forged_day_in_the_table_is_never_copied_into_the_open_file(
    shelf: Shelf, book: Path, database_kind: str
) -> None:
    flows.publish_heads(at=AT)
    before = book.read_text()
    book.write_text("")
    with forging.tampering(database_kind) as forger:
        forger.execute(text("UPDATE stock_daily_head SET hash = :h"), {"h": "a" * 64})
    with pytest.raises(HeadsDiffer):
        flows.publish_heads(at=AT + DAY)
    assert book.read_text() == ""
    assert before


def test_a_new_key_is_endorsed_by_the_old_one(app: Flask, shelf: Shelf, tmp_path: Path) -> None:
    first = flows.publish_heads(at=AT)
    own = Path(app.instance_path) / "ledger_key"
    assert own.stat().st_mode & 0o077 == 0
    new = Ed25519Signer(seed="5" * 64, own_file=tmp_path / "x", older=(own.read_text(),))
    infra_ports.plug(app, ports.SIGNER, new)
    second = flows.publish_heads(at=AT + DAY)
    third = flows.publish_heads(at=AT + 2 * DAY)
    assert first
    assert second
    assert third
    assert second.key == third.key == new.key != first.key
    line = rules.line_of_root(second)
    assert new.is_signed(line, key=first.key, signature=second.endorsement)
    assert third.endorsement == ""
    assert new.endorse(line, key="0" * 64) == ""
    assert codes() == []
