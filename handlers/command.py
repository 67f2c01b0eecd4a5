"""Somebody gave the bot a command."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from bot.domain.cases import Case, DecisionKind, Status
from bot.domain.communities import Community
from bot.domain.desk import Answer, Choice, Command, CommandName, Sentence, refusal, sentence
from bot.domain.errors import (
    InvalidValue,
    NotFound,
    PlatformError,
    ScorerUnavailable,
    UnreadablePayload,
)
from bot.domain.messages import Place
from bot.domain.policy import Policy
from bot.domain.ports import Clockwork, Lane, Scorer
from bot.domain.repositories import Store
from bot.domain.statistics import statistics
from bot.domain.urgency import urgency
from handlers.community import bind_community, create_community
from handlers.linking import LinkingHandler
from handlers.rights import Rights
from handlers.settings import SettingsMenu

log = structlog.get_logger(__name__)

LISTED = 10
_LISTED_A_ROW = 2
_MOST_DIGITS = 9
MOST_CASES = 100_000
GUARD = "guard"
"""What `start` bears in a group that is to be moderated; anything else is a code for linking."""


class CommandHandler:
    """Answers commands. Each is checked against the person's rights now, in the community that
    the place belongs to; nothing that a menu's button bears is believed.

    first_policy: what a new community begins with. scorer: None in a process without a model.
    """

    def __init__(
        self,
        *,
        store: Store,
        rights: Rights,
        linking: LinkingHandler,
        menu: SettingsMenu,
        first_policy: Policy,
        scorer: Scorer | None,
        now: Clockwork,
    ) -> None:
        self._store = store
        self._rights = rights
        self._linking = linking
        self._menu = menu
        self._first_policy = first_policy
        self._scorer = scorer
        self._now = now

    async def command(self, command: Command) -> Answer:
        """Fits `ports.Desk`. Raises StorageUnavailable, FlowUnavailable."""
        try:
            return await self._answer(command)
        except PlatformError as exc:
            person = str(command.person)
            log.warning("rights could not be checked", person=person, error=str(exc))
            return refusal("command.unchecked")

    async def _answer(self, command: Command) -> Answer:  # noqa: PLR0911 - one a kind
        """Raises PlatformError where the platform does not say what the person may do."""
        match command.name:
            case CommandName.HELP:
                return Answer((sentence("help.private" if command.private else "help.group"),))
            case CommandName.START:
                return await self._start(command)
            case CommandName.LINK:
                return await self._linking.link(command)
        if command.private:
            return refusal("command.in_a_group")
        community = await self._community(command.place)
        if community is None:
            return refusal("command.not_moderated")
        if command.name is CommandName.SETTINGS:
            return await self._settings(command, community)
        reviewer = await self._rights.reviews(command.person, command.place, community)
        match command.name:
            case CommandName.STATS if reviewer or await self._administers(command, community):
                return await self._stats(community)
            case CommandName.CASES if reviewer:
                return await self._cases(community, command.argument)
            case CommandName.SCORE if reviewer:
                return await self._score(command.argument)
        stats = command.name is CommandName.STATS
        return refusal("command.admins_only" if stats else "command.reviewers_only")

    # ------------------------------------------------------------ beginning

    async def _start(self, command: Command) -> Answer:
        if command.private:
            add = Choice(sentence("greeting.add"), CommandName.START, GUARD, elsewhere=True)
            return Answer((sentence("greeting.private"),), ((add,),))
        if command.argument and command.argument != GUARD:
            return await self._linking.link(command)
        if not await self._rights.administers(command.person, command.place):
            return refusal("command.admins_only")
        return await self._begin(command)

    async def _begin(self, command: Command) -> Answer:
        group, by = Place(command.place.platform, command.place.group), str(command.person)
        async with self._store.transaction() as tx:
            community = await tx.communities.by_group(group.platform, group.group)
            if community is None:
                if await tx.communities.by_review(group) is not None:
                    return refusal("greeting.reviews")
                taken = {each.name for each in await tx.communities.all()}
                title = command.title or str(group)
                name = title if title not in taken else f"{title} ({group.group})"
                community = await create_community(tx, name, self._first_policy, by, self._now)
                await bind_community(tx, community, by, self._now, groups=[group])
            policy = await tx.policies.in_force(community.id)
            community = await tx.communities.get(community.id)
        said: list[Sentence] = [sentence("greeting.begun"), sentence(f"mode.{policy.mode}")]
        if community.review_channels:
            return Answer(tuple(said))
        link = Choice(sentence("greeting.link"), CommandName.LINK)
        return Answer((*said, sentence("greeting.no_review")), ((link,),))

    async def _community(self, place: Place) -> Community | None:
        async with self._store.reading() as tx:
            return await tx.communities.by_review(place) or await tx.communities.by_group(
                place.platform, place.group
            )

    async def _administers(self, command: Command, community: Community) -> bool:
        """Whether who gives the command is an admin of what the community moderates. Its review
        channel may be somebody else's: who is an admin there decides cases, as all do in it."""
        here = Place(command.place.platform, command.place.group)
        groups = [here] if here in community.groups else community.groups
        return await self._rights.administers_any(command.person, groups)

    # ------------------------------------------------------------ looking and changing

    async def _settings(self, command: Command, community: Community) -> Answer:
        if not await self._administers(command, community):
            return refusal("command.admins_only")
        try:
            return await self._menu.answer(community, command.argument.split(), command.person)
        except InvalidValue as exc:
            return refusal("settings.impossible", why=str(exc))

    async def _stats(self, community: Community) -> Answer:
        async with self._store.reading() as tx:
            cases = await tx.cases.listed(community.id, limit=MOST_CASES)
        found = statistics(cases, self._now())
        if not found.cases:
            return Answer((sentence("stats.none"),))
        said = [
            sentence(
                "stats.cases",
                cases=str(found.cases),
                hidden=str(found.hidden_at_once),
                open=str(found.open),
                overdue=str(found.overdue),
            )
        ]
        decided: Mapping[DecisionKind, int] = found.decisions
        if any(decided.values()):
            said.append(
                sentence("stats.decided", **{str(kind): str(n) for kind, n in decided.items()})
            )
        if found.restored_share is not None:
            said.append(sentence("stats.restored", share=f"{found.restored_share:.0%}"))
        if found.waiting is not None:
            said.append(
                sentence(
                    "stats.waiting",
                    median=_span(found.waiting.median),
                    longest=_span(found.waiting.longest),
                )
            )
        return Answer(tuple(said))

    async def _cases(self, community: Community, number: str) -> Answer:
        if number:
            return await self._case(community, number.removeprefix("#"))
        async with self._store.reading() as tx:
            cases = await tx.cases.listed(community.id, Status.OPEN, limit=MOST_CASES)
        if not cases:
            return Answer((sentence("cases.none"),))
        first = sorted(cases, key=urgency)[:LISTED]
        lines = [self._line(case) for case in first]
        choices = [
            Choice(
                sentence("cases.choice", number=str(case.number), who=_author(case)),
                CommandName.CASES,
                str(case.number),
            )
            for case in first
        ]
        rows = [choices[n : n + _LISTED_A_ROW] for n in range(0, len(choices), _LISTED_A_ROW)]
        said = (sentence("cases.open", count=str(len(cases))), *lines)
        return Answer(said, tuple(tuple(row) for row in rows))

    async def _case(self, community: Community, number: str) -> Answer:
        if not number.isdecimal() or len(number) > _MOST_DIGITS:
            return refusal("cases.unknown", number=number)
        try:
            async with self._store.reading() as tx:
                case = await tx.cases.by_number(community.id, int(number))
                evidence = await tx.cases.evidence(case.id)
        except NotFound:
            return refusal("cases.unknown", number=number)
        except UnreadablePayload as exc:
            log.error("case cannot be read", case=number, error=str(exc))
            return refusal("cases.unreadable", number=number)
        said = [self._line(case), sentence("card.hidden" if case.hidden else "card.visible")]
        if case.decision is not None:
            by = case.decision.by
            said.append(sentence(f"card.decided_{case.decision.kind}", who=by.name or by.id))
        if evidence is not None and evidence.message.link:
            said.append(sentence("cases.link", link=evidence.message.link))
        return Answer(tuple(said))

    def _line(self, case: Case) -> Sentence:
        ended = case.decision.at if case.decision else self._now()
        return sentence(
            "cases.line",
            number=str(case.number),
            who=_author(case),
            reason=case.verdict.reason,
            waited=_span((ended - case.opened_at).total_seconds()),
        )

    async def _score(self, text: str) -> Answer:
        if not text.strip():
            return refusal("score.no_text")
        if self._scorer is None:
            return refusal("score.no_model")
        try:
            [scores] = await self._scorer.score([text], lane=Lane.URGENT)
        except ScorerUnavailable as exc:
            log.warning("not scored", error=str(exc))
            return refusal("score.unavailable")
        ordered = sorted(scores.by_label.items(), key=lambda each: -each[1])
        lines = [
            sentence("score.line", label=label.replace("_", " "), score=f"{score:.3f}")
            for label, score in ordered
        ]
        return Answer((sentence("score.by", model=self._scorer.model), *lines))


def _author(case: Case) -> str:
    return case.author.name or case.author.id


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "<1 min"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h"
