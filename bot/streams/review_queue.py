"""The review queue: each community's open cases, the most urgent first."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from redis.asyncio import Redis

from bot.domain.errors import InvalidValue
from bot.streams.connection import redis_errors

AT_ONCE = 500


class RedisReviewQueue:
    """A sorted set a community (`ports.ReviewQueue`). Storage is the truth; this can be rebuilt."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, community_id: str, case_id: str, urgency: float) -> None:
        """Add a case, or move it; the lower its urgency the sooner.

        Raises FlowUnavailable; InvalidValue for an urgency that puts nothing in order.
        """
        _check(case_id, urgency)
        with redis_errors():
            await self._redis.zadd(_key(community_id), {case_id: urgency})

    async def remove(self, community_id: str, case_id: str) -> None:
        """Take a case out; one that is not there is no error. Raises FlowUnavailable."""
        with redis_errors():
            await self._redis.zrem(_key(community_id), case_id)

    async def first(self, community_id: str, limit: int) -> list[str]:
        """Ids of the most urgent cases, at most `limit`. Raises FlowUnavailable."""
        if limit < 1:
            return []
        with redis_errors():
            ids: list[Any] = await self._redis.zrange(_key(community_id), 0, limit - 1)
        return [case_id.decode() for case_id in ids]

    async def depth(self, community_id: str) -> int:
        """How many cases wait. Raises FlowUnavailable."""
        with redis_errors():
            return int(await self._redis.zcard(_key(community_id)))

    async def cases(self, community_id: str) -> list[str]:
        """Ids of all cases, the most urgent first. Raises FlowUnavailable."""
        with redis_errors():
            ids: list[Any] = await self._redis.zrange(_key(community_id), 0, -1)
        return [case_id.decode() for case_id in ids]

    async def replace(
        self, community_id: str, former: Collection[str], urgencies: Mapping[str, float]
    ) -> None:
        """Put these cases where the `former` stood; others that came since then stay.

        urgencies: urgency by case id. Raises as put does.
        """
        for case_id, urgency in urgencies.items():
            _check(case_id, urgency)
        key, gone = _key(community_id), [each for each in former if each not in urgencies]
        with redis_errors():
            for few in _in_lots(urgencies):
                await self._redis.zadd(key, {each: urgencies[each] for each in few})
            for few in _in_lots(gone):
                await self._redis.zrem(key, *few)


def _key(community_id: str) -> str:
    return f"{{aman}}:review:{community_id}"


def _in_lots(ids: Iterable[str]) -> Iterator[list[str]]:
    """A few at a time: a command of a hundred thousand would hold up all else meanwhile."""
    left = iter(ids)
    while few := list(islice(left, AT_ONCE)):
        yield few


def _check(case_id: str, urgency: float) -> None:
    if not math.isfinite(urgency):
        raise InvalidValue(f"case {case_id}: {urgency} is no urgency")
