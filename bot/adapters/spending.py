"""Waiting for a platform's rate budgets, and for one's turn when that takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from time import monotonic

from bot.domain.errors import PlatformBusy
from bot.domain.memory import Budget, Budgets

PATIENCE_S = 1.5
"""The longest wait for a budget here; a longer one is left to the outbox, so that one busy chat
holds up no other."""

UNHURRIED_S = 30.0
"""The longest wait of what nobody tries again: answers to people."""


class ShareSpent(PlatformBusy):
    """What has a share of its own has had it for now. Others are not to wait for such things: they
    are left undone rather than done later."""


class Spending:
    """Takes from budgets; what has to come again later is told when, one after another.

    platform: for the errors. budgets: None for a client that only reads.
    apart_s: the seconds between two turns of a line whose next has to wait for so long.
    """

    def __init__(
        self, platform: str, budgets: Budgets | None, apart_s: Callable[[float], float]
    ) -> None:
        self._platform = platform
        self._budgets = budgets
        self._apart_s = apart_s
        self._promised: dict[Hashable, float] = {}

    async def take(
        self,
        budgets: Sequence[Budget],
        line: Hashable | None,
        patience_s: float = PATIENCE_S,
        share: Budget | None = None,
    ) -> None:
        """Take from all of these budgets, once they allow it.

        line: those whose messages wait for one another; None for what waits for no message.
        patience_s: the longest wait; what waits longer than PATIENCE_S does not come again, and
        is promised no turn. share: one more budget, without which it is not to be done at all.
        Raises ShareSpent as soon as nothing is left of the share; PlatformBusy when it takes
        longer, with the seconds until its turn.
        """
        wanted = [*budgets, share] if share is not None else budgets
        if patience_s > PATIENCE_S:
            line = None
        waited = 0.0
        while (wait := await self._given().take(wanted)) > 0:
            if share is not None and await self._is_spent(share):
                raise ShareSpent(self._platform, "its share is spent for now", wait)
            if waited + wait > patience_s or self._others_come_first(line):
                turn = wait if line is None else self._turn(line, wait)
                raise PlatformBusy(self._platform, "its rate budget is spent for now", turn)
            await asyncio.sleep(wait)
            waited += wait

    async def close(self, name: str, for_s: float) -> None:
        """Let nothing be taken of this name's budget for so many seconds."""
        await self._given().close(name, for_s)

    def _given(self) -> Budgets:
        if self._budgets is None:
            raise TypeError("a client without budgets only reads")
        return self._budgets

    async def _is_spent(self, share: Budget) -> bool:
        """Whether a share has no room left; of it nothing is taken."""
        room = replace(share, most=share.most - share.cost, cost=0)
        return await self._given().take([room]) > 0

    def _others_come_first(self, line: Hashable | None) -> bool:
        return line is not None and self._promised.get(line, 0.0) > monotonic()

    def _turn(self, line: Hashable, wait: float) -> float:
        """Seconds until the turn of a message behind all that wait for the line already: told the
        same time, they would all come at once, and all but a few in vain."""
        now = monotonic()
        turn = max(now + wait, self._promised.get(line, 0.0) + self._apart_s(wait))
        self._promised[line] = turn
        return turn - now
