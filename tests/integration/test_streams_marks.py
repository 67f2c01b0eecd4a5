"""Up to where each channel was read."""

from __future__ import annotations

from bot.domain.messages import Place
from bot.streams.marks import RedisMarks
from tests.fakes.redis_server import fresh_redis

GUILD = Place("discord", "7")


async def test_a_mark_never_goes_back_even_by_one_in_a_number_too_long_for_a_double() -> None:
    newest = 1_455_000_000_000_000_001
    async with fresh_redis() as redis:
        marks = RedisMarks(redis)
        await marks.note(GUILD, {"a": newest, "b": 99})
        await marks.note(GUILD, {"a": newest - 1, "b": 100})
        await marks.note(GUILD, {})
        assert await marks.of(GUILD) == {"a": newest, "b": 100}


async def test_each_group_has_its_own() -> None:
    async with fresh_redis() as redis:
        marks = RedisMarks(redis)
        await marks.note(GUILD, {"a": 1})
        assert await marks.of(Place("discord", "8")) == {}
