"""Bring the one variant of a product to an exact number of free pieces, through the ledger.

Usage: fill_stock.py SLUG UNITS
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sqlalchemy as sa

from app.bootstrap import create_app
from app.domain.stock import queries, services
from app.domain.stock.types import EntrySource, LotChoice
from app.infra import db
from app.kernel import actor, clock, ids


def main(slug: str, units: int) -> None:
    with create_app().app_context():
        statement = sa.text(
            "SELECT v.id, v.upt_id FROM variant v JOIN product p ON p.id = v.product_id WHERE p.slug = :slug"
        )
        variant_id, upt_id = db.read_session().execute(statement, {"slug": slug}).one()
        at = clock.now()
        free = queries.availability(variant_ids=[variant_id], at=at).get(variant_id, 0)
        with db.unit_of_work():
            services.receive_output(
                actor=actor.system("bench"),
                upt_id=upt_id,
                variant_id=variant_id,
                quantity=units - free,
                lot=LotChoice(),
                source=EntrySource("bench", ids.token()),
                happened_at=at,
                at=at,
            )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
