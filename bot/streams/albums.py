"""Albums whose parts are still coming: a platform sends them one by one and marks no end."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from bot.codec import read_message, write_message
from bot.domain.messages import Message
from bot.streams.connection import redis_errors

_WAITING = "{aman}:albums"

_ADD = """
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000), KEYS[2])
"""

_WHOLE = """
local time = redis.call('TIME')
local until_ = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[1]
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', until_, 'LIMIT', 0, 100)
"""

_DROP = """
for n = 1, #ARGV do redis.call('HDEL', KEYS[2], ARGV[n]) end
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('ZREM', KEYS[1], KEYS[2]) end
"""


class RedisAlbums:
    """Fits `domain.memory.Albums`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._add = redis.register_script(_ADD)
        self._whole = redis.register_script(_WHOLE)
        self._drop = redis.register_script(_DROP)

    async def add(self, part: Message) -> None:
        """Keep one part; a part that is here already is kept once. Raises FlowUnavailable."""
        with redis_errors():
            await self._add(keys=[_WAITING, _key(part)], args=[part.id, write_message(part)])

    async def whole(self, quiet_s: float) -> list[list[Message]]:
        """Albums to which nothing was added for so long, their parts in the order of their ids.

        Raises FlowUnavailable; UnreadablePayload for a part that a later release wrote.
        """
        albums = []
        with redis_errors():
            for key in await self._whole(keys=[_WAITING], args=[int(quiet_s * 1000)]):
                parts = [read_message(_bytes(each)) for each in await self._redis.hvals(key)]
                if parts:
                    albums.append(sorted(parts, key=lambda part: (len(part.id), part.id)))
        return albums

    async def drop(self, parts: Sequence[Message]) -> None:
        """Forget parts that are taken in. Raises FlowUnavailable."""
        with redis_errors():
            await self._drop(keys=[_WAITING, _key(parts[0])], args=[part.id for part in parts])


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _key(part: Message) -> str:
    return f"{{aman}}:album:{part.place.platform}:{part.place.group}:{part.album}"
