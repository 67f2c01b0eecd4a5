"""Which of the windows that wait for the model go into its next call together."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.domain.ports import Lane
from bot.domain.scores import Scores
from bot.scoring.windows import Window

SPECIAL = 2
"""Tokens that a model adds to each window, in most models."""

SHORT = 16
"""Windows up to this many tokens cost a model that pads the same, as near as matters."""

LOOKAHEAD = 256
"""How many of those that waited longest are looked at for company."""

PACE = 1000.0
"""Tokens a second that one text may take ahead of texts that came after it."""

HEAD_START_S = 10.0
"""A text overtakes those of the next lane that came up to this many seconds before it, and none
that waited longer."""


@dataclass(slots=True)
class Waiting:
    """A window that waits, once for all who wait for the same text.

    rank: when it came, in seconds of the loop's clock, later for the later windows of a text and
        for later lanes.
    """

    window: Window
    rank: float
    lane: Lane = Lane.ORDINARY
    waiters: list[asyncio.Future[Scores]] = field(default_factory=list)

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

    def enter(
        self, windows: Sequence[Window], now: float, lane: Lane = Lane.ORDINARY
    ) -> list[asyncio.Future[Scores]]:
        """Let a text's windows wait; a future for each, in order.

        The later windows of a long text rank as if they came later, so that short texts that
        come after it do not wait for all of it; and none waits for ever.
        """
        futures = []
        ahead = 0
        for window in windows:
            rank = now + lane * HEAD_START_S + ahead / PACE
            waiting = self._waiting.setdefault(window.text, Waiting(window, rank, lane))
            waiting.rank, waiting.lane = min(waiting.rank, rank), min(waiting.lane, lane)
            waiter = asyncio.get_running_loop().create_future()
            waiting.waiters.append(waiter)
            futures.append(waiter)
            ahead += window.tokens
        return futures

    def next_call(self, tokens: int, *, pads: bool) -> list[Waiting]:
        """Take out the window whose turn it is and its company; none when nobody waits.

        None of a later lane comes along: it would make the call longer for those who go before it.
        tokens, pads: the engine's `tokens_a_call` and `pads`.
        """
        self._waiting = {text: each for text, each in self._waiting.items() if each.wanted}
        oldest = heapq.nsmallest(LOOKAHEAD, self._waiting.values(), key=lambda each: each.rank)
        if not oldest:
            return []
        first, *others = oldest
        others = [each for each in others if each.lane <= first.lane]
        call = [first, *(_like_sized if pads else _in_turn)(first, others, tokens)]
        for each in call:
            del self._waiting[each.window.text]
        return call

    def empty(self, error: Exception) -> None:
        """Send everybody away with an error."""
        for each in self._waiting.values():
            each.settle(error)
        self._waiting.clear()


def _in_turn(first: Waiting, others: Sequence[Waiting], tokens: int) -> Iterator[Waiting]:
    """Those that waited longest, as far as there is room."""
    left = tokens - first.window.tokens - SPECIAL
    for each in others:
        left -= each.window.tokens + SPECIAL
        if left < 0:
            return
        yield each


def _like_sized(first: Waiting, others: Sequence[Waiting], tokens: int) -> Iterator[Waiting]:
    """Those up to twice as long as one another, so that at most half of a call is padding."""
    longest = shortest = _padded(first)
    by_likeness = sorted(others, key=lambda other: abs(_padded(other) - _padded(first)))
    for count, each in enumerate(by_likeness, 2):
        longest, shortest = max(longest, _padded(each)), min(shortest, _padded(each))
        if longest * count > tokens or longest > 2 * shortest:
            return
        yield each


def _padded(waiting: Waiting) -> int:
    return max(SHORT, waiting.window.tokens)
