"""The reference data as shipped: complete, quick on the second run, resumed after a cut."""

from __future__ import annotations

import csv
import time
from datetime import date

import pytest
import sqlalchemy as sa
from lokal import wilayah

from app.domain.places import queries as places_queries
from app.domain.places.adapters import lokal_source
from app.domain.places.models import Village
from app.domain.upt import queries as upt_queries
from app.domain.upt import services as upt_services
from app.domain.upt.commands import SaveKanwil
from app.infra import db
from app.seeds import reference
from tests.factories import people
from tests.factories.people import AT, SYSTEM

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_whole_reference_is_loaded_once_and_the_second_run_is_quick() -> None:
    lines: list[str] = []
    reference.load(at=AT, progress=lines.append)
    assert places_queries.count_places() == (38, 514, 7_285, 83_762)
    assert lines[0] == "Wilayah: membaca provinsi sampai kecamatan…"
    assert lines[-3:] == [
        "Wilayah: 83.762 dari 83.762 desa",
        "Kanwil: 33 ditambahkan",
        "UPT: 10 ditambahkan",
    ]
    offices = upt_queries.list_kanwil()
    assert len(offices) == 33
    covered = [code for office in offices for code in office.province_codes]
    assert sorted(covered) == sorted(code for code, _ in places_queries.list_provinces())
    assert len(upt_queries.list_all()) == 10
    found = upt_queries.find_by_slug(slug="rutan-donggala", on=AT.date())
    assert (found.name, found.town, found.timezone) == (
        "Rumah Tahanan Negara Kelas IIB Donggala",
        "Kab. Donggala",
        "Asia/Makassar",
    )

    lines.clear()
    started = time.process_time()
    reference.load(at=AT, progress=lines.append)
    assert time.process_time() - started < 0.3
    assert lines == []

    for text in ("sindang indramayu", "45212", "su", "kota palu", "menteng jakarta pusat"):
        started = time.process_time()
        assert places_queries.search(text=text)
        assert time.process_time() - started < 0.1, text


def test_a_load_that_was_cut_short_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    upper = lokal_source.read_upper_places()
    province = "31"
    few = lokal_source.UpperPlaces(
        tuple(place for place in upper.provinces if place.code == province),
        tuple(place for place in upper.regencies if place.code.startswith(province)),
        tuple(place for place in upper.districts if place.code.startswith(province)),
    )
    monkeypatch.setattr(lokal_source, "read_upper_places", lambda: few)
    monkeypatch.setattr(reference, "BATCH", 50)
    expected = sum(len(wilayah.list_wilayah(place.code)) for place in few.districts)

    class Cut(Exception):
        pass

    def cut(text: str) -> None:
        if "membaca" not in text:
            raise Cut

    monkeypatch.setattr(reference, "VILLAGE_COUNT", 500)
    with pytest.raises(Cut):
        reference.load_places(at=AT, progress=cut)
    part = db.read_session().scalar(sa.select(sa.func.count()).select_from(Village)) or 0
    assert 0 < part < expected
    assert not places_queries.is_loaded(version=lokal_source.version())
    reference.load_places(at=AT, progress=lambda _text: None)
    assert places_queries.count_places() == (1, 6, len(few.districts), expected)
    assert places_queries.is_loaded(version=lokal_source.version())


def test_what_staff_changed_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    people.make_places()
    with (reference.FOLDER / "kanwil.csv").open(encoding="utf-8", newline="") as stream:
        codes = [row["code"] for row in csv.DictReader(stream)]
    with db.unit_of_work():
        for code in codes:
            upt_services.save_kanwil(
                actor=SYSTEM,
                command=SaveKanwil(
                    code=code,
                    name=f"Diubah {code}",
                    province_codes=people.KANWIL.get(code, ("", ()))[1],
                ),
                at=AT,
            )
    heading, *rows = (reference.FOLDER / "upt.csv").read_text(encoding="utf-8").splitlines()
    for line in rows:
        people.make_upt(line.split(",")[0], full_name="Diubah staf")
    lines: list[str] = []
    reference.load_register(at=AT, progress=lines.append)
    assert lines == []
    assert heading.startswith("slug,")
    found = upt_queries.find_by_slug(slug="lapas-indramayu", on=date(2026, 1, 1))
    assert (found.name, found.kanwil_name) == ("Diubah staf", "Diubah jawa-barat")


def test_a_wrong_shipped_file_stops_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    people.make_places()
    office = reference.FOLDER / "kanwil.csv"
    with office.open(encoding="utf-8", newline="") as stream:
        codes = [row["code"] for row in csv.DictReader(stream)]
    with db.unit_of_work():
        for code in codes:
            upt_services.save_kanwil(actor=SYSTEM, command=SaveKanwil(code=code, name=code), at=AT)
    with pytest.raises(ValueError, match=r"upt\.csv"):
        reference.load_register(at=AT, progress=lambda _text: None)
    assert upt_queries.count_upts() == 0
