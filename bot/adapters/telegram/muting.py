"""Muting somebody, and its undoing.

Telegram knows one standing for each person, and each call sets all of it: to mute who is banned
lets them back in, a second mute ends with its own time, not the longer one's, and a mute takes the
place of what an admin had forbidden before. So it is asked first how they stand, and remembered.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from telegram import ChatMember, ChatMemberRestricted, ChatPermissions

from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.standings import ANOTHERS, RIGHTS, Restriction, Standings
from bot.domain.effects import EffectKind, Outcome, Result
from bot.domain.ports import Clockwork, Phrases

SHORTEST = timedelta(seconds=35)
LONGEST = timedelta(days=365)
"""Telegram takes what ends within 30 seconds, or after 366 days, as meant for ever."""

FOR_EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The end, as the client tells it, of what has none."""

_GONE = Outcome(Result.GONE)


class Muting:
    """Takes the right to write away, and gives it back."""

    def __init__(
        self, client: Client, standings: Standings, phrases: Phrases, now: Clockwork
    ) -> None:
        self._client = client
        self._standings = standings
        self._phrases = phrases
        self._now = now

    async def mute(self, until: datetime | None, chat: int, who: int) -> Outcome:
        """Mute somebody, unless they are out or muted for as long.

        Raises PlatformBusy, PlatformError, Refused, FlowUnavailable.
        """
        if who < 0:
            return self._refused("telegram.no_mute_for_channels")
        if until is not None and until <= self._now():
            return _GONE
        wanted = until_date(until, self._now())
        member = await self._client.read(self._client.bot.get_chat_member(chat, who))
        if member.status == ChatMember.BANNED:
            return _GONE
        own = await self._standings.whose(EffectKind.MUTE, chat, who) == _end(member)
        if _is_muted_until(member, wanted):
            if not own:
                await self._standings.note(EffectKind.MUTE, chat, who, ANOTHERS)
            return _GONE
        if not own:
            await self._standings.note_before(chat, who, _restriction(member))
        # Noted before: after a kill in between, the bot's own mute would be taken for an admin's.
        await self._standings.note(EffectKind.MUTE, chat, who, _seconds(wanted))
        await self._restrict(chat, who, ChatPermissions.no_permissions(), wanted)
        return Outcome(Result.DONE)

    async def unmute(self, chat: int, who: int) -> Outcome:
        """End the bot's own mute: what stood before it goes on, if its time is not over.

        Raises PlatformBusy, PlatformError, Refused, FlowUnavailable.
        """
        if who < 0:
            return _GONE
        member = await self._client.read(self._client.bot.get_chat_member(chat, who))
        if member.status != ChatMember.RESTRICTED:
            return _GONE
        if await self._standings.whose(EffectKind.MUTE, chat, who) not in ("", _end(member)):
            return self._refused("telegram.other_mute")
        before = await self._standings.before(chat, who)
        if before is not None and self._goes_on(before):
            await self._restrict(chat, who, before.permissions(), before.end)
        else:
            await self._restrict(chat, who, await self._what_everybody_has(chat), None)
        await self._standings.forget_mute(chat, who)
        return Outcome(Result.DONE)

    def _goes_on(self, before: Restriction) -> bool:
        return before.end is None or before.end >= self._now() + SHORTEST

    async def _what_everybody_has(self, chat: int) -> ChatPermissions:
        """Given that, nothing sets a member apart any more."""
        group = await self._client.read(self._client.bot.get_chat(chat))
        return group.permissions or ChatPermissions.all_permissions()

    async def _restrict(
        self, chat: int, who: int, permissions: ChatPermissions, until: datetime | None
    ) -> None:
        bot = self._client.bot
        await self._client.act(
            chat,
            Spend.DEED,
            lambda: bot.restrict_chat_member(
                chat, who, permissions, until_date=until, use_independent_chat_permissions=True
            ),
        )

    def _refused(self, key: str) -> Outcome:
        return Outcome(Result.REFUSED, self._phrases.say(key))


def until_date(until: datetime | None, now: datetime) -> datetime | None:
    """When a mute ends, in terms that Telegram does not take for ever; None is for ever."""
    if until is None:
        return None
    return now + min(max(until - now, SHORTEST), LONGEST)


def _restriction(member: ChatMember) -> Restriction | None:
    if not isinstance(member, ChatMemberRestricted):
        return None
    allowed = frozenset(name for name in RIGHTS if getattr(member, name))
    return Restriction(allowed, None if member.until_date <= FOR_EVER else member.until_date)


def _end(member: ChatMember) -> str:
    """When a mute ends, as it is noted."""
    return _seconds(member.until_date if isinstance(member, ChatMemberRestricted) else None)


def _seconds(end: datetime | None) -> str:
    """An end in whole seconds, as Telegram tells it; "0" for none."""
    return str(int(end.timestamp())) if end is not None else "0"


def _is_muted_until(member: ChatMember, until: datetime | None) -> bool:
    """Whether somebody may not write until then, or for longer."""
    if not isinstance(member, ChatMemberRestricted) or member.can_send_messages:
        return False
    if member.until_date <= FOR_EVER:
        return True
    return until is not None and member.until_date >= until
