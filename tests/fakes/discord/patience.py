"""Whether a bot keeps to what it was told to wait."""

from __future__ import annotations

from dataclasses import dataclass

_ON_ITS_WAY = 0.25


@dataclass(frozen=True, slots=True)
class Told:
    """That a bot was told at one time to wait until another, in seconds since 1970."""

    at: float
    until: float

    def ignored_by(self, arrival: float) -> bool:
        """Whether a request that arrives then was sent in spite of it.

        What arrives within a quarter of a second, or half the wait, was on its way already:
        discord.py sends more at once than an empty bucket holds when it begins anew.
        """
        grace = min(_ON_ITS_WAY, (self.until - self.at) / 2)
        return self.at + grace < arrival < self.until
