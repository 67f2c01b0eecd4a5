"""Albums: a platform sends their parts one by one, marks no end, and tells of one part later as if
it stood alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import structlog
from redis.asyncio import Redis

from bot.codec import read_message, write_message
from bot.domain.errors import UnreadablePayload
from bot.domain.messages import Message
from bot.streams.connection import redis_errors

log = structlog.get_logger(__name__)

KNOWN_FOR_S = 48 * 3600
"""For so long Telegram lets a bot delete: after that it is of no use to know what would go."""

MOST_KNOWN = 200
"""Albums of a group that are known, the newest ones: 4 MB, were each as long as can be."""

LOOK_AGAIN_S = 60
"""An album that a later release wrote waits so long before it is looked at again."""

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
for n = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[n]) == ARGV[n + 1] then
    redis.call('HDEL', KEYS[2], ARGV[n])
  end
end
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('ZREM', KEYS[1], KEYS[2]) end
"""

_NAME = b"name"
"""In the hash of an album's known parts, which are there by their ids: what the album goes by."""

_KNOWN = """
redis.call('EXPIRE', KEYS[2], ARGV[1])
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, KEYS[2])
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
for _, oldest in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1 - ARGV[2])) do
  redis.call('ZREM', KEYS[1], oldest)
  redis.call('DEL', oldest)
end
"""

_KNOW = f"""
redis.call('HSET', KEYS[2], unpack(ARGV, 3))
{_KNOWN}
"""

_CALL = f"""
redis.call('HSETNX', KEYS[2], '{_NAME.decode()}', ARGV[3])
local name = redis.call('HGET', KEYS[2], '{_NAME.decode()}')
{_KNOWN}
return name
"""


class RedisAlbums:
    """Fits `domain.memory.Albums`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._add = redis.register_script(_ADD)
        self._whole = redis.register_script(_WHOLE)
        self._drop = redis.register_script(_DROP)
        self._know = redis.register_script(_KNOW)
        self._call = redis.register_script(_CALL)

    async def add(self, part: Message) -> None:
        """Keep one part; a part that is here already is kept once. Raises FlowUnavailable."""
        with redis_errors():
            await self._add(keys=[_WAITING, _key(part)], args=[part.id, write_message(part)])

    async def whole(self, quiet_s: float) -> list[list[Message]]:
        """Albums to which nothing was added for so long, their parts in the order of their ids.

        Those of which a later release wrote a part are left to that. Raises FlowUnavailable.
        """
        albums = []
        with redis_errors():
            for key in await self._whole(keys=[_WAITING], args=[int(quiet_s * 1000)]):
                try:
                    parts = [read_message(_bytes(each)) for each in await self._redis.hvals(key)]
                except UnreadablePayload as exc:
                    log.warning("an album waits for the release that wrote it", error=str(exc))
                    await self._put_off(key)
                else:
                    albums.append(_in_order(parts))
        return [parts for parts in albums if parts]

    async def _put_off(self, key: bytes | str) -> None:
        seconds, _ = await self._redis.time()
        await self._redis.zadd(_WAITING, {_bytes(key): (seconds + LOOK_AGAIN_S) * 1000}, xx=True)

    async def drop(self, parts: Sequence[Message]) -> None:
        """Wait no longer with parts that are taken in, unless they say something else by now; those
        with files are known for KNOWN_FOR_S more. Raises FlowUnavailable."""
        first, files = parts[0], [part for part in parts if part.attachments]
        with redis_errors():
            if files:
                said = [each for part in files for each in (part.id, write_message(part))]
                keys = [_group_key(first), _known_key(first)]
                await self._know(keys=keys, args=[KNOWN_FOR_S, MOST_KNOWN, *said])
            # As they are written, which need not be how this release writes them.
            written = await self._redis.hmget(_key(first), [part.id for part in parts])
            same = [
                each
                for part, raw in zip(parts, written, strict=True)
                if raw is not None and _read(raw) == part
                for each in (part.id, raw)
            ]
            await self._drop(keys=[_WAITING, _key(first)], args=same)

    async def of(self, part: Message) -> list[Message]:
        """All parts of a part's album as they are by now, in the order of their ids; none where it
        is not known. A part that a later release wrote is not. Raises FlowUnavailable.
        """
        known: dict[str, Message] = {}
        with redis_errors():
            for key in (_known_key(part), _key(part)):
                said = await self._redis.hgetall(key)
                read = [_read(said[id_]) for id_ in said if _bytes(id_) != _NAME]
                known |= {each.id: each for each in read if each is not None}
        return _in_order(known.values())

    async def name(self, album: Message) -> str:
        """The id of the part that an album is known by, for as long as its parts are: that of the
        first one asked with. Raises FlowUnavailable."""
        keys = [_group_key(album), _known_key(album)]
        args: list[int | str] = [KNOWN_FOR_S, MOST_KNOWN, album.id]
        with redis_errors():
            return _bytes(await self._call(keys=keys, args=args)).decode()


def _read(written: bytes | str) -> Message | None:
    """A part as it is written; None for what a later release wrote."""
    try:
        return read_message(_bytes(written))
    except UnreadablePayload as exc:
        log.warning("a part of an album is not known", error=str(exc))
        return None


def _in_order(parts: Iterable[Message]) -> list[Message]:
    return sorted(parts, key=lambda part: (len(part.id), part.id))


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _group_key(part: Message) -> str:
    return f"{{aman}}:albums:known:{part.place.platform}:{part.place.group}"


def _known_key(part: Message) -> str:
    return f"{_key(part)}:known"


def _key(part: Message) -> str:
    return f"{{aman}}:album:{part.place.platform}:{part.place.group}:{part.album}"
