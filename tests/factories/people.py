"""Places, offices, units, people and their roles, for tests of every part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache

from flask.testing import FlaskClient

from app.domain.identity import rules as identity_rules
from app.domain.identity import services as identity_services
from app.domain.identity.adapters import passwords
from app.domain.identity.commands import GrantRole
from app.domain.identity.models import User
from app.domain.identity.types import (
    ROLE_PERMISSIONS,
    ROLE_SCOPE,
    Role,
    ScopedGrant,
    ScopeKind,
    UserRecord,
)
from app.domain.places import services as places_services
from app.domain.places.types import NamedPlace, VillageRow
from app.domain.upt import queries as upt_queries
from app.domain.upt import services as upt_services
from app.domain.upt.commands import SaveKanwil, SaveUpt
from app.domain.upt.types import UptKind, UptRecord, UptSubkind
from app.infra import db
from app.kernel import actor as kernel_actor
from app.kernel.actor import Actor, ActorKind

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PASSWORD = "perahu-biru-di-laut-27"
EARLY = datetime(2020, 1, 1, tzinfo=UTC)
SYSTEM = kernel_actor.system("tests")

PROVINCES = (
    NamedPlace("32", "", "Jawa Barat"),
    NamedPlace("35", "", "Jawa Timur"),
    NamedPlace("72", "", "Sulawesi Tengah"),
    NamedPlace("31", "", "DKI Jakarta"),
)
REGENCIES = (
    NamedPlace("32.12", "32", "Kab. Indramayu"),
    NamedPlace("32.73", "32", "Kota Bandung"),
    NamedPlace("35.28", "35", "Kab. Pamekasan"),
    NamedPlace("72.71", "72", "Kota Palu"),
    NamedPlace("31.74", "31", "Kota Jakarta Selatan"),
)
DISTRICTS = (
    NamedPlace("32.12.15", "32.12", "Indramayu"),
    NamedPlace("32.12.17", "32.12", "Sindang"),
    NamedPlace("32.73.02", "32.73", "Coblong"),
    NamedPlace("35.28.04", "35.28", "Pamekasan"),
    NamedPlace("72.71.01", "72.71", "Palu Timur"),
    NamedPlace("31.74.07", "31.74", "Kebayoran Baru"),
)
VILLAGES = (
    VillageRow("32.12.15.1006", "32.12.15", "Lemahabang", "45212"),
    VillageRow("32.12.15.1001", "32.12.15", "Margadadi", "45211"),
    VillageRow("32.12.17.2005", "32.12.17", "Sindang", "45222"),
    VillageRow("32.12.17.2006", "32.12.17", "Panyindangan Kulon", "45221"),
    VillageRow("32.73.02.1004", "32.73.02", "Dago", "40135"),
    VillageRow("35.28.04.1012", "35.28.04", "Jungcangcang", "69317"),
    VillageRow("35.28.04.1011", "35.28.04", "Sindang Anyar", "69316"),
    VillageRow("72.71.01.1001", "72.71.01", "Besusu Barat", "94111"),
    VillageRow("31.74.07.1001", "31.74.07", "Senayan", "12190"),
)
"""Real places where the code is known; ``Sindang Anyar`` is made up to have two that begin alike."""

KNOWN_UPT = {
    "lapas-indramayu": (UptKind.LAPAS, UptSubkind.UMUM, "IIB", "Indramayu", "32.12", "jawa-barat"),
    "lapas-pamekasan": (UptKind.LAPAS, UptSubkind.UMUM, "IIA", "Pamekasan", "35.28", "jawa-timur"),
    "rutan-palu": (UptKind.RUTAN, UptSubkind.UMUM, "IIA", "Palu", "72.71", "sulawesi-tengah"),
}
KANWIL = {
    "jawa-barat": ("Kanwil Ditjenpas Jawa Barat", ("32",)),
    "jawa-timur": ("Kanwil Ditjenpas Jawa Timur", ("35",)),
    "sulawesi-tengah": ("Kanwil Ditjenpas Sulawesi Tengah", ("72",)),
    "dki-jakarta": ("Kanwil Ditjenpas DKI Jakarta", ("31",)),
}


@contextmanager
def writing() -> Iterator[None]:
    """Write in the unit of work that is open, or in one of our own."""
    if db.read_session().info.get("unit_of_work"):
        yield
        return
    with db.unit_of_work():
        yield


def make_places() -> None:
    """Load a few real places of four provinces; doing it twice changes nothing."""
    with writing():
        places_services.load_upper_places(
            provinces=PROVINCES, regencies=REGENCIES, districts=DISTRICTS
        )
        places_services.load_villages(villages=VILLAGES)


def make_kanwil(code: str = "jawa-barat") -> int:
    """Return the id of a regional office, adding it (and places) when it is not there."""
    found = upt_queries.find_kanwil_by_code(code=code)
    if found is not None:
        return found.kanwil_id
    name, provinces = KANWIL.get(code, (f"Kanwil Ditjenpas {code}", ()))
    with writing():
        make_places()
        return upt_services.save_kanwil(
            actor=SYSTEM,
            command=SaveKanwil(code=code, name=name, province_codes=provinces),
            at=AT,
        )


def make_upt(slug: str = "lapas-contoh", **changes: object) -> UptRecord:
    """Return a unit, adding it with office and places when it is not there.

    ``lapas-indramayu``, ``lapas-pamekasan`` and ``rutan-palu`` are like the real ones; any other
    slug is a Lapas in Kota Bandung. ``changes`` are fields of ``SaveUpt``.
    """
    today = AT.date()
    upt_id = upt_queries.find_id_by_slug(slug=slug)
    if upt_id is None:
        place = slug.partition("-")[2].replace("-", " ").title() or slug.title()
        default = (UptKind.LAPAS, UptSubkind.UMUM, "IIA", place, "32.73", "jawa-barat")
        kind, subkind, upt_class, place, regency, office = KNOWN_UPT.get(slug, default)
        long = "Lembaga Pemasyarakatan" if kind is UptKind.LAPAS else "Rumah Tahanan Negara"
        values: dict[str, object] = {
            "slug": slug,
            "kind": kind,
            "subkind": subkind,
            "upt_class": upt_class,
            "place": place,
            "full_name": f"{long} Kelas {upt_class} {place}",
            "valid_from": date(2025, 1, 1),
            "regency_code": regency,
            "timezone": "Asia/Makassar" if regency.startswith("72") else "Asia/Jakarta",
            "address_line": "Jalan Contoh Nomor 1",
            "postcode": "40135",
            "is_active": True,
            "source": "test",
        }
        with writing():
            values["kanwil_id"] = make_kanwil(office)
            values.update(changes)
            upt_id = upt_services.save_upt(actor=SYSTEM, command=SaveUpt.parse(values), at=AT)
    return upt_queries.get(upt_id=upt_id, on=today)


@cache
def _password_hash() -> str:
    return passwords.hash_password(PASSWORD)


def make_user(
    email: str = "pembeli@contoh.example", name: str = "Pembeli Contoh", is_active: bool = True
) -> UserRecord:
    """Return a person with the password ``PASSWORD``, adding an account when there is none."""
    with writing():
        session = db.session()
        row = session.query(User).filter_by(email=email).one_or_none()
        if row is None:
            row = User(
                email=email,
                name=name,
                phone=None,
                password_hash=_password_hash(),
                is_active=is_active,
                created_at=AT,
            )
            db.add(row)
        return UserRecord(row.id, row.email, row.name, row.is_active)


def grant(
    user_id: int,
    role: Role | str,
    upt_id: int | None = None,
    kanwil_id: int | None = None,
    at: datetime = EARLY,
) -> int:
    """Give a person a role from long ago on, without end; return the grant's id."""
    command = GrantRole(user_id=user_id, role=Role(role), upt_id=upt_id, kanwil_id=kanwil_id)
    with writing():
        return identity_services.grant_role(actor=SYSTEM, command=command, at=at)


def actor(
    role: Role | str,
    upt_id: int | None = None,
    user_id: int = 900_001,
    label: str = "Petugas Contoh",
) -> Actor:
    """Return an actor who holds one role, without touching the database.

    For a role of a UPT or kanwil give ``upt_id``; the national roles need none.
    """
    chosen = Role(role)
    kind = ROLE_SCOPE[chosen]
    upt_ids = frozenset() if upt_id is None else frozenset({upt_id})
    if kind is not ScopeKind.NATIONAL:
        assert upt_ids, f"{chosen} needs a upt_id"
    powers = identity_rules.powers([ScopedGrant(chosen, kind, upt_ids)])
    assert set(powers) == ROLE_PERMISSIONS[chosen]
    return Actor(kind=ActorKind.USER, user_id=user_id, label=label, powers=powers)


def buyer(user_id: int, label: str = "Pembeli Contoh") -> Actor:
    """Return a signed-in actor without any role."""
    return Actor(kind=ActorKind.USER, user_id=user_id, label=label)


def sign_in(client: FlaskClient, user: UserRecord, password: str = PASSWORD) -> None:
    """Sign a person in through the page ``/masuk``."""
    answer = client.post("/masuk", data={"email": user.email, "password": password})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def staff(client: FlaskClient, role: Role | str, upt_id: int | None = None) -> UserRecord:
    """Make a person with one role in force, sign them in, and return them."""
    where = f".{upt_id}" if upt_id else ""
    user = make_user(email=f"{Role(role).value}{where}@contoh.example", name=f"Petugas {role}")
    kind = ROLE_SCOPE[Role(role)]
    kanwil_id = None
    if kind is ScopeKind.KANWIL:
        assert upt_id is not None
        kanwil_id = upt_queries.get(upt_id=upt_id, on=AT.date()).kanwil_id
    grant(
        user.user_id,
        role,
        upt_id=upt_id if kind is ScopeKind.UPT else None,
        kanwil_id=kanwil_id,
    )
    sign_in(client, user)
    return user
