"""What is told of a message and what it is judged to be, at the same moment, on every database."""

from __future__ import annotations

import asyncio

from bot.domain.signals import Flagged, Reported, Scored
from bot.storage import SqlStore
from bot.streams.budgets import RedisBudgets
from bot.streams.intake import Intake
from handlers.community import bind_community, create_community
from handlers.report import ReportHandler
from handlers.window import Window
from tests.factories import LOBBY, NOW, REVIEW, a_message, a_person, a_policy
from tests.fakes.moderated_group import ModeratedGroup
from tests.fakes.redis_server import fresh_redis

MESSAGES = 8


async def test_they_meet_in_one_case_that_hides_the_message(store: SqlStore) -> None:
    async with store.transaction() as tx:
        made = await create_community(tx, "friends", a_policy(), "test", lambda: NOW)
        community = await bind_community(
            tx, made, "test", lambda: NOW, groups=[LOBBY], reviews=[REVIEW]
        )
    async with fresh_redis() as redis:
        group = ModeratedGroup(store, redis, community)
        reports = ReportHandler(
            store=store,
            budgets=RedisBudgets(redis),
            waiting=Intake(redis),
            queue=group.queue,
            window=Window(store, group.queue, group.effects, group.now),
            now=group.now,
        )
        flagged = Flagged("AutoMod", "slurs")
        messages = [a_message("you idiot", id=f"m{n}") for n in range(MESSAGES)]
        await asyncio.gather(
            *(reports.flag(each, flagged) for each in messages),
            *(group.messages.judge([each]) for each in messages),
            *(reports.report(each, a_person("om")) for each in messages),
        )
        cases = await group.cases()
        assert sorted(each.message_id for each in cases) == [each.id for each in messages]
        async with store.reading() as tx:
            for case in cases:
                assert case.hidden
                evidence = await tx.cases.evidence(case.id)
                assert evidence is not None
                assert {type(each) for each in evidence.signals} == {Scored, Flagged, Reported}
