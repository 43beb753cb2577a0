"""Reference data: places, the 33 regional offices and the first units; a second run changes nothing.

Places come from the lokal package in batches of districts, each in its own transaction, so a run
that was cut short goes on where it stopped. Offices and units come from the CSV files beside this
module, by the same rules as a register that national staff upload.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from app.domain.places import queries as places_queries
from app.domain.places import services as places_services
from app.domain.places.adapters import lokal_source
from app.domain.places.types import VILLAGE_COUNT, VillageRow
from app.domain.upt import queries as upt_queries
from app.domain.upt import rules as upt_rules
from app.domain.upt import services as upt_services
from app.domain.upt.adapters import register_file
from app.domain.upt.commands import SaveKanwil
from app.infra import db
from app.kernel import actor as kernel_actor
from app.kernel import clock

FOLDER: Final = Path(__file__).parent / "reference"
BATCH: Final = 6_000
"""Villages per transaction: some 0.2 s, so other writers wait but shortly."""

SYSTEM: Final = kernel_actor.system("seed")
PROGRESS_STEPS: Final = 5

Progress = Callable[[str], None]


def load(*, at: datetime, progress: Progress) -> None:
    """Load what is missing; takes some 10 s on the first run and next to nothing afterwards.

    Args:
        at: Instant of loading in UTC.
        progress: Called with a line of text for people.
    """
    load_places(at=at, progress=progress)
    load_register(at=at, progress=progress)


def load_places(*, at: datetime, progress: Progress) -> None:
    """Load provinces to villages unless this edition was loaded before."""
    version = lokal_source.version()
    if places_queries.is_loaded(version=version):
        return
    progress("Wilayah: membaca provinsi sampai kecamatan…")
    upper = lokal_source.read_upper_places()
    db.transact(
        lambda: places_services.load_upper_places(
            provinces=upper.provinces, regencies=upper.regencies, districts=upper.districts
        )
    )
    batch: list[VillageRow] = []
    done = reported = 0
    last = upper.districts[-1].code
    for district in upper.districts:
        batch.extend(lokal_source.read_villages(district.code))
        if len(batch) < BATCH and district.code != last:
            continue
        _save_villages(tuple(batch))
        done += len(batch)
        batch.clear()
        if done - reported >= VILLAGE_COUNT // PROGRESS_STEPS or district.code == last:
            reported = done
            progress(f"Wilayah: {done:,} dari {VILLAGE_COUNT:,} desa".replace(",", "."))
    with db.unit_of_work():
        places_services.finish_release(version=version, at=at)


def _save_villages(rows: tuple[VillageRow, ...]) -> None:
    db.transact(lambda: places_services.load_villages(villages=rows))


def load_register(*, at: datetime, progress: Progress) -> None:
    """Load the regional offices and the first units, unless they are there.

    What staff changed afterwards stays: known offices and units are passed over.

    Raises:
        ValueError: A row of the shipped files is wrong.
    """
    offices = {record.code for record in upt_queries.list_kanwil()}
    with (FOLDER / "kanwil.csv").open(encoding="utf-8", newline="") as stream:
        missing = [row for row in csv.DictReader(stream) if row["code"] not in offices]
    if missing:
        with db.unit_of_work():
            for row in missing:
                upt_services.save_kanwil(
                    actor=SYSTEM,
                    command=SaveKanwil.parse(
                        {name: row[name] for name in ("code", "name", "province_codes")}
                    ),
                    at=at,
                )
        progress(f"Kanwil: {len(missing)} ditambahkan")
    rows = register_file.read_rows((FOLDER / "upt.csv").read_bytes())
    column = rows[0].index("slug")
    slugs = {row[column] for row in rows[1:]}
    known = {slug for slug in slugs if upt_queries.find_id_by_slug(slug=slug) is not None}
    new = (rows[0], *(row for row in rows[1:] if row[column] not in known))
    if len(new) == 1:
        return
    today = clock.local_date(at=at, timezone="Asia/Jakarta")
    preview = upt_rules.read_register(rows=new, context=upt_queries.register_context(), today=today)
    if preview.errors:
        raise ValueError(f"upt.csv: {preview.errors}")
    with db.unit_of_work():
        outcome = upt_services.apply_register(actor=SYSTEM, preview=preview, at=at)
    progress(f"UPT: {outcome.added} ditambahkan")
