"""What Discord still has of what was said, in pages, read at leisure."""

from __future__ import annotations

from typing import Any

import discord

from bot.adapters.discord.client import Client, Spend
from bot.adapters.spending import UNHURRIED_S

PAGE = 100

Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
Parent = discord.TextChannel | discord.ForumChannel


class History:
    """Reads pages of PAGE at most, or one message. All methods raise PlatformError, Refused."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def after(self, channel: Channel, message: int) -> list[discord.Message]:
        """The messages that follow one, the oldest first."""
        return await self._page(channel, after=discord.Object(message), oldest_first=True)

    async def up_to(self, channel: Channel, message: int) -> list[discord.Message]:
        """The messages before one and that one itself, the newest first."""
        return await self._page(channel, before=discord.Object(message + 1))

    async def one(self, channel: Channel, message: int) -> discord.Message:
        """One message, as it stands."""
        return await self._client.act(
            channel.id,
            Spend.READ,
            lambda: channel.fetch_message(message),
            patience_s=UNHURRIED_S,
        )

    async def archived(self, parent: Parent, *, private: bool) -> list[discord.Thread]:
        """A channel's archived threads, those archived last first."""
        options: dict[str, Any] = {"private": True} if private else {}

        async def read() -> list[discord.Thread]:
            return [each async for each in parent.archived_threads(limit=PAGE, **options)]

        return await self._client.act(parent.id, Spend.READ, read, patience_s=UNHURRIED_S)

    async def _page(self, channel: Channel, **which: Any) -> list[discord.Message]:
        async def read() -> list[discord.Message]:
            return [message async for message in channel.history(limit=PAGE, **which)]

        return await self._client.act(channel.id, Spend.READ, read, patience_s=UNHURRIED_S)
