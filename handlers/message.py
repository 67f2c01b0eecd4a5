"""A message came in: judge it, and open a case where the verdict asks for one."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from bot.domain.bursts import joined, may_be_part, read_together
from bot.domain.cases import Case, Change, judge_told, open_case
from bot.domain.communities import Community
from bot.domain.effects import Intent
from bot.domain.errors import FlowUnavailable, ScorerUnavailable, UnreadablePayload
from bot.domain.judging import Coverage, Judgement, judge_all, judge_unscored
from bot.domain.memory import Bursts
from bot.domain.messages import Message, Place
from bot.domain.policy import Action, Policy
from bot.domain.ports import (
    Clockwork,
    EffectStream,
    Evidence,
    Lane,
    ReviewQueue,
    Scorer,
    Store,
    Transaction,
    Watcher,
)
from bot.domain.signals import Told, Uncovered
from bot.domain.urgency import urgency
from bot.observability.metrics import EXEMPT, UNBOUND, Metrics
from handlers.explanation import Explainer
from handlers.recording import record, refresh_cards
from handlers.window import Window

log = structlog.get_logger(__name__)
_Bound = tuple[Community, Policy]
_Sentence = tuple[Message, Sequence[Message]]
"""An author's messages read as one, and all of them but the one that it stands for."""

_Recorded = tuple[Case, list[Intent]]
"""A case as it is on record, and what is to be done."""

CASES_AT_ONCE = 16
"""How many share a transaction: in a raid most of what a case costs is the commit. More would make
the first of them wait for the last, and a press for both."""


class MessageHandler:
    """Judges messages as they come out of intake."""

    def __init__(
        self,
        *,
        store: Store,
        scorer: Scorer,
        effects: EffectStream,
        queue: ReviewQueue,
        window: Window,
        now: Clockwork,
        metrics: Metrics,
        bursts: Bursts,
        explainer: Explainer | None = None,
        watcher: Watcher | None = None,
        coverage: Coverage | None = None,
    ) -> None:
        self._store = store
        self._scorer = scorer
        self._effects = effects
        self._queue = queue
        self._window = window
        self._now = now
        self._metrics = metrics
        self._bursts = bursts
        self._explainer = explainer
        self._watcher = watcher
        self._coverage = coverage

    async def judge(self, messages: Sequence[Message], lane: Lane = Lane.ORDINARY) -> list[bool]:
        """Judge messages; says of each, in order, whether it is finished with.

        What those say whose words the deny list knows overtakes the others of these messages, and
        what asks for action by itself does not wait for the sentences that others are parts of.

        What the scorer could not judge is not finished, unless the deny list settles it: it
        stays in intake until the scorer is back or it becomes a dead letter, which is a case.
        Raises StorageUnavailable: nothing that is not on record is finished.
        """
        rules = await self._rules(messages)
        sentences = await self._sentences(messages, rules)
        finished = [False] * len(messages)
        hurried = _listed_authors(messages, rules)
        together: dict[tuple[str, Lane], list[int]] = defaultdict(list)
        for index, message in enumerate(messages):
            bound = rules[_group(message)]
            if bound is None or _of_reviewers(message, bound[0]):
                self._count(message, UNBOUND if bound is None else EXEMPT)
                finished[index] = True
            else:
                own_lane = Lane.URGENT if _author(message) in hurried else lane
                together[bound[0].id, own_lane].append(index)

        async def judge_together(indexes: Sequence[int], own_lane: Lane) -> None:
            bound = rules[_group(messages[indexes[0]])]
            assert bound is not None  # noqa: S101 - those of nobody are sorted out above
            here = [messages[index] for index in indexes]
            parts = [sentences[index] for index in indexes]
            wholes = [each[0] for each in parts if each is not None]
            alone, judged = await asyncio.gather(
                self._act_at_once(here, bound, own_lane),
                self._judged(wholes, bound[1], own_lane),
            )
            acted = [each for each in alone if each is not None and not each.allowed]
            judgements = await self._read(alone, parts, judged, bound[1], own_lane)
            rest = [each for each in judgements if each is not None and each not in acted]
            await self._settle_all(rest, bound)
            for index, judgement in zip(indexes, judgements, strict=True):
                finished[index] = judgement is not None

        await asyncio.gather(*(judge_together(each, lane) for (_, lane), each in together.items()))
        return finished

    async def _act_at_once(
        self, messages: Sequence[Message], bound: _Bound, lane: Lane
    ) -> list[Judgement | None]:
        """Judge messages by themselves, and settle what is not allowed."""
        alone = await self._judged(messages, bound[1], lane)
        acted = [each for each in alone if each is not None and not each.allowed]
        await self._settle_all(acted, bound)
        return alone

    async def _settle_all(self, judgements: Sequence[Judgement], bound: _Bound) -> None:
        by_group: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
        for judgement in judgements:
            by_group[_group(judgement.message)].append(judgement)
        await asyncio.gather(*(self.settle(each, *bound) for each in by_group.values()))
        await self._forget([each for each in judgements if not each.allowed])

    async def settle(
        self, judgements: Sequence[Judgement], community: Community, policy: Policy
    ) -> None:
        """Do what judgements ask for, in their order: count an allowed message, open a case for
        another, or hand its verdict to the case that somebody's report or the platform's own alert
        opened first."""
        for judgement in judgements:
            self._tell(judgement)
        asked = [each for each in judgements if not each.allowed]
        for first in range(0, len(asked), CASES_AT_ONCE):
            few = asked[first : first + CASES_AT_ONCE]
            await self._put_on_record(few, community, policy)

    def _tell(self, judgement: Judgement) -> None:
        message, verdict = judgement.message, judgement.verdict
        self._count(message, verdict.action if verdict else EXEMPT)
        for signal in judgement.signals:
            if isinstance(signal, Uncovered):
                self._metrics.uncovered(signal.language)
        if self._watcher is not None:
            self._watcher.judged(message, judgement.signals, verdict)

    async def _put_on_record(
        self, judgements: Sequence[Judgement], community: Community, policy: Policy
    ) -> None:
        now = self._now()
        asked = [
            (
                open_case(uuid.uuid4().hex, community.id, each.message, verdict, policy, now),
                Evidence(each.message, each.signals),
            )
            for each in judgements
            if (verdict := each.verdict) is not None
        ]
        async with self._store.transaction() as tx:
            recorded = [await _open(tx, opened, judged, now) for opened, judged in asked]
        for n, (opened, judged) in enumerate(asked):
            if recorded[n] is None:  # each by itself: a press may hold the case that there is
                async with self._store.transaction() as tx:
                    recorded[n] = await _take_in(tx, community, opened, judged, now)
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

    async def _rules(self, messages: Sequence[Message]) -> dict[tuple[str, str], _Bound | None]:
        groups = {Place(each.place.platform, each.place.group) for each in messages}
        async with self._store.reading() as tx:
            communities = await tx.communities.moderating(groups)
            policies = await tx.policies.current_of([each.id for each in communities])
        bound = {
            (group.platform, group.group): (community, policies[community.id])
            for community in communities
            for group in community.groups
        }
        return {
            (each.platform, each.group): bound.get((each.platform, each.group)) for each in groups
        }

    async def _sentences(
        self, messages: Sequence[Message], rules: Mapping[tuple[str, str], _Bound | None]
    ) -> list[_Sentence | None]:
        """Of each message the sentence that it is a part of; None where it stands by itself."""

        def judged(message: Message) -> bool:
            bound = rules[_group(message)]
            if bound is None or _of_reviewers(message, bound[0]):
                return False
            return bound[1].exempts(message) is None

        parts = [each for each in messages if may_be_part(each) and judged(each)]
        try:
            said = await self._bursts.note(parts)
        except (FlowUnavailable, UnreadablePayload) as exc:
            log.warning("each message is read by itself alone", error=str(exc))
            return [None] * len(messages)
        found = {
            part.key: (whole, [each for each in others if each.id in whole.continues])
            for part, others in zip(parts, said, strict=True)
            if (whole := joined(part, others)) is not None
        }
        return [found.get(each.key) for each in messages]

    async def _read(
        self,
        alone: Sequence[Judgement | None],
        sentences: Sequence[_Sentence | None],
        judged: Sequence[Judgement | None],
        policy: Policy,
        lane: Lane,
    ) -> list[Judgement | None]:
        """The judgements that count, of messages judged by themselves and of their sentences."""
        rest = iter(judged)
        together = [None if each is None else next(rest) for each in sentences]
        # Another worker may have noted a part that it has not judged yet, or was killed over.
        doubted = {
            other.key: other
            for sentence, judgement in zip(sentences, together, strict=True)
            if sentence is not None and judgement is not None and not judgement.allowed
            for other in sentence[1]
        }
        others = await self._judged([*doubted.values()], policy, lane)
        return read_together(alone, together, others)

    async def _forget(self, acted: Sequence[Judgement]) -> None:
        """What has its case is no part of the next sentence."""
        try:
            await self._bursts.forget([each.message for each in acted])
        except FlowUnavailable as exc:
            log.warning("parts of a sentence are remembered for some seconds", error=str(exc))

    async def _judged(
        self, messages: Sequence[Message], policy: Policy, lane: Lane
    ) -> list[Judgement | None]:
        try:
            return [*await judge_all(messages, policy, self._scorer, self._coverage, lane)]
        except ScorerUnavailable as exc:
            if len(messages) > 1:  # one text that fails must not hold its neighbours back
                alone = [await self._judged([message], policy, lane) for message in messages]
                return [judgement for [judgement] in alone]
            log.warning("not scored", message=messages[0].key, error=str(exc))
            return [self._by_rules_alone(messages[0], policy, str(exc))]

    def _by_rules_alone(self, message: Message, policy: Policy, why: str) -> Judgement | None:
        judgement = judge_unscored(message, policy, f"not scored: {why}")
        settled = judgement.verdict is None or judgement.verdict.action is Action.HIDE
        return judgement if settled else None

    def _count(self, message: Message, verdict: str) -> None:
        seconds = (self._now() - message.received_at).total_seconds()
        self._metrics.judged(message.place.platform, verdict, max(0.0, seconds))


async def _open(
    tx: Transaction, opened: Change, judged: Evidence, now: datetime
) -> _Recorded | None:
    """Open the case, unless its message has one."""
    case = await tx.cases.add(opened.case, judged)
    return None if case is None else (case, await record(tx, opened, now))


async def _take_in(
    tx: Transaction, community: Community, opened: Change, judged: Evidence, now: datetime
) -> _Recorded | None:
    """Take the verdict into the case that was opened before it on what somebody told. None where
    its message was judged before."""
    case = await tx.cases.lock_of(community.id, judged.message.key)
    told = await tx.cases.evidence(case.id)
    if told is None or not all(isinstance(each, Told) for each in told.signals):
        return None
    change = judge_told(case, opened.case.verdict)
    both = replace(judged, signals=(*judged.signals, *told.signals))
    await tx.cases.strengthen(change.case, both)
    if change.case.generation != case.generation:
        await tx.cases.save(change.case)
    intents = await record(tx, change, now)
    return change.case, [*intents, *await refresh_cards(tx, community, change.case, now)]


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


def _group(message: Message) -> tuple[str, str]:
    return message.place.platform, message.place.group


def _author(message: Message) -> tuple[str, str, str]:
    return *_group(message), message.author.person.id


def _listed_authors(
    messages: Sequence[Message], rules: Mapping[tuple[str, str], _Bound | None]
) -> set[tuple[str, str, str]]:
    """Who of them said what a deny list knows. Whole authors: the parts of a sentence stay
    together."""
    return {
        _author(message)
        for message in messages
        if (bound := rules[_group(message)]) and bound[1].listed(bound[1].text_to_judge(message))
    }


def _of_reviewers(message: Message, community: Community) -> bool:
    """Whether reviewers wrote it where they review: they quote what they decide about."""
    place = message.place
    here = {Place(place.platform, place.group, each) for each in (place.channel, message.parent)}
    return any(channel in here for channel in community.review_channels)
