"""What is noted of intents outlives the bot, and nothing of it stays for good."""

from __future__ import annotations

from datetime import UTC, datetime

from redis.asyncio import Redis
from telegram import Chat, Message

from bot.adapters.telegram.notes import ON_RECORD_AFTER, OPEN_FOR, Notes
from bot.adapters.telegram.reposting import Reposts
from bot.streams.facts import RedisFacts
from handlers.effect import GIVE_UP_AFTER
from tests.fakes.redis_server import fresh_redis


async def seconds_left(redis: Redis) -> list[int]:
    """How long each of the keys that there are stays, -1 for ever."""
    return [await redis.ttl(key) async for key in redis.scan_iter("*")]


async def test_a_note_stays_as_long_as_its_intent_may_be_tried() -> None:
    async with fresh_redis() as redis:
        await Notes(RedisFacts(redis), "cards").keep("i1", "begun")
        assert await Notes(RedisFacts(redis), "cards").of("i1") == "begun"
        [left] = await seconds_left(redis)
        assert GIVE_UP_AFTER.total_seconds() < left <= OPEN_FOR.total_seconds()


async def test_what_is_over_is_forgotten_though_the_bot_ends_before() -> None:
    async with fresh_redis() as redis:
        ended = Notes(RedisFacts(redis), "cards")
        await ended.keep("i1", "5 stands")
        await ended.over("i1")
        assert await Notes(RedisFacts(redis), "cards").of("i1") == "5 stands"
        [left] = await seconds_left(redis)
        assert 0 < left <= ON_RECORD_AFTER.total_seconds()


async def test_kinds_and_intents_have_notes_of_their_own() -> None:
    async with fresh_redis() as redis:
        cards, copies = (Notes(RedisFacts(redis), kind) for kind in ("cards", "copies"))
        await cards.keep("i1", "1")
        await cards.keep("i2", "2")
        await cards.forget("i2")
        assert [await cards.of("i1"), await cards.of("i2"), await copies.of("i1")] == [
            "1",
            None,
            None,
        ]


async def test_of_what_was_never_noted_nothing_is_over() -> None:
    async with fresh_redis() as redis:
        await Notes(RedisFacts(redis), "cards").over("i1")
        assert await seconds_left(redis) == []


async def test_after_a_kill_it_is_known_which_files_stand_and_which_are_lost() -> None:
    async def posted(*ids: int) -> list[Message]:
        chat = Chat(-1001, "supergroup")
        return [Message(each, datetime(2026, 1, 1, tzinfo=UTC), chat) for each in ids]

    async with fresh_redis() as redis:
        killed = await Reposts(RedisFacts(redis)).of("i1")
        await killed.post(lambda: posted(4))  # who wrote it
        await killed.lose()
        await killed.post(lambda: posted(5, 6))
        again = await Reposts(RedisFacts(redis)).of("i1")
        assert (again.steps, again.lost, again.ref) == (3, 1, "4,5,6")
        assert again.files(behind=1) == 3
        assert not again.in_doubt
