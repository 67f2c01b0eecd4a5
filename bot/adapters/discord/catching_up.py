"""Reads what was posted while the bot was away: Discord tells nobody again.

For each channel it is on record up to which message all were taken in. A mark never runs ahead of
what was taken in, so that after a crash some messages are read twice, which intake sees, and none
is left out. While a server's history is still being read, its marks stand still.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta

import discord
import structlog
from discord.utils import snowflake_time, time_snowflake

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import PLATFORM, Refused
from bot.adapters.discord.insisting import insist
from bot.adapters.spending import UNHURRIED_S
from bot.domain.desk import Gap
from bot.domain.errors import FlowUnavailable
from bot.domain.memory import Marks
from bot.domain.messages import Place
from bot.domain.ports import Clockwork

log = structlog.get_logger(__name__)

BACK_FOR = timedelta(hours=24)
MOST_A_CHANNEL = 20_000
"""How far back history is read; what is older, or more, is told as a gap."""

PAGE = 100
CHANNELS_AT_ONCE = 4
NOTE_EVERY_S = 1.0
MEMBERS_WITHIN_S = 30.0
_SINCE = ""
"""The mark that stands for when the bot first saw the server: what was said before is not its."""

Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
Take = Callable[[discord.Message], Awaitable[None]]
TakeTitle = Callable[[discord.Thread], Awaitable[None]]
Missed = Callable[[Gap], Awaitable[None]]


class CatchingUp:
    """Keeps the marks, and reads on from them.

    take, take_title: take in one message, one thread's title. missed: told of each gap.
    """

    def __init__(
        self,
        client: Client,
        marks: Marks,
        now: Clockwork,
        *,
        take: Take,
        take_title: TakeTitle,
        missed: Missed,
    ) -> None:
        self._client = client
        self._marks = marks
        self._now = now
        self._take = take
        self._take_title = take_title
        self._missed = missed
        self._newest: dict[int, dict[str, int]] = defaultdict(dict)
        self._caught_up: set[int] = set()
        self._met: dict[int, int] = {}
        self._turns = asyncio.Semaphore(CHANNELS_AT_ONCE)
        self._at_work: dict[int, asyncio.Task[None]] = {}

    # ------------------------------------------------------------ marks

    def note(self, guild: int, channel: int, message: int) -> None:
        """A message was taken in, as were all before it in its channel that events told of."""
        newest = self._newest[guild]
        newest[str(channel)] = max(message, newest.get(str(channel), 0))

    async def keep_marks(self) -> None:
        """Put marks on record for as long as the bot lives."""
        while True:
            await asyncio.sleep(NOTE_EVERY_S)
            try:
                await self._flush()
            except FlowUnavailable as exc:
                log.warning("marks wait", error=str(exc))

    async def _flush(self) -> None:
        for guild in [each for each in self._newest if each in self._caught_up]:
            newest = self._newest.pop(guild)
            try:
                await self._marks.note(_place(guild), newest)
            except FlowUnavailable:
                for channel, message in newest.items():
                    self.note(guild, int(channel), message)
                raise

    # ------------------------------------------------------------ reading

    def interrupted(self, guilds: Iterable[int]) -> None:
        """Events were lost, or may have been: marks of these servers stand still from here."""
        for guild in guilds:
            self._interrupt(guild)

    def _interrupt(self, guild: int) -> None:
        self._caught_up.discard(guild)
        if (earlier := self._at_work.pop(guild, None)) is not None:
            earlier.cancel()

    def begin(self, guild: discord.Guild) -> None:
        """Read what was missed in a server, beside all else."""
        self._met.setdefault(guild.id, time_snowflake(self._now()))
        self._interrupt(guild.id)
        task = asyncio.create_task(self._until_done(guild), name=f"catching up {guild.id}")
        self._at_work[guild.id] = task
        task.add_done_callback(
            lambda ended: (
                self._at_work.pop(guild.id) if self._at_work.get(guild.id) is ended else None
            )
        )

    def stop(self) -> None:
        """Leave it; what was not read is read at the next start."""
        for task in list(self._at_work.values()):
            task.cancel()

    async def _until_done(self, guild: discord.Guild) -> None:
        await self._know_members(guild)
        await insist(lambda: self._catch_up(guild))
        self._caught_up.add(guild.id)

    async def _catch_up(self, guild: discord.Guild) -> None:
        marks = await self._marks.of(_place(guild.id))
        since = marks.get(_SINCE)
        if since is None:
            since = self._met[guild.id]
            await self._marks.note(_place(guild.id), {_SINCE: since})
        channels = _channels(guild)
        behind = [each for each in channels if _newest(each) > _mark(each, marks, since)]
        async with asyncio.TaskGroup() as tasks:
            for each in behind:
                tasks.create_task(self._read(each, _mark(each, marks, since), since))

    async def _read(self, channel: Channel, after: int, since: int) -> None:
        async with self._turns:
            if isinstance(channel, discord.Thread) and channel.id > since:
                await insist(lambda: self._take_title(channel))
            now = self._now()
            oldest = time_snowflake(now - BACK_FOR)
            if after < oldest:
                await self._gap(channel, snowflake_time(after), now - BACK_FOR)
            await insist(lambda: self._read_from(channel, max(after, oldest)))
            self.note(channel.guild.id, channel.id, _newest(channel))

    async def _read_from(self, channel: Channel, after: int) -> None:
        count = 0
        try:
            while page := await self._page(channel, after):
                # Together: what is taken in at one time goes to Redis in one way there and back.
                await asyncio.gather(*(self._take(message) for message in page))
                after, count = page[-1].id, count + len(page)
                if count >= MOST_A_CHANNEL:
                    await self._gap(channel, snowflake_time(after), self._now())
                if len(page) < PAGE or count >= MOST_A_CHANNEL:
                    break
        except Refused as refused:
            log.warning("history is closed to the bot", channel=channel.id, why=refused.why)
            await self._gap(channel, snowflake_time(after), self._now())
        log.info("history read", channel=channel.id, messages=count)

    async def _page(self, channel: Channel, after: int) -> list[discord.Message]:
        async def read() -> list[discord.Message]:
            found = channel.history(limit=PAGE, after=discord.Object(after), oldest_first=True)
            return [message async for message in found]

        return await self._client.act(channel.id, Spend.READ, read, patience_s=UNHURRIED_S)

    async def _gap(self, channel: Channel, since: datetime, until: datetime) -> None:
        place = Place(PLATFORM, str(channel.guild.id), str(channel.id))
        await insist(lambda: self._missed(Gap(place, since, until)))

    async def _know_members(self, guild: discord.Guild) -> None:
        """History does not tell authors' roles, by which some are exempt, and of a member's new
        name events tell only who the member was before."""
        if guild.chunked:
            return
        try:
            async with asyncio.timeout(MEMBERS_WITHIN_S):
                await guild.chunk()
        except (TimeoutError, discord.ClientException) as exc:
            log.warning("members not known", guild=guild.id, error=repr(exc))


def _channels(guild: discord.Guild) -> list[Channel]:
    return [*guild.text_channels, *guild.voice_channels, *guild.stage_channels, *guild.threads]


def _newest(channel: Channel) -> int:
    return channel.last_message_id or 0


def _mark(channel: Channel, marks: Mapping[str, int], since: int) -> int:
    return max(marks.get(str(channel.id), 0), since)


def _place(guild: int) -> Place:
    return Place(PLATFORM, str(guild))
