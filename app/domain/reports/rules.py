"""Pure reckoning of the reports: local days as instants, what is low, what lies dead, added-up days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.reports.types import (
    COVER_DAYS_MIN,
    DEAD_DAYS,
    LOW_PIECES_MAX,
    PHYSICAL,
    SALES,
    SALES_DAYS,
    DayRow,
    GroupFigures,
    Item,
    UptFigures,
)


def zone(*, timezone: str) -> ZoneInfo:
    """Return a time zone by its name."""
    return ZoneInfo(timezone)


def start_of(*, day: date, timezone: str) -> datetime:
    """Return the first instant of a local day, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def signed(*, from_account: str, to_account: str, accounts: Sequence[str]) -> int:
    """Return +1 when a movement enters these accounts, -1 when it leaves them, else 0."""
    return (to_account in accounts) - (from_account in accounts)


def is_sale(*, kind: str, from_account: str, to_account: str) -> int:
    """Return +1 for pieces sold, -1 for a sale taken back, else 0."""
    if kind in SALES:
        return 1
    is_back = kind == "reversed" and from_account in ("customer", "transit_customer")
    return -1 if is_back and to_account in PHYSICAL else 0


def cover_days(*, item: Item) -> int | None:
    """Return for how many days the free pieces last at the pace of sales; None without sales."""
    return item.free * SALES_DAYS // item.sold if item.sold > 0 else None


def is_low(*, item: Item) -> bool:
    """Say whether goods that are kept in stock are about to run out.

    One-of-a-kind goods, services and goods made to order are never low.
    """
    if item.kind != "ready" or not item.is_active:
        return False
    if item.total == 0 and item.sold <= 0 and item.first_in_on is None:
        return False
    cover = cover_days(item=item)
    return item.free <= LOW_PIECES_MAX or (cover is not None and cover < COVER_DAYS_MIN)


def idle_days(*, item: Item, today: date) -> int | None:
    """Return for how many days nothing has left, counted from the first receipt at the earliest."""
    since = item.last_out_on or item.first_in_on
    return (today - since).days if since and item.total > 0 else None


def is_dead(*, item: Item, today: date, days: int = DEAD_DAYS) -> bool:
    """Say whether pieces lie there and none left for this many days."""
    idle = idle_days(item=item, today=today)
    return idle is not None and idle >= days


def add_up(*, rows: Iterable[DayRow]) -> dict[tuple[str, str, str], int]:
    """Return signed pieces by cause, as all places together saw them; moves within are left out."""
    found: dict[tuple[str, str, str], int] = {}
    for row in rows:
        sign = signed(from_account=row.from_account, to_account=row.to_account, accounts=PHYSICAL)
        if sign:
            key = (row.kind, row.from_account, row.to_account)
            found[key] = found.get(key, 0) + sign * row.quantity
    return dict(sorted(found.items(), key=lambda pair: (-abs(pair[1]), pair[0])))


def buckets(
    *, rows: Iterable[DayRow], first: date, last: date, days_each: int
) -> list[tuple[date, int, int]]:
    """Return pieces in and out for every day, or for every so many days, oldest first.

    Each bucket is named by its first day; the last one ends with ``last``.
    """
    count = (last - first).days // days_each + 1
    starts = [last - timedelta(days=days_each * (count - n) - 1) for n in range(count)]
    sums = [[0, 0] for _ in starts]
    for row in rows:
        place = (row.day - starts[0]).days // days_each
        sign = signed(from_account=row.from_account, to_account=row.to_account, accounts=PHYSICAL)
        if sign and 0 <= place < count:
            sums[place][0 if sign > 0 else 1] += row.quantity
    return [(start, *pair) for start, pair in zip(starts, sums, strict=True)]  # type: ignore[misc]  # every pair holds two


def group(
    *, key: str, name: str, rows: Sequence[UptFigures], since: datetime, counted_since: datetime
) -> GroupFigures:
    """Return UPT added up."""
    return GroupFigures(
        key=key,
        name=name,
        upts=len(rows),
        active=sum(row.takes_part(since=since) for row in rows),
        pieces=sum(row.pieces for row in rows),
        value_idr=sum(row.value_idr for row in rows),
        dead_idr=sum(row.dead_idr for row in rows),
        counted=sum(
            row.last_count_at is not None and row.last_count_at >= counted_since for row in rows
        ),
        incidents=sum(row.incidents for row in rows),
        last_written_at=max(
            (row.last_written_at for row in rows if row.last_written_at), default=None
        ),
    )


def value_by(*, items: Iterable[Item]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the value at selling price by place and by category, largest first."""
    places: dict[str, int] = {}
    categories: dict[str, int] = {}
    for item in items:
        for place, pieces in item.pieces.items():
            places[place] = places.get(place, 0) + pieces * (item.price_idr or 0)
        categories[item.category] = categories.get(item.category, 0) + item.value_idr
    return _largest_first(places), _largest_first(categories)


def _largest_first(values: Mapping[str, int]) -> dict[str, int]:
    kept = ((name, value) for name, value in values.items() if value)
    return dict(sorted(kept, key=lambda pair: (-pair[1], pair[0])))
