"""Hides what people call themselves and their threads, and gives it back: it is changed, since it
cannot be deleted."""

from __future__ import annotations

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import UNKNOWN_CHANNEL, UNKNOWN_MEMBER, Refused
from bot.adapters.discord.translate import NAME, NICK, TITLE
from bot.adapters.discord.words import Words
from bot.domain.effects import Outcome, Result
from bot.domain.messages import Message, Place


class Namer:
    """Puts a neutral name or title in place of one, and the former one back."""

    def __init__(self, client: Client, words: Words) -> None:
        self._client = client
        self._words = words

    async def hide(self, place: Place, kind: str, of: int, reason: str) -> Outcome:
        """Take a name out of sight. kind, of: the parts of a name's id (`translate`).

        Raises PlatformError, Refused.
        """
        neutral = self._words.say("discord.neutral_title" if kind == TITLE else "discord.neutral")
        return await self._set(place, kind, of, neutral, reason)

    async def restore(self, place: Place, message: Message, reason: str) -> Outcome:
        """Let it stand again as it was. Raises PlatformError, Refused."""
        kind, _, of = message.id.partition(".")
        name = None if kind == NAME else message.parts[0].text
        return await self._set(place, kind, int(of), name, reason)

    async def _set(
        self, place: Place, kind: str, of: int, name: str | None, reason: str
    ) -> Outcome:
        http, group = self._client.http, int(place.group)
        try:
            if kind == TITLE:
                await self._client.act(
                    of, Spend.DEED, lambda: http.edit_channel(of, name=name, reason=reason)
                )
            else:
                await self._client.act(
                    group, Spend.DEED, lambda: http.edit_member(group, of, nick=name, reason=reason)
                )
        except Refused as refused:
            if refused.code in (UNKNOWN_MEMBER, UNKNOWN_CHANNEL):
                return Outcome(Result.GONE)
            raise
        return Outcome(Result.DONE)


def is_name(id_: str) -> tuple[str, int] | None:
    """The parts of an id that stands for a name or title; None for any other."""
    kind, _, of = id_.partition(".")
    return (kind, int(of)) if kind in (TITLE, NAME, NICK) and of.isdigit() else None
