"""A policy on record that cannot be read: damaged, or written by a newer release."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.codec import write_message
from bot.domain.cards import Press
from bot.domain.cases import DecisionKind
from bot.domain.messages import Place
from bot.domain.policy import Action
from bot.domain.terms import Term
from bot.streams.budgets import RedisBudgets
from bot.streams.intake import Intake
from config.policies import preset
from handlers.community import bind_community, create_community
from handlers.report import ReportHandler
from handlers.settings import SettingsMenu
from tests.factories import NOOR, NOW, a_message, a_person, a_policy
from tests.fakes.moderated_group import ModeratedGroup, health_of, moderated_group

NEWER = '{"v": 9, "needs": 9, "body": {}}'


async def write_policy(group: ModeratedGroup, payload: str) -> None:
    async with group.store._writing.begin() as connection:
        await connection.execute(text("UPDATE policies SET policy = :it"), {"it": payload})


@pytest.fixture
async def group() -> AsyncIterator[ModeratedGroup]:
    listed = a_policy(deny=(Term("cabbage", hide=True),), keep_evidence=timedelta(days=1))
    async with moderated_group(listed) as group:
        await write_policy(group, NEWER)
        yield group


async def test_whatever_is_said_goes_to_reviewers_and_nothing_is_hidden(
    group: ModeratedGroup,
) -> None:
    for n, said in enumerate(("good morning", "you idiot", "cabbage")):
        assert await group.says(said, id=f"m{n}", posted_at=NOW + timedelta(minutes=n))
    await group.act()
    found = [(case.verdict.action, case.hidden) for case in await group.cases()]
    assert found == [(Action.REVIEW, False)] * 3
    assert (await group.cases())[-1].verdict.reason == (
        "policy version 1 cannot be read; toxicity 0.01"
    )
    assert group.metrics.figures("words", scorer_ok=True).allowed == 0


async def test_reviewers_decide_as_ever(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    await group.act()
    assert (await group.press(Press.KEEP_HIDDEN)).accepted
    decision = (await group.case()).decision
    assert decision is not None
    assert decision.kind is DecisionKind.KEEP_HIDDEN


async def test_what_a_member_reports_goes_to_reviewers(group: ModeratedGroup) -> None:
    reports = ReportHandler(
        store=group.store,
        budgets=RedisBudgets(group.redis),
        waiting=Intake(group.redis),
        queue=group.queue,
        window=group.window,
        now=group.now,
    )
    assert (await reports.report(a_message("hm"), a_person("lena"))).accepted
    assert (await group.case()).verdict.reason == "reported by a member"


async def test_what_could_not_be_scored_becomes_a_case(group: ModeratedGroup) -> None:
    group.scorer.down = True
    assert not await group.says("good morning")
    message = write_message(a_message("good morning"))
    await group.dead_letters.bury(message, {}, "delivered 5 times")
    assert (await group.case()).verdict.action is Action.REVIEW


async def test_another_community_is_judged_by_its_own_policy(group: ModeratedGroup) -> None:
    yard = Place("playground", "yard")
    async with group.store.transaction() as tx:
        other = await create_community(tx, "others", a_policy(), "test", lambda: NOW)
        await bind_community(tx, other, "test", lambda: NOW, groups=[yard])
    here, there = a_message("good morning", place=yard), a_message("good morning")
    assert await group.messages.judge([here, there]) == [True, True]
    assert group.metrics.figures("words", scorer_ok=True).allowed == 1
    assert (await group.case()).community_id == group.community.id


async def test_sweeps_go_on_and_erase_nothing_of_the_community(group: ModeratedGroup) -> None:
    await group.says("you idiot")
    await group.act()
    await group.press(Press.KEEP_HIDDEN)
    group.later(timedelta(days=400))
    await group.sweeper.sweep()
    async with group.store.reading() as tx:
        assert await tx.cases.evidence((await group.case()).id) is not None


async def test_the_menu_changes_nothing_of_what_it_cannot_show(group: ModeratedGroup) -> None:
    menu = SettingsMenu(store=group.store, presets={"strict": preset("strict")}, now=group.now)
    for words in ("", "preset strict", "hide toxicity 0.8"):
        answer = await menu.answer(group.community, words.split(), NOOR)
        assert [each.key for each in answer.sentences] == ["settings.impossible"]


async def test_the_bot_says_that_it_is_not_well_until_there_is_a_new_version(
    group: ModeratedGroup,
) -> None:
    health = health_of(group)
    [problem] = await health.problems()
    assert problem.startswith("friends: policy version 1 cannot be read")
    assert "aman policy import" in problem
    await group.set_policy(a_policy())
    assert await health.problems() == []
    await group.says("you idiot")
    assert (await group.case()).hidden
