"""What every message last said, as a digest: an edit that changed no text is no new revision."""

from __future__ import annotations

from hashlib import blake2b

from redis.asyncio import Redis

from bot.domain.messages import Message
from bot.streams.connection import redis_errors
from bot.streams.intake import SEEN_FOR_S
from bot.streams.together import Together

_DIGEST = 12

_NUMBER = """
local said, known = ARGV[1], redis.call('GET', KEYS[1])
local number = tonumber(ARGV[2])
if known then
  local before = tonumber(string.sub(known, #said + 1))
  if string.sub(known, 1, #said) == said then return before end
  number = math.max(number, before + 1)
end
redis.call('SET', KEYS[1], said .. string.format('%d', number), 'EX', ARGV[3])
return number
"""


class RedisRevisions:
    """Fits `domain.memory.Revisions`. A message is remembered for as long as intake knows it."""

    def __init__(self, redis: Redis) -> None:
        self._together = Together(redis)
        self._number_sha = redis.register_script(_NUMBER).sha

    async def next_revision(self, message: Message) -> int | None:
        """The number of an edited text; None where it says what it said. Raises FlowUnavailable.

        A message that is not remembered counts as changed.
        """
        digest, revision = await self._known(message)
        return None if digest == _digest(message) else revision + 1

    async def revision_of(self, message: Message) -> int:
        """The number that an edited message's text bears, be it one that was noted already.
        Raises FlowUnavailable."""
        digest, revision = await self._known(message)
        return revision if digest == _digest(message) else revision + 1

    async def note(self, message: Message) -> None:
        """Remember what the message says, and under which number. Raises FlowUnavailable.

        What it said at first is remembered only of a message not known yet: told again after an
        edit, or read late from a history, it would give the edit's number to the next one, which
        intake would then take for a repetition.
        """
        first = ["NX"] if message.revision == 0 else []
        with redis_errors():
            said = _digest(message) + str(message.revision).encode()
            await self._together.run("SET", _key(message), said, "EX", SEEN_FOR_S, *first)

    async def number(self, message: Message) -> int:
        """The number of a text, noted at once. Raises FlowUnavailable."""
        with redis_errors():
            number = await self._together.script(
                self._number_sha,
                _NUMBER,
                keys=[_key(message)],
                args=[_digest(message), message.revision, SEEN_FOR_S],
            )
        return int(number)

    async def _known(self, message: Message) -> tuple[bytes, int]:
        """What is remembered of a message: its text's digest and number."""
        with redis_errors():
            known = await self._together.run("GET", _key(message))
        return (known[:_DIGEST], int(known[_DIGEST:])) if isinstance(known, bytes) else (b"", 0)


def _key(message: Message) -> bytes:
    # Hashed: there are millions of these, and a key's length is most of what each one costs.
    named = f"{message.place.platform}:{message.place.group}:{message.id}"
    return b"{aman}:said:" + blake2b(named.encode(), digest_size=16).digest()


def _digest(message: Message) -> bytes:
    return blake2b(message.text.encode(), digest_size=_DIGEST).digest()
