"""Notes on what is being done for an intent, kept until its outcome must be on record.

Killed or cut off between an act and its record, a bot knows by these alone how far it came.
"""

from __future__ import annotations

from collections import deque
from time import monotonic

import structlog

from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Unfinished

log = structlog.get_logger(__name__)

ON_RECORD_AFTER_S = 120.0
"""By then the outcome is on record, or the intent was taken up again."""


class Notes:
    """The notes of one kind, one an intent, across restarts and processes."""

    def __init__(self, unfinished: Unfinished, kind: str) -> None:
        self._unfinished = unfinished
        self._kind = kind
        self._over: deque[tuple[float, str]] = deque()

    async def of(self, intent_id: str) -> str | None:
        """What is noted of an intent; None where nothing is. Raises FlowUnavailable."""
        return (await self._unfinished.left(self._kind)).get(intent_id)

    async def keep(self, intent_id: str, note: str) -> None:
        """Note how far an intent has come. Raises FlowUnavailable: it may be noted or not."""
        await self._unfinished.keep(self._kind, intent_id, note)

    async def over(self, intent_id: str) -> None:
        """An intent's work is over: its note is forgotten once that must be on record."""
        now = monotonic()
        self._over.append((now + ON_RECORD_AFTER_S, intent_id))
        while self._over[0][0] < now:
            await self.forget(self._over.popleft()[1])

    async def forget(self, intent_id: str) -> None:
        """Keep no note of an intent; where Redis is away it stays, which is said."""
        try:
            await self._unfinished.drop(self._kind, intent_id)
        except FlowUnavailable as exc:
            log.warning(
                "a note is kept of what is over",
                kind=self._kind,
                intent=intent_id,
                error=str(exc),
            )
