"""What was begun and is not finished yet."""

from __future__ import annotations

from redis.asyncio import Redis

from bot.streams.connection import redis_errors


class RedisUnfinished:
    """Fits `domain.memory.Unfinished`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, kind: str, id_: str, note: str) -> None:
        """Keep something. Raises FlowUnavailable."""
        with redis_errors():
            await self._redis.hset(_key(kind), id_, note)

    async def drop(self, kind: str, id_: str) -> None:
        """Forget what is finished, be it kept or not. Raises FlowUnavailable."""
        with redis_errors():
            await self._redis.hdel(_key(kind), id_)

    async def left(self, kind: str) -> dict[str, str]:
        """All of a kind that is kept, by its id. Raises FlowUnavailable."""
        with redis_errors():
            kept = await self._redis.hgetall(_key(kind))
        return {_text(id_): _text(note) for id_, note in kept.items()}


def _key(kind: str) -> str:
    return f"{{aman}}:unfinished:{kind}"


def _text(reply: bytes | str) -> str:
    return reply.decode() if isinstance(reply, bytes) else reply
