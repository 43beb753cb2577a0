"""Random histories of the whole ledger against a tiny model in memory.

``STOCK_MODEL_HISTORIES`` and ``STOCK_MODEL_STEPS`` make a longer run.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test as run_machine

pytest.register_assert_rewrite("tests.domain.stock.machine", "tests.domain.stock.readings")

from tests.domain.stock.machine import Ledger, outcomes  # noqa: E402  # after the line above

IS_LONG = "STOCK_MODEL_HISTORIES" in os.environ
"""A long run may also take the time to make a counterexample small."""


@pytest.mark.slow
@pytest.mark.usefixtures("app")
@pytest.mark.timeout(0 if IS_LONG else 120)
def test_random_histories_equal_the_model() -> None:
    run_machine(
        Ledger,
        settings=settings(
            max_examples=int(os.environ.get("STOCK_MODEL_HISTORIES", "15")),
            stateful_step_count=int(os.environ.get("STOCK_MODEL_STEPS", "25")),
            deadline=None,
            phases=[Phase.generate, Phase.shrink] if IS_LONG else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    for name, times in sorted(outcomes.items()):
        print(f"{times:7} {name}")
