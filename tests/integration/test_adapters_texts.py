"""Taking in the texts of one message, whoever tells of them."""

from __future__ import annotations

import asyncio

from bot.adapters.texts import Texts
from bot.domain.messages import Message
from bot.streams.revisions import RedisRevisions
from tests.factories import a_message
from tests.fakes.redis_server import fresh_redis


class Intake:
    """Takes each key once, as intake does, and its time for it."""

    def __init__(self) -> None:
        self.taken: dict[str, str] = {}

    async def put(self, message: Message) -> bool:
        await asyncio.sleep(0.01)
        return self.taken.setdefault(message.key, message.text) == message.text


async def test_two_edits_at_once_are_both_taken_in_and_the_same_one_told_twice_once() -> None:
    async with fresh_redis() as redis:
        intake = Intake()
        texts = Texts(intake, RedisRevisions(redis))
        await asyncio.gather(
            texts.first(a_message("first")),
            texts.changed(a_message("first, with a preview")),
            texts.changed(a_message("you idiot")),
            texts.changed(a_message("you idiot")),
        )
    assert [*intake.taken.values()] == ["first", "first, with a preview", "you idiot"]


async def test_messages_do_not_wait_for_one_another() -> None:
    async with fresh_redis() as redis:
        held, intake = asyncio.Event(), Intake()

        class Holding(Intake):
            async def put(self, message: Message) -> bool:
                if message.id == "1":
                    await held.wait()
                return await intake.put(message)

        texts = Texts(Holding(), RedisRevisions(redis))
        first = asyncio.create_task(texts.first(a_message("held", id="1")))
        await texts.first(a_message("passes", id="2"))
        assert [*intake.taken.values()] == ["passes"]
        held.set()
        await first
