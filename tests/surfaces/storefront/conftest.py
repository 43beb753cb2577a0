"""The clock stands at the instant that the factories write at, plus a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from tests.factories import trade

NOW = trade.AT + timedelta(minutes=5)


@pytest.fixture
def now() -> Iterator[None]:
    """Let every page be opened five minutes after the factories wrote."""
    with time_machine.travel(NOW, tick=False):
        yield
