"""Waiting between tries."""

from __future__ import annotations

import asyncio

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 30.0


class Pause:
    """How long to wait after a failure: ever longer, until something works again."""

    def __init__(self) -> None:
        self._next_s = _FIRST_PAUSE_S

    def over(self) -> None:
        """Something worked."""
        self._next_s = _FIRST_PAUSE_S

    async def wait(self, at_least_s: float = 0.0) -> None:
        """Wait, and longer the next time."""
        await asyncio.sleep(max(self._next_s, at_least_s))
        self._next_s = min(self._next_s * 2, _LONGEST_PAUSE_S)
