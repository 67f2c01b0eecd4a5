"""Many channels at once, and a bot that is killed meanwhile: nothing lost, nothing done twice.

The full load (`python -m tests.fakes.discord_load`) is for a quiet machine; here it is scaled down
so that it says the same on a busy one, and no time is asserted.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.discord_load import run
from tests.fakes.loopback.bot_under_load import Plan


@pytest.mark.timeout(240)
async def test_kills_under_load_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    plan = Plan(rate=20, seconds=12, places=10, every=10, kills=2, settle_s=90)
    seen = await run(plan, tmp_path)
    report = seen.report
    assert seen.left_visible == 0
    assert len(report["hidden"]) == seen.insults == seen.cases
    assert len(seen.cards) == len(set(seen.cards))
    assert (report["too_many_requests"], report["impatient"], report["invalid"]) == (0, 0, 0)
    assert report["peak_a_second"] <= 50
