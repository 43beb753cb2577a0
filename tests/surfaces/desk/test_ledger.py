"""The ledger's pages on the desk: closing months, late entries, differences, who may do what."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app.domain.stock import flows, queries
from app.domain.stock.types import AdjustReason
from tests.factories import forging, ledger, people
from tests.factories.ledger import Shelf
from tests.factories.stock_steps import adjust, receive

KEY = "kunci-tutup-0123456789"
OCTOBER = datetime(2026, 1, 10, 3, 0, tzinfo=UTC)
"""Long ago: the month has ended whatever the clock says."""

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    made = ledger.make_shelf("lapas-indramayu")
    receive(made, 20, at=OCTOBER, happened_at=OCTOBER)
    return made


@pytest.fixture
def head(client: FlaskClient, shelf: Shelf) -> FlaskClient:
    people.staff(client, "upt_head", shelf.upt_id)
    return client


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def drift(shelf: Shelf) -> None:
    """Let a balance differ from its ledger, and let the watch find it."""
    forging.by_hand("UPDATE stock_balance SET in_posted = 23 WHERE account = 'available'")
    flows.check_whole(at=ledger.AT)


def test_the_head_closes_the_month_that_is_next_once(head: FlaskClient, shelf: Shelf) -> None:
    html = page(head, "/meja/buku")
    assert "<strong>Januari 2026</strong> sudah berakhir" in html
    assert 'name="month" value="2026-01-01"' in html
    data = {"month": "2026-01-01", "entry_key": KEY}
    answers = [head.post("/meja/buku/tutup", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    html = page(head, "/meja/buku")
    assert "Januari 2026 ditutup pada catatan nomor 1." in html
    assert "<strong>Februari 2026</strong> sudah berakhir" in html
    assert re.search(
        r"Januari 2026</th><td class=\"number\">1</td><td class=\"number\">20</td>", html
    )
    assert len(queries.list_periods(upt_id=shelf.upt_id)) == 1


@pytest.mark.parametrize(
    ("month", "key", "words"),
    [
        ("2026-03-01", "lain-kunci-0123456789", "belum dapat ditutup"),
        ("2999-01-01", "lain-kunci-0123456789", "belum dapat ditutup"),
        ("2026-01-01", "lain-kunci-0123456789", "sudah ditutup"),
    ],
)
def test_another_month_is_refused_with_a_sentence_and_nothing_is_written(
    head: FlaskClient, shelf: Shelf, month: str, key: str, words: str
) -> None:
    head.post("/meja/buku/tutup", data={"month": "2026-01-01", "entry_key": KEY})
    answer = head.post("/meja/buku/tutup", data={"month": month, "entry_key": key})
    assert answer.status_code == 409
    assert words in answer.get_data(as_text=True)
    assert len(queries.list_periods(upt_id=shelf.upt_id)) == 1
    assert head.post("/meja/buku/tutup", data={"month": "x"}).status_code == 404


def test_an_empty_ledger_and_a_running_month_cannot_be_closed(
    client: FlaskClient, shelf: Shelf
) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    people.staff(client, "upt_head", other.upt_id)
    assert "Belum ada catatan" in page(client, "/meja/buku")
    now = datetime.now(UTC)
    receive(other, 2, at=now, happened_at=now)
    assert "Bulan berjalan" in page(client, "/meja/buku")


def test_the_checklist_names_what_is_unfinished(head: FlaskClient, shelf: Shelf) -> None:
    assert "Tidak ada" in page(head, "/meja/buku")
    drift(shelf)
    assert "1 selisih" in page(head, "/meja/buku")


def test_late_entries_are_listed_after_the_close(head: FlaskClient, shelf: Shelf) -> None:
    assert "Tidak ada catatan susulan" in page(head, "/meja/buku/susulan")
    head.post("/meja/buku/tutup", data={"month": "2026-01-01", "entry_key": KEY})
    adjust(shelf, -2, AdjustReason.DAMAGED, happened_at=OCTOBER + timedelta(days=3), note="Patah")
    adjust(shelf, -1, AdjustReason.LOST)
    html = page(head, "/meja/buku/susulan")
    assert "Patah" in html
    assert "Hilang" not in html
    assert "13 Januari 2026" in html


def test_a_difference_is_shown_noted_and_closed_only_when_it_is_gone(
    client: FlaskClient, shelf: Shelf
) -> None:
    drift(shelf)
    people.staff(client, "auditor")
    html = page(client, "/meja/buku/selisih")
    found = re.search(r'href="(/meja/buku/selisih/\d+)"', html)
    assert found
    assert "20/0/0/0" in html
    assert "23/0/0/0" in html
    assert "20/0/0/0" in page(client, found[1])
    assert client.post(found[1], data={"deed": "acknowledge"}).status_code == 422
    noted = client.post(found[1], data={"deed": "acknowledge", "note": "Sedang dilihat"})
    assert noted.status_code == 303
    assert "Sedang dilihat" in page(client, found[1])
    still = client.post(found[1], data={"deed": "resolve", "note": "Sudah benar"})
    assert still.status_code == 409
    assert "masih menemukan selisih ini" in still.get_data(as_text=True)
    forging.by_hand("UPDATE stock_balance SET in_posted = 20 WHERE account = 'available'")
    flows.check_whole(at=ledger.AT + timedelta(hours=1))
    assert client.post(found[1], data={"deed": "resolve", "note": "Sudah benar"}).status_code == 303
    again = client.post(found[1], data={"deed": "resolve", "note": "Sudah benar"})
    assert again.status_code == 409
    assert "Tidak ada selisih" in page(client, "/meja/buku/selisih")
    assert "Selesai" in page(client, "/meja/buku/selisih?tampil=semua")


def test_who_sees_and_who_may_act(client: FlaskClient, shelf: Shelf) -> None:
    drift(shelf)
    other = ledger.make_shelf("rutan-palu")
    address = (
        f"/meja/buku/selisih/{queries.list_incidents(actor=ledger.SYSTEM).items[0].incident_id}"
    )
    note = {"deed": "acknowledge", "note": "Dilihat"}
    close = {"month": "2026-01-01", "entry_key": KEY}
    expected = {
        ("upt_clerk", shelf.upt_id): (200, 403, 403),
        ("kanwil_staff", shelf.upt_id): (200, 403, 403),
        ("upt_head", other.upt_id): (404, 404, 409),
        ("treasurer", None): (403, 403, 403),
    }
    for (role, upt_id), statuses in expected.items():
        client.post("/keluar")
        people.staff(client, role, upt_id)
        answers = (
            client.get(address),
            client.post(address, data=note),
            client.post("/meja/buku/tutup", data=close),
        )
        assert tuple(answer.status_code for answer in answers) == statuses, role
    assert queries.list_periods(upt_id=shelf.upt_id) == ()
    client.post("/keluar")
    assert client.get("/meja/buku").status_code == 303


def test_a_head_of_elsewhere_sees_none_of_it(client: FlaskClient, shelf: Shelf) -> None:
    drift(shelf)
    other = ledger.make_shelf("rutan-palu")
    people.staff(client, "upt_head", other.upt_id)
    assert "Tidak ada selisih" in page(client, "/meja/buku/selisih")
    for address in ("/meja/buku", "/meja/buku/susulan"):
        assert client.get(f"{address}?upt={shelf.upt_id}").status_code == 404
    assert client.get(f"/meja/buku/selisih?milik={shelf.upt_id}").status_code == 404
