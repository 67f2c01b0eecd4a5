"""What people ask of the bot, on a real Redis: what is not done in time is kept until it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.adapters import errands
from bot.adapters.telegram.asking import Asking
from bot.domain.errors import FlowUnavailable
from bot.streams.embedded import EmbeddedServer
from bot.streams.unfinished import RedisUnfinished
from tests.fakes.redis_server import connected, eventually, redis_server

RAW = {"update_id": 7, "callback_query": {"id": "9"}}


class Work:
    """What is asked for: it ends when it is let, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0
        self.done = 0
        self.may_end = asyncio.Event()
        self.given: list[dict[str, Any]] = []

    async def __call__(self, raw: dict[str, Any] | None = None) -> None:
        self.begun += 1
        if raw is not None:
            self.given.append(raw)
        await self.may_end.wait()
        self.done += 1


async def broken(raw: dict[str, Any] | None = None) -> None:
    """Work that breaks after a moment."""
    await asyncio.sleep(0.05)
    raise ZeroDivisionError


@pytest.fixture
async def server() -> AsyncIterator[tuple[EmbeddedServer, Redis]]:
    async with redis_server() as (url, server), connected(url) as redis:
        yield server, redis


@pytest.fixture
def redis(server: tuple[EmbeddedServer, Redis]) -> Redis:
    return server[1]


def at_once() -> float:
    return monotonic()


def in_time() -> float:
    return monotonic() + 60.0


async def left(redis: Redis) -> list[str]:
    return [*await RedisUnfinished(redis).left("telegram")]


async def forgotten(redis: Redis) -> bool:
    """Whether nothing is kept any more."""
    return not await left(redis)


async def asked_of_redis(redis: Redis) -> set[str]:
    """The commands that were sent to Redis since it was asked to count anew."""
    return {name.removeprefix("cmdstat_") for name in await redis.info("commandstats")}


async def test_what_is_done_in_time_asks_nothing_of_redis(redis: Redis) -> None:
    asking, work = Asking(RedisUnfinished(redis)), Work()
    work.may_end.set()
    await redis.config_resetstat()
    await asking.do("7", RAW, work, in_time())
    assert work.done == 1
    assert await asked_of_redis(redis) <= {"config|resetstat", "info"}


async def test_what_is_not_done_in_time_is_kept_until_it_is(redis: Redis) -> None:
    asking, work = Asking(RedisUnfinished(redis)), Work()
    await asking.do("7", RAW, work, at_once())
    assert await left(redis) == ["7"]
    work.may_end.set()
    await eventually(lambda: forgotten(redis))
    assert (work.begun, work.done) == (1, 1)


async def test_what_is_done_is_kept_while_its_answer_is_on_its_way(redis: Redis) -> None:
    asking, answer = Asking(RedisUnfinished(redis)), Work()

    async def asked_for() -> asyncio.Task[None]:
        return asyncio.create_task(answer())

    await asking.do("7", RAW, asked_for, in_time())
    assert await left(redis) == ["7"]
    answer.may_end.set()
    await eventually(lambda: forgotten(redis))
    assert answer.done == 1


async def test_what_was_done_and_not_answered_is_taken_up_again(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "GRACE_S", 0.05)
    answers = errands.Errands()
    ended, answer = Asking(RedisUnfinished(redis)), Work()

    async def asked_for() -> asyncio.Task[None]:
        return answers.send("answer", answer())

    await ended.do("7", RAW, asked_for, in_time())
    await answers.close()
    await ended.close()
    assert (answer.begun, answer.done) == (1, 0)
    assert await left(redis) == ["7"]

    again, work = Asking(RedisUnfinished(redis)), Work()
    work.may_end.set()
    await again.resume(work, in_time())
    assert work.given == [RAW]
    await eventually(lambda: forgotten(redis))


async def test_what_breaks_is_not_kept_to_break_again(redis: Redis) -> None:
    asking = Asking(RedisUnfinished(redis))
    await asking.do("7", RAW, broken, at_once())
    assert await left(redis) == ["7"]
    await eventually(lambda: forgotten(redis))
    again = Asking(RedisUnfinished(redis))
    await RedisUnfinished(redis).keep("telegram", "8", "no update at all")
    await RedisUnfinished(redis).keep("telegram", "9", "{}")
    await again.resume(broken, in_time())
    await eventually(lambda: forgotten(redis))


async def test_what_cannot_be_kept_is_offered_again_and_not_begun_anew(
    server: tuple[EmbeddedServer, Redis],
) -> None:
    embedded, redis = server
    asking, work = Asking(RedisUnfinished(redis)), Work()
    await embedded.stop()
    for _ in range(2):
        with pytest.raises(FlowUnavailable):
            await asking.do("7", RAW, work, at_once())
    await embedded.start()
    await asking.do("7", RAW, work, at_once())
    assert await left(redis) == ["7"]
    work.may_end.set()
    await eventually(lambda: forgotten(redis))
    assert (work.begun, work.done) == (1, 1)


async def test_what_the_end_cut_off_is_taken_up_again_and_then_forgotten(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "GRACE_S", 0.05)
    ended, cut_off = Asking(RedisUnfinished(redis)), Work()
    await ended.do("10", {"update_id": 10}, cut_off, at_once())
    await ended.do("9", {"update_id": 9}, cut_off, at_once())
    await ended.close()
    await asyncio.sleep(0.1)
    assert (cut_off.begun, cut_off.done) == (2, 0)
    assert {*await left(redis)} == {"9", "10"}

    asking, work = Asking(RedisUnfinished(redis)), Work()
    work.may_end.set()
    await asking.resume(work, in_time())
    assert work.given == [{"update_id": 9}, {"update_id": 10}]
    assert work.done == 2
    await eventually(lambda: forgotten(redis))


async def test_what_is_taken_up_again_and_slow_holds_up_nothing(redis: Redis) -> None:
    await RedisUnfinished(redis).keep("telegram", "7", "{}")
    asking, work = Asking(RedisUnfinished(redis)), Work()
    await asking.resume(work, at_once())
    await asking.do("7", RAW, work, at_once())  # it had been kept before it was confirmed
    assert await left(redis) == ["7"]
    work.may_end.set()
    await eventually(lambda: forgotten(redis))
    assert (work.begun, work.done) == (1, 1)


async def test_two_processes_may_take_up_the_same(redis: Redis) -> None:
    await RedisUnfinished(redis).keep("telegram", "7", "{}")
    work = Work()
    work.may_end.set()
    both = [Asking(RedisUnfinished(redis)) for _ in range(2)]
    await asyncio.gather(*(each.resume(work, in_time()) for each in both))
    assert 1 <= work.done <= 2
    await asyncio.gather(*(each.close() for each in both))
    assert await left(redis) == []
