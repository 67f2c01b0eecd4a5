"""Ids that tell when they were made: milliseconds since 2015, then 22 bits that tell them apart."""

from __future__ import annotations

from tests.fakes.loopback.clock import Clock

EPOCH_MS = 1_420_070_400_000
_LOW_BITS = 22


def made_at(snowflake: int) -> float:
    """When an id was made, in seconds since 1970."""
    return ((snowflake >> _LOW_BITS) + EPOCH_MS) / 1000


class Snowflakes:
    """Gives ids, each larger than the one before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        self._past: set[int] = set()

    def next(self) -> int:
        """An id of now."""
        self._last = max(self._last + 1, _at(self._clock.now()))
        return self._last

    def past(self, at: float) -> int:
        """An id of an earlier time, for what was there before the test began."""
        snowflake = _at(at)
        while snowflake in self._past:
            snowflake += 1
        self._past.add(snowflake)
        return snowflake


def _at(at: float) -> int:
    return (int(at * 1000) - EPOCH_MS) << _LOW_BITS
