"""The core's orders, as calls of Telegram's Bot API."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic

import structlog

from bot.adapters.case_files import CaseFiles
from bot.adapters.telegram import files
from bot.adapters.telegram.client import Client
from bot.adapters.telegram.copies import Copies
from bot.adapters.telegram.deleting import Deleter
from bot.adapters.telegram.errors import InDoubt, Refused
from bot.adapters.telegram.keeping import Keeper
from bot.adapters.telegram.members import Members
from bot.adapters.telegram.notices import Notices
from bot.adapters.telegram.posting import CardPoster
from bot.adapters.telegram.postings import Postings
from bot.adapters.telegram.refusals import sentence_for
from bot.adapters.telegram.reposting import Reposts
from bot.adapters.telegram.restoring import Restored, Restorer
from bot.adapters.telegram.sanctions import Sanctions, stands_for_others
from bot.adapters.telegram.showing import Shower
from bot.adapters.telegram.standings import Standings
from bot.adapters.telegram.translate import NO_MESSAGE, is_joining
from bot.adapters.telegram.writing import called
from bot.domain import messages as core
from bot.domain.desk import Right
from bot.domain.effects import Effect, EffectKind, Outcome, Result
from bot.domain.errors import PlatformBusy, PlatformError
from bot.domain.messages import PartKind
from bot.domain.ports import Clockwork, Order, Phrases
from bot.domain.repositories import Store

log = structlog.get_logger(__name__)

TOLD_WITHIN_S = 20.0
"""How long the notice of a mute is tried again: the deed is done, and its record waits for this."""

_OUT = frozenset({EffectKind.KICK, EffectKind.BAN})


class Effects:
    """Carries effects out. What an interrupted attempt may have done already:

    hide, mute, ban and their undoing are done again, which changes nothing. The files of what is
    hidden are copied again where it is not known that they were; with its case each is kept once.
    A card is looked for, and posted again where it is not found: a twin can be decided once only, a
    case without a card not at all. A notice is told again. Of a restored message only what does not
    stand yet is posted; where that cannot be known, a reviewer is asked to look.
    """

    def __init__(
        self,
        client: Client,
        members: Members,
        notices: Notices,
        postings: Postings,
        reposts: Reposts,
        copies: Copies,
        standings: Standings,
        store: Store,
        phrases: Phrases,
        now: Clockwork,
    ) -> None:
        self._client = client
        self._members = members
        self._notices = notices
        self._reposts = reposts
        self._phrases = phrases
        self._sanctions = Sanctions(client, standings, phrases, now)
        self._deleter = Deleter(client)
        case_files = CaseFiles(store)
        self._keeper = Keeper(client, copies, case_files, store, phrases)
        self._restorer = Restorer(client, phrases)
        shower = Shower(client, case_files, phrases)
        self._cards = CardPoster(client, self._keeper, shower, postings, phrases)
        self._untold: dict[str, str] = {}
        """Of sanctions that are under way, whose people were told: a sentence where they were
        not."""

    async def carry_out(self, order: Order) -> Outcome:
        """Fits `ports.Adapter`. Raises PlatformBusy, PlatformError."""
        try:
            return await self._carried_out(order)
        except Refused as refused:
            return await self._refused(order, refused)

    async def _refused(self, order: Order, refused: Refused, ref: str | None = None) -> Outcome:
        key = sentence_for(refused, order.effect.kind, await self._lacks(order))
        log.info("telegram refused", intent=order.intent.id, why=refused.why)
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
                return await self._tell(order)
        return await self._punish(order)

    # ------------------------------------------------------------ messages

    async def _hide(self, order: Order) -> Outcome:
        if order.out_of_reach:
            return Outcome(Result.REFUSED, self._phrases.say("telegram.left_behind"))
        chat, ids = int(order.effect.place.group), hidden_ids(order)
        if not ids:
            return Outcome(Result.GONE)
        kept = await self._keeper.keep(order)
        try:
            outcome = Outcome(await self._deleter.delete(chat, ids), kept.lost, kept.ref)
        except Refused as refused:
            outcome = await self._refused(order, refused, kept.ref)
        if kept.ref is not None:
            await self._keeper.ended(order)
        return outcome

    async def _restore(self, order: Order) -> Outcome:
        if order.message is None:
            return Outcome(Result.REFUSED, self._phrases.say("telegram.erased"))
        if is_joining(order.message):
            return Outcome(Result.GONE)
        intent = order.intent.id
        progress = await self._reposts.of(intent)
        in_doubt = self._phrases.say("telegram.restore_in_doubt")
        if progress.in_doubt:
            return Outcome(Result.FAILED, in_doubt, progress.ref)
        ways = await self._keeper.ways(order, order.message)
        try:
            back = await self._restorer.restore(order.message, order.effect.place, ways, progress)
        except InDoubt:
            outcome = Outcome(Result.FAILED, in_doubt, progress.ref)
        except Refused as refused:
            why = sentence_for(refused, EffectKind.RESTORE, None)
            said = self._phrases.say(why, reason=refused.why)
            outcome = Outcome(Result.REFUSED, said, progress.ref)
        else:
            result = Result.REFUSED if back.nothing else Result.DONE
            outcome = Outcome(result, self._lost(back), progress.ref)
        await self._reposts.ended(intent)
        return outcome

    def _lost(self, back: Restored) -> str:
        """For the record, which files did not come back."""
        if not back.lost:
            return ""
        count, lost = str(back.files), str(back.lost)
        return self._phrases.say("telegram.files_lost", lost=lost, count=count)

    # ------------------------------------------------------------ people

    async def _punish(self, order: Order) -> Outcome:
        effect = order.effect
        if effect.kind in _OUT and await self._will_go(effect):
            await self._tell_in_passing(order)  # once they are out, the group is not theirs to read
        outcome = await self._sanctions.carry_out(effect, again=order.attempt > 1)
        if effect.kind is EffectKind.MUTE and outcome.result is Result.DONE:
            await self._tell_in_passing(order, TOLD_WITHIN_S)
        untold = self._untold.pop(order.intent.id, "")
        return replace(outcome, reason=untold) if outcome.result is Result.DONE else outcome

    async def _will_go(self, effect: Effect) -> bool:
        """Whether nothing stands in the way of putting a member out: of what is refused, they are
        not told."""
        person, place = effect.person, effect.place
        if person is None or stands_for_others(person, place):
            return False
        try:
            lacks = await self._members.own_lacks(place)
            may = lacks is not None and Right.RESTRICT not in lacks
            immune = await self._members.is_admin(person, place)
            return may and not immune and await self._sanctions.is_there(person, place)
        except (PlatformError, Refused):
            return False

    # ------------------------------------------------------------ telling

    async def _tell(self, order: Order) -> Outcome:
        effect = order.effect
        if effect.person is None:
            return Outcome(Result.GONE)
        notice = self._notice(effect)
        in_group = self._phrases.say(
            "telegram.group_notice", who=self._called(order), notice=notice
        )
        if await self._notices.tell(effect.person, effect.place, notice, in_group):
            return Outcome(Result.DONE)
        return Outcome(Result.REFUSED, self._phrases.say("telegram.not_told"))

    def _called(self, order: Order) -> str:
        """What the group may read of a name: nothing of one that is the matter itself."""
        parts = order.message.parts if order.message is not None else ()
        person = order.effect.person
        the_matter = any(each.kind is PartKind.NAME for each in parts)
        name = person.name if person is not None and not the_matter else ""
        return called(name) or self._phrases.say("telegram.somebody")

    async def _tell_in_passing(self, order: Order, within_s: float = 0.0) -> None:
        """Tell somebody why, beside what is done to them, which counts and does not fail for this;
        once, however often the deed itself is tried.

        within_s: how long it is tried again while the group is busy.
        """
        if order.intent.id not in self._untold:
            self._untold[order.intent.id] = await self._not_told(order, within_s)

    async def _not_told(self, order: Order, within_s: float) -> str:
        """Tell somebody; where that does not work, a sentence for the record."""
        until = monotonic() + within_s
        while True:
            try:
                told = await self._tell(order)
            except (PlatformError, Refused) as exc:
                if isinstance(exc, PlatformBusy) and monotonic() + exc.retry_after < until:
                    await asyncio.sleep(exc.retry_after)
                    continue
                log.info("not told", case=order.effect.case_id, error=str(exc))
                return self._phrases.say("telegram.untold_in_doubt")
            return "" if told.result is Result.DONE else self._phrases.say("telegram.untold")

    def _notice(self, effect: Effect) -> str:
        until = f"{effect.until:%Y-%m-%d %H:%M} UTC" if effect.until else ""
        who = effect.person.name if effect.person else ""
        return self._phrases.say(effect.notice or f"notice.{effect.kind}", who=who, until=until)


def hidden_ids(order: Order) -> list[int]:
    """The ids of all that is to be taken out: an album goes whole, a repost with all its parts, and
    with what came of its album after it was posted.

    An id may have the number of one of several people behind it, who joined in one message.
    """
    ids = [each.partition(".")[0] for target in order.targets for each in target.split(",")]
    message = order.message
    if message is not None and message.album:
        # Under the id that a group moved to, its parts' ids are others' messages.
        is_here = message.place.group == order.effect.place.group
        ids += _album_ids(message) if is_here or order.targets[0] == message.id else []
    return [int(each) for each in dict.fromkeys(ids) if each != NO_MESSAGE]


def _album_ids(message: core.Message) -> list[str]:
    return [files.message_id(file) for file in message.attachments]
