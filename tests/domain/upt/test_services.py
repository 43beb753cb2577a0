"""Units, offices and registers on a real database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.audit.models import AuditEntry
from app.domain.upt import queries, rules, services
from app.domain.upt.commands import DescribeUpt, SaveKanwil, SaveUpt
from app.domain.upt.errors import KanwilCodeTaken, ProvinceTaken, RegisterRefused, SlugTaken
from app.domain.upt.models import Kanwil, Upt, UptAlias, UptName
from app.domain.upt.types import (
    REGISTER_COLUMNS,
    RegisterOutcome,
    RegisterPreview,
    RowError,
    UptBrief,
    UptKind,
)
from app.infra import db
from app.kernel.errors import Invalid, NotAllowed, NotFound
from tests.factories import people
from tests.factories.people import AT, SYSTEM

pytestmark = pytest.mark.usefixtures("app")

TODAY = AT.date()


def command(**changes: Any) -> SaveUpt:
    values: dict[str, Any] = {
        "kind": "lapas",
        "subkind": "umum",
        "upt_class": "IIB",
        "place": "Indramayu",
        "full_name": "Lembaga Pemasyarakatan Kelas IIB Indramayu",
        "valid_from": "2025-01-01",
        "kanwil_id": people.make_kanwil(),
        "regency_code": "32.12",
        "aliases": "Lapas Indramayu\nLP Dermayu\n",
        "is_active": "1",
        **changes,
    }
    return SaveUpt.parse(values)


def save(upt_id: int | None = None, **changes: Any) -> int:
    wanted = command(**changes)
    with db.unit_of_work():
        return services.save_upt(actor=SYSTEM, command=wanted, at=AT, upt_id=upt_id)


def count(model: Any) -> int:
    return db.read_session().scalar(sa.select(sa.func.count()).select_from(model)) or 0


def refused(upt_id: int | None = None, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as error:
        save(upt_id, **changes)
    return [(wrong.field, wrong.code) for wrong in error.value.errors]


def read(*rows: dict[str, str]) -> RegisterPreview:
    table = [
        REGISTER_COLUMNS,
        *(tuple(row.get(name, "") for name in REGISTER_COLUMNS) for row in rows),
    ]
    return rules.read_register(rows=table, context=queries.register_context(), today=TODAY)


ROW = {
    "slug": "lapas-indramayu",
    "kind": "lapas",
    "class": "IIB",
    "place": "Indramayu",
    "full_name": "Lembaga Pemasyarakatan Kelas IIB Indramayu",
    "kanwil_code": "jawa-barat",
    "regency_code": "32.12",
    "valid_from": "2025-01-01",
    "aliases": "Lapas Indramayu|LP Dermayu",
    "source": "surat",
}


def apply(*rows: dict[str, str]) -> RegisterOutcome:
    preview = read(*rows)
    with db.unit_of_work():
        return services.apply_register(actor=SYSTEM, preview=preview, at=AT)


def test_a_unit_is_saved_and_read_back() -> None:
    upt_id = save(about="Bengkel serat.", village_code="32.12.15.1006", postcode="45212")
    found = queries.find_by_slug(slug="lapas-indramayu", on=TODAY)
    assert found == queries.get(upt_id=upt_id, on=TODAY)
    assert (found.short_name, found.name) == (
        "Lapas Indramayu",
        "Lembaga Pemasyarakatan Kelas IIB Indramayu",
    )
    assert (found.town, found.province_code, found.province_name) == (
        "Kab. Indramayu", "32", "Jawa Barat"
    )  # fmt: skip
    assert (found.kind, found.kind_label, found.kanwil_name) == (
        UptKind.LAPAS, "Lapas", "Kanwil Ditjenpas Jawa Barat"
    )  # fmt: skip
    card = queries.get_card(actor=SYSTEM, upt_id=upt_id, on=TODAY)
    assert card.aliases == ("Lapas Indramayu", "LP Dermayu")
    assert (card.village_code, card.place) == ("32.12.15.1006", "Indramayu")
    action = db.read_session().scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id.desc()))
    assert action.first() == "upt.added"


def test_briefs_are_one_statement_and_skip_unknown_ids() -> None:
    upt_id = save()
    assert queries.briefs(upt_ids=[upt_id, 99_999]) == {
        upt_id: UptBrief(
            upt_id=upt_id,
            slug="lapas-indramayu",
            short_name="Lapas Indramayu",
            town="Kab. Indramayu",
            province_code="32",
            province_name="Jawa Barat",
            timezone="Asia/Jakarta",
            kanwil_id=people.make_kanwil(),
            kind=UptKind.LAPAS,
            is_active=True,
            cover_asset_id=None,
        )
    }
    assert queries.briefs(upt_ids=[]) == {}


def test_lists_hold_active_units_of_a_province_and_the_desk_sees_all() -> None:
    save()
    people.make_upt("lapas-pamekasan")
    save(place="Tutup", is_active="0", aliases="")
    assert [upt.slug for upt in queries.list_all()] == ["lapas-indramayu", "lapas-pamekasan"]
    assert [upt.slug for upt in queries.list_all(province_code="35")] == ["lapas-pamekasan"]
    actor = people.actor("national_admin")
    assert len(queries.list_register(actor=actor)) == 3
    assert [u.slug for u in queries.list_register(actor=actor, text="dermayu")] == [
        "lapas-indramayu"
    ]
    assert [u.slug for u in queries.list_register(actor=actor, text="KELAS IIA p")] == [
        "lapas-pamekasan"
    ]
    office = people.make_kanwil()
    assert len(queries.list_register(actor=actor, kanwil_id=office)) == 2
    assert queries.list_register(actor=actor, text="%") == ()
    with pytest.raises(NotAllowed):
        queries.list_register(actor=people.actor("auditor"))
    assert [u.slug for u in queries.list_by_text(text="DERMAYU")] == ["lapas-indramayu"]
    assert queries.list_by_text(text="tutup") == ()
    assert queries.list_by_text(text="  ") == ()


@pytest.mark.parametrize("slug", ["", "tidak-ada", "' OR 1=1"])
def test_an_unknown_unit_is_not_found(slug: str) -> None:
    with pytest.raises(NotFound):
        queries.find_by_slug(slug=slug, on=TODAY)
    with pytest.raises(NotFound):
        queries.get(upt_id=99_999, on=TODAY)
    with pytest.raises(NotFound):
        queries.get_kanwil(kanwil_id=99_999)


def test_documents_print_the_name_of_their_day() -> None:
    upt_id = save()
    save(
        upt_id,
        upt_class="IIA",
        full_name="Lembaga Pemasyarakatan Kelas IIA Indramayu",
        valid_from="2026-06-01",
    )
    names = {
        day: queries.name_on(upt_id=upt_id, on=day)
        for day in (date(2024, 1, 1), date(2025, 1, 1), date(2026, 5, 31), date(2026, 6, 1))
    }
    assert ["IIA" in name for name in names.values()] == [False, False, False, True]
    card = queries.get_card(actor=SYSTEM, upt_id=upt_id, on=TODAY)
    assert [(name.upt_class, name.valid_from, name.valid_to) for name in card.names] == [
        ("IIA", date(2026, 6, 1), None),
        ("IIB", date(2025, 1, 1), date(2026, 6, 1)),
    ]
    assert card.record.slug == "lapas-indramayu"


def test_the_same_day_corrects_a_name_and_an_earlier_day_is_refused() -> None:
    upt_id = save()
    save(upt_id, full_name="Lembaga Pemasyarakatan Kelas IIB Indramayu (betul)")
    assert count(UptName) == 1
    assert "betul" in queries.name_on(upt_id=upt_id, on=TODAY)
    assert refused(upt_id, valid_from="2024-12-31", full_name="Lain") == [
        ("valid_from", "upt.name_before_present")
    ]
    save(
        upt_id,
        full_name="Lembaga Pemasyarakatan Kelas IIB Indramayu (betul)",
        valid_from="2026-01-01",
    )
    assert count(UptName) == 1


def test_wrong_references_come_all_at_once() -> None:
    assert refused(kanwil_id=99_999, regency_code="99.99", village_code="99") == [
        ("kanwil_id", "field.choice"),
        ("regency_code", "upt.regency_unknown"),
        ("village_code", "upt.village_unknown"),
    ]
    assert refused(village_code="35.28.04.1012") == [("village_code", "upt.village_elsewhere")]
    assert count(Upt) == 0


def test_an_address_belongs_to_one_unit() -> None:
    save()
    other = save(place="Lain", aliases="")
    for upt_id in (None, other):
        with pytest.raises(SlugTaken):
            save(upt_id, slug="lapas-indramayu", aliases="")
    with pytest.raises(SlugTaken), db.unit_of_work():
        db.session().execute(sa.update(Upt).where(Upt.id == other).values(slug="lapas-indramayu"))
    assert count(Upt) == 2


def test_aliases_are_replaced_and_folded_twins_kept_once() -> None:
    upt_id = save(aliases="A\na\nB  C")
    texts = set(db.read_session().scalars(sa.select(UptAlias.text)))
    assert texts == {"A", "B C"}
    save(upt_id, aliases="")
    assert count(UptAlias) == 0


@pytest.mark.parametrize(
    "role", ["upt_clerk", "upt_head", "kanwil_staff", "treasurer", "curator", "auditor"]
)
def test_only_upt_manage_saves_units_offices_and_registers(role: str) -> None:
    upt_id = save()
    actor = people.actor(role, upt_id=upt_id)
    wanted, preview = command(), read(ROW)
    before = count(AuditEntry)
    acts = (
        lambda: services.save_upt(actor=actor, command=wanted, at=AT, upt_id=upt_id),
        lambda: services.save_kanwil(actor=actor, command=SaveKanwil(code="a", name="A"), at=AT),
        lambda: services.apply_register(actor=actor, preview=preview, at=AT),
    )
    for act in acts:
        with db.unit_of_work(), pytest.raises(NotAllowed):
            act()
    assert (count(Upt), count(AuditEntry)) == (1, before)


def test_the_units_own_staff_may_describe_it_and_others_may_not() -> None:
    upt_id = save()
    wanted = DescribeUpt(about="Karya kelompok sabut.", village_code="32.12.15.1006")
    clerk = people.actor("upt_clerk", upt_id=upt_id)
    with db.unit_of_work():
        services.describe_upt(actor=clerk, upt_id=upt_id, command=wanted, at=AT)
        services.set_cover(actor=clerk, upt_id=upt_id, asset_id=4711, at=AT)
    found = queries.get(upt_id=upt_id, on=TODAY)
    assert (found.about, found.cover_asset_id) == ("Karya kelompok sabut.", 4711)
    elsewhere = DescribeUpt(village_code="35.28.04.1012")
    with db.unit_of_work(), pytest.raises(Invalid):
        services.describe_upt(actor=clerk, upt_id=upt_id, command=elsewhere, at=AT)
    foreign = people.actor("upt_clerk", upt_id=upt_id + 1)
    with db.unit_of_work(), pytest.raises(NotFound):
        services.describe_upt(actor=foreign, upt_id=upt_id, command=wanted, at=AT)
    office = people.actor("kanwil_staff", upt_id=upt_id)
    with db.unit_of_work(), pytest.raises(NotAllowed):
        services.set_cover(actor=office, upt_id=upt_id, asset_id=None, at=AT)
    with pytest.raises(NotFound):
        queries.get_card(actor=foreign, upt_id=upt_id, on=TODAY)
    assert queries.get_card(actor=clerk, upt_id=upt_id, on=TODAY).record.cover_asset_id == 4711


def test_saving_again_keeps_the_cover() -> None:
    upt_id = save()
    with db.unit_of_work():
        services.set_cover(actor=SYSTEM, upt_id=upt_id, asset_id=7, at=AT)
    save(upt_id)
    assert queries.get(upt_id=upt_id, on=TODAY).cover_asset_id == 7


def test_a_province_belongs_to_one_office() -> None:
    people.make_kanwil()
    wanted = SaveKanwil(code="lain", name="Lain", province_codes=("32", "35"))
    with db.unit_of_work(), pytest.raises(ProvinceTaken) as taken:
        services.save_kanwil(actor=SYSTEM, command=wanted, at=AT)
    assert taken.value.errors[0].params == (("provinces", "Jawa Barat"),)
    with db.unit_of_work(), pytest.raises(KanwilCodeTaken):
        services.save_kanwil(actor=SYSTEM, command=SaveKanwil(code="jawa-barat", name="X"), at=AT)
    with db.unit_of_work(), pytest.raises(Invalid):
        services.save_kanwil(
            actor=SYSTEM, command=SaveKanwil(code="x", name="X", province_codes=("00",)), at=AT
        )
    with db.unit_of_work(), pytest.raises(NotFound):
        services.save_kanwil(
            actor=SYSTEM, command=SaveKanwil(code="x", name="X"), at=AT, kanwil_id=99_999
        )
    assert count(Kanwil) == 1


def test_an_office_changes_its_provinces() -> None:
    kanwil_id = people.make_kanwil()
    wanted = SaveKanwil(code="jawa-barat", name="Kanwil Baru", province_codes=("31", "32"))
    with db.unit_of_work():
        services.save_kanwil(actor=SYSTEM, command=wanted, at=AT, kanwil_id=kanwil_id)
    found = queries.get_kanwil(kanwil_id=kanwil_id)
    assert (found.name, found.province_codes) == ("Kanwil Baru", ("31", "32"))
    assert queries.find_kanwil_by_code(code="tidak-ada") is None


def test_a_register_adds_units_and_a_second_run_changes_nothing() -> None:
    people.make_kanwil()
    assert apply(ROW) == RegisterOutcome(added=1, changed=0, unchanged=0)
    entries = count(AuditEntry)
    assert apply(ROW) == RegisterOutcome(added=0, changed=0, unchanged=1)
    assert count(AuditEntry) == entries
    found = queries.find_by_slug(slug="lapas-indramayu", on=TODAY)
    assert (found.short_name, found.is_active) == ("Lapas Indramayu", True)


def test_a_register_brings_known_units_up_to_date_and_leaves_their_words() -> None:
    upt_id = save(about="Tetap ada.")
    promoted = {
        **ROW,
        "class": "IIA",
        "full_name": "Lembaga Pemasyarakatan Kelas IIA Indramayu",
        "valid_from": "2026-03-01",
        "aliases": "",
    }
    assert apply(promoted) == RegisterOutcome(added=0, changed=1, unchanged=0)
    found = queries.get(upt_id=upt_id, on=TODAY)
    assert "IIA" in found.name
    assert found.about == "Tetap ada."
    assert (count(UptName), count(UptAlias)) == (2, 0)


def test_a_register_with_bad_rows_changes_nothing() -> None:
    people.make_kanwil()
    preview = read(ROW, {**ROW, "slug": "lapas-lain", "place": "Lain", "kind": "x", "aliases": ""})
    assert preview.errors == (RowError(3, "kind", "register.kind_unknown", "x"),)
    with db.unit_of_work(), pytest.raises(RegisterRefused) as error:
        services.apply_register(actor=SYSTEM, preview=preview, at=AT)
    assert error.value.details() == {"count": 1}
    assert count(Upt) == 0


def test_the_context_of_a_register_is_what_is_known() -> None:
    save()
    found = queries.register_context()
    assert found.kanwil_provinces == {"jawa-barat": frozenset({"32"})}
    assert found.names_from == {"lapas-indramayu": date(2025, 1, 1)}
    assert found.aliases == {"lapas indramayu": "lapas-indramayu", "lp dermayu": "lapas-indramayu"}
    assert "32.12" in found.regency_codes
    assert queries.count_upts() == 1
