"""One-time codes that link a review channel."""

from __future__ import annotations

import secrets

import msgspec
from redis.asyncio import Redis

from bot.domain.memory import LinkCode
from bot.streams.connection import redis_errors

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that people take for another
_LENGTH = 12


class RedisLinkCodes:
    """Fits `domain.memory.LinkCodes`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def make(self, link: LinkCode, for_s: float) -> str:
        """A code of 60 random bits that holds for so many seconds. Raises FlowUnavailable."""
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        with redis_errors():
            await self._redis.set(_key(code), msgspec.json.encode(link), px=int(for_s * 1000))
        return code

    async def take(self, code: str) -> LinkCode | None:
        """What a code stands for, the first time it is asked. Raises FlowUnavailable."""
        with redis_errors():
            link = await self._redis.getdel(_key(code.strip().upper()))
        return None if link is None else msgspec.json.decode(link, type=LinkCode)


def _key(code: str) -> str:
    return f"{{aman}}:link:{code}"
