"""What is known of chats and their members, asked of Telegram and kept for a while."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic

import structlog
from telegram import (
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberOwner,
    ChatMemberRestricted,
)

from bot.adapters.telegram.client import Client
from bot.adapters.telegram.errors import Refused
from bot.adapters.telegram.translate import ChatFacts
from bot.domain.desk import Right
from bot.domain.errors import PlatformError
from bot.domain.messages import Person, Place

log = structlog.get_logger(__name__)

KNOWN_FOR_S = 600.0
ASK_AGAIN_S = 30.0
WITHIN_S = 3.0
"""How long a group's messages, and those of all others behind them, wait for what Telegram says."""

ADMINS = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)


@dataclass(slots=True)
class _Known:
    facts: ChatFacts
    until: float


class Chats:
    """Facts of chats, refreshed every KNOWN_FOR_S and whenever an update tells of a change."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[int, _Known] = {}
        self._asking: dict[int, asyncio.Task[ChatFacts]] = {}

    async def facts(self, chat: int) -> ChatFacts:
        """What is known of a group. Where Telegram does not say, nobody counts as an admin:
        their messages are judged like anybody's."""
        known = self._known.get(chat)
        if known is not None and monotonic() < known.until:
            return known.facts
        if chat not in self._asking:
            self._asking[chat] = asyncio.create_task(self._ask(chat), name=f"facts of {chat}")
            self._asking[chat].add_done_callback(lambda _: self._asking.pop(chat, None))
        if known is not None:
            return known.facts  # as they were a moment ago: no message waits for the newer ones
        await asyncio.wait({self._asking[chat]}, timeout=WITHIN_S)
        known = self._known.get(chat)
        return known.facts if known is not None else ChatFacts()

    def forget(self, chat: int) -> None:
        """Ask anew when next needed."""
        self._known.pop(chat, None)

    async def _ask(self, chat: int) -> ChatFacts:
        bot, read = self._client.bot, self._client.read
        facts, known_for_s = ChatFacts(), ASK_AGAIN_S
        try:
            admins, group, members = await asyncio.gather(
                read(bot.get_chat_administrators(chat)),
                read(bot.get_chat(chat)),
                read(bot.get_chat_member_count(chat)),
            )
            ids = frozenset(each.user.id for each in admins)
            facts, known_for_s = ChatFacts(ids, group.linked_chat_id, members), KNOWN_FOR_S
        except (PlatformError, Refused) as exc:
            log.warning("chat not known", chat=chat, error=str(exc))
            if earlier := self._known.get(chat):
                facts = earlier.facts
        self._known[chat] = _Known(facts, monotonic() + known_for_s)
        return facts

    # ------------------------------------------------------------ asked every time

    async def is_admin(self, person: Person, place: Place) -> bool:
        """Whether a person is an admin there now. Raises PlatformError."""
        member = await self._member(person, place)
        return member is not None and member.status in ADMINS

    async def is_in(self, person: Person, place: Place) -> bool:
        """Whether a person is in a chat now. Raises PlatformError."""
        member = await self._member(person, place)
        if isinstance(member, ChatMemberRestricted):
            return member.is_member
        return member is not None and member.status in (*ADMINS, ChatMember.MEMBER)

    async def _member(self, person: Person, place: Place) -> ChatMember | None:
        try:
            call = self._client.bot.get_chat_member(int(place.group), int(person.id))
            return await self._client.read(call)
        except (Refused, ValueError):
            return None

    async def own_lacks(self, place: Place) -> frozenset[Right] | None:
        """The rights that the bot needs in a group and has not; None when it is not there.

        Raises PlatformError.
        """
        try:
            call = self._client.bot.get_chat_member(int(place.group), self._client.me.id)
            member = await self._client.read(call)
        except Refused:
            return None
        return lacks(member, reads_all=bool(self._client.me.can_read_all_group_messages))


def lacks(member: ChatMember, *, reads_all: bool) -> frozenset[Right] | None:
    """The rights that the bot, standing so, needs and has not; None when it is not there.

    reads_all: privacy mode is off, so that it need not be an admin to see messages.
    """
    match member:
        case ChatMemberOwner():
            return frozenset()
        case ChatMemberAdministrator():
            held = {
                Right.READ: True,
                Right.DELETE: member.can_delete_messages,
                Right.RESTRICT: member.can_restrict_members,
            }
            return frozenset(right for right, has in held.items() if not has)
    present = member.status == ChatMember.MEMBER or (
        isinstance(member, ChatMemberRestricted) and member.is_member
    )
    if not present:
        return None
    return frozenset(Right) - ({Right.READ} if reads_all else set())
