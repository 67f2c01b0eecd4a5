"""Many commands in one round trip, against a real server."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import ResponseError

from bot.streams.together import AT_ONCE, Together
from tests.fakes.redis_server import fresh_redis


async def test_everybody_gets_the_answer_to_their_own_command() -> None:
    async with fresh_redis() as redis:
        together = Together(redis)
        many = range(3 * AT_ONCE)
        await asyncio.gather(*(together.run("SET", f"k{n}", n) for n in many))
        answers = await asyncio.gather(*(together.run("GET", f"k{n}") for n in many))
        assert [int(each) for each in answers] == [*many]


async def test_what_is_given_in_one_moment_goes_in_few_round_trips() -> None:
    async with fresh_redis() as redis:
        together = Together(redis)
        before = (await redis.info("stats"))["total_connections_received"]
        await asyncio.gather(*(together.run("SET", f"k{n}", n) for n in range(AT_ONCE)))
        after = (await redis.info("stats"))["total_connections_received"]
        assert after - before <= 1


async def test_what_redis_refuses_fails_for_its_caller_alone() -> None:
    async with fresh_redis() as redis:
        together = Together(redis)
        await redis.set("word", "x")
        commands = (("SET", "k", "v"), ("INCR", "word"), ("SET", "k", "\ud800"))
        asked = [asyncio.create_task(together.run(*each)) for each in commands]
        await asyncio.wait(asked)
        assert asked[0].result() == b"OK"
        assert isinstance(asked[1].exception(), ResponseError)
        assert isinstance(asked[2].exception(), UnicodeEncodeError)


async def test_a_caller_that_gives_up_holds_up_nobody() -> None:
    async with fresh_redis() as redis:
        together = Together(redis)
        gone = asyncio.create_task(together.run("SET", "a", 1))
        stays = asyncio.create_task(together.run("SET", "b", 2))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays == b"OK"
        with pytest.raises(asyncio.CancelledError):
            await gone


async def test_a_script_that_the_server_forgot_is_sent_again() -> None:
    async with fresh_redis() as redis:
        together, text = Together(redis), "return ARGV[1]"
        sha = redis.register_script(text).sha
        for _ in range(2):
            await redis.script_flush()
            answers = await asyncio.gather(
                *(together.script(sha, text, keys=[], args=[n]) for n in range(5))
            )
            assert answers == [b"0", b"1", b"2", b"3", b"4"]
