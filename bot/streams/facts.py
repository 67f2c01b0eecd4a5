"""What platforms said of their groups."""

from __future__ import annotations

from datetime import timedelta

from redis.asyncio import Redis

from bot.domain.messages import Place
from bot.streams.connection import redis_errors
from bot.streams.together import Together


class RedisFacts:
    """Fits `domain.memory.Facts`."""

    def __init__(self, redis: Redis) -> None:
        self._together = Together(redis)

    async def of(self, group: Place) -> bytes | None:
        """What was kept of a group; None where nothing is. Raises FlowUnavailable."""
        with redis_errors():
            kept = await self._together.run("GET", _key(group))
        return kept if isinstance(kept, bytes) else None

    async def keep(self, group: Place, told: bytes, for_: timedelta) -> None:
        """Keep what was said of a group, for so long. Raises FlowUnavailable."""
        with redis_errors():
            await self._together.run("SET", _key(group), told, "EX", int(for_.total_seconds()))

    async def forget(self, group: Place) -> None:
        """Keep nothing of a group. Raises FlowUnavailable."""
        with redis_errors():
            await self._together.run("DEL", _key(group))


def _key(group: Place) -> str:
    return f"{{aman}}:facts:{group.platform}:{group.group}"
