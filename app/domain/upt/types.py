"""Kinds of unit, limits and the records that leave the upt package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

MANAGE: Final = "upt.manage"
"""Permission to change units, regional offices and the register."""

DESCRIBE: Final = "product.edit"
"""Permission, within a UPT, to change what its gallery page says."""

TIMEZONES: Final = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
"""The country's three time zones: WIB, WITA, WIT."""


class UptKind(StrEnum):
    """Kinds of correctional unit; each is the official abbreviation."""

    LAPAS = "lapas"
    RUTAN = "rutan"
    LPKA = "lpka"
    BAPAS = "bapas"
    RS = "rs"


class UptSubkind(StrEnum):
    """What a unit is for, where its name says so."""

    UMUM = "umum"
    PEREMPUAN = "perempuan"
    NARKOTIKA = "narkotika"
    PEMUDA = "pemuda"
    TERBUKA = "terbuka"
    KHUSUS = "khusus"


UPT_CLASSES: Final = ("I", "IIA", "IIB", "II", "III", "")
"""Classes met in names; empty where a kind has none."""

KIND_LABELS: Final[Mapping[UptKind, str]] = MappingProxyType(
    {
        UptKind.LAPAS: "Lapas",
        UptKind.RUTAN: "Rutan",
        UptKind.LPKA: "LPKA",
        UptKind.BAPAS: "Bapas",
        UptKind.RS: "RS Pengayoman",
    }
)

SUBKIND_LABELS: Final[Mapping[UptSubkind, str]] = MappingProxyType(
    {
        UptSubkind.UMUM: "",
        UptSubkind.PEREMPUAN: "Perempuan",
        UptSubkind.NARKOTIKA: "Narkotika",
        UptSubkind.PEMUDA: "Pemuda",
        UptSubkind.TERBUKA: "Terbuka",
        UptSubkind.KHUSUS: "Khusus",
    }
)

ALIASES_MAX: Final = 20
REGISTER_ROWS_MAX: Final = 2_000
REGISTER_BYTES_MAX: Final = 2 * 1024 * 1024
REGISTER_BYTES_UNPACKED_MAX: Final = 20 * 1024 * 1024
REGISTER_CELL_MAX: Final = 1_000

REGISTER_COLUMNS: Final = (
    "slug",
    "kind",
    "subkind",
    "class",
    "place",
    "full_name",
    "kanwil_code",
    "regency_code",
    "timezone",
    "valid_from",
    "aliases",
    "source",
)
REGISTER_COLUMNS_REQUIRED: Final = (
    "kind",
    "place",
    "full_name",
    "kanwil_code",
    "regency_code",
    "valid_from",
)


@dataclass(frozen=True, slots=True)
class KanwilRecord:
    """A regional office and the provinces it covers."""

    kanwil_id: int
    code: str
    name: str
    province_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UptBrief:
    """A unit in lists and on product cards."""

    upt_id: int
    slug: str
    short_name: str
    town: str
    province_code: str
    province_name: str
    timezone: str
    kanwil_id: int
    kind: UptKind
    is_active: bool
    cover_asset_id: int | None


@dataclass(frozen=True, slots=True)
class UptNameRecord:
    """An official name and the days on which it was valid; ``valid_to`` is the first day after."""

    name: str
    upt_class: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class UptRecord:
    """A unit with everything that its pages show.

    Attributes:
        name: Official name valid on the date asked for.
        short_name: Name without class, for example ``Lapas Indramayu``.
        town: Name of the regency or city.
    """

    upt_id: int
    slug: str
    name: str
    short_name: str
    kind: UptKind
    kind_label: str
    kanwil_id: int
    kanwil_name: str
    town: str
    regency_code: str
    province_code: str
    province_name: str
    timezone: str
    address_line: str
    postcode: str
    phone: str
    opening_hours: str
    about: str
    story_title: str
    story: str
    is_active: bool
    cover_asset_id: int | None


@dataclass(frozen=True, slots=True)
class UptCard:
    """A unit as the desk edits it: the present fields, every name, every alias."""

    record: UptRecord
    subkind: UptSubkind
    place: str
    village_code: str
    source: str
    names: tuple[UptNameRecord, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegisterContext:
    """What a register file is checked against.

    Attributes:
        kanwil_provinces: Code of a kanwil to the provinces it covers.
        regency_codes: Every known regency code.
        names_from: Slug of each known unit to the first day of its latest name.
        aliases: Folded alias to the slug that owns it.
    """

    kanwil_provinces: Mapping[str, frozenset[str]]
    regency_codes: frozenset[str]
    names_from: Mapping[str, date]
    aliases: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One good row of a register."""

    row_number: int
    slug: str
    kind: UptKind
    subkind: UptSubkind
    upt_class: str
    place: str
    full_name: str
    kanwil_code: str
    regency_code: str
    timezone: str
    valid_from: date
    aliases: tuple[str, ...]
    source: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one cell.

    Attributes:
        row_number: Line in the file as a spreadsheet counts it; the heading is row 1.
        column: Heading of the column; empty when the whole row is meant.
        code: Message code.
        value: What stood there, shortened.
    """

    row_number: int
    column: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class RegisterPreview:
    """What a register would do, or everything that is wrong with it."""

    rows: tuple[RegisterRow, ...]
    errors: tuple[RowError, ...]

    @property
    def count_new(self) -> int:
        """Return how many units would be added."""
        return sum(row.is_new for row in self.rows)

    @property
    def count_known(self) -> int:
        """Return how many units are there already."""
        return len(self.rows) - self.count_new


@dataclass(frozen=True, slots=True)
class RegisterOutcome:
    """What applying a register did."""

    added: int
    changed: int
    unchanged: int
