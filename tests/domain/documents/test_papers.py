"""Papers: numbered without gaps, frozen when issued, corrected by further papers only."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from app.domain.checkout import services as checkout_services
from app.domain.checkout.types import PlacedOrder
from app.domain.documents import queries, rules, services
from app.domain.documents.types import PaperBrief, PaperKind
from app.domain.orders.commands import RefuseOrder
from app.infra import db
from app.kernel import ids
from app.kernel.errors import NotAllowed, NotFound
from app.surfaces.web import paper_press
from tests.factories import people, trade
from tests.factories.trade import AT, Item


@pytest.fixture
def shop(app: Flask) -> tuple[Item, Item]:
    return trade.make_shop()


def papers(placed: PlacedOrder) -> tuple[PaperBrief, ...]:
    db.db.session.rollback()
    parts = trade.page(placed).upt_orders
    return queries.list_papers(upt_order_ids=[part.upt_order_id for part in parts])


def refuse(placed: PlacedOrder, upt_id: int) -> None:
    part = trade.part(placed, upt_id)
    asked = RefuseOrder.parse(
        {"expected_version": str(part.version), "reason": "damaged", "note": "pecah"}
    )
    db.transact(
        lambda: checkout_services.refuse_order(
            actor=trade.clerk(upt_id), number=part.number, command=asked, at=AT
        )
    )


def test_a_paid_order_gets_invoice_and_receipt_from_each_unit(
    shop: tuple[Item, Item], drain: Callable[[], int]
) -> None:
    unpaid = trade.place({shop[0].variant_id: 1})
    placed = trade.paid({shop[0].variant_id: 2, shop[1].variant_id: 1})
    drain()
    assert papers(unpaid) == ()
    found = papers(placed)
    assert [(paper.kind.value, paper.number.rsplit("-", 1)[1]) for paper in found] == [
        ("invoice", "000001"), ("receipt", "000001"), ("invoice", "000001"), ("receipt", "000001"),
    ]  # fmt: skip
    assert sum(paper.total_idr for paper in found if paper.kind is PaperKind.RECEIPT) == 483_000
    paper = queries.find_by_token(token=found[0].token)
    content = paper.content
    assert found[0].number.startswith("FJ-lapas-indramayu-")
    assert content["buyer"] == "Pembeli Contoh"
    assert content["buyer_place"].endswith("DKI Jakarta")
    assert content["amount"] == f"Rp{found[0].total_idr // 1000}.000"
    assert content["address"].endswith(f"/dokumen/{found[0].token}")
    text = json.dumps(content)
    for private in ("pembeli@", "081234567890", "Senayan", "12190"):
        assert private not in text
    again = services.issue_paid
    db.transact(lambda: again(group_id=placed.group_id, draw=ids.token, at=AT))
    assert papers(placed) == found


def test_a_paper_never_changes_whatever_happens_to_its_order(
    shop: tuple[Item, Item], drain: Callable[[], int]
) -> None:
    placed = trade.paid({shop[0].variant_id: 2})
    drain()
    (invoice, receipt) = papers(placed)
    before = [
        paper_press.set_paper(queries.find_by_token(token=paper.token))
        for paper in (invoice, receipt)
    ]
    assert [content[:5] for content in before] == [b"%PDF-"] * 2
    refuse(placed, shop[0].upt_id)
    drain()
    with db.unit_of_work():
        db.session().execute(sa.text("UPDATE order_group SET contact_name = 'Lain'"))
    assert papers(placed)[:2] == (invoice, receipt)
    after = [
        paper_press.set_paper(queries.find_by_token(token=paper.token))
        for paper in (invoice, receipt)
    ]
    assert after == before
    for statement in (
        "UPDATE paper SET content = '{}'",
        "DELETE FROM paper",
    ):
        with pytest.raises(DBAPIError), db.unit_of_work():
            db.session().execute(sa.text(statement))
    assert queries.list_faults() == ()


def test_money_that_goes_back_is_one_credit_note(
    shop: tuple[Item, Item], drain: Callable[[], int]
) -> None:
    placed = trade.paid({shop[0].variant_id: 1, shop[1].variant_id: 1})
    refuse(placed, shop[1].upt_id)
    drain()
    (note,) = [paper for paper in papers(placed) if paper.kind is PaperKind.CREDIT_NOTE]
    content = queries.find_by_token(token=note.token).content
    assert note.total_idr == trade.part(placed, shop[1].upt_id).total_idr
    assert note.number == f"NK-lapas-pamekasan-{note.issued_on.year}-000001"
    assert content["lines"][0]["note"] == "Barang rusak sebelum dikirim"
    assert "FJ-lapas-pamekasan" in content["lines"][0]["name"]
    db.transact(
        lambda: services.issue_credits(group_id=placed.group_id, reasons=str, draw=ids.token, at=AT)
    )
    assert len(papers(placed)) == 5


def test_numbers_follow_each_other_and_begin_anew_with_the_year_of_the_unit(
    shop: tuple[Item, Item],
) -> None:
    numbers = []
    eve = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)
    for at in (AT, AT, eve, eve + timedelta(minutes=1)):
        placed = trade.paid({shop[0].variant_id: 1})
        db.transact(
            lambda group_id=placed.group_id, at=at: services.issue_paid(
                group_id=group_id, draw=ids.token, at=at
            )
        )
        numbers.append(papers(placed)[0].number.removeprefix("FJ-lapas-indramayu-"))
    assert numbers == ["2026-000001", "2026-000002", "2026-000003", "2027-000001"]


def test_a_number_is_given_back_with_the_transaction_and_cannot_be_skipped(
    shop: tuple[Item, Item],
) -> None:
    placed = trade.paid({shop[0].variant_id: 1})
    with pytest.raises(ZeroDivisionError), db.unit_of_work():
        services.issue_paid(group_id=placed.group_id, draw=ids.token, at=AT)
        raise ZeroDivisionError
    assert papers(placed) == ()
    with db.unit_of_work():
        services.issue_paid(group_id=placed.group_id, draw=ids.token, at=AT)
    assert papers(placed)[0].number.endswith("-000001")
    with db.unit_of_work():
        db.session().execute(sa.text("UPDATE paper_series SET last_number = 7"))
    other = trade.paid({shop[0].variant_id: 1})
    with pytest.raises(DBAPIError), db.unit_of_work():
        services.issue_paid(group_id=other.group_id, draw=ids.token, at=AT)
    assert papers(other) == ()


def test_only_the_own_desk_and_the_own_order_open_a_paper(
    shop: tuple[Item, Item], drain: Callable[[], int]
) -> None:
    placed = trade.paid({shop[0].variant_id: 1})
    drain()
    number = papers(placed)[0].number
    own = trade.clerk(shop[0].upt_id)
    assert queries.get_for_upt(actor=own, number=number).brief.number == number
    assert len(queries.list_for_upt(actor=own, upt_id=shop[0].upt_id, size=1).items) == 1
    with pytest.raises(NotFound):
        queries.get_for_upt(actor=trade.clerk(shop[1].upt_id), number=number)
    with pytest.raises(NotAllowed):
        queries.list_for_upt(actor=people.actor("curator", user_id=5), upt_id=shop[0].upt_id)
    with pytest.raises(NotFound):
        queries.get_for_order(upt_order_ids=[999], number=number)
    with pytest.raises(NotFound):
        queries.find_by_token(token="x" * 43)


@pytest.mark.parametrize(
    ("amount_idr", "words"),
    [
        (1, "Satu rupiah"),
        (1_000, "Seribu rupiah"),
        (11_111, "Sebelas ribu seratus sebelas rupiah"),
        (483_000, "Empat ratus delapan puluh tiga ribu rupiah"),
        (25_000_000, "Dua puluh lima juta rupiah"),
    ],
)
def test_amounts_are_written_in_words(amount_idr: int, words: str) -> None:
    assert rules.in_words(amount_idr) == words


def test_the_frozen_text_does_not_depend_on_the_order_of_its_facts() -> None:
    text, digest = rules.freeze({"b": "é", "a": [1]})
    assert text == '{"a":[1],"b":"é"}'
    assert rules.freeze({"a": [1], "b": "é"}) == (text, digest)
    assert rules.sha256(text + " ") != digest
