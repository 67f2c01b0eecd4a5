"""Offering messages at a steady rate, and what is said of how long they waited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

_TICK = 0.01


async def paced(rate: float, seconds: float) -> AsyncIterator[tuple[int, float]]:
    """The number of each message when its time has come, and how late that is, in seconds."""
    clock = asyncio.get_running_loop().time
    began = clock()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        while clock() < due:
            await asyncio.sleep(_TICK)
        if number % 50 == 0:
            await asyncio.sleep(0)  # behind its time, it still lets the bot be answered
        yield number, clock() - due


def quantile(sorted_waits: Sequence[float], share: float) -> float:
    """The wait that this share of all stays below; 0.0 where there is none."""
    if not sorted_waits:
        return 0.0
    return sorted_waits[min(len(sorted_waits) - 1, int(len(sorted_waits) * share))]
