"""The intake against a real server."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.codec import read_message
from bot.domain.errors import FlowUnavailable
from bot.domain.messages import Message
from bot.streams.intake import SEEN_FOR_S, STREAM, Intake
from tests.factories import a_message
from tests.fakes.redis_server import connected, fresh_redis, redis_server


async def _taken(redis) -> list[Message]:
    return [read_message(fields[b"payload"]) for _, fields in await redis.xrange(STREAM)]


async def test_messages_are_taken_in_whole_and_in_order():
    messages = [a_message(f"number {each}", id=str(each)) for each in range(50)]
    async with fresh_redis() as redis:
        intake = Intake(redis)
        for message in messages:
            await intake.put(message)
        assert await _taken(redis) == messages


async def test_a_message_that_comes_again_is_taken_once():
    async with fresh_redis() as redis:
        intake = Intake(redis)
        await asyncio.gather(*[intake.put(a_message()) for _ in range(20)])
        assert await intake.depth() == 1


async def test_it_is_known_even_after_it_was_judged_and_forgotten_in_time():
    async with fresh_redis() as redis:
        intake = Intake(redis)
        await intake.put(a_message())
        await redis.xtrim(STREAM, maxlen=0, approximate=False)
        await intake.put(a_message())
        assert await intake.depth() == 0
        [seen] = await redis.keys("*seen*")
        assert 0 < await redis.ttl(seen) <= SEEN_FOR_S


async def test_an_edit_and_the_same_id_in_another_group_are_messages_of_their_own():
    elsewhere = a_message().place.__class__("playground", "garden")
    async with fresh_redis() as redis:
        intake = Intake(redis)
        for message in (a_message(), a_message(revision=1), a_message(place=elsewhere)):
            await intake.put(message)
        assert await intake.depth() == 3


async def test_an_entry_names_its_message_beside_the_payload():
    async with fresh_redis() as redis:
        await Intake(redis).put(a_message(id="m7"))
        [(_, fields)] = await redis.xrange(STREAM)
    del fields[b"payload"]
    assert fields == {b"platform": b"playground", b"group": b"lobby", b"message": b"m7"}


async def test_a_message_of_a_megabyte_passes():
    async with fresh_redis() as redis:
        await Intake(redis).put(a_message("ü" * 500_000))
        [message] = await _taken(redis)
    assert len(message.text) == 500_000


@pytest.mark.parametrize(
    "text",
    [
        "\ud800 half a pair",
        "\udfff\ud800",
        "nul \x00 byte",
        "\ufffe\uffff",
        "e\u0301" * 9,
        "\u202e",
    ],
)
async def test_broken_unicode_passes(text: str):
    async with fresh_redis() as redis:
        message = a_message(text)
        await Intake(redis).put(message)
        assert await _taken(redis) == [message]


async def test_any_text_comes_out_as_it_went_in():
    async with redis_server() as (url, _):

        async def there_and_back(text: str) -> None:
            async with connected(url) as redis:
                await redis.flushall()
                message = a_message(text)
                await Intake(redis).put(message)
                assert await _taken(redis) == [message]

        loop = asyncio.get_running_loop()

        @settings(max_examples=60, suppress_health_check=list(HealthCheck))
        @given(st.text(st.characters(categories=None, exclude_categories=())))
        def check(text: str) -> None:
            asyncio.run_coroutine_threadsafe(there_and_back(text), loop).result(30)

        await asyncio.to_thread(check)


async def test_too_many_waiting_messages_hold_further_ones_back_until_some_are_done():
    async with fresh_redis() as redis:
        intake = Intake(redis, most_entries=2)
        await intake.put(a_message(id="1"))
        await intake.put(a_message(id="2"))
        with pytest.raises(FlowUnavailable, match="2 messages wait"):
            await intake.put(a_message(id="3"))
        await intake.put(a_message(id="2"))  # taken in already: nothing to hold back
        await redis.xtrim(STREAM, maxlen=1, approximate=False)
        await intake.put(a_message(id="3"))
        assert [message.id for message in await _taken(redis)] == ["2", "3"]


async def test_a_server_out_of_memory_holds_messages_back_and_loses_none():
    async with fresh_redis() as redis:
        intake = Intake(redis)
        used = (await redis.info("memory"))["used_memory"]
        await redis.config_set("maxmemory", used + 300_000)
        taken = []
        with pytest.raises(FlowUnavailable, match="out of memory"):
            for each in range(1000):
                await intake.put(a_message("x" * 5000, id=str(each)))
                taken.append(str(each))
        assert 10 < len(taken) < 1000
        assert [message.id for message in await _taken(redis)] == taken
        refused = a_message(id=str(len(taken)))
        await redis.config_set("maxmemory", 0)
        await intake.put(refused)  # as the adapter does: it must not count as seen
        assert (await _taken(redis))[-1] == refused


async def test_whether_a_message_would_be_taken_in_can_be_asked_beforehand():
    async with fresh_redis() as redis:
        intake = Intake(redis, most_entries=1)
        await intake.check()
        await redis.config_set("maxmemory", 1)
        with pytest.raises(FlowUnavailable, match="out of memory"):
            await intake.check()
        await redis.config_set("maxmemory", 0)
        await redis.replicaof("127.0.0.1", 1)
        with pytest.raises(FlowUnavailable, match="read-only replica"):
            await intake.check()
        await redis.replicaof("NO", "ONE")
        await intake.put(a_message())
        with pytest.raises(FlowUnavailable, match="the workers are behind"):
            await intake.check()


async def test_its_depth_and_age_are_those_of_what_is_not_finished():
    async with fresh_redis() as redis:
        intake = Intake(redis)
        assert (await intake.depth(), await intake.oldest_s()) == (0, 0.0)
        await redis.xadd(STREAM, {"payload": "old"}, id="1-0")
        await intake.put(a_message())
        assert await intake.depth() == 2
        assert await intake.oldest_s() > 1e9  # put in a second after 1970
        await redis.xdel(STREAM, "1-0")
        assert 0 <= await intake.oldest_s() < 60
