"""What authors said in the last seconds, so that a sentence in pieces can be read whole."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from redis.asyncio import Redis

from bot.codec import read_message, write_message
from bot.domain.bursts import MOST, WITHIN
from bot.domain.messages import Message
from bot.streams.connection import redis_errors

_KEPT = 2 * MOST
"""Of one author in one place: more than are read together, since edits and repetitions count."""

# In the messages' own time, so that a backlog is read as it was written; kept by the server's.
_NOTE = """
local within, kept, found = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for n = 1, #KEYS do
  local at, said = tonumber(ARGV[n * 2 + 1]), ARGV[n * 2 + 2]
  found[n] = redis.call('ZRANGEBYSCORE', KEYS[n], at - within, at + within)
  redis.call('ZADD', KEYS[n], at, said)
  redis.call('ZREMRANGEBYRANK', KEYS[n], 0, -kept - 1)
  redis.call('PEXPIRE', KEYS[n], within)
end
return found
"""


class RedisBursts:
    """Fits `domain.memory.Bursts`. Shared by all workers; nothing is kept longer than WITHIN."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._note = redis.register_script(_NOTE)

    async def note(self, messages: Sequence[Message]) -> list[list[Message]]:
        """Remember messages; of each, what else its author said there about that time.

        Raises FlowUnavailable; UnreadablePayload for what a later release wrote.
        """
        if not messages:
            return []
        args: list[int | bytes] = [round(WITHIN.total_seconds() * 1000), _KEPT]
        for message in messages:
            args += [round(message.posted_at.timestamp() * 1000), write_message(message)]
        with redis_errors():
            found = await self._note(keys=[_key(each) for each in messages], args=args)
        return [[read_message(each) for each in said] for said in found]

    async def forget(self, messages: Sequence[Message]) -> None:
        """Forget all that the authors of these messages said there. Raises FlowUnavailable."""
        if messages:
            with redis_errors():
                await self._redis.delete(*(_key(each) for each in messages))


def _key(message: Message) -> bytes:
    who = f"{message.place}:{message.author.person}"
    return b"{aman}:burst:" + blake2b(who.encode(), digest_size=16).digest()
