"""How much waits in a stream, and for how long. Finished entries are deleted, so all that is in
a stream is either waiting or pending."""

from __future__ import annotations

from redis.asyncio import Redis

from bot.streams.connection import redis_errors

# The server's own clock on both sides: the age does not suffer from ours being wrong.
_OLDEST = """
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
if #first == 0 then return 0 end
local now = redis.call('TIME')
return now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(string.match(first[1][1], '^%d+'))
"""


async def depth(redis: Redis, stream: str) -> int:
    """How many entries are not finished. Raises FlowUnavailable."""
    with redis_errors():
        return int(await redis.xlen(stream))


async def oldest_s(redis: Redis, stream: str) -> float:
    """Seconds since the oldest unfinished entry was put in; 0.0 when there is none.

    Raises FlowUnavailable.
    """
    with redis_errors():
        age_ms: int = await redis.register_script(_OLDEST)(keys=[stream])
    return max(0, age_ms) / 1000
