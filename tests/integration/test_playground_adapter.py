"""The playground behind the adapter protocol: nothing is lost between it and the bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.playground import REVIEW, Playground
from bot.domain.errors import FlowUnavailable, StorageUnavailable
from bot.domain.messages import Message, Person, Place
from bot.domain.ports import PressReply
from config.phrases import LocalePhrases
from tests.factories import LOBBY, NOOR, a_person


class Inbox:
    """Takes messages in, or fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.messages: list[Message] = []

    async def put(self, message: Message) -> None:
        if self.failures:
            self.failures -= 1
            raise FlowUnavailable("Redis is gone")
        self.messages.append(message)


class Desk:
    """Answers every press in the same way."""

    def __init__(self, reply: PressReply | Exception) -> None:
        self.reply = reply
        self.presses: list[tuple[str, Person, Place]] = []

    async def press(self, button_id: str, presser: Person, place: Place) -> PressReply:
        self.presses.append((button_id, presser, place))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@pytest.fixture
async def playground(tmp_path: Path) -> AsyncIterator[Playground]:
    playground = Playground(tmp_path, LocalePhrases(), lambda: datetime.now(UTC))
    yield playground
    playground.close()


@asynccontextmanager
async def running(playground: Playground, inbox: Inbox, desk: Desk) -> AsyncIterator[None]:
    task = asyncio.create_task(playground.adapter.run(inbox, desk))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.005)


OK = Desk(PressReply("press.done_restore"))


async def test_what_is_posted_reaches_the_inbox_in_order(playground):
    inbox = Inbox()
    async with running(playground, inbox, OK):
        for text in ("one", "two", "three"):
            await asyncio.to_thread(playground.world.post, "asha", text)
        await until(lambda: len(inbox.messages) == 3)
    assert [message.text for message in inbox.messages] == ["one", "two", "three"]


async def test_what_was_posted_while_the_bot_was_away_is_handed_in_when_it_is_back(playground):
    playground.world.post("asha", "is anybody there")
    inbox = Inbox()
    async with running(playground, inbox, OK):
        await until(lambda: len(inbox.messages) == 1)
        await until(lambda: playground.world.bot.updates(1) == [])


async def test_an_update_that_the_inbox_does_not_take_is_kept_and_tried_again(playground):
    playground.world.post("asha", "hello")
    inbox = Inbox(failures=3)
    async with running(playground, inbox, OK):
        await until(lambda: len(inbox.messages) == 1)
    assert inbox.failures == 0


async def test_nothing_is_confirmed_before_the_inbox_has_taken_it(playground):
    playground.world.post("asha", "hello")
    inbox = Inbox(failures=10_000)
    async with running(playground, inbox, OK):
        await until(lambda: inbox.failures < 9_999)
    [update] = playground.world.bot.updates(10)
    assert update.payload["text"] == "hello"


async def test_a_press_reaches_the_desk_and_its_sentence_the_presser(playground):
    desk = Desk(PressReply("press.decided", (("who", "Sam"), ("decision", "keep_hidden")), False))
    async with running(playground, Inbox(), desk):
        told = await playground.adapter.press("button-1", NOOR)
    assert desk.presses == [("button-1", NOOR, REVIEW)]
    assert told.text == "Sam was faster: the message stays hidden."
    assert not told.accepted


@pytest.mark.parametrize(
    "error", [StorageUnavailable("disk full"), FlowUnavailable("Redis is gone")]
)
async def test_a_press_that_cannot_be_taken_says_that_nothing_was_decided(playground, error):
    async with running(playground, Inbox(), Desk(error)):
        told = await playground.adapter.press("button-1", NOOR)
    assert "Nothing was decided" in told.text
    assert not told.accepted


async def test_a_press_while_the_bot_is_not_listening_says_so(playground):
    told = await playground.adapter.press("button-1", NOOR)
    assert "Nothing was decided" in told.text
    assert not told.accepted


async def test_only_who_sits_in_the_review_channel_may_review(playground):
    may_review = playground.adapter.may_review
    assert await may_review(NOOR, REVIEW)
    assert not await may_review(NOOR, LOBBY)
    assert not await may_review(a_person("asha"), REVIEW)
    assert not await may_review(a_person("mallory"), REVIEW)
    assert not await may_review(Person("telegram", "noor"), REVIEW)
    playground.world.bot.ban("intent-1", "noor", "You are out.")
    assert not await may_review(NOOR, REVIEW)


async def test_a_right_that_was_taken_is_a_problem_with_what_to_mend(playground):
    assert await playground.adapter.problems() == []
    playground.world.let_bot_delete(False)
    [problem] = await playground.adapter.problems()
    assert "Give it that right" in problem
