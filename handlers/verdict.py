"""A message was judged: count it, and open a case where its verdict asks for one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.domain.cases import Case, judge_told, open_case
from bot.domain.communities import Community
from bot.domain.effects import Intent
from bot.domain.errors import FlowUnavailable
from bot.domain.judging import Judgement
from bot.domain.messages import Message
from bot.domain.policy import Policy, Verdict
from bot.domain.ports import Clockwork, EffectStream, ReviewQueue, Watcher
from bot.domain.repositories import Evidence, Store, Transaction
from bot.domain.signals import Told, Uncovered
from bot.domain.urgency import urgency
from bot.observability.metrics import EXEMPT, Metrics
from handlers.album import Known, known_of_album, take_in_parts
from handlers.explanation import Explainer
from handlers.recording import case_of_text, record, refresh_cards
from handlers.window import Window

log = structlog.get_logger(__name__)
_Recorded = tuple[Case, list[Intent]]
"""A case as it is on record, and what is to be done."""

CASES_AT_ONCE = 16
"""How many share a transaction: in a raid most of what a case costs is the commit. More would make
the first of them wait for the last, and a press for both."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What is to be counted of a message.

    seconds: from its receipt to its verdict.
    uncovered: the languages in it that the model does not know.
    """

    platform: str
    verdict: str
    seconds: float
    uncovered: Sequence[str] = ()


class VerdictHandler:
    """Does what verdicts ask for."""

    def __init__(
        self,
        *,
        store: Store,
        effects: EffectStream,
        queue: ReviewQueue,
        window: Window,
        now: Clockwork,
        metrics: Metrics,
        explainer: Explainer | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self._store = store
        self._effects = effects
        self._queue = queue
        self._window = window
        self._now = now
        self._metrics = metrics
        self._explainer = explainer
        self._watcher = watcher

    def tell(self, judgement: Judgement) -> Tally:
        """Show a judgement to who watches; what is to be counted of it comes back."""
        message, verdict = judgement.message, judgement.verdict
        if self._watcher is not None:
            self._watcher.judged(message, judgement.signals, verdict)
        languages = [each.language for each in judgement.signals if isinstance(each, Uncovered)]
        return self.tally(message, verdict.action if verdict else EXEMPT, languages)

    def tally(self, message: Message, verdict: str, uncovered: Sequence[str] = ()) -> Tally:
        """What is to be counted of a message that gets no verdict, or this one."""
        seconds = (self._now() - message.received_at).total_seconds()
        return Tally(message.place.platform, verdict, max(0.0, seconds), uncovered)

    def count(self, tallies: Iterable[Tally]) -> None:
        """Count messages that are finished with: others are delivered again."""
        for each in tallies:
            self._metrics.judged(each.platform, each.verdict, each.seconds)
            for language in each.uncovered:
                self._metrics.uncovered(language)

    async def record(
        self, judgements: Sequence[Judgement], community: Community, policy: Policy
    ) -> None:
        """Open a case for each of these messages, in their order, or hand its verdict to the case
        that somebody's report or the platform's own alert opened first.

        All of them asked for: none is allowed. Raises StorageUnavailable.
        """
        for first in range(0, len(judgements), CASES_AT_ONCE):
            few = judgements[first : first + CASES_AT_ONCE]
            await self._put_on_record(few, community, policy)

    async def complete(
        self, judgements: Sequence[Judgement], community: Community, policy: Policy
    ) -> None:
        """Take what is allowed into the cases that its albums have, which know of fewer parts: what
        reviewers hid of them goes whole. Raises StorageUnavailable."""
        recorded = []
        for each in judgements:
            async with self._store.transaction() as tx:
                book = _Book(tx, community, policy, self._now())
                recorded.append(await book.complete(Evidence(each.message, each.signals)))
        await self._follow_up([each for each in recorded if each is not None], community)

    async def _put_on_record(
        self, judgements: Sequence[Judgement], community: Community, policy: Policy
    ) -> None:
        asked = [
            (Evidence(each.message, each.signals), verdict)
            for each in judgements
            if (verdict := each.verdict) is not None
        ]
        now = self._now()
        async with self._store.transaction() as tx:
            book = _Book(tx, community, policy, now)
            recorded = [await book.open(*each) for each in asked]
        for n, (judged, verdict) in enumerate(asked):
            if recorded[n] is None:  # each by itself: a press may hold the case that there is
                async with self._store.transaction() as tx:
                    book = _Book(tx, community, policy, now)
                    recorded[n] = await book.add(judged, verdict)
            _log_case(judged.message, recorded[n])
        await self._follow_up([each for each in recorded if each is not None], community)

    async def _follow_up(self, recorded: Sequence[_Recorded], community: Community) -> None:
        if self._explainer is not None:
            for case, _ in recorded:
                self._explainer.ask(case)
        try:
            await self._effects.publish([each for _, intents in recorded for each in intents])
            for case, _ in recorded:
                await self._queue.put(community.id, case.id, urgency(case))
            await self._window.fill(community)
        except FlowUnavailable as exc:
            log.warning("cases are on record, Redis is not there: a sweep offers", error=str(exc))


@dataclass(frozen=True, slots=True)
class _Book:
    """Where verdicts of one community are put on record, for one transaction."""

    tx: Transaction
    community: Community
    policy: Policy
    now: datetime

    async def open(self, judged: Evidence, verdict: Verdict) -> _Recorded | None:
        """Open the case, unless the message has one."""
        if await known_of_album(self.tx, self.community, judged.message) is not None:
            return None
        opened = open_case(
            uuid.uuid4().hex, self.community.id, judged.message, verdict, self.policy, self.now
        )
        case = await self.tx.cases.add(opened.case, judged)
        return None if case is None else (case, await record(self.tx, opened, self.now))

    async def add(self, judged: Evidence, verdict: Verdict) -> _Recorded | None:
        """Put a verdict on record whose message has a case. None where it was judged before."""
        while True:
            known = await known_of_album(self.tx, self.community, judged.message, lock=True)
            if known is not None:
                return await self._take_in_parts(known, judged, verdict)
            message, case = await case_of_text(self.tx, self.community, judged.message)
            if case is not None:
                return await self._take_in(case, judged, verdict)
            opened = await self.open(replace(judged, message=message), verdict)
            if opened is not None:
                return opened

    async def complete(self, judged: Evidence) -> _Recorded | None:
        """Take more parts of an album into its case; None where it has none, or knows of them."""
        known = await known_of_album(self.tx, self.community, judged.message, lock=True)
        return None if known is None else await self._take_in_parts(known, judged, None)

    async def _take_in_parts(
        self, known: Known, judged: Evidence, verdict: Verdict | None
    ) -> _Recorded | None:
        return await take_in_parts(
            self.tx, self.community, known, judged, verdict, self.policy, self.now
        )

    async def _take_in(self, case: Case, judged: Evidence, verdict: Verdict) -> _Recorded | None:
        """Take the verdict into the case that was opened before it on what somebody told."""
        told = await self.tx.cases.evidence(case.id)
        if told is None or not all(isinstance(each, Told) for each in told.signals):
            return None
        change = judge_told(case, verdict)
        both = replace(judged, signals=(*judged.signals, *told.signals))
        await self.tx.cases.strengthen(change.case, both)
        if change.case.generation != case.generation:
            await self.tx.cases.save(change.case)
        intents = await record(self.tx, change, self.now)
        cards = await refresh_cards(self.tx, self.community, change.case, self.now)
        return change.case, [*intents, *cards]


def _log_case(message: Message, recorded: _Recorded | None) -> None:
    if recorded is None:
        log.info("message has its case already", message=message.key)
        return
    case, _ = recorded
    log.info(
        "case judged",
        case=case.id,
        number=case.number,
        community=case.community_id,
        message=message.key,
        verdict=case.verdict.action,
        reason=case.verdict.reason,
        policy_version=case.verdict.policy_version,
    )
