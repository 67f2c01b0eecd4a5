"""How far a repost has come, across attempts, restarts and processes.

What is brought back may take several messages, and between two of them Telegram may be busy, or the
bot be killed. None of them may be posted twice: nobody could hide the twin later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

import structlog
from telegram import Message

from bot.adapters.telegram.errors import PLATFORM, InDoubt, Refused, telegram_errors
from bot.domain.errors import FlowUnavailable, PlatformError
from bot.domain.memory import Unfinished

log = structlog.get_logger(__name__)

RESTORES = f"{PLATFORM}:restores"

ON_RECORD_AFTER_S = 120.0
"""By then the repost is on record, or was taken up again."""

_STEP_ENDS, _ON_ITS_WAY = ";", "?"


class Progress:
    """The steps of one repost that are over, each with the messages that it posted."""

    def __init__(self, unfinished: Unfinished, intent_id: str, note: str) -> None:
        self._unfinished = unfinished
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
        return ",".join(filter(None, self._over)) or None

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
        self._over.append(",".join(str(each.message_id) for each in sent))
        await self._note()
        return sent

    async def _note(self, more: str = "") -> None:
        over = "".join(f"{step}{_STEP_ENDS}" for step in self._over)
        try:
            await self._unfinished.keep(RESTORES, self._intent_id, over + more)
        except FlowUnavailable as exc:
            if more:
                raise _without_redis(exc) from exc
            # At worst the step counts as one of which nobody knows how it ended.
            log.warning("a step is not noted", intent=self._intent_id, error=str(exc))


class Reposts:
    """Keeps the progress of each repost until that must be on record."""

    def __init__(self, unfinished: Unfinished) -> None:
        self._unfinished = unfinished
        self._ended: deque[tuple[float, str]] = deque()

    async def of(self, intent_id: str) -> Progress:
        """How far a repost has come. Raises PlatformError."""
        try:
            note = (await self._unfinished.left(RESTORES)).get(intent_id, "")
        except FlowUnavailable as exc:
            raise _without_redis(exc) from exc
        return Progress(self._unfinished, intent_id, note)

    async def ended(self, intent_id: str) -> None:
        """Note that nothing of it is left to do; forgets those whose record is old by now."""
        now = monotonic()
        self._ended.append((now + ON_RECORD_AFTER_S, intent_id))
        while self._ended[0][0] < now:
            _, old = self._ended.popleft()
            try:
                await self._unfinished.drop(RESTORES, old)
            except FlowUnavailable as exc:
                log.warning("a repost counts as open that is over", intent=old, error=str(exc))


def _without_redis(exc: FlowUnavailable) -> PlatformError:
    return PlatformError(PLATFORM, f"nothing is brought back without Redis: {exc}")
