"""How far a repost has come, across attempts, restarts and processes.

What is brought back may take several messages, and between two of them Telegram may be busy, or the
bot be killed. None of them may be posted twice: nobody could hide the twin later.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog
from telegram import Message

from bot.adapters.telegram.errors import PLATFORM, InDoubt, Refused, telegram_errors
from bot.adapters.telegram.notes import Notes
from bot.domain.errors import FlowUnavailable, PlatformError
from bot.domain.memory import Facts

log = structlog.get_logger(__name__)

RESTORES = "restores"

_BETWEEN, _STEP_ENDS, _ON_ITS_WAY = ",", ";", "?"


class Progress:
    """The steps of one repost that are over, each with the messages that it posted."""

    def __init__(self, notes: Notes, intent_id: str, note: str) -> None:
        self._notes = notes
        self._intent_id = intent_id
        self.in_doubt = note.endswith(_ON_ITS_WAY)
        """Whether a step was begun, and nobody saw how it ended."""
        self._over = note.removesuffix(_ON_ITS_WAY).split(_STEP_ENDS)[:-1]

    @property
    def steps(self) -> int:
        """How many are over."""
        return len(self._over)

    @property
    def ref(self) -> str | None:
        """The ids of what stands, by commas; None for nothing."""
        return _BETWEEN.join(filter(None, self._over)) or None

    @property
    def lost(self) -> int:
        """How many steps found a file lost."""
        return sum(not step for step in self._over)

    def files(self, behind: int) -> int:
        """How many files are done with by the steps behind so many: a message each, or a step that
        found one lost."""
        return sum(len(step.split(_BETWEEN)) for step in self._over[behind:])

    async def post(self, call: Callable[[], Awaitable[Sequence[Message]]]) -> Sequence[Message]:
        """Take a step. Raises PlatformError, Refused, and InDoubt where it may have got through."""
        await self._note(_ON_ITS_WAY)
        try:
            with telegram_errors():
                sent = await call()
        except InDoubt:
            raise
        except (PlatformError, Refused):
            await self._note()
            raise
        self._over.append(_BETWEEN.join(str(each.message_id) for each in sent))
        await self._note()
        return sent

    async def lose(self) -> None:
        """Note that a file is lost: a step that posted nothing."""
        self._over.append("")
        await self._note()

    async def _note(self, more: str = "") -> None:
        over = "".join(f"{step}{_STEP_ENDS}" for step in self._over)
        try:
            await self._notes.keep(self._intent_id, over + more)
        except FlowUnavailable as exc:
            if more:
                raise _without_redis(exc) from exc
            # At worst the step counts as one of which nobody knows how it ended.
            log.warning("a step is not noted", intent=self._intent_id, error=str(exc))


class Reposts:
    """Keeps the progress of each repost until that must be on record."""

    def __init__(self, facts: Facts) -> None:
        self._notes = Notes(facts, RESTORES)

    async def of(self, intent_id: str) -> Progress:
        """How far a repost has come. Raises PlatformError."""
        try:
            note = await self._notes.of(intent_id)
        except FlowUnavailable as exc:
            raise _without_redis(exc) from exc
        return Progress(self._notes, intent_id, note or "")

    async def ended(self, intent_id: str) -> None:
        """Note that nothing of it is left to do."""
        await self._notes.over(intent_id)


def _without_redis(exc: FlowUnavailable) -> PlatformError:
    return PlatformError(PLATFORM, f"nothing is brought back without Redis: {exc}")
