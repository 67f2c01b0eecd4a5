"""Which of the windows that wait for the model go into its next call together."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.scores import Scores
from bot.scoring.windows import Window

TOKENS_A_CALL = 512
"""The most a call costs: its windows times the longest one's tokens. One window may cost more."""

SHORT = 16
"""Windows up to this many tokens cost the model the same, as near as matters."""

LOOKAHEAD = 256
"""How many of those that waited longest are looked at for company."""

PACE = 1000.0
"""Tokens a second that one text may take ahead of texts that came after it."""


@dataclass(slots=True)
class Waiting:
    """A window that waits, once for all who wait for the same text.

    rank: when it came, in seconds of the loop's clock, later for the later windows of a text.
    """

    window: Window
    rank: float
    waiters: list[asyncio.Future[Scores]] = field(default_factory=list)

    @property
    def cost(self) -> int:
        """Its tokens, as the model feels them."""
        return max(SHORT, self.window.tokens)

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for it."""
        return any(not waiter.done() for waiter in self.waiters)

    def settle(self, outcome: Scores | Exception) -> None:
        """Tell all who wait."""
        for waiter in self.waiters:
            if waiter.done():
                continue
            if isinstance(outcome, Exception):
                waiter.set_exception(outcome)
            else:
                waiter.set_result(outcome)


class Room:
    """Where windows wait. Not for use by several threads."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}

    def enter(self, windows: Sequence[Window], now: float) -> list[asyncio.Future[Scores]]:
        """Let a text's windows wait; a future for each, in order.

        The later windows of a long text rank as if they came later, so that short texts that
        come after it do not wait for all of it; and none waits for ever.
        """
        futures = []
        ahead = 0
        for window in windows:
            rank = now + ahead / PACE
            waiting = self._waiting.setdefault(window.text, Waiting(window, rank))
            waiting.rank = min(waiting.rank, rank)
            waiter = asyncio.get_running_loop().create_future()
            waiting.waiters.append(waiter)
            futures.append(waiter)
            ahead += window.tokens
        return futures

    def next_call(self) -> list[Waiting]:
        """Take out the window that waited longest and its like; none when nobody waits.

        Only windows up to twice as long as one another share a call, so that at most half of
        what the model reads is padding.
        """
        self._waiting = {text: each for text, each in self._waiting.items() if each.wanted}
        oldest = heapq.nsmallest(LOOKAHEAD, self._waiting.values(), key=lambda each: each.rank)
        if not oldest:
            return []
        first, *others = oldest
        call, longest, shortest = [first], first.cost, first.cost
        for each in sorted(others, key=lambda other: abs(other.cost - first.cost)):
            high, low = max(longest, each.cost), min(shortest, each.cost)
            if high * (len(call) + 1) > TOKENS_A_CALL or high > 2 * low:
                break
            call.append(each)
            longest, shortest = high, low
        for each in call:
            del self._waiting[each.window.text]
        return call

    def empty(self, error: Exception) -> None:
        """Send everybody away with an error."""
        for each in self._waiting.values():
            each.settle(error)
        self._waiting.clear()
