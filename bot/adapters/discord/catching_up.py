"""Reads what was posted, edited and archived while the bot was away: Discord tells nobody again.

From the mark of each channel on, up to which all was taken in before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

import discord
import structlog
from discord.utils import snowflake_time, time_snowflake

from bot.adapters.discord.client import Client
from bot.adapters.discord.errors import PLATFORM, Refused
from bot.adapters.discord.history import PAGE, Channel, History, Parent
from bot.adapters.discord.insisting import insist
from bot.adapters.discord.intake import Intake
from bot.adapters.discord.progress import SINCE, WHOLE, Progress
from bot.domain.desk import Gap
from bot.domain.errors import AmanError
from bot.domain.messages import Place
from bot.domain.ports import Clockwork

log = structlog.get_logger(__name__)

BACK_FOR = timedelta(hours=24)
MOST_A_CHANNEL = 20_000
"""How far back history is read; what is older, or more, is told as a gap. Of what was taken in
before, the last page of each channel is looked through for edits."""

CHANNELS_AT_ONCE = 4
MEMBERS_WITHIN_S = 30.0

T = TypeVar("T")

Missed = Callable[[Gap], Awaitable[None]]


class CatchingUp:
    """Reads on from the marks. missed: told of each gap."""

    def __init__(
        self,
        client: Client,
        progress: Progress,
        intake: Intake,
        now: Clockwork,
        missed: Missed,
    ) -> None:
        self._history = History(client)
        self._progress = progress
        self._now = now
        self._take = _sparing(intake.from_history)
        self._take_title = _sparing(intake.title)
        self._take_names = _sparing(intake.names)
        self._missed = missed
        self._met: dict[int, int] = {}
        self._turns = asyncio.Semaphore(CHANNELS_AT_ONCE)
        self._at_work: dict[int, asyncio.Task[None]] = {}

    def interrupted(self, guilds: Iterable[int]) -> None:
        """Events were lost, or may have been: marks of these servers stand still from here, each
        until its channel is read."""
        for guild in guilds:
            self._interrupt(guild)

    def _interrupt(self, guild: int) -> None:
        self._progress.interrupted(guild)
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
        self._progress.caught_up(guild.id)

    async def _catch_up(self, guild: discord.Guild) -> None:
        marks = await self._progress.of(guild.id)
        since = marks.get(SINCE)
        if since is None:
            since = self._met[guild.id]
            await self._progress.begin(guild.id, since)
        since = max(since, _joined(guild))
        seen = snowflake_time(max(marks.get(WHOLE, 0), since))
        recently = max(seen, self._now() - BACK_FOR)
        await self._meet(guild, recently)
        present = _channels(guild)
        await self._read_all(present, marks, since, seen)
        archived = await self._archived(guild, recently)
        await self._read_all(archived, marks, since, seen)
        async with asyncio.TaskGroup() as tasks:
            for each in (*present, *archived):
                if (mark := marks.get(str(each.id), 0)) > time_snowflake(self._now() - BACK_FOR):
                    tasks.create_task(self._read_again(each, mark, seen))

    async def _meet(self, guild: discord.Guild, since: datetime) -> None:
        """Take in the names of those who joined since."""
        for member in guild.members:
            if member.joined_at is not None and member.joined_at > since:
                await self._take_names(member)

    async def _read_all(
        self, channels: Iterable[Channel], marks: Mapping[str, int], since: int, seen: datetime
    ) -> None:
        async with asyncio.TaskGroup() as tasks:
            for each in channels:
                mark = _mark(each, marks, since)
                if _newest(each) > mark and _is_seen(each):
                    tasks.create_task(self._read(each, mark, since, seen))
                else:
                    self._progress.read_up(each.guild.id, each.id)

    async def _read(self, channel: Channel, after: int, since: int, seen: datetime) -> None:
        """Read a channel on from its mark. One that was quiet for long missed nothing while the
        bot was there, which it was until `seen`."""
        async with self._turns:
            if isinstance(channel, discord.Thread) and channel.id > since:
                await insist(lambda: self._take_title(channel))
            newest, now = _newest(channel), self._now()
            # Of a history that is closed to the bot Discord gives nothing, without a word.
            readable = now - BACK_FOR if _is_history_open(channel) else now
            there_until = max(snowflake_time(after), seen)
            if there_until < readable:
                await self._gap(channel, there_until, readable)
            await insist(lambda: self._read_from(channel, max(after, time_snowflake(readable))))
            self._progress.note(channel.guild.id, channel.id, newest)
            self._progress.read_up(channel.guild.id, channel.id)

    async def _read_from(self, channel: Channel, after: int) -> None:
        count = 0
        try:
            while page := await self._history.after(channel, after):
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

    async def _read_again(self, channel: Channel, until: int, seen: datetime) -> None:
        """Take in what was changed since `seen` of the newest messages that were taken in before:
        Discord tells of no edit later, and has no list of them."""
        async with self._turns:
            await insist(lambda: self._read_edits(channel, until, seen))

    async def _read_edits(self, channel: Channel, until: int, seen: datetime) -> None:
        try:
            page = await self._history.up_to(channel, until)
        except Refused as refused:
            log.warning("history is closed to the bot", channel=channel.id, why=refused.why)
            return
        edited = [each for each in page if each.edited_at is not None and each.edited_at > seen]
        await asyncio.gather(*(self._take(message) for message in edited))

    async def _archived(self, guild: discord.Guild, since: datetime) -> list[Channel]:
        """The threads that were archived since then: a server's channels do not show them."""
        found: list[Channel] = []
        async with asyncio.TaskGroup() as tasks:
            parents: list[Parent] = [*guild.text_channels, *guild.forums]
            for parent in parents:
                may = parent.permissions_for(guild.me)
                if may.read_messages and may.read_message_history:
                    tasks.create_task(self._look(parent, since, found))
                    if may.manage_threads and isinstance(parent, discord.TextChannel):
                        tasks.create_task(self._look(parent, since, found, private=True))
        return found

    async def _look(
        self, parent: Parent, since: datetime, found: list[Channel], *, private: bool = False
    ) -> None:
        async def look() -> None:
            try:
                threads = await self._history.archived(parent, private=private)
            except Refused as refused:
                log.warning("archive is closed to the bot", channel=parent.id, why=refused.why)
                return
            new = [each for each in threads if each.archive_timestamp > since]
            if len(new) == PAGE:
                await self._gap(parent, since, new[-1].archive_timestamp)
            found.extend(new)

        async with self._turns:
            await insist(look)

    async def _gap(self, channel: Channel | Parent, since: datetime, until: datetime) -> None:
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


def _sparing(take: Callable[[T], Awaitable[None]]) -> Callable[[T], Awaitable[None]]:
    """Takes in what can be taken in: one thing that breaks must not stop all that follows."""

    async def taken(what: T) -> None:
        try:
            await take(what)
        except AmanError:  # ours: it can be done later
            raise
        except Exception:
            log.exception("part of the history set aside")

    return taken


def _channels(guild: discord.Guild) -> list[Channel]:
    return [*guild.text_channels, *guild.voice_channels, *guild.stage_channels, *guild.threads]


def _joined(guild: discord.Guild) -> int:
    """Since when the bot is in the server, as a mark: it may have been put out and invited again,
    and what was said between was not said before it."""
    at = guild.me.joined_at
    return time_snowflake(at) if at is not None else 0


def _is_seen(channel: Channel) -> bool:
    """Whether the bot is told what is said in a channel. Of others nothing is its to read, and
    Discord bans the address of a bot that keeps asking."""
    may = _may(channel)
    voice = isinstance(channel, discord.VoiceChannel | discord.StageChannel)
    return may.view_channel and (may.connect or not voice)


def _is_history_open(channel: Channel) -> bool:
    return _may(channel).read_message_history


def _may(channel: Channel) -> discord.Permissions:
    """What the bot may do in a channel; for a thread whose channel is not known, all."""
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return discord.Permissions.all()
    return channel.permissions_for(channel.guild.me)


def _newest(channel: Channel) -> int:
    return channel.last_message_id or 0


def _mark(channel: Channel, marks: Mapping[str, int], since: int) -> int:
    return max(marks.get(str(channel.id), 0), since)
