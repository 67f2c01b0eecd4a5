"""What every way of telling people something needs: lines that go again, people not reached."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from bot.adapters.pausing import Pause
from bot.domain.errors import AmanError, PlatformError

log = structlog.get_logger(__name__)

FADES_AFTER_S = 60.0
MOST_TRIES = 10
"""To remove a line, over some minutes; by then the platform is away for long."""

UNREACHABLE_FOR_S = 300.0
MOST_UNREACHABLE = 10_000


class Fading:
    """Lines in a chat or channel that go after FADES_AFTER_S.

    remove: takes a message away, by chat and id; raises AmanError.
    """

    def __init__(self, remove: Callable[[int, int], Awaitable[None]]) -> None:
        self._remove = remove
        self._fading: dict[asyncio.Task[None], tuple[int, int]] = {}

    def add(self, chat: int, message: int) -> None:
        """Let a line go later."""
        fading = asyncio.create_task(self._fade(chat, message), name="fading notice")
        self._fading[fading] = chat, message
        fading.add_done_callback(lambda task: self._fading.pop(task, None))

    async def close(self) -> None:
        """Let all go at once; after a kill they stand, unless somebody knows of them."""
        left = dict(self._fading)
        for fading in left:
            fading.cancel()
        await asyncio.gather(*(self._go(*each) for each in left.values()))

    async def _fade(self, chat: int, message: int) -> None:
        await asyncio.sleep(FADES_AFTER_S)
        pause = Pause()
        for _ in range(MOST_TRIES):
            if await self._go(chat, message):
                return
            await pause.wait()

    async def _go(self, chat: int, message: int) -> bool:
        """Remove a line; False where another try may help."""
        try:
            await self._remove(chat, message)
        except AmanError as exc:
            log.info("notice not removed", chat=chat, error=str(exc))
            return not isinstance(exc, PlatformError)
        return True


class Unreachable:
    """People who take no private message from the bot: not tried again for UNREACHABLE_FOR_S."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def __contains__(self, person_id: str) -> bool:
        return monotonic() < self._until.get(person_id, 0.0)

    def add(self, person_id: str) -> None:
        """Somebody could not be reached just now."""
        if len(self._until) >= MOST_UNREACHABLE:
            self._until.clear()
        self._until[person_id] = monotonic() + UNREACHABLE_FOR_S
