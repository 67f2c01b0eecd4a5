"""Taking in what messages say: their first text, and each later one under a number of its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from weakref import WeakValueDictionary

from bot.domain.memory import Revisions
from bot.domain.messages import Message
from bot.domain.ports import Inbox


class Texts:
    """Puts texts into intake, those of one message one after another: an edit that is told live
    and read from the history at once would else share its number with another, and intake would
    take the second for a repetition."""

    def __init__(self, inbox: Inbox, revisions: Revisions) -> None:
        self._inbox = inbox
        self._revisions = revisions
        self._turns: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()

    async def first(self, said: Message) -> None:
        """Take in what a message said at first. Raises FlowUnavailable."""
        async with self._turn(said):
            await self._put(said)

    async def changed(self, said: Message) -> None:
        """Take in what a message says now, unless it said so already; its own revision is the least
        that it is given. Raises FlowUnavailable."""
        async with self._turn(said):
            revision = await self._revisions.next_revision(said)
            if revision is not None:
                await self._put(replace(said, revision=max(revision, said.revision)))

    async def _put(self, said: Message) -> None:
        await self._inbox.put(said)
        await self._revisions.note(said)

    def _turn(self, said: Message) -> asyncio.Lock:
        of = (said.place.platform, said.place.group, said.id)
        return self._turns.setdefault(of, asyncio.Lock())
