"""Hides what people call themselves and their threads, and gives it back: it is changed, since it
cannot be deleted."""

from __future__ import annotations

from dataclasses import replace

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import UNKNOWN_CHANNEL, UNKNOWN_MEMBER, Refused
from bot.adapters.discord.translate import NAME, NICK, TITLE
from bot.adapters.discord.words import Words
from bot.domain.effects import Outcome, Result
from bot.domain.memory import Revisions
from bot.domain.messages import Message, Part, PartKind, Place


class Namer:
    """Puts a neutral name or title in place of one, and the former one back.

    What it sets itself comes back as an event, like any change. Beforehand it is noted as known, or
    what reviewers let stand would be judged, and hidden, again.
    """

    def __init__(self, client: Client, revisions: Revisions, words: Words) -> None:
        self._client = client
        self._revisions = revisions
        self._words = words

    async def hide(
        self, place: Place, target: str, message: Message | None, reason: str
    ) -> Outcome:
        """Take a name out of sight. target: its id (`translate`). message: the evidence.

        Raises PlatformError, Refused, FlowUnavailable.
        """
        title = target.startswith(TITLE)
        neutral = self._words.say("discord.neutral_title" if title else "discord.neutral")
        return await self._set(place, target, message, neutral, reason)

    async def restore(self, place: Place, message: Message, reason: str) -> Outcome:
        """Let it stand again as it was. Raises PlatformError, Refused, FlowUnavailable."""
        own = message.id.startswith(NAME)  # is shown again once nothing stands in its place
        name = None if own else message.parts[0].text
        return await self._set(place, message.id, message, name, reason)

    async def _set(
        self, place: Place, target: str, message: Message | None, name: str | None, reason: str
    ) -> Outcome:
        kind, _, number = target.partition(".")
        of, group, http = int(number), int(place.group), self._client.http
        if message is not None and name is not None:
            known = TITLE if kind == TITLE else NICK
            await self._note(replace(message, id=f"{known}.{of}"), name)
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

    async def _note(self, message: Message, name: str) -> None:
        said = replace(message, parts=(Part(PartKind.NAME, name),))
        if (revision := await self._revisions.next_revision(said)) is not None:
            await self._revisions.note(replace(said, revision=revision))


def is_name(id_: str) -> bool:
    """Whether an id stands for a name or title."""
    kind, _, of = id_.partition(".")
    return kind in (TITLE, NAME, NICK) and of.isdigit()
