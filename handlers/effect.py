"""An intent's turn has come: have its adapter carry it out, and record how that ended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from bot.domain.audit import Fact
from bot.domain.cards import Card, presses
from bot.domain.cases import NOTICES_OF, SYSTEM, Case
from bot.domain.communities import Community
from bot.domain.effects import (
    HELD,
    NEVER_HIDDEN,
    NOT_TOLD,
    Effect,
    EffectKind,
    Intent,
    Outcome,
    Result,
)
from bot.domain.errors import FlowUnavailable, PlatformBusy, PlatformError
from bot.domain.files import WITH_CASE
from bot.domain.messages import Place
from bot.domain.ports import Adapter, Clockwork, EffectStream, Order
from bot.domain.repositories import Evidence, Started, Store, Transaction
from bot.domain.signals import Reported, Scored
from bot.observability.metrics import Metrics
from handlers.recording import refresh_cards

log = structlog.get_logger(__name__)

LEASE_S = 60.0
TIMEOUT_S = 45.0  # below the lease: whoever takes over never acts beside a living first
GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_PAUSE_S = 300.0


class EffectHandler:
    """Carries effects out: intent, act, outcome.

    name: this process's, the same at every start and no living other's.
    """

    def __init__(
        self,
        *,
        store: Store,
        adapters: Mapping[str, Adapter],
        effects: EffectStream,
        now: Clockwork,
        metrics: Metrics,
        name: str,
    ) -> None:
        self._store = store
        self._adapters = adapters
        self._effects = effects
        self._now = now
        self._metrics = metrics
        self._name = name

    async def resume(self) -> None:
        """Offer again at once what this process held when it was killed. Its name was locked
        by the living, so no lease under that name is anybody's now."""
        async with self._store.transaction() as tx:
            left = await tx.outbox.give_back(self._name)
        if left:
            log.info("intents of a former life taken up", count=len(left))
            await self._effects.publish(left)

    async def carry_out(self, intent_id: str) -> None:
        """Do what an intent says, if it is still to be done and its turn has come.

        Raises StorageUnavailable: what was done stays open on record, and is tried again; the
        adapter then finds it done.
        """
        async with self._store.transaction() as tx:
            started = await tx.outbox.start(intent_id, self._now(), LEASE_S, self._name)
        if started is None:
            return
        # Only a card writes here, its buttons: whoever else writes is not kept waiting.
        card = started.intent.effect.kind is EffectKind.CARD
        async with self._store.transaction() if card else self._store.reading() as tx:
            order = await _order(tx, started)
            idle = await _idle(tx, order, self._now())
        outcome = idle or await self._acted(order)
        if outcome is not None:
            await self._record(order, outcome)

    async def _acted(self, order: Order) -> Outcome | None:
        """How it ended; None when it is to be tried again, which is then on record."""
        effect = order.effect
        platform = effect.place.platform
        try:
            async with asyncio.timeout(TIMEOUT_S):
                outcome = await self._adapters[platform].carry_out(order)
        except (PlatformError, TimeoutError) as exc:
            failure: Exception = exc
        except Exception as exc:  # an adapter's own fault must not lose the intent
            log.exception("adapter failed", intent=order.intent.id, effect=effect.kind)
            failure = exc
        else:
            self._metrics.effect(platform, effect.kind, outcome.result)
            return outcome
        reason = str(failure) or type(failure).__name__
        now = self._now()
        if now - order.intent.created_at >= GIVE_UP_AFTER:
            self._metrics.effect(platform, effect.kind, Result.FAILED)
            return Outcome(Result.FAILED, reason)
        until = now + _pause(failure, order.attempt)
        async with self._store.transaction() as tx:
            await tx.outbox.postpone(order.intent.id, until, reason)
        self._metrics.effect(platform, effect.kind, "retry")
        log.warning(
            "effect postponed",
            intent=order.intent.id,
            effect=effect.kind,
            case=effect.case_id,
            attempt=order.attempt,
            until=until.isoformat(),
            reason=reason,
        )
        return None

    async def _record(self, order: Order, outcome: Outcome) -> None:
        now = self._now()
        async with self._store.transaction() as tx:
            follow_up = await tx.outbox.close(order.intent.id, outcome, now)
            if follow_up is None:
                log.warning("outcome came too late", intent=order.intent.id)
                return
            if order.effect.kind is EffectKind.CARD:
                follow_up += await _card_posted(tx, order, outcome, now)
            else:
                follow_up += await _effect_done(tx, order, outcome, now)
        self._report(order, outcome, now)
        try:
            await self._effects.publish(follow_up)
        except FlowUnavailable as exc:
            log.warning("outcome is on record, Redis is not there", error=str(exc))

    def _report(self, order: Order, outcome: Outcome, now: datetime) -> None:
        effect = order.effect
        hidden = effect.kind is EffectKind.HIDE and outcome.result is Result.DONE
        if hidden and order.message is not None:
            seconds = (now - order.message.posted_at).total_seconds()
            self._metrics.acted(effect.place.platform, "hide", max(0.0, seconds))
        bad = outcome.result in (Result.REFUSED, Result.FAILED)
        (log.error if bad else log.info)(
            "effect ended",
            intent=order.intent.id,
            effect=effect.kind,
            case=effect.case_id,
            result=outcome.result,
            reason=outcome.reason,
            attempt=order.attempt,
        )


def _pause(failure: Exception, attempt: int) -> timedelta:
    if isinstance(failure, PlatformBusy):
        return timedelta(seconds=failure.retry_after)
    return timedelta(seconds=min(2.0 ** min(attempt, 16), LONGEST_PAUSE_S))


_LIFTS = {EffectKind.UNMUTE: EffectKind.MUTE, EffectKind.UNBAN: EffectKind.BAN}


async def _idle(tx: Transaction, order: Order, now: datetime) -> Outcome | None:
    """How an order ended of which, as things stand, nothing is to be done; None for others."""
    intent, effect = order.intent, order.effect
    if effect.kind is EffectKind.NOTIFY:
        deed = NOTICES_OF.get(effect.notice or "", EffectKind.HIDE)
        result = await tx.outbox.ended_before(intent, deed)
        # A restore that found the message where it was has brought nothing back.
        nothing = deed is EffectKind.RESTORE and result is Result.GONE
        if nothing or result in (Result.REFUSED, Result.FAILED):
            return Outcome(Result.GONE, NOT_TOLD)
    elif effect.kind is EffectKind.RESTORE:
        if await tx.outbox.never_hidden(intent):
            return Outcome(Result.GONE, NEVER_HIDDEN)
    elif (held := _LIFTS.get(effect.kind)) and await tx.outbox.holds_for_another(intent, held, now):
        return Outcome(Result.GONE, HELD)
    return None


async def _order(tx: Transaction, started: Started) -> Order:
    effect = started.intent.effect
    case = await tx.cases.get(effect.case_id)
    evidence = await tx.cases.evidence(effect.case_id)
    card, kept = None, None
    target, out_of_reach = effect.message_id, False
    if effect.kind in (EffectKind.HIDE, EffectKind.RESTORE, EffectKind.CARD):
        kept = await tx.outbox.kept_as(effect.case_id)
    if effect.kind is EffectKind.CARD:
        card = await _card(tx, case, effect, evidence, kept)
    elif effect.kind is EffectKind.HIDE:
        reposted = await tx.outbox.restored_as(effect.case_id, effect.place)
        target, out_of_reach = reposted or target, case.left_behind and reposted is None
    return Order(
        intent=started.intent,
        attempt=started.attempt,
        case_number=case.number,
        message=evidence.message if evidence else None,
        target_id=target,
        out_of_reach=out_of_reach,
        kept=kept,
        card=card,
    )


async def _card(
    tx: Transaction, case: Case, effect: Effect, evidence: Evidence | None, kept: str | None
) -> Card:
    scored = [each for each in evidence.signals if isinstance(each, Scored)] if evidence else []
    confirming = case.claim.holder if case.claim else None
    return Card(
        case=case,
        message=evidence.message if evidence else None,
        scores=scored[0].scores if scored else None,
        record=await tx.cases.record_of(case.community_id, case.author, case),
        done=await tx.outbox.done(case.id),
        buttons=await tx.cards.draw_buttons(
            case, presses(case, confirming_ban=confirming is not None)
        ),
        ref=await tx.cards.card_ref(case.id, effect.place),
        confirming=confirming,
        whys=_whys(evidence) if evidence else (),
        words=evidence.words if evidence else (),
        shown=await tx.cards.shown(case.id, effect.place) if kept == WITH_CASE else None,
    )


def _whys(evidence: Evidence) -> tuple[str, ...]:
    reports = [each for each in evidence.signals if isinstance(each, Reported)]
    return tuple(each.why for each in reports if each.why)


async def _effect_done(
    tx: Transaction, order: Order, outcome: Outcome, now: datetime
) -> list[Intent]:
    effect = order.effect
    await tx.audit.append(
        order.intent.community_id,
        now,
        Fact(
            f"effect.{outcome.result}",
            SYSTEM,
            effect.case_id,
            details={
                "intent": order.intent.id,
                "effect": effect.kind,
                "place": str(effect.place),
                "attempt": order.attempt,
                "reason": outcome.reason,
            },
        ),
    )
    community, case = await _of(tx, order)
    return await refresh_cards(tx, community, case, now)


async def _card_posted(
    tx: Transaction, order: Order, outcome: Outcome, now: datetime
) -> list[Intent]:
    effect, card = order.effect, order.card
    if outcome.ref is not None:
        await tx.cards.set_card_ref(effect.case_id, effect.place, outcome.ref, outcome.shown)
    if card is None or outcome.result is not Result.DONE:
        return []
    community, case = await _of(tx, order)
    # What changed while the card was being drawn asked for no second drawing of it.
    moved_on = case.generation != card.case.generation
    evidence = await tx.cases.evidence(case.id)
    known = (evidence.words, _whys(evidence)) if evidence is not None else ((), ())
    shown = (tuple(card.words), tuple(card.whys))
    learned = case.verdict != card.case.verdict or known != shown
    # Files come in answer to a card that is on record, and the card tells which of them do not.
    files = outcome.shown is not None or (card.ref is None and order.kept == WITH_CASE)
    acted = list(await tx.outbox.done(case.id)) != list(card.done)
    if moved_on or learned or files or acted:
        return await refresh_cards(tx, _only(community, effect.place), case, now)
    return []


async def _of(tx: Transaction, order: Order) -> tuple[Community, Case]:
    community = await tx.communities.get(order.intent.community_id)
    return community, await tx.cases.get(order.effect.case_id)


def _only(community: Community, channel: Place) -> Community:
    return Community(
        community.id, community.name, community.created_at, community.groups, (channel,)
    )
