"""What a platform was told is taken, and is not finished yet."""

from __future__ import annotations

from redis.asyncio import Redis

from bot.streams.connection import redis_errors


class RedisUnfinished:
    """Fits `domain.memory.Unfinished`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, platform: str, update_id: str, raw: str) -> None:
        """Keep an update. Raises FlowUnavailable."""
        with redis_errors():
            await self._redis.hset(_key(platform), update_id, raw)

    async def drop(self, platform: str, update_id: str) -> None:
        """Forget an update, be it kept or not. Raises FlowUnavailable."""
        with redis_errors():
            await self._redis.hdel(_key(platform), update_id)

    async def left(self, platform: str) -> dict[str, str]:
        """All that is kept, by its id. Raises FlowUnavailable."""
        with redis_errors():
            kept = await self._redis.hgetall(_key(platform))
        return {_text(update_id): _text(raw) for update_id, raw in kept.items()}


def _key(platform: str) -> str:
    return f"{{aman}}:unfinished:{platform}"


def _text(reply: bytes | str) -> str:
    return reply.decode() if isinstance(reply, bytes) else reply
