"""Time passes: whatever a crash, a lost Redis or a run-out claim left open is taken up again."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.domain.audit import Fact
from bot.domain.cases import SYSTEM, Case, run_out
from bot.domain.communities import Community
from bot.domain.errors import FlowUnavailable, StorageUnavailable
from bot.domain.ports import Clockwork, EffectStream, ReviewQueue
from bot.domain.repositories import Store
from bot.domain.urgency import urgency
from bot.observability.metrics import Metrics
from handlers.recording import record, refresh_cards
from handlers.window import Window

log = structlog.get_logger(__name__)

EVERY_S = 1.0
INTENTS_AT_ONCE = 500
REBUILD_EVERY = timedelta(minutes=1)
ERASE_EVERY = timedelta(hours=1)
OFFERED_WITHIN = timedelta(seconds=2)
ERASED_AT_ONCE = 200
"""Of a community: their cards are drawn anew, and nobody is to wait behind a flood of them."""


class RebuildableQueue(ReviewQueue, Protocol):
    """A review queue that can be set anew from what storage holds."""

    async def cases(self, community_id: str) -> list[str]:
        """Ids of all cases."""

    async def replace(
        self, community_id: str, former: Collection[str], urgencies: Mapping[str, float]
    ) -> None:
        """Put these cases where the `former` stood; others that came since then stay."""


class Sweeper:
    """The reconciler. Safe to run in several processes: all it does may be done twice."""

    def __init__(
        self,
        *,
        store: Store,
        effects: EffectStream,
        queue: RebuildableQueue,
        window: Window,
        now: Clockwork,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._effects = effects
        self._queue = queue
        self._window = window
        self._now = now
        self._metrics = metrics
        self._swept_at = now()
        self._rebuilt_at: datetime | None = None
        self._erased_at: datetime | None = None

    async def run(self) -> None:
        """Sweep for as long as the bot lives; says once that it cannot, and once that it can."""
        failing = False
        while True:
            try:
                await self.sweep()
                if failing:
                    log.info("sweeping again")
                failing = False
            except (FlowUnavailable, StorageUnavailable) as exc:
                if not failing:
                    log.warning("cannot sweep", error=str(exc))
                failing = True
            await asyncio.sleep(EVERY_S)

    async def sweep(self) -> None:
        """One round. Raises FlowUnavailable, StorageUnavailable; the next round tries again."""
        now = self._now()
        await self._offer_intents(now)
        await self._release_claims(now)
        await self._count_breaches(now)
        if _over(REBUILD_EVERY, self._rebuilt_at, now):
            await self.rebuild()
            await self._measure_files()
            self._rebuilt_at = now
        if _over(ERASE_EVERY, self._erased_at, now):
            await self._erase(now)
            self._erased_at = now
        await self._fill_windows()

    async def rebuild(self) -> None:
        """Set every community's review queue anew from its open cases."""
        async with self._store.reading() as tx:
            communities = await tx.communities.all()
        for community in communities:
            # Before the records: what comes into the queue after this is not to go from it.
            former = await self._queue.cases(community.id)
            async with self._store.reading() as tx:
                urgencies = {case.id: urgency(case) async for case in tx.cases.opened(community.id)}
            await self._queue.replace(community.id, former, urgencies)

    async def _erase(self, now: datetime) -> None:
        """Erase what was said where its time of keeping is over."""
        async with self._store.reading() as tx:
            communities = {each.id: each for each in await tx.communities.all()}
            due = [
                (communities[id_], case.id, now - policy.keep_evidence)
                for id_, policy in (await tx.policies.in_force_of(list(communities))).items()
                for case in await tx.cases.kept_since(
                    id_, now - policy.keep_evidence, ERASED_AT_ONCE
                )
            ]
        for community, case_id, before in due:
            await self._erase_one(community, case_id, before, now)

    async def _erase_one(
        self, community: Community, case_id: str, before: datetime, now: datetime
    ) -> None:
        async with self._store.transaction() as tx:
            case = await tx.cases.lock(case_id)
            if case.decision is None or case.decision.at >= before:  # taken back meanwhile
                return
            await tx.cases.erase_evidence(case.id)
            await tx.audit.append(community.id, now, Fact("case.erased", SYSTEM, case.id))
            intents = await refresh_cards(tx, community, case, now)
        await self._effects.publish(intents)

    async def _offer_intents(self, now: datetime) -> None:
        async with self._store.reading() as tx:
            due = await tx.outbox.due(now, INTENTS_AT_ONCE)
        # An intent this young is most likely on its way: whoever recorded it also offered it.
        late = [each for each in due if _over(OFFERED_WITHIN, each.created_at, now)]
        if late and (offered := await self._effects.offer_again(late)):
            log.info("intents offered again", count=len(offered))

    async def _release_claims(self, now: datetime) -> None:
        async with self._store.reading() as tx:
            held = await tx.cases.claims_run_out(now)
        for case in held:
            await self._release(case, now)

    async def _release(self, seen: Case, now: datetime) -> None:
        async with self._store.transaction() as tx:
            case = await tx.cases.lock(seen.id)
            if case.generation != seen.generation or case.claim is None:
                return
            change = run_out(case)
            await tx.cases.save(change.case)
            intents = await record(tx, change, now)
            community = await tx.communities.get(case.community_id)
            intents += await refresh_cards(tx, community, change.case, now)
        await self._effects.publish(intents)

    async def _count_breaches(self, now: datetime) -> None:
        async with self._store.reading() as tx:
            self._metrics.breached(await tx.cases.fell_due(self._swept_at, now))
        self._swept_at = now

    async def _measure_files(self) -> None:
        async with self._store.reading() as tx:
            self._metrics.kept_files(await tx.files.total())

    async def _fill_windows(self) -> None:
        async with self._store.reading() as tx:
            communities = await tx.communities.all()
        for community in communities:
            await self._window.fill(community)


def _over(span: timedelta, since: datetime | None, now: datetime) -> bool:
    """Whether so much time has passed; also where the clock was set back, and nobody knows."""
    return since is None or not timedelta() <= now - since < span
