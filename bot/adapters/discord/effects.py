"""The core's orders, as calls of Discord's REST interface."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from bot.adapters.case_files import CaseFiles
from bot.adapters.discord.client import Client, Spend
from bot.adapters.discord.deleting import Deleter
from bot.adapters.discord.errors import (
    MISSING_PERMISSIONS,
    THREAD_IS_ARCHIVED,
    UNKNOWN_BAN,
    UNKNOWN_MEMBER,
    Refused,
)
from bot.adapters.discord.guilds import Guilds
from bot.adapters.discord.keeping import Keeper
from bot.adapters.discord.naming import Namer, is_name
from bot.adapters.discord.notices import Notices
from bot.adapters.discord.posting import CardPoster
from bot.adapters.discord.refusals import sentence_for, why_missing
from bot.adapters.discord.restoring import Restorer
from bot.adapters.discord.showing import Shower
from bot.adapters.discord.timeouts import Timeouts
from bot.adapters.discord.translate import BLOCKED
from bot.adapters.discord.words import Words
from bot.adapters.discord.writing import plain
from bot.domain.effects import Effect, EffectKind, Outcome, Result
from bot.domain.errors import PlatformError
from bot.domain.memory import Facts, Revisions
from bot.domain.messages import Person
from bot.domain.ports import Clockwork, Order
from bot.domain.repositories import Store

log = structlog.get_logger(__name__)

_OUT = frozenset({EffectKind.KICK, EffectKind.BAN})
_GONE = {
    EffectKind.UNMUTE: UNKNOWN_MEMBER,
    EffectKind.KICK: UNKNOWN_MEMBER,
    EffectKind.UNBAN: UNKNOWN_BAN,
}


class Effects:
    """Carries effects out. What an interrupted attempt may have done already:

    hide, timeout, kick, ban and their undoing are done again, which changes nothing. A card's
    nonce lets Discord itself see that it is the same. A restored message is looked for before it
    is posted again. A notice is told again.
    """

    def __init__(
        self,
        client: Client,
        guilds: Guilds,
        notices: Notices,
        store: Store,
        revisions: Revisions,
        facts: Facts,
        words: Words,
        now: Clockwork,
    ) -> None:
        self._client = client
        self._guilds = guilds
        self._notices = notices
        self._words = words
        self._timeouts = Timeouts(client, facts, words, now)
        self._deleter = Deleter(client)
        files = CaseFiles(store)
        self._keeper = Keeper(client, files, store, words)
        self._restorer = Restorer(client, self._keeper, words)
        self._namer = Namer(client, revisions, words)
        self._cards = CardPoster(client, Shower(client, files, words), words)

    async def carry_out(self, order: Order) -> Outcome:
        """Fits `ports.Adapter`. Raises PlatformBusy, PlatformError."""
        try:
            try:
                return await self._carried_out(order)
            except Refused as refused:
                if refused.code != THREAD_IS_ARCHIVED:
                    raise
            if not await self._reopened(order):
                kept = self._keeper.forget(order.intent.id)
                said = self._words.say("discord.no_right_to_reopen")
                return Outcome(Result.REFUSED, said, kept.ref)
            return await self._carried_out(order)
        except Refused as refused:
            key = await sentence_for(refused, order, self._guilds)
            log.info("discord refused", intent=order.intent.id, code=refused.code, why=refused.why)
            kept = self._keeper.forget(order.intent.id)
            return Outcome(Result.REFUSED, self._words.say(key, reason=refused.why), kept.ref)

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
        if effect.person is None:
            return Outcome(Result.GONE)
        return await self._punished(order, effect.person)

    # ------------------------------------------------------------ messages

    async def _hide(self, order: Order) -> Outcome:
        target, place = order.target_id or order.effect.message_id or "", order.effect.place
        if target.startswith(f"{BLOCKED}."):
            return Outcome(Result.GONE)
        if is_name(target):
            return await self._namer.hide(order, target, self._reason(order))
        kept = await self._keeper.keep(order)
        ids = [int(each) for one in order.targets for each in one.split(",")]
        result = await self._deleter.delete(int(place.channel), ids, self._reason(order))
        self._keeper.forget(order.intent.id)
        return Outcome(result, kept.lost, kept.ref)

    async def _reopened(self, order: Order) -> bool:
        """In an archived thread Discord lets nobody delete, post or rename. It is archived again
        by itself once it is quiet. False where the bot has not the right, which is another than
        that to the deed itself."""
        thread, reason = int(order.effect.place.channel), self._reason(order)
        http = self._client.http
        try:
            await self._client.act(
                thread, Spend.DEED, lambda: http.edit_channel(thread, archived=False, reason=reason)
            )
        except Refused as refused:
            if refused.code != MISSING_PERMISSIONS:
                raise
            return False
        return True

    async def _restore(self, order: Order) -> Outcome:
        message = order.message
        if message is None:
            return Outcome(Result.REFUSED, self._words.say("discord.erased"))
        if message.blocked and not order.effect.place.channel:
            return Outcome(Result.REFUSED, self._words.say("discord.nowhere"))
        if is_name(message.id):
            return await self._namer.restore(order, message, self._reason(order))
        return Outcome(Result.DONE, ref=await self._restorer.restore(order, message))

    # ------------------------------------------------------------ people

    async def _punished(self, order: Order, person: Person) -> Outcome:
        effect = self._within_limits(order.effect)
        if effect.kind in _OUT and order.attempt == 1 and await self._will_go(effect):
            await self._tell_in_passing(effect)  # once they are out, nobody can write to them
        try:
            outcome = await self._punish(order, effect, int(person.id))
        except Refused as refused:
            if refused.code != _GONE.get(effect.kind):
                raise
            return Outcome(Result.GONE)
        if effect.kind is EffectKind.MUTE and outcome.result is Result.DONE:
            await self._tell_in_passing(effect)
        return outcome

    async def _will_go(self, effect: Effect) -> bool:
        """Whether nothing stands in the way of putting a member out: of what is refused, they are
        not told."""
        try:
            me = await self._guilds.own_seat(effect.place)
            them = await self._guilds.seat(effect.person, effect.place) if effect.person else None
        except PlatformError:
            return False
        return them is not None and why_missing(effect, me, them) is None

    def _within_limits(self, effect: Effect) -> Effect:
        """The effect with an end that Discord takes, and that its author may be told."""
        if effect.kind is not EffectKind.MUTE:
            return effect
        return replace(effect, until=self._timeouts.within_limits(effect.until))

    async def _punish(self, order: Order, effect: Effect, who: int) -> Outcome:
        http, guild, reason = self._client.http, int(effect.place.group), self._reason(order)
        match effect.kind:
            case EffectKind.MUTE:
                return await self._timeouts.set(effect, who, reason, again=order.attempt > 1)
            case EffectKind.UNMUTE:
                return await self._timeouts.lift(effect, who, reason)
            case EffectKind.KICK:
                await self._act(guild, lambda: http.kick(who, guild, reason))
            case EffectKind.BAN:
                # The message is dealt with by itself: what else they wrote is not thrown away.
                await self._act(guild, lambda: http.ban(who, guild, 0, reason))
            case _:
                await self._act(guild, lambda: http.unban(who, guild, reason=reason))
        return Outcome(Result.DONE)

    async def _act(self, guild: int, call: Callable[[], Awaitable[object]]) -> None:
        await self._client.act(guild, Spend.DEED, call)

    def _reason(self, order: Order) -> str:
        """What Discord's audit log says of it."""
        return self._words.say("discord.audit_reason", number=str(order.case_number))

    # ------------------------------------------------------------ telling

    async def _tell(self, effect: Effect) -> Outcome:
        if effect.person is None:
            return Outcome(Result.GONE)
        notice = self._notice(effect)
        name = effect.person.name or self._words.say("discord.somebody")
        in_channel = self._words.say("discord.channel_notice", who=plain(name), notice=notice)
        if await self._notices.tell(effect.person, effect.place, notice, in_channel):
            return Outcome(Result.DONE)
        return Outcome(Result.REFUSED, self._words.say("discord.not_told"))

    async def _tell_in_passing(self, effect: Effect) -> None:
        try:
            await self._tell(effect)
        except (PlatformError, Refused) as exc:  # the deed counts, and does not wait for this
            log.info("not told", case=effect.case_id, error=str(exc))

    def _notice(self, effect: Effect) -> str:
        until = f"{effect.until:%Y-%m-%d %H:%M} UTC" if effect.until else ""
        who = effect.person.name if effect.person else ""
        return self._words.say(effect.notice or f"notice.{effect.kind}", who=who, until=until)
