"""A server's time, which a test may move forward."""

from __future__ import annotations

import time
from datetime import timedelta


class Clock:
    """Real time plus whatever a test has added."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, by: timedelta | float) -> None:
        """Jump forward, by seconds or by a timedelta; never back."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        if seconds < 0:
            raise ValueError("clock: a platform's time does not run backwards")
        self._ahead += seconds
