"""Many receipts as one posting leave what single receipts would leave."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from app.domain.stock import flows, queries
from app.domain.stock.types import Demand, EntrySource
from app.infra import db
from app.kernel.errors import IdempotencyMismatch, NotAllowed, NotFound
from tests.factories import goods, people

SOURCE = EntrySource("seed", "uji:1")


def receive(receipts: list[Demand], at: datetime, source: EntrySource = SOURCE) -> int:
    return db.transact(
        lambda: flows.receive_all(
            actor=goods.SYSTEM, receipts=receipts, lot_code="UJI", source=source, at=at
        )
    )


@pytest.fixture
def demands(app: Flask) -> list[Demand]:
    found = []
    for slug, count in (("lapas-indramayu", 2), ("lapas-pamekasan", 1)):
        upt_id = people.make_upt(slug).upt_id
        product_id = goods.make_product(upt_id, variants=[{}] * count)
        for number, variant_id in enumerate(goods.variant_ids(product_id), start=3):
            found.append(Demand(upt_id, variant_id, number))
    return found


def test_every_upt_gets_its_own_chain_and_the_ledger_proves_itself(
    demands: list[Demand], at: datetime
) -> None:
    assert receive(demands, at) == 3
    available = queries.availability(variant_ids=[each.variant_id for each in demands], at=at)
    assert available == {each.variant_id: each.quantity for each in demands}
    report = flows.verify()
    assert (report.entries, report.chains, report.faults) == (3, 2, ())
    assert receive(demands, at) == 0
    assert flows.verify().entries == 3


def test_a_source_posts_one_thing_only(demands: list[Demand], at: datetime) -> None:
    receive(demands, at)
    with pytest.raises(IdempotencyMismatch):
        receive(demands[:1], at)
    assert receive([], at) == 0


def test_variants_of_another_upt_are_not_found(demands: list[Demand], at: datetime) -> None:
    wrong = Demand(demands[2].upt_id, demands[0].variant_id, 1)
    for receipts in ([*demands, wrong], [Demand(demands[0].upt_id, 999_999, 1)]):
        with pytest.raises(NotFound):
            receive(receipts, at)
    assert flows.verify().entries == 0


def test_the_permission_is_asked_for_every_upt(demands: list[Demand], at: datetime) -> None:
    clerk = people.actor("upt_clerk", upt_id=demands[0].upt_id)
    office = people.actor("kanwil_staff", upt_id=demands[0].upt_id)
    for actor, receipts, error in ((clerk, demands, NotFound), (office, demands[:1], NotAllowed)):
        with pytest.raises(error):
            db.transact(
                lambda actor=actor, receipts=receipts: flows.receive_all(
                    actor=actor, receipts=receipts, lot_code="UJI", source=SOURCE, at=at
                )
            )
    assert flows.verify().entries == 0
