"""Which updates were done: Telegram repeats those of which it did not hear that they were taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from weakref import WeakValueDictionary

import structlog

from bot.adapters.telegram.errors import PLATFORM
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Facts
from bot.domain.messages import Place

log = structlog.get_logger(__name__)

REPEATED_FOR = timedelta(hours=25)
"""Telegram keeps an update for a day. Numbers that it begins anew, as it may after a week without
any, meet none that is remembered."""


class Done:
    """Remembers what was done and answered, across restarts and processes, by the update that asked
    for it. What has a key of its own, as messages have, needs no such note.

    An update goes by "bot:number": each bot's are numbered for themselves. Where Redis is away
    nothing waits and nothing is lost: it may be done twice.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def once(self, update_id: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do what an update asks for, unless it is done. Raises what the work does, and then it
        counts as not done."""
        async with self._turns.setdefault(update_id, asyncio.Lock()):
            if await self.has(update_id):
                return
            await work()
            try:
                await self.note(update_id)
            except FlowUnavailable as exc:
                log.warning("update not noted as done", update=update_id, error=str(exc))

    async def has(self, update_id: str) -> bool:
        """Whether an update is known to be done."""
        try:
            done = await self._facts.of(_key(update_id)) is not None
        except FlowUnavailable as exc:
            log.warning("update may be done already", update=update_id, error=str(exc))
            return False
        if done:
            log.info("a repeated update is passed over", update=update_id)
        return done

    async def note(self, update_id: str) -> None:
        """Remember that an update is done. Raises FlowUnavailable."""
        await self._facts.keep(_key(update_id), b"", REPEATED_FOR)


def _key(update_id: str) -> Place:
    return Place(PLATFORM, f"update.{update_id}")
