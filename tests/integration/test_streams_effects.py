"""Effects' streams and the review queue against a real server."""

from __future__ import annotations

import math

import pytest

from bot.domain.effects import EffectKind
from bot.domain.errors import FlowUnavailable, InvalidValue, UnreadablePayload
from bot.domain.messages import Place
from bot.streams.effects import URGENT, EffectStream, effect_streams, read_intent_id
from bot.streams.review_queue import RedisReviewQueue
from tests.factories.streams import an_intent
from tests.fakes.redis_server import fresh_redis


async def _ids(redis, stream: str) -> list[str]:
    return [read_intent_id(fields[b"payload"]) for _, fields in await redis.xrange(stream)]


async def test_what_protects_people_goes_by_a_lane_of_its_own():
    intents = [an_intent(kind.value, kind) for kind in EffectKind]
    async with fresh_redis() as redis:
        await EffectStream(redis).publish(intents)
        lanes = effect_streams("playground")
        assert await _ids(redis, lanes.urgent) == ["hide", "mute", "kick", "ban"]
        assert await _ids(redis, lanes.ordinary) == [
            kind.value for kind in EffectKind if kind not in URGENT
        ]


async def test_each_platform_has_streams_of_its_own():
    there = an_intent("there", place=Place("telegram", "1"))
    async with fresh_redis() as redis:
        effects = EffectStream(redis)
        await effects.publish([an_intent("here"), there])
        assert await _ids(redis, effect_streams("telegram").urgent) == ["there"]
        assert [await effects.depth(each) for each in ("playground", "telegram", "x")] == [1, 1, 0]
        assert 0.0 <= await effects.oldest_s("telegram") < 60
        assert await effects.oldest_s("x") == 0.0


async def test_an_entry_carries_the_intents_id_and_nothing_else():
    async with fresh_redis() as redis:
        await EffectStream(redis).publish([an_intent("i1")])
        [(_, fields)] = await redis.xrange(effect_streams("playground").urgent)
    assert fields == {b"payload": b"i1"}


async def test_publishing_nothing_does_nothing():
    async with fresh_redis() as redis:
        await EffectStream(redis).publish([])
        assert await redis.dbsize() == 0


async def test_only_what_is_missing_is_offered_again():
    hide, card, lost = an_intent("1"), an_intent("2", EffectKind.CARD), an_intent("3")
    async with fresh_redis() as redis:
        effects = EffectStream(redis)
        await effects.publish([hide, card])
        for _ in range(2):
            await effects.offer_again([hide, card, lost])
        lanes = effect_streams("playground")
        assert await _ids(redis, lanes.urgent) == ["1", "3"]
        assert await _ids(redis, lanes.ordinary) == ["2"]
        assert await effects.offer_again([]) == []


async def test_intents_are_offered_all_or_none():
    async with fresh_redis() as redis:
        await redis.config_set("maxmemory", 1)
        with pytest.raises(FlowUnavailable):
            await EffectStream(redis).publish([an_intent("1"), an_intent("2", EffectKind.CARD)])
        assert await redis.dbsize() == 0


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe"])
def test_a_payload_that_is_no_id_is_unreadable(payload: bytes):
    with pytest.raises(UnreadablePayload):
        read_intent_id(payload)


async def test_the_most_urgent_case_is_first_and_a_community_sees_its_own_only():
    async with fresh_redis() as redis:
        queue = RedisReviewQueue(redis)
        for case_id, urgency in (("later", 3e9), ("now", -5.0), ("soon", 10.0)):
            await queue.put("c1", case_id, urgency)
        await queue.put("c2", "elsewhere", 0.0)
        assert await queue.first("c1", 2) == ["now", "soon"]
        assert await queue.first("c1", 0) == []
        assert await queue.depth("c1") == 3
        await queue.put("c1", "later", -9.0)
        await queue.remove("c1", "now")
        await queue.remove("c1", "never was")
        assert await queue.first("c1", 99) == ["later", "soon"]
        assert await queue.first("nobody", 5) == []


async def test_a_queue_is_rebuilt_to_be_exactly_what_storage_says():
    async with fresh_redis() as redis:
        queue = RedisReviewQueue(redis)
        await queue.put("c1", "decided meanwhile", 1.0)
        await queue.replace("c1", await queue.cases("c1"), {"b": 2.0, "a": 1.0})
        assert await queue.first("c1", 9) == ["a", "b"]
        await queue.replace("c1", await queue.cases("c1"), {})
        assert await queue.depth("c1") == 0


async def test_what_comes_into_a_queue_while_it_is_rebuilt_stays():
    async with fresh_redis() as redis:
        queue = RedisReviewQueue(redis)
        await queue.put("c1", "decided", 1.0)
        former = await queue.cases("c1")
        await queue.put("c1", "new", 3.0)
        await queue.replace("c1", former, {"old": 2.0})
        assert await queue.first("c1", 9) == ["old", "new"]


async def test_a_queue_of_thousands_is_rebuilt_whole():
    async with fresh_redis() as redis:
        queue = RedisReviewQueue(redis)
        many = {str(number): float(number) for number in range(2_345)}
        await queue.replace("c1", [], many)
        assert await queue.cases("c1") == [*many]
        await queue.replace("c1", [*many], {"7": 7.0})
        assert await queue.cases("c1") == ["7"]


@pytest.mark.parametrize("urgency", [math.nan, math.inf])
async def test_an_urgency_that_puts_nothing_in_order_is_refused(urgency: float):
    async with fresh_redis() as redis:
        queue = RedisReviewQueue(redis)
        with pytest.raises(InvalidValue, match=r"case a: .* is no urgency"):
            await queue.put("c1", "a", urgency)
        with pytest.raises(InvalidValue):
            await queue.replace("c1", [], {"a": urgency})


async def test_a_queue_that_redis_cannot_keep_says_so():
    async with fresh_redis() as redis:
        await redis.config_set("maxmemory", 1)
        with pytest.raises(FlowUnavailable, match="out of memory"):
            await RedisReviewQueue(redis).put("c1", "a", 1.0)
