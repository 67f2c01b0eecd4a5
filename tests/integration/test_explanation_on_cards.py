"""Which words drove a verdict: from the case to its card, off the message's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.domain.errors import ScorerUnavailable
from bot.domain.explanations import WordWeight
from bot.domain.messages import Person
from bot.domain.scores import Label
from bot.domain.signals import Reported
from bot.domain.terms import Term
from bot.scoring.evasion import FoldingScorer
from bot.scoring.explanation import explain
from bot.streams.intake import Intake
from handlers.explanation import MOST_WAITING, Explainer
from handlers.report import ReportHandler
from tests.factories import a_message, a_policy, an_opened_case
from tests.fakes.moderated_group import ModeratedGroup, moderated_group


def explainer_of(group: ModeratedGroup) -> Explainer:
    async def with_the_group_s_scorer(text: str, label: Label) -> tuple[WordWeight, ...]:
        return await explain(text, FoldingScorer(group.scorer), label)

    return Explainer(
        store=group.store,
        explain=with_the_group_s_scorer,
        effects=group.effects,
        now=group.now,
    )


@pytest.fixture
async def group() -> AsyncIterator[ModeratedGroup]:
    async with moderated_group() as group:
        yield group


async def test_a_card_that_is_posted_already_is_drawn_anew_with_the_words(
    group: ModeratedGroup,
) -> None:
    await group.says("good morning you idiot")
    await group.act()
    assert group.adapter.cards()[-1].words == ()
    await explainer_of(group).explain(await group.case())
    await group.act()
    [word] = group.adapter.cards()[-1].words
    assert (word.word, word.folding) == ("idiot", None)


async def test_a_word_that_was_hidden_is_named_with_the_way_it_was_hidden(
    group: ModeratedGroup,
) -> None:
    group.messages._scorer = FoldingScorer(group.scorer)
    await group.says("you 1diot")
    await explainer_of(group).explain(await group.case())
    await group.act()
    assert [(each.word, each.folding) for each in group.adapter.cards()[-1].words] == [
        ("idiot", "leet")
    ]


async def test_a_case_is_explained_by_itself_once_it_is_open(group: ModeratedGroup) -> None:
    explainer = explainer_of(group)
    group.verdicts._explainer = explainer
    running = asyncio.create_task(explainer.run())
    await group.says("you idiot")
    await explainer._waiting.join()
    running.cancel()
    async with group.store.reading() as tx:
        evidence = await tx.cases.evidence((await group.case()).id)
    assert evidence is not None
    assert [each.word for each in evidence.words] == ["idiot"]


async def test_a_report_that_comes_meanwhile_stays_with_the_case(group: ModeratedGroup) -> None:
    await group.says("how silly")
    case = await group.case()
    explainer = explainer_of(group)

    async def reported_meanwhile(text: str, label: Label) -> tuple[WordWeight, ...]:
        desk = ReportHandler(
            store=group.store,
            budgets=_Unbounded(),
            waiting=Intake(group.redis),
            queue=group.queue,
            window=group.verdicts._window,
            now=group.now,
        )
        await desk.report(a_message("how silly"), Person("playground", "lena"), "mean")
        return (WordWeight("silly", 0.8),)

    explainer._explain = reported_meanwhile
    await explainer.explain(case)
    async with group.store.reading() as tx:
        evidence = await tx.cases.evidence(case.id)
    assert evidence is not None
    assert evidence.words
    assert any(isinstance(each, Reported) for each in evidence.signals)


async def test_what_a_list_decided_has_no_words_to_weigh() -> None:
    async with moderated_group(a_policy(deny=(Term("free coins", hide=True),))) as group:
        explainer = explainer_of(group)
        await group.says("free coins")
        explainer.ask(await group.case())
        assert explainer._waiting.empty()


async def test_a_scorer_out_of_order_leaves_the_card_as_it_was(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    group.scorer.down = True
    explainer = explainer_of(group)
    with pytest.raises(ScorerUnavailable):
        await explainer.explain(await group.case())
    explainer.ask(await group.case())
    running = asyncio.create_task(explainer.run())
    await explainer._waiting.join()
    assert not running.done()
    running.cancel()
    await group.act()
    assert group.adapter.cards()[-1].words == ()


async def test_a_flood_of_cases_is_not_held_up_by_explaining(group: ModeratedGroup) -> None:
    explainer = explainer_of(group)
    case = an_opened_case().case
    for _ in range(MOST_WAITING + 5):
        explainer.ask(case)
    assert explainer._waiting.full()


class _Unbounded:
    async def take(self, budgets: object) -> float:
        return 0.0

    async def close(self, name: str, for_s: float) -> None:
        raise AssertionError(name)
