"""Whose messages were hidden lately: what they say next goes before what others say."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from redis.asyncio import Redis

from bot.domain.messages import Message
from bot.streams.connection import redis_errors

FOR_S = 3600


class RedisOffenders:
    """Fits `domain.memory.Offenders`. Shared by all workers, kept for FOR_S seconds."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def note(self, messages: Sequence[Message]) -> None:
        """See `domain.memory.Offenders`. Raises FlowUnavailable."""
        if not messages:
            return
        with redis_errors():
            async with self._redis.pipeline(transaction=False) as together:
                for message in messages:
                    together.set(offender_key(message), "", ex=FOR_S)
                await together.execute()


def offender_key(message: Message) -> bytes:
    """What is there for as long as the message's author is remembered in its group."""
    who = f"{message.place.platform}:{message.place.group}:{message.author.person}"
    return b"{aman}:offender:" + blake2b(who.encode(), digest_size=16).digest()
