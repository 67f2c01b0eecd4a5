"""The core's orders, as calls of Telegram's Bot API."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from telegram import ChatMember, ChatPermissions

from bot.adapters.telegram import files
from bot.adapters.telegram.client import Client, Spend
from bot.adapters.telegram.deleting import Deleter
from bot.adapters.telegram.errors import InDoubt, Refused
from bot.adapters.telegram.keeping import Keeper
from bot.adapters.telegram.members import Members
from bot.adapters.telegram.notices import Notices
from bot.adapters.telegram.posting import CardPoster
from bot.adapters.telegram.postings import Postings
from bot.adapters.telegram.refusals import sentence_for
from bot.adapters.telegram.restoring import Restorer
from bot.adapters.telegram.translate import FAKES, NO_MESSAGE
from bot.domain import messages as core
from bot.domain.desk import Right
from bot.domain.effects import Effect, EffectKind, Outcome, Result
from bot.domain.errors import PlatformError
from bot.domain.messages import Person
from bot.domain.ports import Clockwork, Order, Phrases, Store

log = structlog.get_logger(__name__)

SHORTEST_MUTE = timedelta(seconds=35)
LONGEST_MUTE = timedelta(days=365)
"""Telegram takes what ends within 30 seconds, or after 366 days, as meant for ever."""


_TOLD_OF = frozenset({EffectKind.MUTE, EffectKind.KICK, EffectKind.BAN})


class Effects:
    """Carries effects out. What an interrupted attempt may have done already:

    hide, mute, ban and their undoing are done again, which changes nothing. The files of what is
    hidden are not copied again. A card is looked for, and posted again where it is not found: a
    twin can be decided once only, a case without a card not at all. A notice is told again. A
    restored message is not posted again, since nobody could hide the twin later: a reviewer is
    asked to look.
    """

    def __init__(
        self,
        client: Client,
        members: Members,
        notices: Notices,
        postings: Postings,
        store: Store,
        phrases: Phrases,
        now: Clockwork,
    ) -> None:
        self._client = client
        self._members = members
        self._notices = notices
        self._phrases = phrases
        self._now = now
        self._deleter = Deleter(client)
        self._keeper = Keeper(client, store, phrases)
        self._restorer = Restorer(client, phrases)
        self._cards = CardPoster(client, self._keeper, postings, phrases)
        self._not_posted: set[str] = set()

    async def carry_out(self, order: Order) -> Outcome:
        """Fits `ports.Adapter`. Raises PlatformBusy, PlatformError."""
        try:
            return await self._carried_out(order)
        except Refused as refused:
            key = sentence_for(refused, order.effect.kind, await self._lacks(order))
            log.info("telegram refused", intent=order.intent.id, why=refused.why)
            kept = self._keeper.known(order) if order.effect.kind is EffectKind.HIDE else None
            ref = str(kept) if kept is not None else None
            return Outcome(Result.REFUSED, self._phrases.say(key, reason=refused.why), ref)

    async def _lacks(self, order: Order) -> frozenset[Right] | None:
        """The rights that the bot lacks where it could not hide; None where that is unknown."""
        if order.effect.kind is not EffectKind.HIDE:
            return None
        try:
            return await self._members.own_lacks(order.effect.place)
        except PlatformError:
            return None

    async def _carried_out(self, order: Order) -> Outcome:
        effect = order.effect
        match effect.kind:
            case EffectKind.HIDE:
                return await self._hide(order)
            case EffectKind.RESTORE:
                return await self._restore(order)
            case EffectKind.CARD:
                return await self._cards.post(order)
            case EffectKind.WARN | EffectKind.NOTIFY:
                return await self._tell(effect)
        person = effect.person
        if person is None or int(person.id) in FAKES or person.id == effect.place.group:
            return Outcome(Result.REFUSED, self._phrases.say("telegram.stands_for_others"))
        outcome = await self._punish(effect, person)
        if effect.kind in _TOLD_OF and outcome.result is Result.DONE:
            await self._tell_in_passing(effect)
        return outcome

    # ------------------------------------------------------------ messages

    async def _hide(self, order: Order) -> Outcome:
        if order.out_of_reach:
            return Outcome(Result.REFUSED, self._phrases.say("telegram.left_behind"))
        chat, ids = int(order.effect.place.group), hidden_ids(order)
        if not ids:
            return Outcome(Result.GONE)
        kept = await self._keeper.keep(order)
        return Outcome(await self._deleter.delete(chat, ids), kept.lost, kept.ref)

    async def _restore(self, order: Order) -> Outcome:
        intent = order.intent.id
        if order.message is None:
            return Outcome(Result.REFUSED, self._phrases.say("telegram.erased"))
        if order.attempt > 1 and intent not in self._not_posted:
            return Outcome(Result.FAILED, self._phrases.say("telegram.restore_in_doubt"))
        self._not_posted.discard(intent)
        try:
            ref = await self._restorer.restore(
                order.message, order.effect.place, self._keeper.known(order)
            )
            return Outcome(Result.DONE, ref=ref)
        except InDoubt:
            return Outcome(Result.FAILED, self._phrases.say("telegram.restore_in_doubt"))
        except PlatformError:
            self._not_posted.add(intent)
            raise

    # ------------------------------------------------------------ people

    async def _punish(self, effect: Effect, person: Person) -> Outcome:
        chat, who = int(effect.place.group), int(person.id)
        match effect.kind:
            case EffectKind.MUTE:
                return await self._mute(effect, chat, who)
            case EffectKind.UNMUTE:
                return await self._unmute(chat, who)
            case EffectKind.KICK:
                return await self._kick(chat, who)
            case EffectKind.BAN:
                await self._ban(chat, who)
            case _:
                await self._unban(chat, who)
        return Outcome(Result.DONE)

    async def _mute(self, effect: Effect, chat: int, who: int) -> Outcome:
        if who < 0:
            return Outcome(Result.REFUSED, self._phrases.say("telegram.no_mute_for_channels"))
        if effect.until is not None and effect.until <= self._now():
            return Outcome(Result.GONE)
        until = until_date(effect.until, self._now())
        bot = self._client.bot
        await self._client.act(
            chat,
            Spend.DEED,
            lambda: bot.restrict_chat_member(
                chat, who, ChatPermissions.no_permissions(), until_date=until
            ),
        )
        return Outcome(Result.DONE)

    async def _unmute(self, chat: int, who: int) -> Outcome:
        if who < 0:
            return Outcome(Result.GONE)
        bot = self._client.bot
        member = await self._client.read(bot.get_chat_member(chat, who))
        if member.status != ChatMember.RESTRICTED:
            return Outcome(Result.GONE)
        # Given what everybody has, nothing sets the member apart any more.
        group = await self._client.read(bot.get_chat(chat))
        permissions = group.permissions or ChatPermissions.all_permissions()
        await self._client.act(
            chat,
            Spend.DEED,
            lambda: bot.restrict_chat_member(
                chat, who, permissions, use_independent_chat_permissions=True
            ),
        )
        return Outcome(Result.DONE)

    async def _kick(self, chat: int, who: int) -> Outcome:
        if who < 0:
            return Outcome(Result.REFUSED, self._phrases.say("telegram.no_kick_for_channels"))
        bot = self._client.bot
        # To lift a ban that there is not puts a member out, and lets them come back.
        await self._client.act(chat, Spend.DEED, lambda: bot.unban_chat_member(chat, who))
        return Outcome(Result.DONE)

    async def _ban(self, chat: int, who: int) -> None:
        bot = self._client.bot
        if who < 0:
            await self._client.act(chat, Spend.DEED, lambda: bot.ban_chat_sender_chat(chat, who))
        else:
            await self._client.act(chat, Spend.DEED, lambda: bot.ban_chat_member(chat, who))

    async def _unban(self, chat: int, who: int) -> None:
        bot = self._client.bot
        if who < 0:
            await self._client.act(chat, Spend.DEED, lambda: bot.unban_chat_sender_chat(chat, who))
        else:
            await self._client.act(
                chat, Spend.DEED, lambda: bot.unban_chat_member(chat, who, only_if_banned=True)
            )

    # ------------------------------------------------------------ telling

    async def _tell(self, effect: Effect) -> Outcome:
        if effect.person is None:
            return Outcome(Result.GONE)
        notice = self._notice(effect)
        name = effect.person.name or self._phrases.say("telegram.somebody")
        in_group = self._phrases.say("telegram.group_notice", who=name, notice=notice)
        if await self._notices.tell(effect.person, effect.place, notice, in_group):
            return Outcome(Result.DONE)
        return Outcome(Result.REFUSED, self._phrases.say("telegram.not_told"))

    async def _tell_in_passing(self, effect: Effect) -> None:
        try:
            await self._tell(effect)
        except (PlatformError, Refused) as exc:  # the deed is done, and is not done again for this
            log.info("not told", case=effect.case_id, error=str(exc))

    def _notice(self, effect: Effect) -> str:
        until = f"{effect.until:%Y-%m-%d %H:%M} UTC" if effect.until else ""
        who = effect.person.name if effect.person else ""
        return self._phrases.say(effect.notice or f"notice.{effect.kind}", who=who, until=until)


def until_date(until: datetime | None, now: datetime) -> datetime | None:
    """When a mute ends, in terms that Telegram does not take for ever; None is for ever."""
    if until is None:
        return None
    return now + min(max(until - now, SHORTEST_MUTE), LONGEST_MUTE)


def hidden_ids(order: Order) -> list[int]:
    """The ids of all that is to be taken out: an album goes whole, a repost with all its parts.

    An id may have the number of one of several people behind it, who joined in one message.
    """
    ids = [each.partition(".")[0] for target in order.targets for each in target.split(",")]
    message = order.message
    if message is not None and message.album and order.targets[0] == message.id:
        ids += _album_ids(message)
    return [int(each) for each in dict.fromkeys(ids) if each != NO_MESSAGE]


def _album_ids(message: core.Message) -> list[str]:
    return [files.message_id(file) for file in message.attachments]
