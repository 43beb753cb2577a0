"""Prices and counted pieces from a file: what changes, what stays, what is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog import services as catalog_services
from app.domain.catalog.models import Listing, Product, ProductVersion
from app.domain.counts import queries as counts_queries
from app.domain.counts import services as counts_services
from app.domain.counts.types import Scope, ScopeKind
from app.domain.imports import flows, queries
from app.domain.imports.errors import (
    FileUnreadable,
    ImportNotReady,
    ModeMismatch,
    ModeUnclear,
    TargetMissing,
    TargetUnfit,
)
from app.domain.imports.types import FileState, Mode, RowState
from app.infra import db, sheets
from app.infra.jobs import JobEvent
from app.infra.sheets import Column, ColumnKind
from app.kernel.actor import Actor, ActorKind, Reach
from app.kernel.errors import Invalid, NotAllowed, NotFound
from tests.factories import goods, ledger, lists, people
from tests.factories.ledger import SYSTEM, Shelf

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    return lists.make_goods(["TIRAI-01", "KOPI-200", "-ANEH".strip("-")])


def clerk_of(upt_id: int, *permissions: str) -> Actor:
    reach = Reach(upt_ids=frozenset({upt_id}))
    return Actor(ActorKind.USER, 7, "Petugas", dict.fromkeys(permissions, reach))


def test_prices_change_where_they_differ_and_every_spelling_is_read(shelf: Shelf) -> None:
    content = lists.csv(
        "Kode barang,Harga jual,Berlaku", 'TIRAI-01,"Rp 1.250.000",22/11/2026',
        'kopi-200,"1,250,000.00",', "ANEH,185000,",
    )  # fmt: skip
    file = lists.bring_in(shelf.upt_id, content, Mode.PRICES)
    assert (file.state, file.rows_posted, file.rows_same, file.goods) == (FileState.DONE, 2, 1, 2)
    assert lists.prices(shelf.upt_id) == {
        "TIRAI-01": 1_250_000, "KOPI-200": 1_250_000, "ANEH": 185_000,
    }  # fmt: skip
    sums = queries.list_sums(file=file).items
    assert [(each.sku, each.before, each.after) for each in sums] == [
        ("KOPI-200", 185_000, 1_250_000),
        ("TIRAI-01", 185_000, 1_250_000),
    ]


def test_wrong_prices_are_named_and_nothing_changes(shelf: Shelf) -> None:
    before = lists.prices(shelf.upt_id)
    content = lists.csv(
        "mode;kode;harga;berlaku", "harga;TIRAI-01;12,5;", "harga;TIRAI-01;0;", "harga;KOPI-200;;1/1/2026",
        "opname;ANEH;1.000;2026-12-01", "harga;ANEH;@SUM(A1);",
    )  # fmt: skip
    file = lists.check(shelf.upt_id, content)
    assert lists.wrong(file.file_id) == [
        (2, "harga", "imports.price_whole", "12,5"),
        (3, "harga", "imports.price_whole", "0"),
        (3, "kode", "imports.row_twice", "TIRAI-01"),
        (4, "harga", "imports.price_missing", ""),
        (5, "berlaku", "imports.price_later", "2026-12-01"),
        (5, "mode", "imports.row_mode", "opname"),
        (6, "harga", "imports.price_whole", "@SUM(A1)"),
        (6, "kode", "imports.row_twice", "ANEH"),
    ]
    with pytest.raises(ImportNotReady):
        lists.confirm(file.file_id)
    assert lists.prices(shelf.upt_id) == before
    with pytest.raises(ModeMismatch):
        lists.check(shelf.upt_id, content, Mode.RECEIPTS)


def test_a_price_of_a_public_product_is_public_at_once_as_from_its_form() -> None:
    upt_id = people.make_upt("lapas-contoh").upt_id
    product_id = goods.make_product(
        upt_id, variants=[{"sku": "A-1", "price_idr": 5_000}, {"sku": "A-2", "price_idr": 9_000}]
    )
    other_id = goods.make_product(upt_id, variants=[{"sku": "B-1", "price_idr": 7_000}])
    first, second = goods.variant_ids(product_id)
    before = goods.draft_of(product_id).version
    events = goods.count(JobEvent)
    done = db.transact(
        lambda: catalog_services.set_prices(
            actor=SYSTEM, upt_id=upt_id, prices={first: 12_000, second: 9_000}, at=goods.LATER
        )
    )
    draft = goods.draft_of(product_id)
    assert (done, draft.version, draft.missing) == (1, before + 1, ())
    card = db.read_session().get(Listing, product_id)
    assert card is not None
    assert (card.price_idr_min, card.price_idr_max, card.has_several_prices) == (
        9_000,
        12_000,
        True,
    )
    offer = catalog_queries.offers(variant_ids=[first])[first]
    archived = catalog_queries.get_version(product_version_id=offer.product_version_id)
    assert (archived.number, archived.content.variants[0].price_idr) == (before + 1, 12_000)
    assert goods.count(JobEvent) == events + 1
    untouched = db.read_session().get(Product, other_id)
    assert untouched is not None
    assert untouched.version == untouched.published_number
    state = goods.state()
    for actor, prices, refusal in (
        (clerk_of(upt_id, "stock.view"), {first: 1}, NotAllowed),
        (clerk_of(upt_id + 1, "product.edit"), {first: 1}, NotFound),
        (SYSTEM, {first: 1, 999_999: 1}, NotFound),
        (SYSTEM, {first: 0}, Invalid),
    ):
        with pytest.raises(refusal):
            db.transact(
                lambda actor=actor, prices=prices: catalog_services.set_prices(  # type: ignore[misc]
                    actor=actor, upt_id=upt_id, prices=prices, at=goods.LATER
                )
            )
    assert goods.state() == state
    assert db.read_session().scalar(select(func.max(ProductVersion.number))) == before + 1


def open_sheet(shelf: Shelf, code: str = "OPN-UJI-1") -> int:
    return db.transact(
        lambda: (
            counts_services.open_count(
                actor=SYSTEM,
                upt_id=shelf.upt_id,
                scope=Scope(ScopeKind.WHOLE),
                code=code,
                entry_key=f"kunci-{code}-0123456789",
                at=lists.AT,
            ).count_id
        )
    )


def counted(count_id: int) -> dict[tuple[str, str, str], int | None]:
    found = counts_queries.known_rows(count_id=count_id)
    return {(row.sku, row.goods[1], row.goods[2].value): row.quantity for row in found}


def test_an_exported_stock_list_counted_back_enters_exactly_its_numbers(shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_ids[0], 12, lot_code="L1")
    ledger.receive(shelf.upt_id, shelf.variant_ids[0], 3, lot_code="L2")
    ledger.receive(shelf.upt_id, shelf.variant_ids[1], 1_240, lot_code="0007")
    count_id = open_sheet(shelf)
    columns = [
        Column(name, ColumnKind.WHOLE if name in ("jumlah", "dipesan") else ColumnKind.TEXT)
        for name in (
            "kode", "nama", "varian", "tempat", "lot", "dibuat", "baik_sampai", "jumlah", "dipesan"
        )
    ]  # fmt: skip
    exported = b"".join(
        sheets.write_xlsx(
            columns=columns, rows=queries.stock_list(actor=SYSTEM, upt_id=shelf.upt_id), sheet="x"
        )
    )
    file = lists.bring_in(shelf.upt_id, exported, Mode.COUNT, target="opn-uji-1")
    assert (file.state, file.rows_posted, file.target, file.unread) == (
        FileState.DONE, 3, "OPN-UJI-1", (),
    )  # fmt: skip
    assert counted(count_id) == {
        ("TIRAI-01", "L1", "available"): 12,
        ("TIRAI-01", "L2", "available"): 3,
        ("KOPI-200", "0007", "available"): 1_240,
    }


def test_a_count_names_its_sheet_and_every_row_that_does_not_fit(shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_ids[0], 12, lot_code="L1")
    count_id = open_sheet(shelf)
    content = lists.csv(
        "mode;opname;lembar;OPN-UJI-1;posisi;1", "kode;hasil hitung;lot;tempat;lembar",
        "TIRAI-01;0;L1;gudang;", "TIRAI-01;3;L1;gudang;OPN-UJI-1", "X;1;;;",
        "KOPI-200;-1;;;OPN-LAIN", "KOPI-200;1;L9;atap;",
    )  # fmt: skip
    file = lists.check(shelf.upt_id, content)
    found = lists.wrong(file.file_id)
    assert [each[:2] for each in found if each[0] != 4] == [
        (5, "kode"), (6, "dihitung"), (6, "lembar"), (7, "tempat"),
    ]  # fmt: skip
    assert [each[2] for each in found if each[0] == 4] == ["counts.row_twice"]
    good = lists.csv("mode;opname;lembar;OPN-UJI-1;posisi;1", "kode;hasil hitung", "TIRAI-01;0")
    assert lists.bring_in(shelf.upt_id, good).state is FileState.DONE
    assert counted(count_id) == {("TIRAI-01", "L1", "available"): 0}
    old = good.replace(b"posisi;1", b"posisi;9")
    wrong = lists.wrong(lists.check(shelf.upt_id, old).file_id)
    assert [each[1:3] for each in wrong] == [("posisi", "counts.position_unfit")]
    with pytest.raises(TargetMissing):
        lists.check(shelf.upt_id, lists.csv("kode;dihitung", "TIRAI-01;1"), Mode.COUNT)
    with pytest.raises(TargetUnfit):
        lists.check(shelf.upt_id, good, target="OPN-LAIN")
    elsewhere = lists.make_goods(["TIRAI-01"], slug="lapas-lain")
    with pytest.raises(TargetUnfit):
        lists.check(elsewhere.upt_id, good)


def test_each_list_needs_its_own_power(shelf: Shelf) -> None:
    prices = lists.csv("mode;harga", "kode;harga", "TIRAI-01;1")
    opening = lists.csv("mode;penerimaan", "kode;jumlah;asal", "TIRAI-01;1;saldo awal")
    only_import = clerk_of(shelf.upt_id, "stock.import")
    with pytest.raises(NotAllowed):
        lists.check(shelf.upt_id, prices, actor=only_import)
    with pytest.raises(NotAllowed):
        lists.check(shelf.upt_id, prices, actor=clerk_of(shelf.upt_id, "stock.view"))
    with pytest.raises(NotFound):
        lists.check(shelf.upt_id, prices, actor=clerk_of(shelf.upt_id + 9, "stock.import"))
    file = lists.check(shelf.upt_id, opening, actor=only_import)
    with pytest.raises(NotAllowed):
        lists.confirm(file.file_id, actor=only_import)
    able = clerk_of(shelf.upt_id, "stock.import", "stock.adjust")
    lists.confirm(file.file_id, actor=able)
    flows.post_file(file_id=file.file_id, at=lists.AT)
    assert lists.states(file.file_id) == [RowState.POSTED]


def test_a_file_without_purpose_or_headings_is_refused_by_name(shelf: Shelf) -> None:
    with pytest.raises(ModeUnclear):
        lists.check(shelf.upt_id, lists.csv("kode;jumlah", "TIRAI-01;1"))
    with pytest.raises(FileUnreadable) as refused:
        lists.check(shelf.upt_id, lists.csv("barang;jumlah", "TIRAI-01;1"), Mode.RECEIPTS)
    assert refused.value.reason == "imports.file_no_headings"
