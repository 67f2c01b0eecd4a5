"""A message came in: judge it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

import structlog

from bot.domain.bursts import joined, may_be_part, read_together
from bot.domain.communities import Community
from bot.domain.errors import FlowUnavailable, ScorerUnavailable, UnreadablePayload
from bot.domain.judging import Coverage, Judgement, judge_all, judge_unscored
from bot.domain.memory import Bursts
from bot.domain.messages import Message, Place
from bot.domain.policy import Action, Policy
from bot.domain.ports import Lane, Scorer
from bot.domain.repositories import Store
from bot.observability.metrics import EXEMPT, UNBOUND
from handlers.verdict import Tally, VerdictHandler

log = structlog.get_logger(__name__)
_Group = tuple[str, str]
_Bound = tuple[Community, Policy]
_Sentence = tuple[Message, Sequence[Message]]
"""An author's messages read as one, and all of them but the one that it stands for."""


class MessageHandler:
    """Judges messages as they come out of intake."""

    def __init__(
        self,
        *,
        store: Store,
        scorer: Scorer,
        verdicts: VerdictHandler,
        bursts: Bursts,
        coverage: Coverage | None = None,
    ) -> None:
        self._store = store
        self._scorer = scorer
        self._verdicts = verdicts
        self._bursts = bursts
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
        tallies = []
        hurried = _listed_authors(messages, rules)
        together: dict[tuple[str, Lane], list[int]] = defaultdict(list)
        for index, message in enumerate(messages):
            bound = rules[_group(message)]
            if bound is None or _of_reviewers(message, bound[0]):
                exempt = UNBOUND if bound is None else EXEMPT
                tallies.append(self._verdicts.tally(message, exempt))
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
            (alone, first), judged = await asyncio.gather(
                self._settle_what_stands_alone(here, parts, bound, own_lane),
                self._judged(wholes, bound[1], own_lane),
            )
            judgements = await self._read(alone, parts, judged, bound[1], own_lane)
            rest = [
                each
                for each, own, part in zip(judgements, alone, parts, strict=True)
                if each is not None and not _stands_alone(own, part)
            ]
            tallies.extend([*first, *await self._settle(rest, bound)])
            for index, judgement in zip(indexes, judgements, strict=True):
                finished[index] = judgement is not None

        await asyncio.gather(*(judge_together(each, lane) for (_, lane), each in together.items()))
        self._verdicts.count(tallies)  # had one failed, all would be delivered again
        return finished

    async def _settle_what_stands_alone(
        self,
        messages: Sequence[Message],
        parts: Sequence[_Sentence | None],
        bound: _Bound,
        lane: Lane,
    ) -> tuple[list[Judgement | None], list[Tally]]:
        """Judge messages by themselves, and settle those that no sentence can change."""
        alone = await self._judged(messages, bound[1], lane)
        settled = [
            own
            for own, part in zip(alone, parts, strict=True)
            if own is not None and _stands_alone(own, part)
        ]
        return alone, await self._settle(settled, bound)

    async def _settle(self, judgements: Sequence[Judgement], bound: _Bound) -> list[Tally]:
        """Put what is not allowed on record, each group's in the order in which it came; what is
        to be counted of all comes back."""
        by_group: dict[_Group, list[Judgement]] = defaultdict(list)
        tallies, grown = [], []
        for judgement in judgements:
            tallies.append(self._verdicts.tell(judgement))
            if judgement.allowed and judgement.message.album and judgement.message.revision:
                grown.append(judgement)
            elif not judgement.allowed:
                by_group[_group(judgement.message)].append(judgement)
        await asyncio.gather(*(self._verdicts.record(few, *bound) for few in by_group.values()))
        if grown:
            await self._verdicts.complete(grown, *bound)
        await self._forget([each.message for few in by_group.values() for each in few])
        return tallies

    async def _rules(self, messages: Sequence[Message]) -> dict[_Group, _Bound | None]:
        groups = {Place(each.place.platform, each.place.group) for each in messages}
        async with self._store.reading() as tx:
            communities = await tx.communities.moderating(groups)
            policies = await tx.policies.in_force_of([each.id for each in communities])
        bound = {
            (group.platform, group.group): (community, policies[community.id])
            for community in communities
            for group in community.groups
        }
        return {
            (each.platform, each.group): bound.get((each.platform, each.group)) for each in groups
        }

    async def _sentences(
        self, messages: Sequence[Message], rules: Mapping[_Group, _Bound | None]
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

    async def _forget(self, messages: Sequence[Message]) -> None:
        """What has its case is no part of the next sentence."""
        try:
            await self._bursts.forget(messages)
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


def _group(message: Message) -> _Group:
    return message.place.platform, message.place.group


def _stands_alone(own: Judgement | None, part: _Sentence | None) -> bool:
    """Whether what a message says by itself is all that counts."""
    return own is not None and (part is None or not own.allowed)


def _author(message: Message) -> tuple[str, str, str]:
    return *_group(message), message.author.person.id


def _listed_authors(
    messages: Sequence[Message], rules: Mapping[_Group, _Bound | None]
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
