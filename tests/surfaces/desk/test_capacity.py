"""The calendar of work by hand: planning, weeks off, errors beside their fields, who may."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.stock import queries as stock_queries
from app.domain.stock.models import StockEntry, Workshop
from app.infra import db
from app.kernel import actor as actors
from tests.factories import browse, goods, ledger, people, reading
from tests.factories.ledger import Shelf

KEY = "kunci-rencana-0123456789"
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    upt_id = people.make_upt("lapas-pamekasan").upt_id
    product_id = goods.make_product(
        upt_id, name="Meja kayu", kind="made_to_order", lead_time_days=14,
        variants=[{"name": "Kecil"}, {"name": "Besar"}],
    )  # fmt: skip
    return Shelf(upt_id, goods.variant_ids(product_id))


@pytest.fixture
def head(client: FlaskClient, shelf: Shelf) -> FlaskClient:
    people.staff(client, "upt_head", shelf.upt_id)
    return client


def typed(shelf: Shelf, **changes: str) -> dict[str, str]:
    return {
        "name": "Bengkel mebel", "units_per_week": "6", "version": "0", "entry_key": KEY,
        f"units.{shelf.variant_id}": "4", f"units.{shelf.variant_ids[1]}": "", **changes,
    }  # fmt: skip


def entries() -> int:
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(StockEntry)) or 0


def workshop_id() -> int:
    db.read_session().rollback()
    return db.read_session().scalars(select(Workshop.id)).one()


def test_a_head_plans_a_workshop_and_sees_its_weeks(head: FlaskClient, shelf: Shelf) -> None:
    assert "2 barang pesanan belum punya jatah" in reading.words(head.get("/meja/kapasitas"))
    assert reading.words(head.get("/meja/kapasitas/bengkel")).count("14 hari") == 2
    for _ in range(2):
        answer = head.post("/meja/kapasitas/bengkel", data=typed(shelf))
        assert (answer.status_code, answer.location) == (303, "/meja/kapasitas")
    assert entries() == 8
    ledger.reserve(shelf.upt_id, shelf.variant_id, 5, minutes=None, at=datetime.now(UTC))
    page = reading.words(head.get("/meja/kapasitas"))
    assert "Sanggup 6 satuan sepekan; 4 sudah dijatah" in page
    assert "0 bebas dari 4" in page
    assert "3 bebas dari 4" in page
    assert page.count("4 bebas dari 4") == 6
    answer = head.get(f"/meja/kapasitas/bengkel/{workshop_id()}")
    form = reading.fields(answer, "")
    assert (form[f"units.{shelf.variant_id}"], form["version"]) == ("4", "1")
    answer = head.post(
        f"/meja/kapasitas/bengkel/{workshop_id()}", data={**form, "units_per_week": "5"}
    )
    assert answer.status_code == 303
    assert "Sanggup 5" in reading.words(head.get("/meja/kapasitas"))


def test_bad_plans_come_back_as_typed_with_every_error(head: FlaskClient, shelf: Shelf) -> None:
    answer = head.post(
        "/meja/kapasitas/bengkel",
        data=typed(shelf, name="", units_per_week="-1", **{f"units.{shelf.variant_id}": "dua"}),
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for field in ("name", "units_per_week", f"units.{shelf.variant_id}"):
        assert f'href="#f-{field}"' in page
    assert 'value="dua"' in page
    over = head.post("/meja/kapasitas/bengkel", data=typed(shelf, units_per_week="3"))
    assert over.status_code == 422
    assert "hanya sanggup 3 sepekan" in reading.words(over)
    assert entries() == 0


def test_a_name_twice_and_a_stale_page_are_told(head: FlaskClient, shelf: Shelf) -> None:
    head.post("/meja/kapasitas/bengkel", data=typed(shelf))
    again = head.post("/meja/kapasitas/bengkel", data=typed(shelf, units_per_week="9"))
    assert again.status_code == 409
    assert "Sudah ada bengkel dengan nama ini" in reading.words(again)
    address = f"/meja/kapasitas/bengkel/{workshop_id()}"
    fresh = typed(shelf, version="1", entry_key=f"{KEY}-2")
    assert head.post(address, data={**fresh, "units_per_week": "8"}).status_code == 303
    stale = head.post(address, data={**fresh, "units_per_week": "7"})
    assert stale.status_code == 409
    assert "baru saja diubah orang lain" in reading.words(stale)
    other = ledger.make_shelf("lapas-indramayu")
    foreign = typed(shelf, name="Lain", **{f"units.{other.variant_id}": "1"})
    refused = head.post("/meja/kapasitas/bengkel", data=foreign)
    assert refused.status_code == 422
    assert "tidak dibuat sesuai pesanan" in reading.words(refused)
    assert entries() == 8


def test_a_week_off_and_back(head: FlaskClient, shelf: Shelf) -> None:
    head.post("/meja/kapasitas/bengkel", data=typed(shelf))
    actor = actors.system("tests")
    free = stock_queries.next_week_free(variant_id=shelf.variant_id, at=datetime.now(UTC))
    assert free is not None
    address = f"/meja/kapasitas/bengkel/{workshop_id()}/pekan"
    form = {"week_on": free.week_on.isoformat(), "is_paused": "1", "entry_key": f"{KEY}-3"}
    for _ in range(2):
        assert head.post(address, data=form).status_code == 303
    assert "Libur" in reading.words(head.get("/meja/kapasitas"))
    assert entries() == 9
    head.post(address, data={**form, "is_paused": "0", "entry_key": f"{KEY}-4"})
    assert entries() == 10
    assert head.post(address, data={**form, "week_on": "besok"}).status_code == 303
    (shop,) = stock_queries.list_workshops(actor=actor, upt_id=shelf.upt_id)
    assert shop.paused == frozenset()


def test_clerks_and_offices_look_and_strangers_do_not_find(
    client: FlaskClient, head: FlaskClient, shelf: Shelf
) -> None:
    head.post("/meja/kapasitas/bengkel", data=typed(shelf))
    shop_id = workshop_id()
    for role in ("upt_clerk", "kanwil_staff"):
        client.post("/keluar")
        people.staff(client, role, shelf.upt_id)
        page = client.get("/meja/kapasitas").get_data(as_text=True)
        assert "Bengkel mebel" in page
        assert "Ubah rencana" not in page
        assert client.get(f"/meja/kapasitas/bengkel/{shop_id}").status_code == 403
        assert client.post(f"/meja/kapasitas/bengkel/{shop_id}/pekan").status_code == 403
    client.post("/keluar")
    people.staff(client, "upt_head", people.make_upt("lapas-indramayu").upt_id)
    assert "Belum ada barang pesanan" in reading.words(client.get("/meja/kapasitas"))
    assert client.get(f"/meja/kapasitas/bengkel/{shop_id}").status_code == 404
    form = {"week_on": "2026-12-07", "is_paused": "1", "entry_key": f"{KEY}-5"}
    assert client.post(f"/meja/kapasitas/bengkel/{shop_id}/pekan", data=form).status_code == 404
    assert client.get(f"/meja/kapasitas?upt={shelf.upt_id}").status_code == 404
    client.post("/keluar")
    people.staff(client, "curator")
    assert client.get("/meja/kapasitas").status_code == 403


def test_the_calendar_costs_the_same_with_one_item_and_with_many(
    head: FlaskClient, shelf: Shelf
) -> None:
    def cost() -> int:
        with browse.statements() as seen:
            assert head.get("/meja/kapasitas").status_code == 200
        return seen.count

    head.post("/meja/kapasitas/bengkel", data=typed(shelf))
    before = cost()
    more = typed(
        shelf, name="Bengkel dua", entry_key=f"{KEY}-6", **{f"units.{shelf.variant_id}": "",
        f"units.{shelf.variant_ids[1]}": "3"},
    )  # fmt: skip
    assert head.post("/meja/kapasitas/bengkel", data=more).status_code == 303
    assert cost() == before <= 16
