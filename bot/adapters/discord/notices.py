"""Tells people something: alone where that is possible, else shortly in the channel."""

from __future__ import annotations

import discord
from discord.abc import Messageable

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import NO_DIRECT_MESSAGES, UNKNOWN_USER, Refused
from bot.adapters.discord.writing import MOST_TEXT, cut, unpinging
from bot.adapters.spending import ShareSpent
from bot.adapters.telling import Fading, Unreachable
from bot.domain.memory import Budget
from bot.domain.messages import Person, Place

_NOT_ALONE = (NO_DIRECT_MESSAGES, UNKNOWN_USER, 50278)  # 50278: no server in common
_DIRECT = Budget("discord direct messages", 10, 10.0)


class Notices:
    """Private notices: a direct message to those who take them, and for the rest a line in the
    channel that removes itself. Of these a channel gets few a minute, so that the bot is no
    spammer in a raid."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._unreachable = Unreachable()
        self._fading = Fading(self._remove)

    async def tell(self, person: Person, place: Place, alone: str, in_channel: str) -> bool:
        """Tell one person: `alone` in private, or `in_channel` where they will read it.

        False when there is no channel for it, or it has had its share of lines for now. Raises
        PlatformBusy, PlatformError, Refused.
        """
        if await self.tell_alone(person, alone):
            return True
        return bool(place.channel) and await self.tell_channel(place, in_channel)

    async def tell_alone(self, person: Person, text: str) -> bool:
        """Whether a private message reached the person. Raises PlatformError, Refused."""
        if person.id in self._unreachable:
            return False
        try:
            direct = await self._direct(int(person.id))
            await self._send(direct, direct.id, text, also=_DIRECT)
        except Refused as refused:
            if refused.code not in _NOT_ALONE:
                raise
            self._unreachable.add(person.id)
            return False
        return True

    async def _direct(self, person: int) -> discord.DMChannel:
        gateway, read = self._client.gateway, self._client.read
        user = gateway.get_user(person)
        if user is None:
            user = await read(gateway.fetch_user(person))
        if user.dm_channel is not None:
            return user.dm_channel
        return await read(user.create_dm())

    async def tell_channel(self, place: Place, text: str) -> bool:
        """Say a line that goes again after a minute; False when there were too many of late.
        Raises PlatformBusy, PlatformError, Refused."""
        channel = int(place.channel)
        target = self._client.gateway.get_partial_messageable(channel, guild_id=int(place.group))
        try:
            share = Budget(f"discord {channel} notices", 5, 61.0)
            message = await self._send(target, channel, text, share=share)
        except ShareSpent:
            return False
        self._fading.add(channel, message)
        return True

    async def close(self) -> None:
        """Remove at once what was to be removed later; a kill leaves those lines standing."""
        await self._fading.close()

    async def _send(
        self,
        target: Messageable,
        channel: int,
        text: str,
        *,
        also: Budget | None = None,
        share: Budget | None = None,
    ) -> int:
        said = cut(unpinging(text), MOST_TEXT)[0]
        sent = await self._client.act(
            channel,
            Spend.MESSAGE,
            lambda: target.send(said, suppress_embeds=True, silent=True),
            also=also,
            share=share,
        )
        return sent.id

    async def _remove(self, channel: int, message: int) -> None:
        http = self._client.http
        await self._client.act(channel, Spend.DEED, lambda: http.delete_message(channel, message))
