"""Notes on what is being done for an intent, kept until its outcome must be on record.

Killed or cut off between an act and its record, a bot knows by these alone how far it came.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.adapters.telegram.errors import PLATFORM
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Facts
from bot.domain.messages import Place

log = structlog.get_logger(__name__)

OPEN_FOR = timedelta(hours=25)
"""An intent is tried for a day; after that nobody asks for its note."""

ON_RECORD_AFTER = timedelta(seconds=120)
"""By then the outcome is on record, or the intent was taken up again."""


class Notes:
    """The notes of one kind, one an intent, across restarts and processes."""

    def __init__(self, facts: Facts, kind: str) -> None:
        self._facts = facts
        self._kind = kind

    async def of(self, intent_id: str) -> str | None:
        """What is noted of an intent; None where nothing is. Raises FlowUnavailable."""
        told = await self._facts.of(self._key(intent_id))
        return None if told is None else told.decode()

    async def keep(self, intent_id: str, note: str) -> None:
        """Note how far an intent has come. Raises FlowUnavailable: it may be noted or not."""
        await self._facts.keep(self._key(intent_id), note.encode(), OPEN_FOR)

    async def over(self, intent_id: str) -> None:
        """An intent's work is over: its note goes once that must be on record. Where Redis is away
        it stays as long as that of an open one."""
        try:
            note = await self.of(intent_id)
            if note is not None:
                await self._facts.keep(self._key(intent_id), note.encode(), ON_RECORD_AFTER)
        except FlowUnavailable as exc:
            log.warning("a note stays of what is over", intent=intent_id, error=str(exc))

    async def forget(self, intent_id: str) -> None:
        """Keep no note of an intent; where Redis is away it stays for its time."""
        try:
            await self._facts.forget(self._key(intent_id))
        except FlowUnavailable as exc:
            log.warning("a note stays of what is over", intent=intent_id, error=str(exc))

    def _key(self, intent_id: str) -> Place:
        return Place(PLATFORM, f"{self._kind}.{intent_id}")
