"""What the bot says of how it is doing, asked with the parts that it has."""

from __future__ import annotations

from bot.streams.intake import PROBE
from tests.fakes.moderated_group import health_of, moderated_group


async def test_a_redis_that_still_answers_and_takes_nothing_in_is_told_of() -> None:
    async with moderated_group() as group:
        health = health_of(group)
        assert await health.problems() == []
        await group.redis.config_set("maxmemory", 1)
        [problem] = await health.problems()
        assert problem.startswith("Redis is out of memory")
        await group.redis.config_set("maxmemory", 0)
        assert await health.problems() == []


async def test_a_redis_on_a_full_disk_is_not_written_to() -> None:
    async with moderated_group() as group:
        assert await health_of(group, room="the disk is full").problems() == ["the disk is full"]
        assert not await group.redis.exists(PROBE)
