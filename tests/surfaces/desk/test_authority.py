"""Every desk address of stock, till, counts, transfers, fairs, lists, ledger and reports, for each role.

One unit holds one of everything. Whoever is sent there gets what the tables say; a route that stands
in no table fails the test, so that nobody adds a page without saying who may open it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule

from app.domain.counts import services as counts_services
from app.domain.identity.types import ROLE_PERMISSIONS, Role
from app.domain.stock import flows as stock_flows
from app.domain.stock import services as stock_services
from app.infra import db, pdf
from app.surfaces.web import policy
from tests.factories import counts, forging, lists, people, till, transit
from tests.factories.goods import make_product, variant_ids

PARTS: Final = (
    "desk.stock.", "desk.till.", "desk.counts.", "desk.transfers.", "desk.fairs.", "desk.imports.",
    "desk.ledger.", "desk.capacity.", "desk.reports.", "desk.labels.",
)  # fmt: skip

HOME, AWAY = "lapas-indramayu", "lapas-pamekasan"
ROLES: Final[Mapping[str, tuple[Role, str | None]]] = {
    "clerk": (Role.UPT_CLERK, HOME),
    "head": (Role.UPT_HEAD, HOME),
    "region": (Role.KANWIL_STAFF, HOME),
    "auditor": (Role.AUDITOR, None),
    "admin": (Role.NATIONAL_ADMIN, None),
    "treasurer": (Role.TREASURER, None),
    "curator": (Role.CURATOR, None),
    "other clerk": (Role.UPT_CLERK, AWAY),
    "other head": (Role.UPT_HEAD, AWAY),
    "other region": (Role.KANWIL_STAFF, AWAY),
}
FOREIGN: Final = ("other clerk", "other head", "other region")

NO_OBJECT: Final = frozenset({
    "desk.stock.index", "desk.stock.receive", "desk.stock.undo",
    "desk.till.index", "desk.till.sales", "desk.till.sales_csv", "desk.till.suggestions",
    "desk.till.clear", "desk.till.close", "desk.till.sell", "desk.till.add",
    "desk.counts.index", "desk.counts.open_sheet", "desk.counts.campaigns",
    "desk.counts.new_campaign", "desk.transfers.index", "desk.transfers.create",
    "desk.fairs.index", "desk.fairs.create", "desk.imports.index", "desk.imports.upload",
    "desk.imports.files.prices", "desk.imports.files.receipts", "desk.imports.files.stock",
    "desk.imports.files.template", "desk.ledger.index", "desk.ledger.close", "desk.ledger.late",
    "desk.ledger.incidents", "desk.capacity.index", "desk.capacity.create", "desk.labels.index",
    "desk.labels.sheet", "desk.reports.index", "desk.reports.listing", "desk.reports.upts",
})  # fmt: skip
"""Addresses that name no goods and no paper: they show and change the UPT of whoever asks."""

NATIONAL: Final = frozenset({
    "desk.counts.campaign", "desk.counts.campaign_csv", "desk.counts.close_campaign",
})  # fmt: skip
"""One paper for the whole nation: everybody who may see stock sees it, of the UPT in reach."""

AS_IT_STANDS: Final[Mapping[str, int]] = {
    "desk.counts.add_row": 303, "desk.counts.count": 303, "desk.counts.row": 303,
    "desk.counts.type_rows": 303, "desk.counts.recount": 404, "desk.counts.count_sheet": 409,
    "desk.counts.minutes": 404, "desk.fairs.edit": 404, "desk.transfers.receive": 404,
    "desk.transfers.recall": 303, "desk.imports.files.receipts": 422, "desk.labels.sheet": 422,
}  # fmt: skip
"""What those who may get instead of a page: the sheet is handed in, the loan at its fair, the transfer a
draft, nothing chosen to print."""

WITHOUT_UNIT: Final = frozenset({
    "desk.counts.campaigns", "desk.imports.files.template", "desk.ledger.incidents",
    "desk.reports.upts",
})  # fmt: skip
"""Pages about everything in reach, whatever the address asks for."""

MAY: Final = frozenset({
    ("auditor", "desk.ledger.handle"), ("admin", "desk.ledger.handle"),
    ("admin", "desk.counts.close_campaign"), ("admin", "desk.counts.new_campaign"),
    ("other clerk", "desk.counts.start_campaign"), ("other head", "desk.counts.start_campaign"),
})  # fmt: skip
"""Who may after all: differences are looked into by auditors, a national count belongs to all."""

MENU: Final = frozenset(
    f"desk.{part}.index"
    for part in (
        "stock",
        "counts",
        "transfers",
        "fairs",
        "imports",
        "ledger",
        "capacity",
        "reports",
    )
)

FORM: Final = {
    "entry_key": "kunci-orang-lain-01", "posted_key": "k" * 20, "version": "1",
    "expected_version": "1", "quantity": "1", "week_on": "2026-12-07", "is_paused": "1",
    "note": "uji", "deed": "acknowledge", "state": "blocked", "direction": "minus",
}  # fmt: skip
"""Fields well enough filled that a form is not turned away before it is asked whose it is."""

NAMED: Final = {
    "/meja/stok/terima": 422, "/meja/stok/batalkan": 404, "/meja/kasir/tambah": 422,
    "/meja/kirim/baru": 404, "/meja/pameran/baru": 404, "/meja/kapasitas/bengkel": 422,
    "/meja/opname/buka": 422,
}  # fmt: skip
"""What a form says about goods of another unit."""

VISITS: Final = ("audit_", "user_session", "login_", "sign_in", "session", "alembic")


@dataclass(frozen=True)
class World:
    """One of everything in the unit at home; a stranger's has goods only."""

    upt_id: int
    away_id: int
    arguments: Mapping[str, Any]
    values: Mapping[str, Mapping[str, Any]]


def make_world() -> World:
    team = counts.make_team(HOME, pieces=(10, 4))
    variant_id = team.shelf.variant_id
    counter = till.Counter(team.upt_id, team.shelf.variant_ids, team.clerk)
    lot_id = till.stock(counter, 5)
    till.scan(counter)
    sale = till.pay(counter)
    till.scan(counter)
    (line,) = till.draft(counter).lines
    sheet = counts.open_sheet(team)
    row_id = counts.rows(team, sheet)[0].row_id
    counts.count(team, sheet, default=5)
    counts.hand_in(team, sheet)
    third = people.make_upt("rutan-palu").upt_id
    with people.writing():
        number = transit.draft(transit.Pair(team.shelf, transit.Shelf(third, (variant_id,))), 1)
        fair = transit.fair_out(team.shelf, 1)
    transit.settle(fair, transit.result(fair, {"sold": "1"}))
    file = lists.check(
        team.upt_id, lists.csv("mode;penerimaan", "kode;jumlah", f"{sku(variant_id)};2")
    )
    order_id = make_product(
        team.upt_id, name="Meja", kind="made_to_order", lead_time_days=14, published=False,
        with_picture=False,
    )  # fmt: skip
    workshop_id, campaign_id = plan(team, variant_ids(order_id)[0]), campaign()
    forging.by_hand("UPDATE stock_balance SET in_posted = in_posted + 3 WHERE account = 'gallery'")
    stock_flows.check_whole(at=counts.LATER)
    away = counts.make_team(AWAY, pieces=(3,))
    arguments = {
        "variant_id": variant_id, "lot_id": lot_id, "sequence": 1, "line_id": line.line_id,
        "number": sale, "count_id": sheet.count_id,
        "row_id": row_id, "campaign_id": campaign_id,
        "file_id": file.file_id, "format_": "csv", "mode_name": "penerimaan",
        "incident_id": one("SELECT min(id) FROM stock_incident"), "workshop_id": workshop_id,
        "name": "menipis",
    }  # fmt: skip
    values = {"desk.transfers.": {"number": number}, "desk.fairs.": {"number": fair}}
    return World(team.upt_id, away.upt_id, arguments, values)


def one(statement: str) -> Any:
    db.read_session().rollback()
    return db.read_session().execute(text(statement)).scalar_one()


def sku(variant_id: int) -> str:
    return str(one(f"SELECT sku FROM variant WHERE id = {variant_id:d}"))


def plan(team: counts.Team, variant_id: int) -> int:
    with people.writing():
        return stock_services.save_workshop(
            actor=team.head, upt_id=team.upt_id, workshop_id=None, name="Bengkel",
            units_per_week=4, units={variant_id: 2}, expected_version=0, entry_key="k" * 20,
            at=counts.AT,
        )  # fmt: skip


def campaign() -> int:
    with people.writing():
        return counts_services.open_campaign(
            actor=replace(people.actor("national_admin"), user_id=None), title="Opname nasional", kanwil_id=None,
            scope=counts.WHOLE, starts_on=counts.AT.date(), ends_on=counts.AT.date(),
            entry_key="c" * 20, at=counts.AT,
        )  # fmt: skip


@pytest.fixture
def world(app: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(pdf, "render", lambda *_, **__: b"%PDF-1.7")
    return make_world()


def rules(app: Flask, method: str) -> list[Rule]:
    found = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(PARTS)]
    assert found
    return sorted(
        (rule for rule in found if method in (rule.methods or ())), key=lambda rule: rule.endpoint
    )


def address(app: Flask, rule: Rule, world: World, **query: Any) -> str:
    changed = next(
        (values for part, values in world.values.items() if rule.endpoint.startswith(part)), {}
    )
    values = {**world.arguments, **changed, **query}
    missing = rule.arguments - values.keys()
    assert not missing, f"{rule.endpoint}: say in make_world what {missing} is"
    with app.test_request_context():
        built = app.url_map.bind("").build(
            rule.endpoint, {name: values[name] for name in (rule.arguments | query.keys())}
        )
    return str(built)


def signed_in(app: Flask, who: str, world: World) -> FlaskClient:
    role, slug = ROLES[who]
    client = app.test_client()
    upt_id = {HOME: world.upt_id, AWAY: world.away_id, None: None}[slug]
    people.staff(client, role, upt_id)
    return client


def holds(app: Flask, rule: Rule, who: str) -> bool:
    found = policy.policy_of(app.view_functions[rule.endpoint])
    assert found is not None
    return found.permission in ROLE_PERMISSIONS[ROLES[who][0]]


def expected(app: Flask, rule: Rule, who: str) -> int:
    """Return the status that a role gets for a page about the unit at home."""
    if not holds(app, rule, who):
        return 403
    if who in FOREIGN and rule.endpoint not in NO_OBJECT | NATIONAL:
        return 404
    return AS_IT_STANDS.get(rule.endpoint, 200)


def state() -> str:
    """Return a digest of every table but those that tell of visits."""
    db.read_session().rollback()
    digest = hashlib.sha256()
    for table in db.db.metadata.sorted_tables:
        if not table.name.startswith(VISITS):
            rows = db.read_session().execute(table.select().order_by(*table.primary_key.columns))
            digest.update(f"{table.name}{rows.all()}".encode())
    return digest.hexdigest()


def name_foreign_goods(client: FlaskClient, world: World) -> dict[str, int]:
    """Send every form that takes goods, filled with goods of the unit at home."""
    variant_id, code = world.arguments["variant_id"], sku(world.arguments["variant_id"])
    line = {"lines.0.variant_id": variant_id, "lines.0.quantity": "1"}
    forms: Mapping[str, Mapping[str, Any]] = {
        "/meja/stok/terima": {"variant_id": variant_id, "quantity": "1"},
        "/meja/stok/batalkan": {"posted_key": "k" * 20},
        "/meja/kasir/tambah": {"code": code, "quantity": "1"},
        "/meja/kirim/baru": {**line, "receiver_upt_id": world.upt_id, "lines.0.from_place": "gallery"},
        "/meja/pameran/baru": {
            **line, "name": "Pameran", "place": "Alun-alun", "starts_on": "2026-11-20",
            "ends_on": "2026-11-25", "responsible": "Kasi", "lines.0.price_idr": "5000",
        },
        "/meja/kapasitas/bengkel": {
            "name": "Lain", "units_per_week": "4", f"units.{variant_id}": "1", "version": "0",
        },
        "/meja/opname/buka": {"scope": "goods", "goods": variant_id},
    }  # fmt: skip
    return {
        url: client.post(url, data={**form, "entry_key": "kunci-orang-lain-02"}).status_code
        for url, form in forms.items()
    }


def test_every_page_opens_for_those_who_may_and_for_nobody_else(app: Flask, world: World) -> None:
    wrong, asked = [], set()
    for who in ROLES:
        client = signed_in(app, who, world)
        for rule in rules(app, "GET"):
            same = (rule.endpoint, holds(app, rule, who), ROLES[who][1], who.endswith("region"))
            if same in asked:  # a head opens what a clerk opens, an administrator what an auditor
                continue
            asked.add(same)
            query = {} if who in FOREIGN else {"upt": world.upt_id}
            status = client.get(address(app, rule, world, **query)).status_code
            if status != expected(app, rule, who):
                wrong.append(f"{who}: {rule.endpoint} {status}, not {expected(app, rule, who)}")
            if who == "auditor" and rule.endpoint in MENU:
                with client.session_transaction() as visit:
                    visit.pop("upt_id", None)
                status = client.get(address(app, rule, world)).status_code
                if status not in (200, 303):
                    wrong.append(f"{who}: {rule.endpoint} of the menu, without a unit: {status}")
            if who in FOREIGN and rule.endpoint in NO_OBJECT and holds(app, rule, who):
                status = client.get(address(app, rule, world, upt=world.upt_id)).status_code
                if status != 404 and rule.endpoint not in WITHOUT_UNIT:
                    wrong.append(f"{who}: {rule.endpoint}?upt= of another unit {status}")
    assert wrong == [], "\n".join(wrong)


def test_no_address_changes_anything_for_strangers_or_for_the_powerless(
    app: Flask, world: World
) -> None:
    wrong = []
    for who in (*FOREIGN, "region", "auditor", "admin", "treasurer", "curator"):
        client = signed_in(app, who, world)
        before = state()
        for rule in rules(app, "POST"):
            if holds(app, rule, who) and (
                rule.endpoint in NO_OBJECT or (who, rule.endpoint) in MAY
            ):
                continue
            status = client.post(address(app, rule, world), data=FORM).status_code
            wanted = 404 if holds(app, rule, who) and who in FOREIGN else 403
            if status != wanted:
                wrong.append(f"{who}: {rule.endpoint} {status}, not {wanted}")
        if who == "other head":
            named = name_foreign_goods(client, world)
            wrong += [f"{url} {status}" for url, status in named.items() if status != NAMED[url]]
        assert state() == before, who
    assert wrong == [], "\n".join(wrong)
