"""Deadlines that a case runs against. A deadline reminds; running out punishes nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline.

    name: which duty it is ("review").
    started_at, due_at: aware, in UTC.
    """

    name: str
    started_at: datetime
    due_at: datetime

    def __post_init__(self) -> None:
        if self.due_at <= self.started_at:
            raise InvalidValue(f"clock {self.name}: due before it starts")

    def elapsed(self, now: datetime) -> float:
        """The share of the time that is used up: 0.0 at the start, 1.0 when due, then more."""
        run = (now - self.started_at).total_seconds()
        return max(0.0, run / (self.due_at - self.started_at).total_seconds())

    def breached(self, now: datetime) -> bool:
        """Whether the deadline has passed."""
        return now >= self.due_at

    def left(self, now: datetime) -> timedelta:
        """The time left; below zero once breached."""
        return self.due_at - now
