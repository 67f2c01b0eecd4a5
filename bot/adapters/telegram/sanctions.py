"""What is done to people: mute, kick, ban, and their undoing.

Telegram knows one standing for each person, and each call sets all of it: to kick who is banned
lets them back in. So it is asked first how they stand, and remembered whose doing that is.
"""

from __future__ import annotations

from telegram import ChatMember, ChatMemberBanned, ChatMemberRestricted

from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.errors import Refused
from bot.adapters.telegram.muting import FOR_EVER, Muting
from bot.adapters.telegram.standings import ANOTHERS, OWN, Standings
from bot.adapters.telegram.translate import FAKES
from bot.domain.effects import Effect, EffectKind, Outcome, Result
from bot.domain.messages import Person, Place
from bot.domain.ports import Clockwork, Phrases

_GONE = Outcome(Result.GONE)
_OUT = (ChatMember.BANNED, ChatMember.LEFT)


class Sanctions:
    """Carries out what a reviewer decided about a person."""

    def __init__(
        self, client: Client, standings: Standings, phrases: Phrases, now: Clockwork
    ) -> None:
        self._client = client
        self._standings = standings
        self._phrases = phrases
        self._muting = Muting(client, standings, phrases, now)

    async def carry_out(self, effect: Effect, *, again: bool) -> Outcome:
        """Do it, or find it done. again: a try before may have got through.

        Raises PlatformBusy, PlatformError, Refused, FlowUnavailable.
        """
        person, place = effect.person, effect.place
        if person is None or stands_for_others(person, place):
            return self._refused("telegram.stands_for_others")
        chat, who = int(place.group), int(person.id)
        match effect.kind:
            case EffectKind.MUTE:
                return await self._muting.mute(effect.until, chat, who)
            case EffectKind.UNMUTE:
                return await self._muting.unmute(chat, who)
            case EffectKind.KICK:
                return await self._kick(chat, who)
            case EffectKind.BAN:
                return await self._ban(chat, who, again=again)
        return await self._unban(chat, who)

    async def is_there(self, person: Person, place: Place) -> bool:
        """Whether they are in the group now. Raises PlatformBusy, PlatformError, Refused."""
        if int(person.id) < 0:
            return False
        member = await self._member(int(place.group), int(person.id))
        if isinstance(member, ChatMemberRestricted):
            return member.is_member
        return member.status not in _OUT

    async def _kick(self, chat: int, who: int) -> Outcome:
        if who < 0:
            return self._refused("telegram.no_kick_for_channels")
        if (await self._member(chat, who)).status in _OUT:
            return _GONE
        bot = self._client.bot
        # To lift a ban that there is not puts a member out, and lets them come back.
        await self._client.act(chat, Spend.DEED, lambda: bot.unban_chat_member(chat, who))
        return Outcome(Result.DONE)

    async def _ban(self, chat: int, who: int, *, again: bool) -> Outcome:
        bot = self._client.bot
        if who < 0:
            await self._client.act(chat, Spend.DEED, lambda: bot.ban_chat_sender_chat(chat, who))
            return Outcome(Result.DONE)
        own = again or await self._standings.whose(EffectKind.BAN, chat, who) == OWN
        if not own and await self._is_banned(chat, who):
            await self._standings.note(EffectKind.BAN, chat, who, ANOTHERS)
            return _GONE
        await self._client.act(chat, Spend.DEED, lambda: bot.ban_chat_member(chat, who))
        await self._standings.note(EffectKind.BAN, chat, who, OWN)
        return Outcome(Result.DONE)

    async def _is_banned(self, chat: int, who: int) -> bool:
        try:
            member = await self._member(chat, who)
        except Refused:  # of whom Telegram says nothing, the ban itself tells
            return False
        return isinstance(member, ChatMemberBanned) and member.until_date <= FOR_EVER

    async def _unban(self, chat: int, who: int) -> Outcome:
        bot = self._client.bot
        if who < 0:
            await self._client.act(chat, Spend.DEED, lambda: bot.unban_chat_sender_chat(chat, who))
            return Outcome(Result.DONE)
        if await self._standings.whose(EffectKind.BAN, chat, who) == ANOTHERS:
            return self._refused("telegram.other_ban")
        await self._client.act(
            chat, Spend.DEED, lambda: bot.unban_chat_member(chat, who, only_if_banned=True)
        )
        await self._standings.forget(EffectKind.BAN, chat, who)
        return Outcome(Result.DONE)

    async def _member(self, chat: int, who: int) -> ChatMember:
        return await self._client.read(self._client.bot.get_chat_member(chat, who))

    def _refused(self, key: str) -> Outcome:
        return Outcome(Result.REFUSED, self._phrases.say(key))


def stands_for_others(person: Person, place: Place) -> bool:
    """Whether an account is one of those behind which several people may be."""
    return int(person.id) in FAKES or person.id == place.group
