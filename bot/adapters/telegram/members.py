"""How people and the bot stand in a chat, asked of Telegram every time."""

from __future__ import annotations

from telegram import (
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
)

from bot.adapters.telegram.client import Client
from bot.adapters.telegram.errors import Refused
from bot.domain.desk import Right
from bot.domain.messages import Person, Place

ADMINS = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)


class Members:
    """Asks now, since rights are given and taken between two presses."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def is_admin(self, person: Person, place: Place) -> bool:
        """Whether a person is an admin there now. Raises PlatformError."""
        member = await self._member(person, place)
        return member is not None and member.status in ADMINS

    async def may_administer(self, person: Person, place: Place) -> bool:
        """Whether a person owns a chat now, or is an admin there who may do what they have the bot
        do: delete messages and ban users. Others are made admins for a title, or to pin. Raises
        PlatformError."""
        member = await self._member(person, place)
        if isinstance(member, ChatMemberAdministrator):
            return member.can_delete_messages and member.can_restrict_members
        return isinstance(member, ChatMemberOwner)

    async def has_a_say(self, person: Person, place: Place) -> bool:
        """Whether a person is in a chat now and not muted there: a button is pressed by the muted,
        too. Raises PlatformError."""
        member = await self._member(person, place)
        if isinstance(member, ChatMemberRestricted):
            return member.is_member and member.can_send_messages
        return member is not None and member.status in (*ADMINS, ChatMember.MEMBER)

    async def _member(self, person: Person, place: Place) -> ChatMember | None:
        try:
            call = self._client.bot.get_chat_member(int(place.group), int(person.id))
            return await self._client.read(call)
        except (Refused, ValueError):
            return None

    async def may_post(self, place: Place) -> bool | None:
        """Whether the bot may write somewhere; None when it is not there. Raises PlatformError."""
        bot, chat = self._client.bot, int(place.group)
        try:
            member = await self._client.read(bot.get_chat_member(chat, self._client.me.id))
            if lacks(member, reads_all=True) is None:
                return None
            match member:
                case ChatMemberAdministrator():
                    return member.can_post_messages is not False  # told of channels alone
                case ChatMemberRestricted():
                    return member.can_send_messages
                case ChatMemberMember():
                    everybody = (await self._client.read(bot.get_chat(chat))).permissions
                    return everybody is None or bool(everybody.can_send_messages)
        except Refused:
            return None
        return True

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
