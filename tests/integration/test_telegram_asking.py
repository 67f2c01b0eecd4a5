"""What people ask of the bot, on a real Redis: what is not done in time is kept until it is, and
what is done is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from time import monotonic
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.adapters import errands
from bot.adapters.telegram.asking import Asking
from bot.adapters.telegram.done import Done
from bot.domain.errors import FlowUnavailable
from bot.streams.embedded import EmbeddedServer
from bot.streams.facts import RedisFacts
from bot.streams.unfinished import RedisUnfinished
from tests.fakes.redis_server import connected, eventually, redis_server

Start = Callable[[], Asking]

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


@pytest.fixture
async def start(redis: Redis) -> AsyncIterator[Start]:
    """Makes what a bot makes at its start, and ends it before Redis goes."""
    started: list[Asking] = []

    def start() -> Asking:
        started.append(Asking(RedisUnfinished(redis), done_of(redis)))
        return started[-1]

    yield start
    for each in started:
        await each.close()


def at_once() -> float:
    return monotonic()


def in_time() -> float:
    return monotonic() + 60.0


async def left(redis: Redis) -> list[str]:
    return [*await RedisUnfinished(redis).left("telegram")]


async def forgotten(redis: Redis) -> bool:
    """Whether nothing is kept any more."""
    return not await left(redis)


def done_of(redis: Redis) -> Done:
    """What is remembered of updates."""
    return Done(RedisFacts(redis))


async def test_what_is_done_in_time_is_not_kept(redis: Redis, start: Start) -> None:
    asking, work = start(), Work()
    work.may_end.set()
    await redis.config_resetstat()
    await asking.do("7", RAW, work, in_time())
    assert work.done == 1
    assert "cmdstat_hset" not in await redis.info("commandstats")


async def test_what_is_done_is_not_done_again_when_telegram_repeats_it(
    redis: Redis, start: Start
) -> None:
    asking, work = start(), Work()
    work.may_end.set()
    for _ in range(2):
        await asking.do("7", RAW, work, in_time())
    await asking.close()
    await start().do("7", RAW, work, in_time())  # after a restart, or in another process
    assert work.begun == 1
    await start().do("8", RAW, work, in_time())
    assert work.begun == 2


async def test_what_is_done_is_remembered_for_longer_than_telegram_repeats_it(
    redis: Redis,
    start: Start,
) -> None:
    asking, work = start(), Work()
    work.may_end.set()
    await asking.do("7", RAW, work, in_time())
    await asking.close()
    [key] = [key async for key in redis.scan_iter("*update.7")]
    assert 24 * 3600 < await redis.ttl(key) < 7 * 24 * 3600  # then numbers may begin anew


async def test_what_was_kept_and_is_done_is_not_taken_up_again(redis: Redis, start: Start) -> None:
    await done_of(redis).note("7")
    await RedisUnfinished(redis).keep("telegram", "7", "{}")
    asking, work = start(), Work()
    await asking.resume(work, in_time())
    assert work.begun == 0
    await eventually(lambda: forgotten(redis))


async def test_without_redis_what_is_asked_for_is_done_and_told_again_not_begun_anew(
    server: tuple[EmbeddedServer, Redis], start: Start
) -> None:
    embedded, redis = server
    asking, answer = start(), Work()
    begun = 0

    async def asked_for() -> asyncio.Task[None]:
        nonlocal begun
        begun += 1
        return asyncio.create_task(answer())

    await embedded.stop()
    with pytest.raises(FlowUnavailable):  # it is not answered yet
        await asking.do("7", RAW, asked_for, in_time())
    answer.may_end.set()
    await eventually(lambda: answer.done == 1)
    await asking.do("7", RAW, asked_for, in_time())
    assert begun == 1
    await embedded.start()
    await eventually(lambda: done_of(redis).has("7"))
    assert await left(redis) == []


async def test_what_is_not_done_in_time_is_kept_until_it_is(redis: Redis, start: Start) -> None:
    asking, work = start(), Work()
    await asking.do("7", RAW, work, at_once())
    assert await left(redis) == ["7"]
    work.may_end.set()
    await eventually(lambda: forgotten(redis))
    assert (work.begun, work.done) == (1, 1)


async def test_what_is_done_is_kept_while_its_answer_is_on_its_way(
    redis: Redis, start: Start
) -> None:
    asking, answer = start(), Work()

    async def asked_for() -> asyncio.Task[None]:
        return asyncio.create_task(answer())

    await asking.do("7", RAW, asked_for, in_time())
    assert await left(redis) == ["7"]
    answer.may_end.set()
    await eventually(lambda: forgotten(redis))
    assert answer.done == 1


async def test_what_was_done_and_not_answered_is_taken_up_again(
    redis: Redis, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "GRACE_S", 0.05)
    answers = errands.Errands()
    ended, answer = start(), Work()

    async def asked_for() -> asyncio.Task[None]:
        return answers.send("answer", answer())

    await ended.do("7", RAW, asked_for, in_time())
    await answers.close()
    await ended.close()
    assert (answer.begun, answer.done) == (1, 0)
    assert await left(redis) == ["7"]

    again, work = start(), Work()
    work.may_end.set()
    await again.resume(work, in_time())
    assert work.given == [RAW]
    await eventually(lambda: forgotten(redis))


async def test_what_breaks_is_not_kept_to_break_again(redis: Redis, start: Start) -> None:
    asking = start()
    await asking.do("7", RAW, broken, at_once())
    assert await left(redis) == ["7"]
    await eventually(lambda: forgotten(redis))
    again = start()
    await RedisUnfinished(redis).keep("telegram", "8", "no update at all")
    await RedisUnfinished(redis).keep("telegram", "9", "{}")
    await again.resume(broken, in_time())
    await eventually(lambda: forgotten(redis))


async def test_what_cannot_be_kept_is_offered_again_and_not_begun_anew(
    server: tuple[EmbeddedServer, Redis], start: Start
) -> None:
    embedded, redis = server
    asking, work = start(), Work()
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
    redis: Redis, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "GRACE_S", 0.05)
    ended, cut_off = start(), Work()
    await ended.do("10", {"update_id": 10}, cut_off, at_once())
    await ended.do("9", {"update_id": 9}, cut_off, at_once())
    await ended.close()
    await asyncio.sleep(0.1)
    assert (cut_off.begun, cut_off.done) == (2, 0)
    assert {*await left(redis)} == {"9", "10"}

    asking, work = start(), Work()
    work.may_end.set()
    await asking.resume(work, in_time())
    assert work.given == [{"update_id": 9}, {"update_id": 10}]
    assert work.done == 2
    await eventually(lambda: forgotten(redis))


async def test_what_is_taken_up_again_and_slow_holds_up_nothing(redis: Redis, start: Start) -> None:
    await RedisUnfinished(redis).keep("telegram", "7", "{}")
    asking, work = start(), Work()
    await asking.resume(work, at_once())
    await asking.do("7", RAW, work, at_once())  # it had been kept before it was confirmed
    assert await left(redis) == ["7"]
    work.may_end.set()
    await eventually(lambda: forgotten(redis))
    assert (work.begun, work.done) == (1, 1)


async def test_two_processes_may_take_up_the_same(redis: Redis, start: Start) -> None:
    await RedisUnfinished(redis).keep("telegram", "7", "{}")
    work = Work()
    work.may_end.set()
    both = [start() for _ in range(2)]
    await asyncio.gather(*(each.resume(work, in_time()) for each in both))
    assert 1 <= work.done <= 2
    await asyncio.gather(*(each.close() for each in both))
    assert await left(redis) == []
