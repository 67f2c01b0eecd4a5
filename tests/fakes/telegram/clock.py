"""The server's time, as Telegram writes it."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.fakes.loopback.clock import Clock as LoopbackClock


class Clock(LoopbackClock):
    """Telegram's own dates are whole seconds."""

    def date(self) -> int:
        """Now, as Telegram writes it."""
        return int(self.now())

    def datetime(self) -> datetime:
        """Now, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)
