"""The intake: where every message waits to be judged."""

from __future__ import annotations

from hashlib import blake2b

from redis.asyncio import Redis

from bot.codec import write_message
from bot.domain.errors import FlowUnavailable
from bot.domain.messages import Message
from bot.streams import lengths
from bot.streams.connection import redis_errors
from bot.streams.together import Together

STREAM = "{aman}:intake"
GROUP = "workers"

MOST_ENTRIES = 200_000
"""Unfinished messages beyond which no more are taken in: adapters then hold them back."""

SEEN_FOR_S = 48 * 3600
"""How long a message is known to have been taken in. Telegram repeats an update for 24 hours."""

# The entry goes in before the note that it did: should the second be refused, the message may be
# judged twice, which storage puts right, but it is never lost.
_PUT = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return -1 end
redis.call('XADD', KEYS[1], '*', 'payload', ARGV[3], 'platform', ARGV[4],
  'group', ARGV[5], 'message', ARGV[6])
redis.call('SET', KEYS[2], '', 'EX', ARGV[2])
return 1
"""


class Intake:
    """Takes messages in (`ports.Inbox`)."""

    def __init__(self, redis: Redis, most_entries: int = MOST_ENTRIES) -> None:
        self._redis = redis
        self._most_entries = most_entries
        self._together = Together(redis)
        self._put_sha = redis.register_script(_PUT).sha

    async def put(self, message: Message) -> None:
        """Take a message in; the same revision again within SEEN_FOR_S is not taken twice.

        Place and id stand beside the payload, so that an entry nobody can read still names the
        message that a human should look at.

        Raises FlowUnavailable when Redis cannot take it, or too much is waiting already.
        """
        with redis_errors():
            taken = await self._together.script(
                self._put_sha,
                _PUT,
                keys=[STREAM, _seen(message)],
                args=[
                    self._most_entries,
                    SEEN_FOR_S,
                    write_message(message),
                    message.place.platform,
                    message.place.group,
                    message.id,
                ],
            )
        if taken == -1:
            raise FlowUnavailable(
                f"{self._most_entries} messages wait to be judged: the workers are behind"
            )

    async def depth(self) -> int:
        """How many messages wait or are being judged. Raises FlowUnavailable."""
        return await lengths.depth(self._redis, STREAM)

    async def oldest_s(self) -> float:
        """Seconds that the oldest of them has waited; 0.0 for none. Raises FlowUnavailable."""
        return await lengths.oldest_s(self._redis, STREAM)


def _seen(message: Message) -> bytes:
    # Hashed: there are millions of these, and a key's length is most of what each one costs.
    return b"{aman}:seen:" + blake2b(message.key.encode(), digest_size=16).digest()
