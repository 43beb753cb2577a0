"""Receipts from a file: what a row means, what is refused, what is known again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.domain.imports import queries
from app.domain.imports.errors import ImportNotReady, ImportRepeated
from app.domain.imports.types import FileState, Mode, RowState
from app.domain.stock import queries as stock_queries
from app.domain.stock.models import StockEntry, StockLot
from app.domain.stock.types import Account
from app.infra import db
from tests.factories import ledger, lists
from tests.factories.ledger import Shelf

pytestmark = pytest.mark.usefixtures("app")
HEAD = "kode;jumlah;lot;dibuat;baik_sampai;tanggal;asal;tempat;no_bukti;catatan"


@pytest.fixture
def shelf() -> Shelf:
    return lists.make_goods(["TIRAI-01", "KOPI-200", "0012"])


def test_a_file_enters_the_books_with_lots_places_origins_and_days(shelf: Shelf) -> None:
    file = lists.bring_in(
        shelf.upt_id,
        lists.csv(
            "mode;penerimaan",
            HEAD,
            "tirai-01;1.240;L1;2026-11-01;;;;;;",
            "KOPI-200;12;;2026-11-20;20/05/2027;21/11/2026;pembelian;galeri;BA-7;segar",
            "0012;3;;;;;saldo awal;karantina;;",
        ),
    )
    assert (file.mode, file.state, file.rows_posted, file.pieces, file.goods) == (
        Mode.RECEIPTS, FileState.DONE, 3, 1255, 3,
    )  # fmt: skip
    found = db.read_session().execute(
        select(
            StockEntry.kind, StockEntry.from_account, StockEntry.to_account, StockEntry.quantity,
            StockLot.code, StockLot.expires_on,
        )
        .join(StockLot, StockLot.id == StockEntry.lot_id)
        .order_by(StockEntry.variant_id)
    ).all()  # fmt: skip
    assert [tuple(row) for row in found] == [
        ("produced", "production", "available", 1240, "L1", None),
        ("purchased", "supplier", "gallery", 12, "L261120-270520", date(2027, 5, 20)),
        ("opening", "opening", "quarantine", 3, "L261122", None),
    ]
    told = {
        row.source_key: row.happened_at for row in db.read_session().scalars(select(StockEntry))
    }
    assert sorted(key.rpartition(":")[2] for key in told) == ["3", "4", "5"]
    assert sorted({at.isoformat() for at in told.values()}) == [
        "2026-11-21T05:00:00+00:00", "2026-11-22T03:00:00+00:00",
    ]  # fmt: skip


def test_every_error_of_every_row_is_found_at_once_and_nothing_enters(shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 1, lot_code="LAMA", expires_on=date(2027, 1, 1))
    before = lists.entries()
    file = lists.check(
        shelf.upt_id,
        lists.csv(
            HEAD,
            ";12;;;;;;;;",
            "TIRAI-1;0;?;besok;;;dicuri;atap;;",
            "12;1,5;;;;2026-12-01;;;;",
            "TIRAI-01;;LAMA;;2028-01-01;;;mutu kedua;;",
            "TIRAI-01;=2+3;L2;2026-11-20;2026-11-01;;;;" + "x" * 61 + ";",
            "TIRAI-01;1000001;L3;31/02/2026;;;;;;" + "y" * 301,
            "TIRAI-01;7;;;;;;;;;lebih",
        ),
        Mode.RECEIPTS,
    )
    assert lists.wrong(file.file_id) == [
        (2, "kode", "imports.sku_missing", ""),
        (3, "kode", "imports.sku_unknown", "TIRAI-1"),
        (3, "dibuat", "imports.date_shape", "besok"),
        (3, "jumlah", "imports.quantity_whole", "0"),
        (3, "tempat", "imports.place_unknown", "atap"),
        (3, "asal", "imports.origin_unknown", "dicuri"),
        (3, "lot", "imports.lot_shape", "?"),
        (4, "kode", "imports.sku_unknown", "12"),
        (4, "tanggal", "imports.date_future", "2026-12-01"),
        (4, "jumlah", "imports.quantity_whole", "1,5"),
        (5, "jumlah", "imports.quantity_missing", ""),
        (5, "tempat", "imports.place_unknown", "mutu kedua"),
        (5, "baik_sampai", "imports.lot_dates", "2028-01-01"),
        (6, "baik_sampai", "imports.dates_unfit", "2026-11-01"),
        (6, "jumlah", "imports.quantity_whole", "=2+3"),
        (6, "no_bukti", "imports.text_long", "x" * 61),
        (7, "dibuat", "imports.date_shape", "31/02/2026"),
        (7, "jumlah", "imports.quantity_whole", "1000001"),
        (7, "catatan", "imports.text_long", "y" * 120),
        (8, "", "imports.too_many_cells", ""),
    ]
    hints = {row.number: row.errors[0].hint for row in lists.rows(file.file_id)}
    assert (hints[3], hints[4]) == (" (mungkin maksudnya TIRAI-01)", " (mungkin maksudnya 0012)")
    with pytest.raises(ImportNotReady):
        lists.confirm(file.file_id)
    assert (lists.entries(), lists.get(file.file_id).state) == (before, FileState.CHECKED)


def test_good_rows_enter_alone_only_when_asked(shelf: Shelf) -> None:
    content = lists.csv("kode;jumlah", "TIRAI-01;2", "TIDAK-ADA;1", "KOPI-200;3")
    file = lists.bring_in(shelf.upt_id, content, Mode.RECEIPTS, is_whole=False)
    assert (file.state, file.rows_posted, file.rows_wrong) == (FileState.DONE, 2, 1)
    assert lists.states(file.file_id) == [RowState.POSTED, RowState.WRONG, RowState.POSTED]
    mended = lists.csv("kode;jumlah", "TIRAI-01;2", "0012;1", "KOPI-200;3")
    again = lists.bring_in(shelf.upt_id, mended, Mode.RECEIPTS)
    assert (again.rows_known, again.rows_posted, lists.entries()) == (2, 1, 3)
    assert lists.states(again.file_id) == [RowState.KNOWN, RowState.POSTED, RowState.KNOWN]


def test_the_same_content_again_changes_nothing_and_names_the_first(shelf: Shelf) -> None:
    first = lists.bring_in(
        shelf.upt_id, lists.csv("kode;jumlah", "TIRAI-01;2", "0012;4"), Mode.RECEIPTS
    )
    other_dialect = lists.csv(
        "mode,penerimaan", "catatan,jumlah,kode", ',"2",tirai-01', ",,", ",4,0012"
    )
    second = lists.check(shelf.upt_id, other_dialect)
    assert second.fingerprint == first.fingerprint
    earlier = queries.find_earlier(file=second)
    assert earlier is not None
    assert (earlier.file_id, earlier.confirmed_at) == (first.file_id, lists.AT)
    with pytest.raises(ImportNotReady):
        lists.confirm(second.file_id)
    with pytest.raises(ImportRepeated) as refused:
        lists.confirm(second.file_id, with_known=True)
    assert refused.value.details() == {"file_id": first.file_id}
    assert lists.entries() == 2
    elsewhere = lists.make_goods(["TIRAI-01", "0012"], slug="lapas-lain")
    theirs = lists.bring_in(elsewhere.upt_id, other_dialect)
    assert (theirs.state, theirs.rows_known, lists.entries()) == (FileState.DONE, 0, 4)


def test_equal_rows_enter_as_often_as_they_stand_there(shelf: Shelf) -> None:
    lists.bring_in(shelf.upt_id, lists.csv("kode;jumlah", "0012;2"), Mode.RECEIPTS)
    grown = lists.csv("kode;jumlah", "0012;2", "0012;2")
    file = lists.bring_in(shelf.upt_id, grown, Mode.RECEIPTS)
    assert lists.states(file.file_id) == [RowState.KNOWN, RowState.POSTED]
    more = lists.csv("kode;jumlah", "0012;2", "0012;2", "0012;2")
    taken = lists.bring_in(shelf.upt_id, more, Mode.RECEIPTS, with_known=True)
    assert (taken.rows_posted, taken.rows_chosen) == (3, 3)
    places = stock_queries.places(upt_id=shelf.upt_id)[shelf.variant_ids[2]]
    assert places[Account.AVAILABLE].on_hand == 10


def test_goods_that_spoil_at_different_times_never_share_a_lot(shelf: Shelf) -> None:
    file = lists.check(
        shelf.upt_id,
        lists.csv(
            "kode;jumlah;dibuat;baik_sampai",
            "KOPI-200;1;;2027-01-01",
            "KOPI-200;1;;2027-02-01",
            "KOPI-200;1;2026-11-22;2027-02-01",
            "KOPI-200;1;;",
            "KOPI-200;1;;",
        ),
        Mode.RECEIPTS,
    )
    assert [row.lot_code for row in lists.rows(file.file_id)] == [
        "L261122-270101", "L261122-270201", "L261122-270201-2", "L261122", "L261122",
    ]  # fmt: skip


def test_a_second_piece_of_a_one_of_a_kind_product_is_an_error() -> None:
    from tests.factories import goods, people

    upt_id = people.make_upt("lapas-contoh").upt_id
    goods.make_product(upt_id, published=False, kind="unique", variants=[{"sku": "UKIR-1"}])
    goods.make_product(upt_id, published=False, kind="unique", variants=[{"sku": "UKIR-2"}])
    content = lists.csv("kode;jumlah", "UKIR-1;1", "UKIR-1;1", "UKIR-2;2")
    file = lists.check(upt_id, content, Mode.RECEIPTS)
    assert lists.wrong(file.file_id) == [
        (3, "jumlah", "imports.unique", "1"),
        (4, "jumlah", "imports.unique", "2"),
    ]
    lists.bring_in(upt_id, lists.csv("kode;jumlah", "UKIR-1;1"), Mode.RECEIPTS)
    late = lists.check(
        upt_id, lists.csv("kode;jumlah;tanggal", "UKIR-1;1;1/11/2026"), Mode.RECEIPTS
    )
    assert lists.wrong(late.file_id) == [(2, "jumlah", "imports.unique", "1")]


def test_sums_tell_before_and_after_for_each_code(shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 5)
    content = lists.csv(
        "kode;jumlah;tempat", "TIRAI-01;2;", "TIRAI-01;3;galeri", "KOPI-200;1;", "X;1;"
    )
    file = lists.check(shelf.upt_id, content, Mode.RECEIPTS)
    sums = queries.list_sums(file=file).items
    assert [(each.sku, each.rows, each.before, each.after) for each in sums] == [
        ("KOPI-200", 1, 0, 1),
        ("TIRAI-01", 2, 5, 10),
    ]
