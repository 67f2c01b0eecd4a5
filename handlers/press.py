"""A reviewer pressed a button of a card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog

from bot.domain.audit import Fact
from bot.domain.cards import Press
from bot.domain.cases import Case, Change, Status, decide, release, take, undo
from bot.domain.communities import Community
from bot.domain.errors import (
    FlowUnavailable,
    NotAReviewer,
    PlatformError,
    PressRefused,
    RightsUnknown,
    StalePress,
    UnreadablePayload,
)
from bot.domain.messages import Person, Place, readable
from bot.domain.policy import Policy
from bot.domain.ports import Adapter, Clockwork, EffectStream, PressReply, ReviewQueue
from bot.domain.repositories import DrawnButton, Store
from bot.domain.urgency import urgency
from handlers.recording import record, refresh_cards
from handlers.window import Window

log = structlog.get_logger(__name__)


class PressHandler:
    """Takes reviewers' presses: who may, what it decides, and what to answer."""

    def __init__(
        self,
        *,
        store: Store,
        adapters: Mapping[str, Adapter],
        effects: EffectStream,
        queue: ReviewQueue,
        window: Window,
        now: Clockwork,
    ) -> None:
        self._store = store
        self._adapters = adapters
        self._effects = effects
        self._queue = queue
        self._window = window
        self._now = now

    async def press(
        self, button_id: str, presser: Person, place: Place, reason: str = ""
    ) -> PressReply:
        """Fits `ports.Desk`. The case is found by the button alone, its community by the case:
        nothing that a client sends is believed. Raises StorageUnavailable."""
        try:
            drawn, community = await self._looked_up(button_id)
            await self._admit(presser, place, community, drawn)
            case, reply = await self._decided(drawn, presser, community, readable(reason))
        except PressRefused as refused:
            log.info("press refused", presser=str(presser), why=str(refused))
            return PressReply(refused.reply, tuple(refused.fields.items()), accepted=False)
        except UnreadablePayload as exc:
            log.error("pressed on a case that cannot be read", error=str(exc))
            return PressReply("press.unreadable", accepted=False)
        await self._follow_up(community, case)
        return reply

    async def _looked_up(self, button_id: str) -> tuple[DrawnButton, Community]:
        async with self._store.reading() as tx:
            drawn = await tx.cards.button(readable(button_id))
            if drawn is None:
                raise StalePress("no such button")
            case = await tx.cases.get(drawn.case_id)
            return drawn, await tx.communities.get(case.community_id)

    async def _admit(
        self, presser: Person, place: Place, community: Community, drawn: DrawnButton
    ) -> None:
        """Asked of the platform at every press: rights may have been taken a moment ago."""
        adapter = self._adapters.get(place.platform)
        try:
            allowed = (
                adapter is not None
                and place in community.review_channels
                and presser.platform == place.platform
                and await adapter.may_review(presser, place)
            )
        except PlatformError as exc:
            raise RightsUnknown(f"rights could not be checked: {exc}") from exc
        if allowed:
            return
        fact = Fact("press.refused", str(presser), drawn.case_id, details={"press": drawn.press})
        async with self._store.transaction() as tx:
            await tx.audit.append(community.id, self._now(), fact)
        raise NotAReviewer(f"{presser} may not review in {place}")

    async def _decided(
        self, drawn: DrawnButton, presser: Person, community: Community, reason: str
    ) -> tuple[Case, PressReply]:
        now = self._now()
        async with self._store.transaction() as tx:
            case = await tx.cases.lock(drawn.case_id)
            policy = await tx.policies.in_force(community.id)
            change = _change(case, drawn, presser, policy, now, reason)
            await tx.cases.save(change.case)
            intents = await record(tx, change, now)
            intents += await refresh_cards(tx, community, change.case, now)
        log.info(
            "press taken",
            case=case.id,
            press=drawn.press,
            presser=str(presser),
            generation=change.case.generation,
        )
        try:
            await self._effects.publish(intents)
            if change.case.status is Status.OPEN:
                await self._queue.put(community.id, case.id, urgency(change.case))
            else:
                await self._queue.remove(community.id, case.id)
        except FlowUnavailable as exc:
            log.warning("press is on record, Redis is not there", case=case.id, error=str(exc))
        return change.case, PressReply(_REPLIES[drawn.press])

    async def _follow_up(self, community: Community, case: Case) -> None:
        if case.status is not Status.DECIDED:
            return
        try:
            await self._window.fill(community)
        except FlowUnavailable as exc:
            log.warning("window not filled, a sweep will", error=str(exc))


def _change(
    case: Case,
    drawn: DrawnButton,
    presser: Person,
    policy: Policy,
    now: datetime,
    reason: str,
) -> Change:
    match drawn.press:
        case Press.UNDO:
            return undo(case, presser, drawn.generation, now)
        case Press.BAN:
            return take(case, presser, drawn.generation, policy, now)
        case Press.CANCEL:
            return release(case, presser, drawn.generation, now)
    if (kind := drawn.press.decision) is None:
        raise StalePress(f"no press {drawn.press}")
    return decide(case, presser, kind, drawn.generation, policy, now, reason)


_REPLIES: Mapping[Press, str] = {
    Press.RESTORE: "press.done_restore",
    Press.KEEP_HIDDEN: "press.done_keep_hidden",
    Press.WARN: "press.done_warn",
    Press.MUTE: "press.done_mute",
    Press.KICK: "press.done_kick",
    Press.BAN: "press.confirm_ban",
    Press.CONFIRM_BAN: "press.done_ban",
    Press.CANCEL: "press.cancelled",
    Press.UNDO: "press.undone",
}
