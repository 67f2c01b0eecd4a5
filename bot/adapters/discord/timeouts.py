"""Mutes, which are Discord's timeouts.

Discord knows one end of a member's timeout, whoever set it, and each call sets it: so it is asked
first how they stand, and remembered which end is the bot's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from discord.utils import parse_time

from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.errors import PLATFORM
from bot.adapters.discord.permissions import member_of
from bot.adapters.discord.words import Words
from bot.domain.effects import Effect, Outcome, Result
from bot.domain.memory import Facts
from bot.domain.messages import Place
from bot.domain.ports import Clockwork

LONGEST_MUTE = timedelta(days=28) - timedelta(minutes=1)
"""Discord times out for 28 days at most ("Modify Guild Member")."""

_KEPT_AFTER = timedelta(days=1)
_GONE = Outcome(Result.GONE)


@dataclass(frozen=True, slots=True)
class _Own:
    """A timeout that the bot set. end: as Discord tells it. before: when the one ends that stood
    before it."""

    end: datetime
    before: datetime | None

    def written(self) -> bytes:
        """As it is kept."""
        ends = [self.end, *([self.before] if self.before is not None else [])]
        return " ".join(each.isoformat() for each in ends).encode()

    @classmethod
    def read(cls, told: bytes) -> Self:
        """What was kept."""
        end, *before = map(datetime.fromisoformat, told.decode().split())
        return cls(end, before[0] if before else None)


class Timeouts:
    """Sets and lifts them. All methods raise PlatformError, Refused, FlowUnavailable."""

    def __init__(self, client: Client, facts: Facts, words: Words, now: Clockwork) -> None:
        self._client = client
        self._facts = facts
        self._words = words
        self._now = now

    def within_limits(self, until: datetime | None) -> datetime:
        """An end that Discord takes."""
        longest = self._now() + LONGEST_MUTE
        return min(until or longest, longest)

    async def set(self, effect: Effect, who: int, reason: str, *, again: bool) -> Outcome:
        """Time somebody out, unless they are for longer: a second timeout would cut the first
        short. again: a try before may have got through, so that what stands may be its doing."""
        guild, until, now = int(effect.place.group), effect.until, self._now()
        if until is None or until <= now:
            return _GONE
        stands = await self._end(guild, who)
        if stands is not None and stands > until:
            return _GONE
        known = await self._known(guild, who)
        before = None if again else stands
        if known is not None and stands == known.end:
            before = known.before
        end = await self._ends(guild, who, until, reason) or until
        told = _Own(end, before).written()
        await self._facts.keep(_key(guild, who), told, end - now + _KEPT_AFTER)
        return Outcome(Result.DONE)

    async def lift(self, effect: Effect, who: int, reason: str) -> Outcome:
        """Take away the timeout that the bot set: a shorter one that stood before it goes on.
        Where another stands by now, that is somebody else's: it stays, and reviewers are told."""
        guild, now = int(effect.place.group), self._now()
        stands = await self._end(guild, who)
        if stands is None or stands <= now:
            return _GONE
        known = await self._known(guild, who)
        if known is None or stands != known.end:
            return Outcome(Result.REFUSED, self._words.say("discord.other_timeout"))
        if known.before is None or known.before <= now:
            await self._ends(guild, who, None, reason)
            return Outcome(Result.DONE)
        await self._ends(guild, who, known.before, reason)
        return Outcome(Result.DONE, self._words.say("discord.earlier_timeout"))

    async def _known(self, guild: int, who: int) -> _Own | None:
        told = await self._facts.of(_key(guild, who))
        return _Own.read(told) if told is not None else None

    async def _end(self, guild: int, who: int) -> datetime | None:
        """When a member's timeout ends, or ended."""
        raw = await self._client.read(self._client.http.get_member(guild, who))
        return member_of(raw).timed_out_until

    async def _ends(
        self, guild: int, who: int, until: datetime | None, reason: str
    ) -> datetime | None:
        """Have it end then, None for at once; as Discord tells the end from now on."""
        http, text = self._client.http, until.isoformat() if until is not None else None
        raw = await self._client.act(
            guild,
            Spend.DEED,
            lambda: http.edit_member(guild, who, communication_disabled_until=text, reason=reason),
        )
        return parse_time(raw.get("communication_disabled_until"))


def _key(guild: int, who: int) -> Place:
    """Under which the end of the bot's own timeout of a member is remembered."""
    return Place(PLATFORM, f"timeout.{guild}.{who}")
