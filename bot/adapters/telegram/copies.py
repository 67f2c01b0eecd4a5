"""Which files were copied for a hide that may not be on record, across restarts and processes.

Telegram lets no bot look for its own messages: what a killed bot had copied is known by this alone.
"""

from __future__ import annotations

import structlog

from bot.adapters.telegram.kept import Kept
from bot.adapters.telegram.notes import Notes
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Facts

log = structlog.get_logger(__name__)

COPIES = "copies"


class Copies:
    """Keeps where copies stand until the hide's own record says so."""

    def __init__(self, facts: Facts) -> None:
        self._notes = Notes(facts, COPIES)

    async def of(self, intent_id: str) -> Kept | None:
        """Where the copies stand that an earlier attempt made; None where none is known of."""
        try:
            kept = await self._notes.of(intent_id)
        except FlowUnavailable as exc:  # at worst they are made a second time
            log.warning("it is not known what was copied", intent=intent_id, error=str(exc))
            return None
        return None if kept is None else Kept.read(kept)

    async def made(self, intent_id: str, kept: Kept) -> None:
        """Note where copies stand, before what they are of is hidden."""
        try:
            await self._notes.keep(intent_id, str(kept))
        except FlowUnavailable as exc:  # as above
            log.warning("what was copied is not noted", intent=intent_id, error=str(exc))

    async def ended(self, intent_id: str) -> None:
        """Note that the hide is over."""
        await self._notes.over(intent_id)
