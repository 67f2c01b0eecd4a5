"""What was confirmed and is not done yet."""

from __future__ import annotations

from bot.streams.unfinished import RedisUnfinished
from tests.fakes.redis_server import connected, fresh_redis, redis_server


async def test_what_is_kept_is_left_until_it_is_dropped() -> None:
    async with fresh_redis() as redis:
        unfinished = RedisUnfinished(redis)
        await unfinished.keep("telegram", "1", '{"text": "\\ud800 ü"}')
        await unfinished.keep("telegram", "2", "{}")
        await unfinished.keep("telegram", "2", "{}")
        await unfinished.drop("telegram", "2")
        await unfinished.drop("telegram", "3")
        assert await unfinished.left("telegram") == {"1": '{"text": "\\ud800 ü"}'}


async def test_each_platform_has_its_own() -> None:
    async with fresh_redis() as redis:
        unfinished = RedisUnfinished(redis)
        await unfinished.keep("telegram", "1", "{}")
        assert await unfinished.left("parrot") == {}


async def test_what_is_kept_outlives_the_server() -> None:
    async with redis_server() as (url, server):
        async with connected(url) as redis:
            await RedisUnfinished(redis).keep("telegram", "1", "{}")
        await server.stop()
        async with connected(await server.start()) as redis:
            assert await RedisUnfinished(redis).left("telegram") == {"1": "{}"}
