"""What is asked of Discord each time, since it may have changed a moment ago."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from discord import ChannelType, Permissions

from bot.adapters.discord.client import Client
from bot.adapters.discord.errors import Refused
from bot.adapters.discord.permissions import (
    Member,
    Server,
    everybody_reads,
    in_channel,
    in_server,
    member_of,
    overwrites_of,
    server_of,
)
from bot.domain.desk import Right
from bot.domain.messages import Person, Place

NEEDED = Permissions(
    view_channel=True,
    read_message_history=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    manage_messages=True,
    manage_webhooks=True,
    manage_threads=True,
    manage_nicknames=True,
    moderate_members=True,
    kick_members=True,
    ban_members=True,
    manage_guild=True,
)
"""What the invitation asks for. `manage_guild` is for AutoMod's events, which Discord shows to
nobody without it; all else works without."""

_FOR = {
    Right.READ: Permissions(view_channel=True, read_message_history=True),
    Right.DELETE: Permissions(manage_messages=True),
    Right.RESTRICT: Permissions(moderate_members=True, kick_members=True, ban_members=True),
}
_THREADS = frozenset(
    each.value
    for each in (ChannelType.news_thread, ChannelType.public_thread, ChannelType.private_thread)
)
_ADMIN = (Permissions(administrator=True), Permissions(manage_guild=True))
_REVIEWS = Permissions(view_channel=True, send_messages=True)
POSTS = Permissions(view_channel=True, send_messages=True, embed_links=True, attach_files=True)
"""What showing cards takes."""


@dataclass(frozen=True, slots=True)
class Seat:
    """How a member stands in a server."""

    server: Server
    member: Member

    @property
    def may(self) -> Permissions:
        """What their roles let them do."""
        return in_server(self.server, self.member)


class Guilds:
    """Members and what they may do."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def may_review(self, person: Person, channel: Place) -> bool:
        """Whether a person may see a channel and write in it now. Raises PlatformError."""
        seat = await self.seat(person, channel)
        if seat is None or _timed_out(seat):
            return False
        raw = await self.channel(channel)
        return raw is not None and _in(seat, raw) >= _REVIEWS

    async def may_administer(self, person: Person, group: Place) -> bool:
        """Whether a person may change a server's settings now. Raises PlatformError."""
        seat = await self.seat(person, group)
        return seat is not None and administers(seat.may) and not _timed_out(seat)

    async def everybody_reads(self, channel: Place) -> bool:
        """Whether anybody who joins the server can read a channel. Raises PlatformError."""
        server, raw = await asyncio.gather(self.server(channel), self.channel(channel))
        return (
            server is not None and raw is not None and everybody_reads(server, overwrites_of(raw))
        )

    async def whole(self, channel: Place) -> Place | None:
        """A channel with its server, where it is known by its id alone; None where the bot does
        not see it. Raises PlatformError."""
        if channel.channel:
            return channel
        try:
            found = await self._client.read(self._client.http.get_channel(int(channel.group)))
        except (Refused, ValueError):
            return None
        server = found.get("guild_id")
        return Place(channel.platform, str(server), channel.group) if server else None

    async def may_post(self, channel: Place) -> bool | None:
        """Whether the bot can show cards in a channel; None where it does not see it.

        Raises PlatformError.
        """
        seat, raw = await asyncio.gather(self.own_seat(channel), self.channel(channel))
        if seat is None or raw is None:
            return None
        return _in(seat, raw) >= POSTS

    async def own_lacks(self, group: Place) -> frozenset[Right] | None:
        """The rights that the bot needs in a server and has not; None when it is not there.

        Raises PlatformError.
        """
        seat = await self.own_seat(group)
        return lacks(seat.may) if seat is not None else None

    async def own_seat(self, place: Place) -> Seat | None:
        """How the bot stands in a server. Raises PlatformError."""
        me = self._client.me
        return await self.seat(Person(place.platform, str(me.id), me.name), place)

    async def seat(self, person: Person, place: Place) -> Seat | None:
        """How a person stands in a server; None where they, or the bot, are not in it.

        Raises PlatformError.
        """
        http, read = self._client.http, self._client.read
        try:
            server, member = await asyncio.gather(
                read(http.get_guild(int(place.group), with_counts=False)),
                read(http.get_member(int(place.group), int(person.id))),
            )
        except (Refused, ValueError):
            return None
        return Seat(server_of(server), member_of(member))

    async def server(self, place: Place) -> Server | None:
        """A server's roles; None where the bot is not in it. Raises PlatformError."""
        try:
            call = self._client.http.get_guild(int(place.group), with_counts=False)
            return server_of(await self._client.read(call))
        except (Refused, ValueError):
            return None

    async def channel(self, place: Place) -> dict[str, Any] | None:
        """A channel; None where the bot cannot see it, and for a thread: Discord tells of it
        without the overwrites that say who may read it. Raises PlatformError."""
        try:
            found = await self._client.read(self._client.http.get_channel(int(place.channel)))
        except (Refused, ValueError):
            return None
        whole = str(found.get("guild_id")) == place.group and found.get("type") not in _THREADS
        return dict(found) if whole else None


def administers(may: Permissions) -> bool:
    """Whether somebody who may do this counts as an admin: they could change the server."""
    return any(may >= each for each in _ADMIN)


def lacks(may: Permissions) -> frozenset[Right]:
    """The rights that the bot needs and, with these permissions, has not."""
    return frozenset(right for right, needed in _FOR.items() if not may >= needed)


def _in(seat: Seat, raw: dict[str, Any]) -> Permissions:
    return in_channel(seat.server, seat.member, overwrites_of(raw))


def _timed_out(seat: Seat) -> bool:
    """Whether somebody may do nothing but read: no owner or administrator, whoever set it before
    they became one."""
    until = seat.member.timed_out_until
    return until is not None and until > datetime.now(UTC) and not seat.may.administrator
