"""Hides what people call themselves and their threads, and gives it back: it is changed, since it
cannot be deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import replace

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import UNKNOWN_CHANNEL, UNKNOWN_MEMBER, Refused
from bot.adapters.discord.translate import NAME, NICK, TITLE
from bot.adapters.discord.words import Words
from bot.domain.effects import Outcome, Result
from bot.domain.memory import Revisions
from bot.domain.messages import Message, Part, PartKind, Place, readable
from bot.domain.ports import Order

_STOOD = "nick:"
"""Begins a reference to what a member was called in the server before a hide, nothing for none."""


class Namer:
    """Puts a neutral name or title in place of one, and the former one back.

    What it sets itself comes back as an event, like any change. Beforehand it is noted as known, or
    what reviewers let stand would be judged, and hidden, again. Of a hidden name it is noted that
    it reads otherwise now: whoever brings it into sight again has it judged again.
    """

    def __init__(self, client: Client, revisions: Revisions, words: Words) -> None:
        self._client = client
        self._revisions = revisions
        self._words = words

    async def hide(self, order: Order, target: str, reason: str) -> Outcome:
        """Take a name out of sight. target: its id (`translate`). What stood where it is hidden is
        the outcome's `ref`. Raises PlatformError, Refused, FlowUnavailable.
        """
        return await _unless_gone(self._hidden(order, target, reason))

    async def restore(self, order: Order, message: Message, reason: str) -> Outcome:
        """Let it stand again as it was. Raises PlatformError, Refused, FlowUnavailable."""
        return await _unless_gone(self._restored(order, message, reason))

    async def _hidden(self, order: Order, target: str, reason: str) -> Outcome:
        place, message = order.effect.place, order.message
        if target.startswith(TITLE):
            neutral = self._words.say("discord.neutral_title")
            return await self._set(place, target, message, neutral, reason)
        neutral = self._words.say("discord.neutral")
        stood = await self._nick(place, target)
        outcome = await self._set(place, target, message, neutral, reason)
        if message is not None and target.startswith(NAME):
            # Not before it is covered: met until then, it would count as uncovered.
            await self._note(message, [neutral])
        own = stood == neutral and order.attempt > 1  # what an earlier try may have set
        return outcome if own else replace(outcome, ref=f"{_STOOD}{stood or ''}")

    async def _restored(self, order: Order, message: Message, reason: str) -> Outcome:
        place, target = order.effect.place, message.id
        if target.startswith(TITLE):
            return await self._set(place, target, message, message.parts[0].text, reason)
        if target.startswith(NAME):
            await self._note(message, [part.text for part in message.parts])
        former, stands = _former(order.kept, message), await self._nick(place, target)
        if stands not in (self._words.say("discord.neutral"), former):
            return Outcome(Result.GONE)  # somebody has changed it since: that is not ours to undo
        return await self._set(place, target, message, former, reason)

    async def _nick(self, place: Place, target: str) -> str | None:
        """What somebody is called in the server now, beside their own name."""
        of = int(target.partition(".")[2])
        member = await self._client.read(self._client.http.get_member(int(place.group), of))
        nick = member.get("nick")
        return readable(nick) if nick else None

    async def _set(
        self, place: Place, target: str, message: Message | None, name: str | None, reason: str
    ) -> Outcome:
        kind, _, number = target.partition(".")
        of, group, http = int(number), int(place.group), self._client.http
        if message is not None and name is not None:
            known = TITLE if kind == TITLE else NICK
            await self._note(replace(message, id=f"{known}.{of}"), [name])
        if kind == TITLE:
            await self._client.act(
                of, Spend.DEED, lambda: http.edit_channel(of, name=name, reason=reason)
            )
        else:
            await self._client.act(
                group, Spend.DEED, lambda: http.edit_member(group, of, nick=name, reason=reason)
            )
        return Outcome(Result.DONE)

    async def _note(self, message: Message, names: Sequence[str]) -> None:
        said = replace(message, parts=tuple(Part(PartKind.NAME, name) for name in names))
        if (revision := await self._revisions.next_revision(said)) is not None:
            await self._revisions.note(replace(said, revision=revision))


async def _unless_gone(doing: Awaitable[Outcome]) -> Outcome:
    try:
        return await doing
    except Refused as refused:
        if refused.code in (UNKNOWN_MEMBER, UNKNOWN_CHANNEL):
            return Outcome(Result.GONE)
        raise


def _former(kept: str | None, message: Message) -> str | None:
    """What a member was called in the server before their name was hidden; None for nothing
    beside their own name.

    Where the hide was cut off before it was on record, it is what they were called when the name
    was read: of their own names, none is then their author's.
    """
    if kept is not None and kept.startswith(_STOOD):
        return kept.removeprefix(_STOOD) or None
    texts = [part.text for part in message.parts]
    if message.id.startswith(NICK):
        return texts[0]
    called = message.author.person.name
    return None if called in texts else called or None


def is_name(id_: str) -> bool:
    """Whether an id stands for a name or title."""
    kind, _, of = id_.partition(".")
    return kind in (TITLE, NAME, NICK) and of.isdigit()
