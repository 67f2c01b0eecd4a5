"""Puts a message's files aside before it is hidden: their addresses die with it."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import BytesIO

import discord
import structlog
from discord import File
from discord.utils import time_snowflake

from bot.adapters.case_files import MOST_BYTES, CaseFiles, Fetch, named, within_limits
from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import PLATFORM, Refused
from bot.adapters.discord.fetching import FETCH_S, Fetcher
from bot.adapters.discord.words import Words
from bot.adapters.discord.writing import plain
from bot.domain import messages as core
from bot.domain.errors import PlatformError
from bot.domain.files import WITH_CASE, KeptFile
from bot.domain.messages import Attachment, Place
from bot.domain.ports import Order
from bot.domain.repositories import Store

log = structlog.get_logger(__name__)

LOOKED_THROUGH = 100
CLOCKS_APART = timedelta(minutes=1)
"""What Discord's clock may be behind ours: a message's age stands in its id."""

_COVERED = "SPOILER_"
"""Begins the names of files under a spoiler."""

PATIENT_FOR = 3
"""After so many tries the review channel is given up: what a message does to people counts more."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was put aside. ref: where, None where nothing was; lost: a sentence about what could
    not be, which names no file: it goes on record, and names are the author's words."""

    ref: str | None = None
    lost: str = ""


class Keeper:
    """Keeps files in the community's review channel, covered: there they also show reviewers what
    the case is about. A reference is "channel:message". Where there is no such channel on Discord,
    or it takes them not, they are kept with the case."""

    def __init__(self, client: Client, files: CaseFiles, store: Store, words: Words) -> None:
        self._client = client
        self._fetcher = Fetcher(client)
        self._files = files
        self._store = store
        self._words = words
        self._kept: dict[str, Kept] = {}

    async def keep(self, order: Order) -> Kept:
        """Put the files aside. Raises PlatformError, StorageUnavailable: to be tried again."""
        message = order.message
        if message is None or not message.attachments or order.kept is not None:
            return Kept(order.kept)
        intent = order.intent.id
        if intent not in self._kept:
            self._kept[intent] = await self._put_aside(order, message)
        return self._kept[intent]

    def forget(self, intent: str) -> Kept:
        """The hide is over, and its outcome bears the reference: what was put aside for it."""
        return self._kept.pop(intent, Kept())

    async def files(self, order: Order) -> Sequence[KeptFile]:
        """What was put aside; nothing where that is gone. Raises PlatformError,
        StorageUnavailable."""
        if order.kept is None:
            return ()
        if order.kept == WITH_CASE:
            return await self._files.of(order)
        channel, _, message = order.kept.partition(":")
        try:
            call = self._client.http.get_message(int(channel), int(message))
            found = await self._client.read(call)
        except Refused as refused:
            log.warning("kept files are gone", ref=order.kept, why=refused.why)
            return ()
        files = [
            Attachment("upload", each["url"], _posted_as(each["filename"], order.message))
            for each in found["attachments"]
        ]
        return list((await self._fetched(files, self._fetcher.fetch)).values())

    async def _put_aside(self, order: Order, message: core.Message) -> Kept:
        place = await self._where(order.intent.community_id)
        if place is not None:
            try:
                return await self._in_channel(order, message, place)
            except (PlatformError, Refused) as exc:
                log.warning("files not copied", message=message.key, error=str(exc))
                if isinstance(exc, PlatformError) and order.attempt < PATIENT_FOR:
                    raise
        return await self._with_case(order, message)

    async def _with_case(self, order: Order, message: core.Message) -> Kept:
        files, fetch = message.attachments, partial(self._fetcher.fetch_of, message)
        stored = await self._files.keep(order, files, within_limits(files), fetch, FETCH_S)
        lost = self._lost(files, stored.numbers)
        if stored.full:
            lost = f"{lost} {self._words.say('card.no_room')}"
        return Kept(WITH_CASE if stored.numbers else None, lost)

    async def _in_channel(self, order: Order, message: core.Message, place: Place) -> Kept:
        said = self._words.say(
            "discord.kept",
            number=str(order.case_number),
            who=plain(message.author.person.name or message.author.person.id),
        )
        if order.attempt > 1 and (made := await self._made_before(order, place, said)):
            return made
        files = await self._fetched(message.attachments, partial(self._fetcher.fetch_of, message))
        lost = self._lost(message.attachments, files)
        if not files:
            return Kept(lost=lost)
        channel = int(place.channel)
        target = self._client.gateway.get_partial_messageable(channel, guild_id=int(place.group))
        whole = f"{said}\n{lost}".rstrip()
        sent: discord.Message = await self._client.act(
            channel,
            Spend.DEED,
            lambda: target.send(whole, files=uploads(files.values(), covered=True), silent=True),
        )
        return Kept(f"{channel}:{sent.id}", lost)

    async def _made_before(self, order: Order, place: Place, said: str) -> Kept | None:
        """The copy of an attempt that was cut off before its record: it came soon after the hide
        was asked for. What it is of may be gone by now, and with it the files."""
        since = time_snowflake(order.intent.created_at - CLOCKS_APART)
        found = await self._client.read(
            self._client.http.logs_from(int(place.channel), LOOKED_THROUGH, after=since)
        )
        for each in found:
            first, _, lost = each["content"].partition("\n")
            own = each["author"]["id"] == str(self._client.me.id)
            if own and first == said and each["attachments"]:
                return Kept(f"{place.channel}:{each['id']}", lost)
        return None

    async def _where(self, community_id: str) -> Place | None:
        """A review channel; none of those that are bound by their id alone and were never seen."""
        async with self._store.reading() as tx:
            channels = (await tx.communities.get(community_id)).review_channels
        own = (each for each in channels if each.platform == PLATFORM and each.channel)
        return next(own, None)

    def _lost(self, files: Sequence[Attachment], kept: Container[int]) -> str:
        """A sentence about the files that are not among those kept; nothing where all are."""
        lost = named(files, kept, self._words.say)
        return self._words.say("discord.not_kept", files=lost) if lost else ""

    async def _fetched(self, files: Sequence[Attachment], fetch: Fetch) -> dict[int, KeptFile]:
        """The files that can be had, by their number; as many as one message takes."""
        found = await asyncio.gather(*(fetch(n, files[n]) for n in within_limits(files)))
        return {
            each.number: each
            for each in found
            if each is not None and len(each.content) <= MOST_BYTES
        }


def uploads(files: Iterable[KeptFile], *, covered: bool) -> list[File]:
    """Files to be sent, once. covered: all of them, not only those that their author covered."""
    cover = _COVERED if covered else ""
    return [File(BytesIO(each.content), f"{cover}{each.name}") for each in files]


def _posted_as(name: str, message: core.Message | None) -> str:
    """The name under which its author posted a file that was copied covered."""
    names = {each.name for each in message.attachments} if message is not None else set()
    return name if name in names else name.removeprefix(_COVERED)
