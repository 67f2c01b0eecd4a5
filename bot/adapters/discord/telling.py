"""Tells people and places of changes that nobody asked about."""

from __future__ import annotations

from typing import Any

import discord
import structlog

from bot.adapters.discord.buttons import menu_view
from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.gate import invitation
from bot.adapters.discord.notices import Notices
from bot.adapters.discord.words import Words
from bot.adapters.errands import Errands
from bot.adapters.spending import UNHURRIED_S
from bot.domain.desk import Answer, Telling
from bot.domain.messages import Person, Place

log = structlog.get_logger(__name__)


class Teller:
    """Says what is to be said, without anybody waiting for it."""

    def __init__(self, client: Client, notices: Notices, errands: Errands, words: Words) -> None:
        self._client = client
        self._notices = notices
        self._errands = errands
        self._words = words

    def tell(self, telling: Telling) -> None:
        """Tell somebody, or a place, of a change."""
        if isinstance(telling.to, Person):
            text = self._words.text(telling.answer)
            self._errands.send("telling", self._notices.tell_alone(telling.to, text))
        elif (channel := self._speaks_in(telling.to)) is not None:
            self._errands.send("telling", self._post(channel, telling.answer))
        else:
            log.warning("nowhere to tell", place=str(telling.to))

    def view(self, answer: Answer) -> discord.ui.View | None:
        """An answer's choices as buttons."""
        application = self._client.gateway.application_id or self._client.me.id
        return menu_view(answer, self._words, invitation(application))

    def _speaks_in(self, place: Place) -> int | None:
        """The channel to say something in: for a whole server, one where the bot may."""
        if place.channel:
            return int(place.channel)
        guild = self._client.gateway.get_guild(int(place.group))
        if guild is None:
            return None
        wanted = [*([guild.system_channel] if guild.system_channel else []), *guild.text_channels]
        return next((each.id for each in wanted if _may_write(each, guild)), None)

    async def _post(self, channel: int, answer: Answer) -> None:
        target = self._client.gateway.get_partial_messageable(channel)
        text, view = self._words.text(answer), self.view(answer)
        options: dict[str, Any] = {"view": view} if view is not None else {}
        await self._client.act(
            channel,
            Spend.MESSAGE,
            lambda: target.send(text, suppress_embeds=True, **options),
            patience_s=UNHURRIED_S,
        )


def _may_write(channel: discord.TextChannel, guild: discord.Guild) -> bool:
    may = channel.permissions_for(guild.me)
    return may.view_channel and may.send_messages
