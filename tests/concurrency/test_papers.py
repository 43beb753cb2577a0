"""Many workers issue papers of the same units at once: every number once, none missing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from app.domain.documents import queries, services
from app.infra import db
from app.kernel import ids
from tests.conftest import ENGINE
from tests.factories import trade
from tests.factories.trade import AT

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.skipif(ENGINE != "postgres", reason="row locks need PostgreSQL"),
]

ORDERS = 10
WORKERS = 6


def test_papers_issued_at_once_have_every_number_once(pg_app: Flask) -> None:
    with pg_app.app_context():
        shade, cookies = trade.make_shop()
        pieces = ({shade.variant_id: 1, cookies.variant_id: 1}, {cookies.variant_id: 1})
        placed = [trade.paid(pieces[number % 2]) for number in range(ORDERS)]
        db.db.session.remove()

    def issue(group_id: int) -> None:
        with pg_app.app_context():
            db.transact(lambda: services.issue_paid(group_id=group_id, draw=ids.token, at=AT))
            db.db.session.remove()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(issue, [order.group_id for order in placed for _ in range(3)]))
    with pg_app.app_context():
        parts = [part.upt_order_id for order in placed for part in trade.page(order).upt_orders]
        found = queries.list_papers(upt_order_ids=parts)
        assert len(found) == 2 * len(parts)
        numbers = sorted(paper.number for paper in found)
        assert len(set(numbers)) == len(numbers)
        for prefix, count in (("FJ-lapas-indramayu", 5), ("KW-lapas-pamekasan", 10)):
            own = [number for number in numbers if number.startswith(prefix)]
            assert [int(number[-6:]) for number in own] == list(range(1, count + 1))
        assert queries.list_faults() == ()
