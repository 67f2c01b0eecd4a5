"""Who waits for a budget, and who is promised a turn."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.adapters.spending import UNHURRIED_S, ShareSpent, Spending
from bot.domain.errors import PlatformBusy
from bot.domain.memory import Budget

MINUTE = Budget("minute", 20, 60.0)
SHARE = Budget("share", 3, 60.0)


class Waits:
    """Budgets whose every taking has to wait so long, the share apart; then none has to."""

    def __init__(self, *waits: float, share: float = 0.0) -> None:
        self._waits = list(waits)
        self._share = share

    async def take(self, budgets: Sequence[Budget]) -> float:
        if [each.name for each in budgets] == [SHARE.name]:
            return self._share
        return self._waits.pop(0) if self._waits else 0.0

    async def close(self, name: str, for_s: float) -> None:
        raise NotImplementedError


def spending(budgets: Waits) -> Spending:
    return Spending("telegram", budgets, lambda _: 5.0)


async def refused(own: Spending, patience_s: float = 1.5, share: Budget | None = None) -> float:
    """Seconds after which to come again."""
    with pytest.raises(PlatformBusy) as busy:
        await own.take([MINUTE], "chat", patience_s, share)
    return busy.value.retry_after


async def test_those_who_come_again_are_told_to_come_one_after_another() -> None:
    own = spending(Waits(40.0, 40.0, 0.01))
    assert [round(await refused(own)) for _ in range(3)] == [40, 45, 50]


async def test_who_does_not_come_again_holds_no_turn() -> None:
    own = spending(Waits(40.0, 0.01))
    assert await refused(own, UNHURRIED_S) == 40.0
    await own.take([MINUTE], "chat")


async def test_what_is_given_up_with_its_share_holds_no_turn() -> None:
    own = spending(Waits(0.01, 0.01, share=40.0))
    with pytest.raises(ShareSpent):
        await own.take([MINUTE], "chat", share=SHARE)
    await own.take([MINUTE], "chat")


async def test_what_has_a_share_left_is_put_off_like_all_else() -> None:
    own = spending(Waits(40.0, share=0.0))
    assert await refused(own, share=SHARE) == 40.0
