"""The intake: where every message waits to be judged.

It has two streams, each with a consumer of its own. In the urgent one waits what a member reported,
whoever sent how much before it.
"""

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
URGENT = "{aman}:intake:urgent"
PROBE = "{aman}:probe"
GROUP = "workers"

MOST_ENTRIES = 200_000
"""Unfinished messages beyond which no more are taken in: adapters then hold them back."""

SEEN_FOR_S = 48 * 3600
"""How long a message is known to have been taken in. Telegram repeats an update for 24 hours."""

# The entry goes in before the note that it did: should the second be refused, the message may be
# judged twice, which storage puts right, but it is never lost.
_PUT = """
local ordinary, urgent, seen = KEYS[1], KEYS[2], KEYS[3]
if redis.call('EXISTS', seen) == 1 then return 0 end
if redis.call('XLEN', ordinary) + redis.call('XLEN', urgent) >= tonumber(ARGV[1]) then return -1 end
local id = redis.call('XADD', ordinary, '*', 'payload', ARGV[3],
  'platform', ARGV[4], 'group', ARGV[5], 'message', ARGV[6])
redis.call('SET', seen, id, 'EX', ARGV[2])
return 1
"""

# Only what no worker holds is moved: so it is still judged once, and lost by nobody's end.
_HASTEN = """
local ordinary, urgent, seen = KEYS[1], KEYS[2], KEYS[3]
local id = redis.call('GET', seen)
if not id or id == '' then return 0 end
local entry = redis.call('XRANGE', ordinary, id, id)[1]
if not entry then return 0 end
local held = redis.pcall('XPENDING', ordinary, ARGV[1], id, id, 1)
if not held.err and #held > 0 then return 0 end
redis.call('XADD', urgent, '*', unpack(entry[2]))
redis.call('XDEL', ordinary, id)
redis.call('SET', seen, '', 'KEEPTTL')
return 1
"""


class Intake:
    """Takes messages in (`ports.Inbox`, `ports.Waiting`)."""

    def __init__(self, redis: Redis, most_entries: int = MOST_ENTRIES) -> None:
        self._redis = redis
        self._most_entries = most_entries
        self._together = Together(redis)
        self._put_sha = redis.register_script(_PUT).sha
        self._hasten = redis.register_script(_HASTEN)

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
                keys=[STREAM, URGENT, _seen(message)],
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
            raise self._too_much()

    async def hasten(self, message: Message) -> None:
        """See `ports.Waiting`. Raises FlowUnavailable."""
        with redis_errors():
            await self._hasten(keys=[STREAM, URGENT, _seen(message)], args=[GROUP])

    async def check(self) -> None:
        """Make sure that a message would be taken in now. Raises FlowUnavailable, which says why
        not.

        By writing: a server that has no memory left, cannot write to its disk or has become a
        replica still answers whatever only reads.
        """
        with redis_errors():
            await self._redis.set(PROBE, "", ex=1)
        if await self.depth() >= self._most_entries:
            raise self._too_much()

    def _too_much(self) -> FlowUnavailable:
        return FlowUnavailable(
            f"{self._most_entries} messages wait to be judged: the workers are behind"
        )

    async def depth(self) -> int:
        """How many messages wait or are being judged. Raises FlowUnavailable."""
        ordinary = await lengths.depth(self._redis, STREAM)
        return ordinary + await lengths.depth(self._redis, URGENT)

    async def oldest_s(self) -> float:
        """Seconds that the oldest of them has waited; 0.0 for none. Raises FlowUnavailable."""
        ordinary = await lengths.oldest_s(self._redis, STREAM)
        return max(ordinary, await lengths.oldest_s(self._redis, URGENT))


def _seen(message: Message) -> bytes:
    # Hashed: there are millions of these, and a key's length is most of what each one costs.
    return b"{aman}:seen:" + blake2b(message.key.encode(), digest_size=16).digest()
