"""How far each channel is taken in, kept on record as marks.

A mark never runs ahead of what was taken in, so that after a crash some messages are read twice,
which intake sees, and none is left out. While a channel's history is still being read, its mark
stands still.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic

import structlog
from discord.utils import time_snowflake

from bot.adapters.discord.errors import PLATFORM
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Marks
from bot.domain.messages import Place
from bot.domain.ports import Clockwork

log = structlog.get_logger(__name__)

NOTE_EVERY_S = 1.0
THERE_EVERY_S = 600.0
UNSURE_FOR = timedelta(minutes=5)
"""A connection that broke may pass for a living one for so long."""

SINCE = ""
"""The mark that stands for when the bot first saw the server: what was said before is not its."""
WHOLE = "whole"
"""The mark up to which nothing was missed in all the server, edits and archived threads included; a
channel's own may be ahead of it."""


class Progress:
    """Keeps the marks of all servers."""

    def __init__(self, marks: Marks, now: Clockwork) -> None:
        self._marks = marks
        self._now = now
        self._newest: dict[int, dict[str, int]] = defaultdict(dict)
        self._caught_up: set[int] = set()
        self._read_up: dict[int, set[str]] = defaultdict(set)
        self._there_at = 0.0

    async def of(self, guild: int) -> Mapping[str, int]:
        """What is on record of a server. Raises FlowUnavailable."""
        return await self._marks.of(_place(guild))

    async def begin(self, guild: int, at: int) -> None:
        """Put on record since when the bot sees a server. Raises FlowUnavailable."""
        await self._marks.note(_place(guild), {SINCE: at})

    def interrupted(self, guild: int) -> None:
        """Events were lost, or may have been: the server's marks stand still from here, each until
        its channel is read."""
        self._caught_up.discard(guild)
        self._read_up.pop(guild, None)

    def read_up(self, guild: int, channel: int) -> None:
        """Nothing is missing of a channel any more."""
        self._read_up[guild].add(str(channel))

    def caught_up(self, guild: int) -> None:
        """Nothing is missing of a server any more."""
        self._caught_up.add(guild)

    def note(self, guild: int, channel: int, message: int) -> None:
        """A message was taken in, as were all before it in its channel that events told of."""
        newest = self._newest[guild]
        newest[str(channel)] = max(message, newest.get(str(channel), 0))

    async def keep(self) -> None:
        """Put marks on record for as long as the bot lives."""
        while True:
            await asyncio.sleep(NOTE_EVERY_S)
            try:
                await self._flush()
                await self._say_there()
            except FlowUnavailable as exc:
                log.warning("marks wait", error=str(exc))

    async def _flush(self) -> None:
        for guild in list(self._newest):
            newest = self._settled(guild)
            try:
                await self._marks.note(_place(guild), newest)
            except FlowUnavailable:
                newest.pop(WHOLE, None)
                for channel, message in newest.items():
                    self.note(guild, int(channel), message)
                raise

    async def _say_there(self) -> None:
        """Note now and then up to when the bot was there: where nobody wrote, no message tells."""
        if monotonic() < self._there_at:
            return
        self._there_at = monotonic() + THERE_EVERY_S
        until = time_snowflake(self._now() - UNSURE_FOR)
        for guild in list(self._caught_up):
            await self._marks.note(_place(guild), {WHOLE: until})

    def _settled(self, guild: int) -> dict[str, int]:
        """Marks that may move on: they are noted no longer here."""
        newest = self._newest.pop(guild)
        if guild in self._caught_up:
            return {**newest, WHOLE: max(newest.values())}
        read = self._read_up[guild] & newest.keys()
        if waiting := {each: newest[each] for each in newest.keys() - read}:
            self._newest[guild] = waiting
        return {each: newest[each] for each in read}


def _place(guild: int) -> Place:
    return Place(PLATFORM, str(guild))
