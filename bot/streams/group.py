"""One consumer's place in a consumer group: the few commands it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import structlog
from redis import exceptions as errors
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from bot.streams.connection import GroupMissing, redis_errors

P = ParamSpec("P")
R = TypeVar("R")
_log = structlog.get_logger(__name__)

# The client's own xautoclaim loses the cursor when it asks for ids only, which is what keeps a
# claim from counting as a delivery.
_TAKE_OVER = """
local cursor, taken = '0-0', 0
repeat
  local answer = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], cursor,
    'COUNT', 1000, 'JUSTID')
  cursor, taken = answer[1], taken + #answer[2]
until cursor == '0-0'
return taken
"""

# Only what is still ours: an entry that another consumer has claimed meanwhile stays theirs.
_RENEW = """
for i = 3, #ARGV do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) > 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
  end
end
"""

# In one step: a consumer that reads again between the look and the removal would take its
# entries with it, and nobody would ever be given them.
_FORGET_DEAD = """
local forgotten = {}
for _, told in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local it = {}
  for i = 1, #told, 2 do it[told[i]] = told[i + 1] end
  if it['name'] ~= ARGV[2] and it['pending'] == 0 and it['idle'] > tonumber(ARGV[3]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], it['name'])
    forgotten[#forgotten + 1] = it['name']
  end
end
return forgotten
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as delivered. attempt: 1 at first, 2 when it is delivered again, …"""

    id: str
    fields: Mapping[bytes, bytes]
    attempt: int


class Membership:
    """A named consumer of a group. Every call raises FlowUnavailable when Redis is away.

    A group that is missing, because it is new or the server was flushed, is made anew from the
    stream's beginning, so that nothing which is in the stream is passed over.
    """

    def __init__(self, redis: Redis, stream: str, group: str, name: str) -> None:
        self.stream = stream
        self._redis = redis
        self._group = group
        self._name = name
        self._take_over = redis.register_script(_TAKE_OVER)
        self._renew = redis.register_script(_RENEW)
        self._forget_dead = redis.register_script(_FORGET_DEAD)

    async def fresh(self, count: int, wait_s: float) -> list[Entry]:
        """Entries never delivered before, at most `count`; waits `wait_s` seconds for the first."""
        wait_ms = max(1, int(wait_s * 1000))  # 0 would mean for ever
        found = await self._ask(self._read, ">", count, wait_ms)
        return [Entry(id_, fields, 1) for id_, fields in found]

    async def own_once_delivered(self, count: int) -> list[Entry]:
        """At most `count` of the oldest entries pending with this consumer, those of them that were
        delivered once. Asking delivers them once more, and no others."""
        pending = await self._ask(self._oldest_own, count)
        once = [each["message_id"] for each in pending if each["times_delivered"] == 1]
        if not once:
            return []
        claimed = await self._ask(self._claim, once)
        return [Entry(id_.decode(), fields, 2) for id_, fields in claimed if fields]

    async def next_own(self, after: str) -> Entry | None:
        """The first entry after the id `after` that is pending with this consumer.

        Asking delivers it once more. One at a time, so that an entry which kills the consumer
        spends its own attempts and not its neighbours'.
        """
        while found := await self._ask(self._read, after, 1):
            [(id_, fields)] = found
            pending = await self._ask(self._pending, id_)
            if fields and pending:
                return Entry(id_, fields, int(pending[0]["times_delivered"]))
            await self.finish([id_])  # deleted by somebody else: there is nothing left to do
            after = id_
        return None

    async def take_over(self, idle_s: float) -> int:
        """Claim what other consumers have left alone for `idle_s`; returns how many entries.

        They become this consumer's pending entries without counting as delivered.
        """
        return int(await self._ask(self._call, self._take_over, int(idle_s * 1000)))

    async def renew(self, ids: Collection[str]) -> None:
        """Keep the lease on entries that are still this consumer's."""
        await self._ask(self._call, self._renew, *ids)

    async def finish(self, ids: Collection[str]) -> None:
        """Acknowledge and delete entries, in one transaction."""
        if not ids:
            return
        with redis_errors():
            async with self._redis.pipeline(transaction=True) as together:
                together.xack(self.stream, self._group, *ids)
                together.xdel(self.stream, *ids)
                await together.execute()

    async def forget_dead(self, idle_s: float) -> None:
        """Remove other consumers that have been silent for `idle_s` and hold nothing."""
        gone = await self._ask(self._call, self._forget_dead, int(idle_s * 1000))
        if gone:
            names = [name.decode() for name in gone]
            _log.info("dead_consumers_removed", stream=self.stream, names=names)

    async def _ask(
        self, command: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        try:
            with redis_errors():
                return await command(*args, **kwargs)
        except GroupMissing:
            await self._create()
        with redis_errors():
            return await command(*args, **kwargs)

    async def _create(self) -> None:
        with redis_errors():
            try:
                await self._redis.xgroup_create(self.stream, self._group, id="0", mkstream=True)
            except errors.ResponseError as exc:
                if not str(exc).startswith("BUSYGROUP"):
                    raise
            else:
                _log.info("group_created", stream=self.stream, group=self._group)

    async def _call(self, script: AsyncScript, *args: str | int) -> Any:
        return await script(keys=[self.stream], args=[self._group, self._name, *args])

    async def _pending(self, id_: str) -> list[Any]:
        found: list[Any] = await self._redis.xpending_range(self.stream, self._group, id_, id_, 1)
        return found

    async def _oldest_own(self, count: int) -> list[Any]:
        found: list[Any] = await self._redis.xpending_range(
            self.stream, self._group, "-", "+", count, self._name
        )
        return found

    async def _claim(self, ids: list[Any]) -> list[Any]:
        found: list[Any] = await self._redis.xclaim(self.stream, self._group, self._name, 0, ids)
        return [each for each in found if each is not None and each[0] is not None]

    async def _read(
        self, after: str, count: int, block_ms: int | None = None
    ) -> list[tuple[str, Mapping[bytes, bytes]]]:
        streams: Any = {self.stream: after}
        answer: Any = await self._redis.xreadgroup(
            self._group, self._name, streams, count=count, block=block_ms
        )
        return [(id_.decode(), fields) for _, found in answer or () for id_, fields in found]
