"""Many groups at once, and a bot that is killed meanwhile: nothing lost, nothing done twice.

The full load (`python -m tests.fakes.telegram_load`) is for a quiet machine; here it is scaled down
so that it says the same on a busy one, and no time is asserted.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.loopback.bot_under_load import Plan, Seen
from tests.fakes.telegram_load import run


def assert_whole(seen: Seen) -> None:
    """Every insult is hidden and on record once, and nothing else; no budget was exceeded."""
    report = seen.report
    assert report["unconfirmed"] == 0
    assert seen.left_visible == 0
    assert len(report["hidden"]) == seen.insults
    assert seen.cases == seen.insults
    assert report["peak_messages_a_minute"] <= 20
    assert report["peak_acts_a_second"] <= 30
    assert report["too_many_requests"] == 0


@pytest.mark.timeout(180)
async def test_load_over_many_groups_loses_nothing(tmp_path: Path) -> None:
    seen = await run(Plan(rate=60, seconds=5, places=20, every=15), tmp_path)
    assert_whole(seen)
    assert twins(seen) == 0
    assert seen.report["hidden_out_of_order"] == 0


def twins(seen: Seen) -> int:
    """How many cards stand beside another of their case."""
    return len(seen.cards) - len(set(seen.cards))


@pytest.mark.timeout(240)
async def test_kills_under_load_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    plan = Plan(rate=20, seconds=20, places=10, every=10, kills=3, settle_s=90)
    seen = await run(plan, tmp_path)
    assert_whole(seen)
    assert twins(seen) == 0
