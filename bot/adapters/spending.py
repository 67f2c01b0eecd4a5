"""Waiting for a platform's rate budgets, and for one's turn when that takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic

from bot.domain.errors import PlatformBusy
from bot.domain.memory import Budget, Budgets

PATIENCE_S = 1.5
"""The longest wait for a budget here; a longer one is left to the outbox, so that one busy chat
holds up no other."""

UNHURRIED_S = 30.0
"""The longest wait of what nobody tries again: answers to people."""


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
        self._promised: dict[int, float] = {}

    async def take(
        self, budgets: Sequence[Budget], line: int | None, patience_s: float = PATIENCE_S
    ) -> None:
        """Take from all of these budgets, once they allow it.

        line: the chat or channel whose messages wait for one another; None for what waits for no
        message. patience_s: the longest wait.
        Raises PlatformBusy when it takes longer, with the seconds until its turn.
        """
        waited = 0.0
        while (wait := await self._given().take(budgets)) > 0:
            if waited + wait > patience_s or self._others_come_first(line, patience_s):
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

    def _others_come_first(self, line: int | None, patience_s: float) -> bool:
        if line is None or patience_s > PATIENCE_S:
            return False
        return self._promised.get(line, 0.0) > monotonic()

    def _turn(self, line: int, wait: float) -> float:
        """Seconds until the turn of a message behind all that wait for the line already: told the
        same time, they would all come at once, and all but a few in vain."""
        now = monotonic()
        turn = max(now + wait, self._promised.get(line, 0.0) + self._apart_s(wait))
        self._promised[line] = turn
        return turn - now
