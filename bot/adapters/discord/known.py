"""What the connection knows of servers: free of calls, and as current as the last event."""

from __future__ import annotations

import discord

from bot.adapters.discord.client import Client
from bot.adapters.discord.guilds import POSTS, lacks
from bot.domain.desk import Right
from bot.domain.messages import Person, Place


class KnownGuilds:
    """Fits `health.Looks`. For what is looked at all the time: over hundreds of servers, asking
    Discord would use up what it lets a bot ask."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def own_lacks(self, group: Place) -> frozenset[Right] | None:
        """The rights that the bot needs in a server and has not; None when it is not there."""
        guild = self._guild(group)
        if guild is None:
            return None
        # Of a server that Discord itself has lost for the moment nothing is known, nor wrong.
        return frozenset() if guild.unavailable else lacks(guild.me.guild_permissions)

    async def whole(self, channel: Place) -> Place | None:
        """A channel with its server, where it is known by its id alone; None where the bot does
        not see it."""
        if channel.channel:
            return channel
        known = channel.group.isdecimal()
        found = self._client.gateway.get_channel(int(channel.group)) if known else None
        server = getattr(found, "guild", None)
        return Place(channel.platform, str(server.id), channel.group) if server else None

    async def may_post(self, channel: Place) -> bool | None:
        """Whether the bot can show cards in a channel; None where it does not see it."""
        guild = self._guild(channel)
        if guild is not None and guild.unavailable:
            return True
        found = self._channel(channel)
        if guild is None or found is None:
            return None
        may = found.permissions_for(guild.me)
        return may >= POSTS if may.view_channel else None

    async def everybody_reads(self, channel: Place) -> bool:
        """Whether anybody who joins the server can read a channel."""
        found = self._channel(channel)
        return found is not None and read_by_all(found)

    def sees(self, person: Person, channel: Place) -> bool:
        """Whether a person can look into a channel."""
        found = self._channel(channel)
        member = found.guild.get_member(int(person.id)) if found is not None else None
        return (
            found is not None and member is not None and found.permissions_for(member).view_channel
        )

    def _guild(self, place: Place) -> discord.Guild | None:
        known = place.group.isdecimal()
        return self._client.gateway.get_guild(int(place.group)) if known else None

    def _channel(self, place: Place) -> discord.abc.GuildChannel | None:
        guild = self._guild(place)
        return guild.get_channel(int(place.channel)) if guild and place.channel else None


def read_by_all(channel: discord.abc.GuildChannel) -> bool:
    """Whether anybody who joins the server can read a channel."""
    return channel.permissions_for(channel.guild.default_role).view_channel
