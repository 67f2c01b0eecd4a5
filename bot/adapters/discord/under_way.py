"""Effects that wait for Discord, so that they hold up no others.

The client waits where a channel's limit is used up, for half a minute at most. Whoever carries
effects out carries out several at once and waits for the slowest: it is told to come again instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.adapters.discord.errors import PLATFORM
from bot.domain.effects import EffectKind, Outcome
from bot.domain.errors import PlatformBusy
from bot.domain.ports import Order

PATIENCE_S = 0.5
"""Longer than Discord takes for most that it is asked. What waits for a channel's limit makes room:
in a backlog the deletions of one channel can then meet, and go together."""

COME_AGAIN_S = 1.0

_CarryOut = Callable[[Order], Awaitable[Outcome]]


class UnderWay:
    """Carries effects out by another's hand, and gives the outcome to whoever asks in time."""

    def __init__(self, carry_out: _CarryOut) -> None:
        self._carry_out = carry_out
        self._tasks: dict[str, asyncio.Task[Outcome]] = {}

    async def carry_out(self, order: Order) -> Outcome:
        """Do one effect, or go on with it. Raises PlatformBusy while it is under way, and whatever
        carrying it out raises."""
        intent = order.intent.id
        task = self._tasks.pop(intent, None) or asyncio.create_task(
            self._run(order), name=f"effect {intent}"
        )
        try:
            done, _ = await asyncio.wait({task}, timeout=PATIENCE_S)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if done:
            return task.result()
        if order.effect.kind is EffectKind.CARD:
            task.cancel()  # by its next turn the card may have to show something else
        else:
            self._tasks[intent] = task
        raise PlatformBusy(PLATFORM, "lets it wait", COME_AGAIN_S)

    def stop(self) -> None:
        """Leave what is under way; it is on record, and taken up at the next start."""
        for task in self._tasks.values():
            task.cancel()

    async def _run(self, order: Order) -> Outcome:
        return await self._carry_out(order)
