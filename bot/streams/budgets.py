"""Rate budgets, counted in Redis: shared by all processes, and not forgotten by a restart."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from redis.asyncio import Redis

from bot.domain.memory import Budget
from bot.streams.connection import redis_errors

# A sliding window each: the times of what was taken. Redis's own clock, for several machines.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = 0
for n = 1, #KEYS / 2 do
  local most, within, cost = unpack(ARGV, n * 3 - 1, n * 3 + 1)
  local spent, closed = KEYS[n * 2 - 1], KEYS[n * 2]
  redis.call('ZREMRANGEBYSCORE', spent, '-inf', now - within)
  local over = redis.call('ZCARD', spent) + cost - most
  if over > 0 then
    local freed = redis.call('ZRANGE', spent, over - 1, over - 1, 'WITHSCORES')
    wait = math.max(wait, freed[2] + within - now + 1)
  end
  wait = math.max(wait, redis.call('PTTL', closed))
end
if wait > 0 then return wait end
for n = 1, #KEYS / 2 do
  local spent, within, cost = KEYS[n * 2 - 1], ARGV[n * 3], tonumber(ARGV[n * 3 + 1])
  for each = 1, cost do redis.call('ZADD', spent, now, ARGV[1] .. each) end
  redis.call('PEXPIRE', spent, within)
end
return 0
"""

_CLOSE = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
end
"""


class RedisBudgets:
    """Fits `domain.memory.Budgets`."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)
        self._close = redis.register_script(_CLOSE)

    async def take(self, budgets: Sequence[Budget]) -> float:
        """Take its cost of each budget, or nothing of any: seconds to wait, 0.0 once taken.

        Raises FlowUnavailable.
        """
        keys: list[str] = []
        args: list[str | int] = [uuid4().hex]
        for budget in budgets:
            keys += [_spent(budget.name), _closed(budget.name)]
            args += [budget.most, int(budget.within_s * 1000), budget.cost]
        with redis_errors():
            return float(await self._take(keys=keys, args=args)) / 1000

    async def close(self, name: str, for_s: float) -> None:
        """Give nothing of this name's budget for so many seconds, or longer where it is closed for
        longer. Raises FlowUnavailable."""
        with redis_errors():
            await self._close(keys=[_closed(name)], args=[max(1, int(for_s * 1000))])


def _spent(name: str) -> str:
    return f"{{aman}}:budget:{name}"


def _closed(name: str) -> str:
    return f"{{aman}}:budget closed:{name}"
