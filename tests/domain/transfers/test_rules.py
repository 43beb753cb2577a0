"""The state tables as data, and the small decisions around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.catalog.types import VariantBrief
from app.domain.stock.types import Account
from app.domain.transfers import rules
from app.domain.transfers.errors import FairClosed, TransferClosed
from app.domain.transfers.types import (
    FairAction,
    FairState,
    TransferAction,
    TransferRecord,
    TransferState,
    WantedLine,
)

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
S, A = TransferState, TransferAction
FS, FA = FairState, FairAction

TRANSFERS = {
    (S.DRAFT, A.SAVE): S.DRAFT,
    (S.DRAFT, A.DISCARD): S.DISCARDED,
    (S.DRAFT, A.SEND): S.SENT,
    (S.SENT, A.RECEIVE_PART): S.PART_RECEIVED,
    (S.SENT, A.RECEIVE_REST): S.SETTLED,
    (S.SENT, A.RECALL): S.RECALLED,
    (S.PART_RECEIVED, A.RECEIVE_PART): S.PART_RECEIVED,
    (S.PART_RECEIVED, A.RECEIVE_REST): S.SETTLED,
    (S.PART_RECEIVED, A.RECALL): S.RECALLED,
}
FAIRS = {
    (FS.DRAFT, FA.SAVE): FS.DRAFT,
    (FS.DRAFT, FA.DISCARD): FS.DISCARDED,
    (FS.DRAFT, FA.SEND): FS.OUT,
    (FS.OUT, FA.SEND_MORE): FS.OUT,
    (FS.OUT, FA.SETTLE): FS.OUT,
    (FS.OUT, FA.UNDO): FS.OUT,
    (FS.OUT, FA.CLOSE): FS.CLOSED,
}


@pytest.mark.parametrize("state", list(TransferState))
@pytest.mark.parametrize("action", list(TransferAction))
def test_every_pair_of_state_and_action_of_a_transfer_is_decided(
    state: TransferState, action: TransferAction
) -> None:
    if (state, action) in TRANSFERS:
        assert rules.next_transfer_state(state=state, action=action) is TRANSFERS[state, action]
        return
    with pytest.raises(TransferClosed) as refused:
        rules.next_transfer_state(state=state, action=action)
    assert refused.value.details() == {"state": str(state), "action": str(action)}


@pytest.mark.parametrize("state", list(FairState))
@pytest.mark.parametrize("action", list(FairAction))
def test_every_pair_of_state_and_action_of_a_loan_is_decided(
    state: FairState, action: FairAction
) -> None:
    if (state, action) in FAIRS:
        assert rules.next_fair_state(state=state, action=action) is FAIRS[state, action]
        return
    with pytest.raises(FairClosed) as refused:
        rules.next_fair_state(state=state, action=action)
    assert refused.value.details() == {"state": str(state), "action": str(action)}


def brief(variant_id: int, sku: str, product: str, variant: str = "") -> VariantBrief:
    return VariantBrief(variant_id, sku, product, variant, variant_id, is_active=True)


def test_suggests_the_same_code_before_the_same_name_and_nothing_when_in_doubt() -> None:
    goods = brief(1, "TKR-01", "Tikar pandan", "Besar")
    by_code = brief(2, "tkr-01", "Alas", "")
    by_name = brief(3, "X-9", "TIKAR  PANDAN", "besar")
    assert rules.suggest_variant(goods=goods, own=[by_name, by_code]) == 2
    assert rules.suggest_variant(goods=goods, own=[by_name]) == 3
    assert rules.suggest_variant(goods=goods, own=[by_name, replace(by_name, variant_id=4)]) is None
    assert rules.suggest_variant(goods=goods, own=[brief(5, "Y", "Tikar")]) is None


def test_adds_up_equal_lines_only() -> None:
    lines = [
        WantedLine(1, 2),
        WantedLine(1, 3),
        WantedLine(1, 1, Account.GALLERY),
        WantedLine(1, 1, lot_id=9),
    ]
    assert [each.quantity for each in rules.merge_wanted(lines)] == [5, 1, 1]


def test_a_lot_beside_another_keeps_within_the_limit() -> None:
    assert rules.lot_code_beside(code="L1", number="KRM-AAAAAAAA") == "L1/KRM-AAAAAAAA"
    long = rules.lot_code_beside(code="L" * 40, number="KRM-AAAAAAAA.12")
    assert (len(long), long.endswith("/KRM-AAAAAAAA.12")) == (40, True)


def test_says_when_goods_on_the_way_are_late() -> None:
    record = TransferRecord(
        1, "KRM-AAAAAAAA", 1, 2, S.SENT, 2, "", "", date(2026, 11, 22), 5, 0, AT, AT, None
    )

    def late(changed: TransferRecord, days: int) -> bool:
        at = AT + timedelta(days=days)
        return rules.transfer_is_late(record=changed, at=at, today=at.date())

    assert (late(record, 0), late(record, 1)) == (False, True)
    undated = replace(record, due_on=None)
    assert (late(undated, 14), late(undated, 15)) == (False, True)
    assert not late(replace(record, state=S.SETTLED), 99)
    assert rules.days_between(start=None, end=AT) == 0
