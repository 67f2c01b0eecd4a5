"""What is likely to be severe is judged before what came earlier."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import MESSAGES_AT_ONCE, Outside, running
from bot.codec import read_message
from bot.domain.effects import EffectKind
from bot.domain.messages import Author, Message, Person
from bot.domain.policy import Action, Verdict
from bot.domain.ports import Desk, Inbox, Lane
from bot.domain.scores import Scores
from bot.domain.signals import Signal
from bot.domain.terms import Term
from bot.streams.budgets import RedisBudgets
from bot.streams.group import Membership
from bot.streams.intake import GROUP, STREAM, URGENT, Intake
from config.roles import Role
from config.settings import Settings
from handlers.report import ReportHandler
from handlers.window import Window
from tests.factories import NOW, a_message, a_person, a_policy
from tests.factories.languages import with_languages
from tests.fakes.moderated_group import ModeratedGroup, NotingAdapter, WordsScorer, moderated_group
from tests.fakes.redis_server import eventually
from tests.fakes.words_engine import open_words_scorer

SPAMMER = Person("playground", "spammer")


def author_of(person: Person) -> Author:
    return replace(a_message().author, person=person)


class OneLaneAtATime(WordsScorer):
    """Scores no text of a lane that is not open yet."""

    def __init__(self, *, open_to: Lane) -> None:
        super().__init__()
        self.opened = {lane: asyncio.Event() for lane in Lane}
        for lane in Lane:
            if lane <= open_to:
                self.opened[lane].set()

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        if texts:
            await self.opened[lane].wait()
        return await super().score(texts)


class NotingWatcher:
    """Fits `Watcher`: notes what verdicts asked for."""

    def __init__(self) -> None:
        self.told: list[Action] = []

    def judged(self, message: Message, signals: Sequence[Signal], verdict: Verdict | None) -> None:
        if verdict is not None:
            self.told.append(verdict.action)


@pytest.fixture
async def group() -> AsyncIterator[ModeratedGroup]:
    async with moderated_group() as group:
        yield group


async def waiting(group: ModeratedGroup, stream: str) -> list[str]:
    return [read_message(fields[b"payload"]).id for _, fields in await group.redis.xrange(stream)]


def reports_of(group: ModeratedGroup) -> ReportHandler:
    return ReportHandler(
        store=group.store,
        budgets=RedisBudgets(group.redis),
        waiting=Intake(group.redis),
        queue=group.queue,
        window=Window(group.store, group.queue, group.effects, group.now),
        now=group.now,
    )


async def first_case(group: ModeratedGroup) -> str:
    async with asyncio.timeout(60):
        while not (cases := await group.cases()):
            await asyncio.sleep(0.01)
    [case] = cases
    return case.message_id


def with_scorer(group: ModeratedGroup, scorer: WordsScorer) -> None:
    group.messages._scorer = scorer


async def test_what_the_deny_list_knows_is_on_record_before_the_others_are_scored() -> None:
    policy = a_policy(deny=(Term("free coins", hide=True),))
    async with moderated_group(policy) as group:
        scorer = OneLaneAtATime(open_to=Lane.URGENT)
        with_scorer(group, scorer)
        others = [a_message("good morning", id=f"m{n}") for n in range(20)]
        spam = a_message("free coins", id="spam", author=author_of(SPAMMER))
        judging = asyncio.create_task(group.messages.judge([*others, spam]))
        assert await first_case(group) == "spam"
        assert not judging.done()
        scorer.opened[Lane.ORDINARY].set()
        assert await judging == [True] * 21


async def test_an_insult_does_not_wait_for_the_sentences_of_its_neighbours(
    group: ModeratedGroup,
) -> None:
    read = asyncio.Event()

    class SlowWithSentences(WordsScorer):
        async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
            if "good morning" in texts:
                await read.wait()
            return await super().score(texts)

    with_scorer(group, SlowWithSentences())
    judging = asyncio.create_task(
        group.messages.judge(
            [
                a_message("good", id="m1"),
                a_message("morning", id="m2", posted_at=NOW + timedelta(seconds=1)),
                a_message("you idiot", id="m3", author=author_of(SPAMMER)),
            ]
        )
    )
    assert await first_case(group) == "m3"
    assert not judging.done()
    read.set()
    assert await judging == [True] * 3


async def test_what_is_allowed_is_told_before_the_cases_of_its_batch_are_on_record(
    group: ModeratedGroup,
) -> None:
    group.verdicts._watcher = watcher = NotingWatcher()
    messages = [a_message("you idiot"), a_message("hello", author=author_of(SPAMMER), id="m2")]
    async with group.store.transaction():  # nothing else can be recorded meanwhile
        judging = asyncio.create_task(group.messages.judge(messages))
        await eventually(lambda: Action.ALLOW in watcher.told)
        assert not judging.done()
    assert await judging == [True, True]


async def test_a_reported_message_that_waits_goes_before_the_others_and_is_judged_once(
    group: ModeratedGroup,
) -> None:
    intake, reports = Intake(group.redis), reports_of(group)
    messages = [a_message("you idiot", id=f"m{n}") for n in range(5)]
    for message in messages:
        await intake.put(message)
    for reporter in ("lena", "om"):
        await reports.report(messages[3], a_person(reporter))
    assert await waiting(group, URGENT) == ["m3"]
    assert await waiting(group, STREAM) == ["m0", "m1", "m2", "m4"]
    assert await intake.depth() == 5
    await intake.put(messages[3])
    assert await intake.depth() == 5, "it is known as before"


async def test_what_a_worker_holds_or_nobody_took_in_is_not_moved(group: ModeratedGroup) -> None:
    intake = Intake(group.redis)
    held, unknown = a_message(id="held"), a_message(id="unknown")
    await intake.put(held)
    worker = Membership(group.redis, STREAM, GROUP, "worker")
    [_] = await worker.fresh(1, 1.0)
    await intake.hasten(held)
    await intake.hasten(unknown)
    assert await waiting(group, STREAM) == ["held"]
    assert await waiting(group, URGENT) == []


async def test_a_hastened_message_reads_as_it_was_taken_in(group: ModeratedGroup) -> None:
    intake, message = Intake(group.redis), a_message("ü \x00 \ud800", id="m7")
    await intake.put(message)
    await intake.hasten(message)
    [(_, fields)] = await group.redis.xrange(URGENT)
    assert read_message(fields.pop(b"payload")) == message
    assert fields == {b"platform": b"playground", b"group": b"lobby", b"message": b"m7"}


class Crowd(NotingAdapter):
    """A playground that hands its inbox and desk out."""

    def __init__(self) -> None:
        super().__init__()
        self.given: asyncio.Future[tuple[Inbox, Desk]] = asyncio.get_running_loop().create_future()

    async def run(self, inbox: Inbox, desk: Desk) -> None:
        self.given.set_result((inbox, desk))
        await asyncio.Event().wait()


async def test_a_flood_holds_no_reported_message_back_from_being_hidden(tmp_path: Path) -> None:
    scorer, crowd = OneLaneAtATime(open_to=Lane.URGENT), Crowd()
    settings = Settings(_env_file=None, AMAN_DATA_DIR=with_languages(tmp_path), port=0)

    def flooded(outside: Outside) -> Outside:
        return replace(outside, scorer=scorer, adapters={"playground": crowd})

    async with running(
        settings, Role.ALL, lambda _: None, tamper=flooded, scorer=open_words_scorer
    ):
        inbox, desk = await crowd.given
        flood = [a_message(f"hello {n}", id=f"m{n}") for n in range(2 * MESSAGES_AT_ONCE)]
        reported = a_message("you idiot", id="reported", author=author_of(SPAMMER))
        for message in (*flood, reported):
            await inbox.put(message)
        await desk.report(reported, a_person("om"))
        await eventually(lambda: EffectKind.HIDE in crowd.did())
        for lane in Lane:
            scorer.opened[lane].set()
