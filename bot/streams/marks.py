"""Up to which message of each channel all were taken in."""

from __future__ import annotations

from collections.abc import Mapping

from redis.asyncio import Redis

from bot.domain.messages import Place
from bot.streams.connection import redis_errors

# Redis's numbers are doubles, which ids of 64 bits do not fit into: so the longer one is the
# greater, and of two as long the one that comes later in the order of digits.
_NOTE = """
for n = 1, #ARGV, 2 do
  local channel, newest = ARGV[n], ARGV[n + 1]
  local known = redis.call('HGET', KEYS[1], channel)
  if not known or #newest > #known or (#newest == #known and newest > known) then
    redis.call('HSET', KEYS[1], channel, newest)
  end
end
"""


class RedisMarks:
    """Fits `domain.memory.Marks`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._note = redis.register_script(_NOTE)

    async def of(self, group: Place) -> dict[str, int]:
        """The newest message's id by channel. Raises FlowUnavailable."""
        with redis_errors():
            marks = await self._redis.hgetall(_key(group))
        return {_text(channel): int(newest) for channel, newest in marks.items()}

    async def note(self, group: Place, newest: Mapping[str, int]) -> None:
        """Remember newest messages by channel; none goes back. Raises FlowUnavailable."""
        if not newest:
            return
        args = [str(each) for pair in newest.items() for each in pair]
        with redis_errors():
            await self._note(keys=[_key(group)], args=args)


def _key(group: Place) -> str:
    return f"{{aman}}:marks:{group.platform}:{group.group}"


def _text(reply: bytes | str) -> str:
    return reply.decode() if isinstance(reply, bytes) else reply
