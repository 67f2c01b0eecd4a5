"""What Discord tells of once, while no more can be taken in.

Messages are read from the history; edits, names and titles it does not tell apart from what was
seen before. So they are remembered by their ids alone, and looked at as they stand once there is
room again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple

import discord
import structlog

from bot.adapters.discord.client import Client
from bot.adapters.discord.errors import PLATFORM, Refused
from bot.adapters.discord.history import History
from bot.adapters.discord.intake import Intake
from bot.adapters.discord.translate import title_in
from bot.domain import messages as core
from bot.domain.desk import Gap
from bot.domain.errors import AmanError
from bot.domain.messages import Place
from bot.domain.ports import Clockwork

log = structlog.get_logger(__name__)

MOST_LEFT = 50_000
"""Things that may be left; what is more than that is told as a gap."""


class What(Enum):
    """What changed."""

    MESSAGE = auto()
    TITLE = auto()
    NAMES = auto()


class Left(NamedTuple):
    """Something that was not taken in. of: the message's, thread's or member's id; channel: the
    message's."""

    what: What
    guild: int
    of: int
    channel: int = 0


class Later:
    """Remembers them, each once. missed: told of each gap."""

    def __init__(
        self,
        client: Client,
        intake: Intake,
        now: Clockwork,
        missed: Callable[[Gap], Awaitable[None]],
    ) -> None:
        self._client = client
        self._history = History(client)
        self._intake = intake
        self._now = now
        self._missed = missed
        self._left: dict[Left, None] = {}
        self._lost: dict[int, datetime] = {}

    def __bool__(self) -> bool:
        return bool(self._left or self._lost)

    def leave(self, left: Left) -> None:
        """Look at this once there is room."""
        if len(self._left) < MOST_LEFT or left in self._left:
            self._left[left] = None
        else:
            self._lost.setdefault(left.guild, self._now())

    async def look(self) -> None:
        """Take in all that was left, as it stands now. Called again, it goes on where it was
        stopped. Raises FlowUnavailable, StorageUnavailable, PlatformError."""
        while self._left:
            left = next(iter(self._left))
            del self._left[left]
            try:
                await self._taken(left)
            except Refused as refused:
                log.info("left, and gone since", kind=left.what.name, why=refused.why)
            except AmanError:
                self._left[left] = None
                raise
            except Exception:  # one thing that breaks must not stop all that follow
                log.exception("left, and set aside")
        for guild, since in list(self._lost.items()):
            await self._missed(Gap(Place(PLATFORM, str(guild)), since, self._now()))
            del self._lost[guild]

    async def _taken(self, left: Left) -> None:
        guild = self._client.gateway.get_guild(left.guild)
        if guild is None:
            return
        match left.what:
            case What.MESSAGE:
                await self._intake.edited(await self._message(left))
            case What.TITLE:
                if (said := await self._title(left.of)) is not None:
                    await self._intake.called(said)
            case What.NAMES:
                if (member := guild.get_member(left.of)) is not None:
                    await self._intake.names(member)

    async def _message(self, left: Left) -> discord.Message:
        return await self._history.one(await self._client.channel(left.channel), left.of)

    async def _title(self, thread: int) -> core.Message | None:
        found = await self._client.channel(thread)
        if not isinstance(found, discord.Thread):
            return None
        return title_in(found, self._now(), by=None)
