"""Discord's events, as the core's messages. Pure.

Ids that are not a message's own stand for what people can change besides messages:
"title.THREAD", "name.USER" and "nick.USER", and "blocked.USER.DIGEST" for what AutoMod kept from
being posted, with a number behind it where that was decided before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

import discord
from discord import Member, Message, MessageType, Thread, User

from bot.adapters.discord.contents import attachments, parts
from bot.adapters.discord.errors import PLATFORM
from bot.adapters.discord.guilds import administers
from bot.domain import messages as core
from bot.domain.messages import Author, Part, PartKind, Person, Place

ADMIN_ROLE = "admin"
TITLE, NAME, NICK, BLOCKED = "title", "name", "nick", "blocked"

_SAID = (MessageType.default, MessageType.reply)


def person_of(user: Member | User | discord.ClientUser) -> Person:
    """A user, as Discord knows them, by the name that others see."""
    return Person(PLATFORM, str(user.id), user.display_name)


def is_said(message: Message) -> bool:
    """Whether a person wrote this in a server: not a bot, a webhook, or Discord itself."""
    if message.guild is None or message.webhook_id is not None or message.author.bot:
        return False
    return message.type in _SAID


def said_in(message: Message, received_at: datetime) -> core.Message | None:
    """What a person said; None where no person did, or there is nothing to judge."""
    return message_in(message, received_at) if is_said(message) else None


def message_in(message: Message, received_at: datetime) -> core.Message | None:
    """The message that an event, or the history, tells of; None where there is nothing to judge.

    It bears revision 0 here: an edited one's number depends on what it said before.
    """
    guild = message.guild
    found, files = tuple(parts(message)), attachments(message)
    if guild is None or (not found and not files):
        return None
    return core.Message(
        place=Place(PLATFORM, str(guild.id), str(message.channel.id)),
        id=str(message.id),
        author=_author(message.author, guild, is_bot=message.webhook_id is not None),
        parts=found,
        posted_at=message.edited_at or message.created_at,
        received_at=received_at,
        reply_to=_reply_to(message),
        link=message.jump_url,
        attachments=files,
        reach=_reach(guild),
        parent=_parent(message.channel),
    )


def written(message: core.Message) -> list[Part]:
    """What a message's author put into it, without what Discord shows beside that."""
    return [part for part in message.parts if part.kind is not PartKind.EMBED]


def title_in(thread: Thread, received_at: datetime, *, by: Member | None) -> core.Message:
    """A thread's or forum post's title. by: who gave it; None where Discord does not say, and
    then nobody is punished for it."""
    owner = by or thread.guild.get_member(thread.owner_id)
    author = _author(owner, thread.guild) if owner else _stranger(thread.owner_id)
    return core.Message(
        place=Place(PLATFORM, str(thread.guild.id), str(thread.id)),
        id=f"{TITLE}.{thread.id}",
        author=author if by is not None else replace(author, punishable=False),
        parts=(Part(PartKind.NAME, thread.name),),
        posted_at=received_at if by is None else (thread.created_at or received_at),
        received_at=received_at,
        link=thread.jump_url,
        reach=_reach(thread.guild),
        parent=str(thread.parent_id),
    )


def names_in(member: Member, received_at: datetime) -> core.Message:
    """What a member is called everywhere: their display name and their username."""
    texts = dict.fromkeys(filter(None, (member.global_name, member.name)))
    return _named(member, NAME, list(texts), received_at)


def nick_in(member: Member, received_at: datetime) -> core.Message | None:
    """What a member is called in this server; None where that is their own name."""
    return _named(member, NICK, [member.nick], received_at) if member.nick else None


def is_bots(thread: Thread) -> bool:
    """Whether a bot opened a thread."""
    owner = thread.guild.get_member(thread.owner_id)
    return owner is not None and owner.bot


def blocked_in(
    member: Member | None,
    user_id: int,
    guild: discord.Guild,
    channel_id: int | None,
    content: str,
    received_at: datetime,
) -> core.Message:
    """What AutoMod kept from being posted. It has no id of Discord's: who wrote it and what it
    says make one, so that the same try told twice is one message."""
    digest = blake2b(content.encode(errors="replace"), digest_size=8).hexdigest()
    author = _author(member, guild) if member is not None else _stranger(user_id)
    return core.Message(
        place=Place(PLATFORM, str(guild.id), str(channel_id) if channel_id else ""),
        id=f"{BLOCKED}.{user_id}.{digest}",
        author=author,
        parts=(Part(PartKind.TEXT, content),),
        posted_at=received_at,
        received_at=received_at,
        reach=_reach(guild),
        blocked=True,
    )


def _named(member: Member, kind: str, texts: Sequence[str], received_at: datetime) -> core.Message:
    return core.Message(
        place=Place(PLATFORM, str(member.guild.id)),
        id=f"{kind}.{member.id}",
        author=_author(member, member.guild),
        parts=tuple(Part(PartKind.NAME, text) for text in texts),
        posted_at=received_at,
        received_at=received_at,
        reach=_reach(member.guild),
    )


def _stranger(user_id: int) -> Author:
    return Author(Person(PLATFORM, str(user_id)))


def _author(user: Member | User, guild: discord.Guild, *, is_bot: bool = False) -> Author:
    roles: set[str] = set()
    joined_at = None
    if isinstance(user, Member):
        roles = {str(role.id) for role in user.roles if role.id != guild.id}
        joined_at = user.joined_at
        if administers(user.guild_permissions):
            roles.add(ADMIN_ROLE)
    return Author(person_of(user), frozenset(roles), user.bot or is_bot, joined_at)


def _reply_to(message: Message) -> str | None:
    if message.type is not MessageType.reply or message.reference is None:
        return None
    return str(message.reference.message_id) if message.reference.message_id else None


def _parent(channel: object) -> str:
    return str(channel.parent_id) if isinstance(channel, Thread) else ""


def _reach(guild: discord.Guild) -> int:
    return max(1, guild.member_count or 1)
