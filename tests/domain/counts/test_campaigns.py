"""National counts: who calls them, who takes part, and who sees how far they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from app.domain.counts import queries, services
from app.domain.counts.commands import OpenCampaign, OpenCount
from app.domain.counts.errors import CampaignClosed, CampaignTaken
from app.domain.counts.types import CountState
from app.kernel.errors import Invalid, NotAllowed, NotFound
from tests.factories import counts, people
from tests.factories.counts import AT, WHOLE
from tests.factories.reading import words
from tests.factories.stock_steps import Statements

pytestmark = pytest.mark.usefixtures("app")
ADMIN = replace(people.actor("national_admin"), user_id=None)


def call(kanwil_id: int | None = None, key: str = "kunci-nasional-000001") -> int:
    with people.writing():
        return services.open_campaign(
            actor=ADMIN, title="Opname akhir tahun", kanwil_id=kanwil_id, scope=WHOLE,
            starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 31), entry_key=key, at=AT,
        )  # fmt: skip


def test_a_campaign_reaches_its_units_once_each_and_ends(app: Flask) -> None:
    near, far = counts.make_team("lapas-indramayu"), counts.make_team("lapas-pamekasan")
    office = people.make_kanwil("jawa-barat")
    campaign_id = call(office)
    assert call(office) == campaign_id
    with pytest.raises(NotAllowed):
        services.open_campaign(
            actor=near.head, title="x", kanwil_id=None, scope=WHOLE, starts_on=AT.date(),
            ends_on=AT.date(), entry_key="k" * 20, at=AT,
        )  # fmt: skip
    with pytest.raises(CampaignClosed):
        counts.open_sheet(far, campaign_id=campaign_id)
    sheet = counts.open_sheet(near, campaign_id=campaign_id)
    assert queries.list_campaigns_of(actor=near.clerk, upt_id=near.upt_id)[0][1:] == (
        sheet.count_id, CountState.COUNTING,
    )  # fmt: skip
    assert queries.list_campaigns_of(actor=far.clerk, upt_id=far.upt_id) == ()
    counts.count(near, sheet, default=0)
    counts.hand_in(near, sheet)
    counts.reason_all(near, sheet)
    counts.approve(near, sheet)
    with pytest.raises(CampaignTaken):
        counts.open_sheet(near, campaign_id=campaign_id)
    (line,) = queries.campaign_lines(actor=ADMIN, campaign_id=campaign_id)
    assert (line.state, line.differing, line.loss_idr) == (CountState.APPROVED, 2, 14 * 185_000)
    with pytest.raises(NotFound):
        queries.get_campaign(actor=far.clerk, campaign_id=campaign_id)
    with people.writing():
        services.close_campaign(actor=ADMIN, campaign_id=campaign_id, at=AT)
    with pytest.raises(CampaignClosed), people.writing():
        services.close_campaign(actor=ADMIN, campaign_id=campaign_id, at=AT)


def test_the_map_shows_each_office_its_own_units(app: Flask) -> None:
    teams = [counts.make_team("lapas-indramayu"), counts.make_team("rutan-palu")]
    campaign_id = call()
    counts.open_sheet(teams[0], campaign_id=campaign_id)
    admin, office = app.test_client(), app.test_client()
    people.staff(admin, "national_admin")
    people.staff(office, "kanwil_staff", teams[0].upt_id)
    url = f"/meja/opname/nasional/{campaign_id}"
    with Statements() as seen:
        page = admin.get(url)
    national = words(page)
    assert len(seen) < 16
    assert "Lapas Indramayu" in national
    assert "Rutan Palu" in national
    assert 'aria-label="Kanwil Ditjenpas Jawa Barat: 0 disetujui' in page.text
    own = words(office.get(url))
    assert "Lapas Indramayu" in own
    assert "Rutan Palu" not in own
    table = office.get(f"{url}/upt.csv").get_data(as_text=True)
    assert "Lapas Indramayu;Sedang dihitung" in table
    assert "Palu" not in table
    assert '<th scope="row">Rutan Palu' in page.text
    assert '<th scope="row">Rutan Palu' not in admin.get(f"{url}?keadaan=counting").text
    assert office.post(f"{url}/tutup").status_code == 403
    assert office.get("/meja/opname/nasional/baru").status_code == 403
    assert "Opname akhir tahun" in words(office.get("/meja/opname/nasional"))
    closed = words(admin.post(f"{url}/tutup", follow_redirects=True))
    assert "Opname nasional ditutup" in closed


def test_a_campaign_is_called_and_begun_from_the_pages(app: Flask) -> None:
    team = counts.make_team("lapas-indramayu")
    admin, clerk = app.test_client(), app.test_client()
    people.staff(admin, "national_admin")
    people.staff(clerk, "upt_clerk", team.upt_id)
    values = {
        "title": "Opname akhir tahun", "scope": "whole", "starts_on": "2026-12-01",
        "ends_on": "2026-12-31", "entry_key": "kunci-nasional-000002",
    }  # fmt: skip
    wrong = admin.post("/meja/opname/nasional/baru", data={**values, "ends_on": "2026-11-01"})
    assert wrong.status_code == 422
    assert "tidak boleh sebelum" in words(wrong)
    made = admin.post("/meja/opname/nasional/baru", data=values)
    assert made.status_code == 303
    assert "Mulai menghitung" in words(clerk.get("/meja/opname"))
    number = made.location.rsplit("/", 1)[1]
    start = f"/meja/opname/nasional/{number}/mulai"
    first = clerk.post(start, data={"entry_key": "k" * 43})
    assert clerk.post(start, data={"entry_key": "k" * 43}).location == first.location
    again = clerk.post(start, data={"entry_key": "z" * 43}, follow_redirects=True)
    assert "lembar lain yang belum selesai" in words(again)


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"scope": "place"}, "place", "counts.place_missing"),
        ({"scope": "place", "place": "customer"}, "place", "counts.place_missing"),
        ({"scope": "category"}, "category_id", "counts.category_missing"),
        ({"scope": "goods"}, "variant_ids", "counts.goods_missing"),
    ],
)
def test_a_scope_needs_what_it_names(values: dict[str, str], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        OpenCount.parse({**values, "entry_key": "k" * 20})
    assert [(error.field, error.code) for error in refusal.value.errors] == [(field, code)]


def test_a_campaign_names_no_single_goods() -> None:
    with pytest.raises(Invalid) as refusal:
        OpenCampaign.parse(
            {"scope": "goods", "title": "Opname", "starts_on": "2026-12-01",
             "ends_on": "2026-12-02", "entry_key": "k" * 20}
        )  # fmt: skip
    assert refusal.value.errors[0].code == "counts.scope_unfit"
