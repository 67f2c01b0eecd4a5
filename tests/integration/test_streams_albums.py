"""Which messages are one album, before it is whole and after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.domain.messages import Attachment, Message, Place
from bot.streams import albums as module
from bot.streams.albums import KNOWN_FOR_S, RedisAlbums
from tests.factories import a_message
from tests.fakes.redis_server import fresh_redis


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    async with fresh_redis() as made:
        yield made


def a_part(id: str, album: str = "a1", **changes: Any) -> Message:  # noqa: A002
    file = Attachment("photo", f"file-{id}")
    return a_message("", **{"id": id, "album": album, "attachments": (file,), **changes})


async def taken_in(albums: RedisAlbums, *parts: Message) -> None:
    for part in parts:
        await albums.add(part)
    await albums.drop(parts)


async def test_an_album_is_known_by_any_part_while_it_waits_and_once_it_is_taken_in(
    redis: Redis,
) -> None:
    albums, parts = RedisAlbums(redis), [a_part("9"), a_part("10"), a_part("11")]
    for part in parts:
        await albums.add(part)
    assert await albums.of(parts[1]) == parts
    [whole] = await albums.whole(0.0)
    assert whole == parts
    await albums.drop(whole)
    assert await albums.whole(0.0) == []
    assert await albums.of(parts[2]) == parts
    assert await albums.of(a_part("9", album="a2")) == []


async def test_what_a_part_says_by_now_is_not_dropped_with_what_it_said(redis: Redis) -> None:
    albums, edited = RedisAlbums(redis), a_part("9", revision=1)
    await albums.add(a_part("9"))
    [handed_in] = await albums.whole(0.0)
    await albums.add(edited)
    await albums.drop(handed_in)
    assert await albums.whole(0.0) == [[edited]]
    await albums.drop([edited])
    assert await albums.whole(0.0) == []


async def test_a_part_that_came_late_is_known_with_those_that_were_taken_in(redis: Redis) -> None:
    albums, late = RedisAlbums(redis), a_part("11")
    await taken_in(albums, a_part("9"), a_part("10"))
    await albums.add(late)
    assert await albums.whole(0.0) == [[late]]
    assert await albums.of(late) == [a_part("9"), a_part("10"), late]
    await albums.drop([late])
    assert await albums.of(late) == [a_part("9"), a_part("10"), late]


async def test_an_album_goes_by_the_first_number_that_it_was_given(redis: Redis) -> None:
    albums, first, before = RedisAlbums(redis), a_part("10"), a_part("9")
    assert await albums.name(first) == "10"
    assert await albums.of(first) == []
    await taken_in(albums, first)
    assert await albums.name(before) == "10"
    assert await albums.of(before) == [first]
    assert await albums.name(a_part("9", album="a2")) == "9"


async def test_of_albums_only_the_newest_are_known_and_none_for_good(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_KNOWN", 2)
    albums = RedisAlbums(redis)
    for number in range(3):
        part = a_part(str(number), album=f"a{number}")
        await albums.name(part)
        await taken_in(albums, part)
    known = [bool(await albums.of(a_part("x", album=f"a{number}"))) for number in range(3)]
    assert known == [False, True, True]
    left = [await redis.ttl(key) async for key in redis.scan_iter("{aman}:album:*")]
    assert len(left) == 2, "nothing stays of what is forgotten"
    assert all(0 < seconds <= KNOWN_FOR_S for seconds in left)


async def test_one_groups_albums_push_out_no_others(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_KNOWN", 2)
    albums, ours = RedisAlbums(redis), a_part("1")
    await taken_in(albums, ours)
    for number in range(3):
        place = Place("telegram", "-1009")
        await taken_in(albums, a_part(str(number), album=f"a{number}", place=place))
    assert await albums.of(ours) == [ours]


async def test_a_part_that_a_later_release_wrote_keeps_no_other_album_waiting(
    redis: Redis,
) -> None:
    albums, newer, other = RedisAlbums(redis), a_part("9"), a_part("1", album="a2")
    await albums.add(newer)
    await albums.add(other)
    [key] = [key async for key in redis.scan_iter("{aman}:album:*:a1")]
    await redis.hset(key, "9", '{"v": 99, "needs": 99, "body": {}}')
    with capture_logs() as logged:
        assert await albums.whole(0.0) == [[other]]
        assert await albums.whole(0.0) == [[other]]
    assert len(logged) == 1, "it is said once a minute"
    assert await albums.of(a_part("10")) == []
    await albums.add(newer)
    assert await albums.whole(0.0) == [[other], [newer]], "its release is there again"


async def test_of_a_joining_that_was_told_twice_nothing_is_kept(redis: Redis) -> None:
    albums = RedisAlbums(redis)
    told = a_message("Asha", album="joined 7")
    await taken_in(albums, told)
    assert await albums.of(told) == []
