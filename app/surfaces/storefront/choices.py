"""What a list is narrowed to, read from the address and written back into it.

A value that cannot be read (a price of letters, an unknown order, an old cursor) is passed over; a
category, province or UPT that does not exist is not found, as any other unknown address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from app.domain.catalog.types import PRICE_IDR_MAX, CategoryRecord
from app.domain.upt.types import UptBrief
from app.kernel.errors import NotFound
from app.surfaces.storefront import labels
from app.surfaces.web.filters import idr

_PRICE: Final = re.compile(r"(?:[Rr][Pp]\.?\s*)?([0-9]{1,3}(?:[. ][0-9]{3}){1,6}|[0-9]{1,18})")
UPT_CHOICES_MAX: Final = 8

FacetOption = tuple[str, str, int | None, bool]
Chip = tuple[str, str]
Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Choices:
    """The narrowing choices of a list page.

    Attributes:
        path: Address of the page without its parameters.
        text: What is searched for; empty on plain lists.
        order: Word of the chosen order; empty for the page's own.
    """

    path: str
    text: str = ""
    category: CategoryRecord | None = None
    province_code: str | None = None
    upt: UptBrief | None = None
    is_available: bool = False
    price_idr_min: int | None = None
    price_idr_max: int | None = None
    order: str = ""

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the address, in one fixed order, without empty ones."""
        values = {
            "q": self.text,
            "kategori": self.category.slug if self.category else "",
            "provinsi": self.province_code or "",
            "upt": self.upt.slug if self.upt else "",
            "tersedia": "1" if self.is_available else "",
            "harga_min": "" if self.price_idr_min is None else str(self.price_idr_min),
            "harga_maks": "" if self.price_idr_max is None else str(self.price_idr_max),
            "urut": self.order,
        }
        return {name: value for name, value in values.items() if value}

    def href(self, **further: str) -> str:
        """Return the address of this choice, with further parameters such as a cursor."""
        parameters = {**self.parameters(), **{name: text for name, text in further.items() if text}}
        return f"{self.path}?{urlencode(parameters)}" if parameters else self.path

    def without(self, *names: str) -> list[tuple[str, str]]:
        """Return the parameters but some, for the hidden fields of a small form."""
        return [(name, value) for name, value in self.parameters().items() if name not in names]

    def changed(self, **changes: Any) -> Choices:
        """Return the same choices with some changed."""
        return replace(self, **changes)

    @property
    def count(self) -> int:
        """Return how many choices narrow the list."""
        return len(set(self.parameters()) - {"q", "urut"})

    def chips(self) -> list[Chip]:
        """Return (label, address without it) of every choice in force."""
        found: list[Chip] = []
        if self.category:
            found.append((self.category.name, self.changed(category=None).href()))
        if self.province_code:
            name = labels.get().provinces.get(self.province_code, self.province_code)
            found.append((name, self.changed(province_code=None).href()))
        if self.upt:
            found.append((self.upt.short_name, self.changed(upt=None).href()))
        if self.is_available:
            found.append(("Ada stok", self.changed(is_available=False).href()))
        if self.price_idr_min is not None:
            label = f"Dari {idr(self.price_idr_min)}"
            found.append((label, self.changed(price_idr_min=None).href()))
        if self.price_idr_max is not None:
            label = f"Sampai {idr(self.price_idr_max)}"
            found.append((label, self.changed(price_idr_max=None).href()))
        return found

    def cleared(self) -> str:
        """Return the address with nothing narrowed."""
        return Choices(path=self.path, text=self.text, order=self.order).href()


def read(path: str, args: MultiDict[str, str], *, orders: Iterable[str], text: str = "") -> Choices:
    """Return the choices in an address.

    Raises:
        NotFound: A category, province or UPT that does not exist.
    """
    known = labels.get()
    category = _known(args.get("kategori"), {one.slug: one for one in labels.categories().values()})
    upt = _known(args.get("upt"), known.upts_by_slug)
    province = _known(args.get("provinsi"), {code: code for code in known.provinces})
    least, most = _price(args.get("harga_min")), _price(args.get("harga_maks"))
    if least is not None and most is not None and least > most:
        least, most = most, least
    order = args.get("urut", "")
    return Choices(
        path=path,
        text=text,
        category=category,
        province_code=province,
        upt=upt,
        is_available=args.get("tersedia") == "1",
        price_idr_min=least,
        price_idr_max=most,
        order=order if order in set(orders) else "",
    )


def _known(value: str | None, known: Mapping[str, Known]) -> Known | None:
    if not value:
        return None
    if value not in known:
        raise NotFound
    return known[value]


def _price(text: str | None) -> int | None:
    found = _PRICE.fullmatch((text or "").strip()[:24])
    if found is None:
        return None
    return min(int(re.sub(r"\D", "", found[1])), PRICE_IDR_MAX) or None


def category_options(choices: Choices, counts: Mapping[int, int]) -> list[FacetOption]:
    """Return the top categories, or the chosen one with what lies below it."""
    records = labels.categories()
    root_id = choices.category.root_id if choices.category else None
    options: list[FacetOption] = []
    for one in records.values():
        is_on = choices.category is not None and one.category_id == choices.category.category_id
        is_near = one.parent_id is None or one.parent_id == root_id
        count = counts.get(one.category_id, 0)
        if not is_near or (not count and not is_on):
            continue
        label = f"– {one.name}" if one.parent_id is not None else one.name
        target = None if is_on else one
        options.append((label, choices.changed(category=target).href(), count, is_on))
    return options


def province_options(choices: Choices, counts: Mapping[str, int]) -> list[FacetOption]:
    """Return the provinces that have goods, by name."""
    options: list[FacetOption] = []
    for code, name in labels.get().provinces.items():
        is_on = choices.province_code == code
        if counts.get(code) or is_on:
            target = None if is_on else code
            href = choices.changed(province_code=target).href()
            options.append((name, href, counts.get(code, 0), is_on))
    return options


def upt_options(choices: Choices, counts: Mapping[str, int]) -> list[FacetOption]:
    """Return the UPT with most goods, and always the chosen one."""
    known = labels.get().upts_by_slug
    most = sorted(counts, key=lambda slug: (-counts[slug], slug))[:UPT_CHOICES_MAX]
    chosen = choices.upt.slug if choices.upt else ""
    shown = {slug for slug in (*most, chosen) if slug in known}
    options: list[FacetOption] = []
    for slug in sorted(shown, key=lambda slug: known[slug].short_name):
        target = None if slug == chosen else known[slug]
        href = choices.changed(upt=target).href()
        options.append((known[slug].short_name, href, counts.get(slug, 0), slug == chosen))
    return options
