"""A reviewer's lease on a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.messages import Person


@dataclass(frozen=True, slots=True)
class Claim:
    """Who holds a case, and until when.

    generation: the case's generation at the time. A press made under an earlier generation
    is refused: wall clocks decide only when somebody else may take a case over, never which
    of two presses counts.
    """

    holder: Person
    generation: int
    until: datetime

    def holds_against(self, person: Person, now: datetime) -> bool:
        """Whether this claim keeps `person` out at `now`."""
        return person != self.holder and now < self.until
