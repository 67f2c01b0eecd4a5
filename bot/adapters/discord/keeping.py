"""Puts a message's files aside before it is hidden: their addresses die with it."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Sequence
from dataclasses import dataclass
from io import BytesIO

import aiohttp
import discord
import structlog
from discord import File

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import PLATFORM, Refused
from bot.adapters.discord.words import Words
from bot.adapters.discord.writing import plain
from bot.domain import messages as core
from bot.domain.errors import PlatformError
from bot.domain.messages import Attachment, Place
from bot.domain.ports import Order, Store

log = structlog.get_logger(__name__)

MOST_BYTES = 10 * 1024 * 1024
"""Of each file: what anybody may upload, in a server of any boost tier ("Uploading Files")."""

MOST_TOGETHER = 25 * 1024 * 1024
"""Of a message's files: they are held in memory, and the hide waits for them."""

MOST_FILES = 10
FETCH_S = 10.0
PATIENT_FOR = 3
"""After so many tries a message is hidden without its files: what it does to people counts more."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file's content."""

    name: str
    content: bytes

    def upload(self, *, covered: bool) -> File:
        """The file, to be sent again."""
        return File(BytesIO(self.content), self.name, spoiler=covered)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was put aside. ref: where, None where nothing was; lost: a sentence about what could
    not be, which names no file: it goes on record, and names are the author's words."""

    ref: str | None = None
    lost: str = ""


class Keeper:
    """Keeps files in the community's review channel, covered: there they also show reviewers what
    the case is about. A reference is "channel:message"."""

    def __init__(self, client: Client, store: Store, words: Words) -> None:
        self._client = client
        self._store = store
        self._words = words
        self._kept: dict[str, Kept] = {}

    async def keep(self, order: Order) -> Kept:
        """Put the files aside. Raises PlatformError: to be tried again."""
        message = order.message
        if message is None or not message.attachments or order.kept is not None:
            return Kept(order.kept)
        intent = order.intent.id
        if intent not in self._kept:
            try:
                self._kept[intent] = await self._put_aside(order, message)
            except (PlatformError, Refused) as exc:
                log.warning("files not kept", message=message.key, error=str(exc))
                if isinstance(exc, PlatformError) and order.attempt < PATIENT_FOR:
                    raise
                return Kept(lost=self._lost("discord.not_kept", message.attachments, ()))
        return self._kept[intent]

    def forget(self, intent: str) -> None:
        """The hide is done: its outcome bears the reference."""
        self._kept.pop(intent, None)

    async def files(self, kept: str) -> list[Fetched]:
        """What was put aside; nothing where it is gone. Raises PlatformError."""
        channel, _, message = kept.partition(":")
        try:
            call = self._client.http.get_message(int(channel), int(message))
            found = await self._client.read(call)
        except Refused as refused:
            log.warning("kept files are gone", ref=kept, why=refused.why)
            return []
        files = [
            Attachment("upload", each["url"], each["filename"].removeprefix("SPOILER_"))
            for each in found["attachments"]
        ]
        return list((await self._fetched(files)).values())

    async def _put_aside(self, order: Order, message: core.Message) -> Kept:
        place = await self._where(order.intent.community_id)
        if place is None:
            log.warning("no review channel on Discord to keep files in", message=message.key)
            return Kept(lost=self._lost("discord.nowhere_to_keep", message.attachments, ()))
        files = await self._fetched(message.attachments)
        lost = self._lost("discord.not_kept", message.attachments, files)
        if not files:
            return Kept(lost=lost)
        channel = int(place.channel)
        said = self._words.say(
            "discord.kept",
            number=str(order.case_number),
            who=plain(message.author.person.name or message.author.person.id),
        )
        if lost:
            said += f"\n{lost}"
        target = self._client.gateway.get_partial_messageable(channel, guild_id=int(place.group))
        uploads = [each.upload(covered=True) for each in files.values()]
        sent: discord.Message = await self._client.act(
            channel, Spend.DEED, lambda: target.send(said, files=uploads, silent=True)
        )
        return Kept(f"{channel}:{sent.id}", lost)

    async def _where(self, community_id: str) -> Place | None:
        async with self._store.reading() as tx:
            community = await tx.communities.get(community_id)
        own = [each for each in community.review_channels if each.platform == PLATFORM]
        return own[0] if own else None

    def _lost(self, key: str, files: Sequence[Attachment], kept: Container[int]) -> str:
        """A sentence about the files that are not among those kept; nothing where all are."""
        lost = [
            self._words.say(
                "discord.file", number=str(number), count=str(len(files)), size=_size(file)
            )
            for number, file in enumerate(files, start=1)
            if number not in kept
        ]
        return self._words.say(key, files=", ".join(lost)) if lost else ""

    async def _fetched(self, files: Sequence[Attachment]) -> dict[int, Fetched]:
        """The files that can be had, by their number from 1; as many as one message takes."""
        wanted = _within_limits(files)
        found = await asyncio.gather(*(self._fetch(files[number - 1]) for number in wanted))
        return {
            number: each
            for number, each in zip(wanted, found, strict=True)
            if each is not None and len(each.content) <= MOST_BYTES
        }

    async def _fetch(self, file: Attachment) -> Fetched | None:
        try:
            async with asyncio.timeout(FETCH_S):
                content = await self._client.http.get_from_cdn(file.ref)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as exc:
            log.info("file not fetched", error=type(exc).__name__)
            return None
        return Fetched(file.name or "file", content)


def _within_limits(files: Sequence[Attachment]) -> list[int]:
    """The numbers, from 1, of the files that are small enough, the first ones of too many."""
    wanted: list[int] = []
    room = MOST_TOGETHER
    for number, file in enumerate(files, start=1):
        size = file.size or 0
        if size <= min(MOST_BYTES, room) and len(wanted) < MOST_FILES:
            wanted.append(number)
            room -= size
    return wanted


def _size(file: Attachment) -> str:
    return f"{file.size / 1024 / 1024:.1f} MB" if file.size is not None else "?"
