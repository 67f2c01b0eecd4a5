"""What is known of groups, asked of Telegram and kept for a while."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import msgspec
import structlog

from bot.adapters.telegram.client import Client
from bot.adapters.telegram.errors import PLATFORM, Refused
from bot.adapters.telegram.translate import ChatFacts
from bot.domain.errors import FlowUnavailable, PlatformError
from bot.domain.memory import Facts
from bot.domain.messages import Place
from bot.domain.ports import Clockwork

log = structlog.get_logger(__name__)

KNOWN_FOR_S = 600.0
KEPT_FOR = timedelta(days=1)
ASK_AGAIN_S = 30.0
WITHIN_S = 3.0
"""How long a group's messages, and those of all others behind them, wait for what Telegram says."""

REFRESHED_AT_ONCE = 2
"""A bot of hundreds of groups would else, some time after its start, do little but ask."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Facts, and until when nobody asks for newer ones."""

    facts: ChatFacts
    until: float


@dataclass(frozen=True, slots=True)
class _Told:
    """As they are kept over a restart."""

    facts: ChatFacts
    at: datetime


class Chats:
    """Facts of groups, refreshed every KNOWN_FOR_S and whenever an update tells of a change."""

    def __init__(self, client: Client, kept: Facts, now: Clockwork) -> None:
        self._client = client
        self._kept = kept
        self._now = now
        self._known: dict[int, _Known] = {}
        self._asking: dict[int, asyncio.Task[None]] = {}
        self._refreshing = asyncio.Semaphore(REFRESHED_AT_ONCE)

    async def facts(self, chat: int) -> ChatFacts:
        """What is known of a group. Where Telegram does not say, nobody counts as an admin:
        their messages are judged like anybody's. Raises FlowUnavailable."""
        known = self._known.get(chat) or await self._known_before(chat)
        if known is not None and monotonic() < known.until:
            return known.facts
        if chat not in self._asking:
            asking = self._ask(chat) if known is None else self._refresh(chat)
            self._asking[chat] = asyncio.create_task(asking, name=f"facts of {chat}")
            self._asking[chat].add_done_callback(partial(self._asked, chat))
        if known is not None:
            return known.facts  # as they were a moment ago: no message waits for the newer ones
        await asyncio.wait({self._asking[chat]}, timeout=WITHIN_S)
        known = self._known.get(chat)
        return known.facts if known is not None else ChatFacts()

    async def forget(self, chat: int) -> None:
        """Ask anew when next needed. Raises FlowUnavailable."""
        if (asking := self._asking.pop(chat, None)) is not None:
            asking.cancel()  # what is being told just now may be of before the change
        self._known.pop(chat, None)
        await self._kept.forget(_place(chat))

    async def _known_before(self, chat: int) -> _Known | None:
        """What was known at the bot's end, as old as it is."""
        kept = await self._kept.of(_place(chat))
        if kept is None:
            return None
        try:
            told = msgspec.json.decode(kept, type=_Told)
        except msgspec.MsgspecError:  # written by a release that knows more, or less
            return None
        age_s = max(0.0, (self._now() - told.at).total_seconds())
        known = _Known(told.facts, monotonic() + KNOWN_FOR_S - age_s)
        return self._known.setdefault(chat, known)

    def _asked(self, chat: int, asking: asyncio.Task[None]) -> None:
        if self._asking.get(chat) is asking:
            del self._asking[chat]

    async def _refresh(self, chat: int) -> None:
        async with self._refreshing:
            await self._ask(chat)

    async def _ask(self, chat: int) -> None:
        if (told := await self._told(chat)) is not None:
            self._known[chat] = _Known(told.facts, monotonic() + KNOWN_FOR_S)
            await self._keep(chat, told)
            return
        earlier = self._known.get(chat)
        facts = earlier.facts if earlier is not None else ChatFacts()
        self._known[chat] = _Known(facts, monotonic() + ASK_AGAIN_S)

    async def _told(self, chat: int) -> _Told | None:
        bot, read = self._client.bot, self._client.read
        try:
            admins, group, members = await asyncio.gather(
                read(bot.get_chat_administrators(chat)),
                read(bot.get_chat(chat)),
                read(bot.get_chat_member_count(chat)),
            )
        except (PlatformError, Refused) as exc:
            log.warning("chat not known", chat=chat, error=str(exc))
            return None
        ids = frozenset(each.user.id for each in admins)
        return _Told(ChatFacts(ids, group.linked_chat_id, members), self._now())

    async def _keep(self, chat: int, told: _Told) -> None:
        try:
            await self._kept.keep(_place(chat), msgspec.json.encode(told), KEPT_FOR)
        except FlowUnavailable as exc:
            log.warning("what is known of a chat is not kept", chat=chat, error=str(exc))


def _place(chat: int) -> Place:
    return Place(PLATFORM, str(chat))
