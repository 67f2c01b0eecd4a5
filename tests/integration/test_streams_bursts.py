"""What authors said in the last seconds, against a real server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.bursts import WITHIN
from bot.domain.messages import Author, Message
from bot.streams.bursts import RedisBursts
from tests.factories import LOBBY, NOW, a_message, a_person
from tests.fakes.redis_server import fresh_redis


def said(text: str, number: int, seconds: float = 0.0) -> Message:
    return a_message(text, id=str(number), posted_at=NOW + timedelta(seconds=seconds))


async def test_each_is_given_what_its_author_said_before_it() -> None:
    async with fresh_redis() as redis:
        bursts = RedisBursts(redis)
        first, second, third = said("you", 1), said("an", 2, 1), said("idiot", 3, 2)
        assert await bursts.note([first, second]) == [[], [first]]
        assert await bursts.note([third]) == [[first, second]]
        assert await bursts.note([]) == []


async def test_workers_see_what_the_others_were_given_whatever_came_first() -> None:
    async with fresh_redis() as redis:
        one, other = RedisBursts(redis), RedisBursts(redis)
        first, second = said("you", 1), said("idiot", 2, 1)
        assert await one.note([second]) == [[]]
        assert await other.note([first]) == [[second]]


async def test_the_same_message_again_adds_nothing() -> None:
    async with fresh_redis() as redis:
        bursts = RedisBursts(redis)
        message = said("you", 1)
        await bursts.note([message])
        assert await bursts.note([message, said("x", 2)]) == [[message], [message]]


async def test_authors_places_and_times_are_kept_apart() -> None:
    async with fresh_redis() as redis:
        bursts = RedisBursts(redis)
        await bursts.note([said("you", 1)])
        somebody = replace(said("idiot", 2), author=Author(a_person("noor", "Noor")))
        elsewhere = replace(said("idiot", 3), place=replace(LOBBY, channel="42"))
        later = said("idiot", 4, WITHIN.total_seconds() + 1)
        assert await bursts.note([somebody, elsewhere, later]) == [[], [], []]


async def test_nothing_is_kept_longer_than_a_sentence_takes() -> None:
    async with fresh_redis() as redis:
        await RedisBursts(redis).note([said("you", 1)])
        [key] = await redis.keys("*burst*")
        assert 0 < await redis.pttl(key) <= WITHIN.total_seconds() * 1000


async def test_what_is_forgotten_is_gone_for_all_of_its_author() -> None:
    async with fresh_redis() as redis:
        bursts = RedisBursts(redis)
        first, second = said("you", 1), said("idiot", 2, 1)
        await bursts.note([first, second])
        await bursts.forget([second])
        await bursts.forget([])
        assert await bursts.note([said("lol", 3, 2)]) == [[]]


async def test_one_author_cannot_fill_the_memory() -> None:
    async with fresh_redis() as redis:
        bursts = RedisBursts(redis)
        await bursts.note([said(str(number), number) for number in range(200)])
        [before] = await bursts.note([said("last", 200)])
        assert len(before) <= 16
