"""Tells people something: alone where that is possible, else shortly in the channel."""

from __future__ import annotations

import asyncio
from time import monotonic

import discord
import structlog
from discord.abc import Messageable

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import NO_DIRECT_MESSAGES, UNKNOWN_USER, Refused
from bot.adapters.discord.writing import MOST_TEXT, cut, unpinging
from bot.domain.errors import AmanError, PlatformBusy
from bot.domain.memory import Budget
from bot.domain.messages import Person, Place

log = structlog.get_logger(__name__)

FADES_AFTER_S = 60.0
UNREACHABLE_FOR_S = 300.0
"""How long nobody is written to in private again who does not take private messages."""

MOST_UNREACHABLE = 10_000
_NOT_ALONE = (NO_DIRECT_MESSAGES, UNKNOWN_USER, 50278)  # 50278: no server in common
_DIRECT = Budget("discord direct messages", 10, 10.0)


class Notices:
    """Private notices: a direct message to those who take them, and for the rest a line in the
    channel that removes itself. Of these a channel gets few a minute, so that the bot is no
    spammer in a raid."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._unreachable: dict[str, float] = {}
        self._fading: dict[asyncio.Task[None], tuple[int, int]] = {}

    async def tell(self, person: Person, place: Place, alone: str, in_channel: str) -> bool:
        """Tell one person: `alone` in private, or `in_channel` where they will read it.

        False when there is no channel for it, or it has had its share of lines for now. Raises
        PlatformError, Refused.
        """
        if await self.tell_alone(person, alone):
            return True
        return bool(place.channel) and await self.tell_channel(place, in_channel)

    async def tell_alone(self, person: Person, text: str) -> bool:
        """Whether a private message reached the person. Raises PlatformError, Refused."""
        if monotonic() < self._unreachable.get(person.id, 0.0):
            return False
        try:
            direct = await self._direct(int(person.id))
            await self._send(direct, direct.id, text, _DIRECT)
        except Refused as refused:
            if refused.code not in _NOT_ALONE:
                raise
            if len(self._unreachable) >= MOST_UNREACHABLE:
                self._unreachable.clear()
            self._unreachable[person.id] = monotonic() + UNREACHABLE_FOR_S
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
        """Say a line that goes after FADES_AFTER_S; False when there were too many of late."""
        channel = int(place.channel)
        target = self._client.gateway.get_partial_messageable(channel, guild_id=int(place.group))
        try:
            share = Budget(f"discord {channel} notices", 5, 61.0)
            message = await self._send(target, channel, text, share)
        except PlatformBusy:
            return False
        fading = asyncio.create_task(self._fade(channel, message), name="fading notice")
        self._fading[fading] = channel, message
        fading.add_done_callback(lambda task: self._fading.pop(task, None))
        return True

    async def close(self) -> None:
        """Remove at once what was to be removed later; a kill leaves those lines standing."""
        left = dict(self._fading)
        for fading in left:
            fading.cancel()
        await asyncio.gather(*(self._remove(*each) for each in left.values()))

    async def _send(self, target: Messageable, channel: int, text: str, also: Budget) -> int:
        said = cut(unpinging(text), MOST_TEXT)[0]
        sent = await self._client.act(
            channel,
            Spend.MESSAGE,
            lambda: target.send(said, suppress_embeds=True, silent=True),
            also=also,
        )
        return sent.id

    async def _fade(self, channel: int, message: int) -> None:
        await asyncio.sleep(FADES_AFTER_S)
        await self._remove(channel, message)

    async def _remove(self, channel: int, message: int) -> None:
        http = self._client.http
        try:
            await self._client.act(
                channel, Spend.DEED, lambda: http.delete_message(channel, message)
            )
        except AmanError as exc:
            log.info("notice not removed", channel=channel, error=str(exc))
