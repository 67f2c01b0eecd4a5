"""Commands that are given in the same moment go to Redis in one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class _Given:
    command: tuple[Any, ...]
    answered: asyncio.Future[Any]


class Together:
    """Gives commands for many callers at once. A flood of messages costs a fraction so: with an
    append-only file every round trip waits for the disk, and each takes the client's time.

    What is given here must be safe to repeat, as everything that goes over a connection that
    tries again.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        encoder = redis.connection_pool.get_encoder()  # type: ignore[no-untyped-call]
        self._encode: Callable[[Any], bytes] = encoder.encode
        self._waiting: list[_Given] = []
        self._sending: asyncio.Task[None] | None = None

    async def run(self, *command: Any) -> Any:
        """A command's answer. Raises RedisError, the command's own or the connection's."""
        # Encoded here, so that what cannot be sent fails alone.
        encoded = tuple(self._encode(each) for each in command)
        given = _Given(encoded, asyncio.get_running_loop().create_future())
        self._waiting.append(given)
        if self._sending is None:
            self._sending = asyncio.create_task(self._send(), name="commands together")
        return await given.answered

    async def script(self, sha: str, text: str, keys: list[Any], args: list[Any]) -> Any:
        """A script's answer; one that the server has forgotten is sent in full."""
        try:
            return await self.run("EVALSHA", sha, len(keys), *keys, *args)
        except NoScriptError:
            return await self.run("EVAL", text, len(keys), *keys, *args)

    async def _send(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await self._answer(batch)
        finally:
            self._sending = None

    async def _answer(self, batch: list[_Given]) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        for given in batch:
            pipeline.execute_command(*given.command)
        answers: list[Any]
        try:
            answers = await pipeline.execute(raise_on_error=False)
        except (RedisError, OSError) as exc:
            answers = [exc] * len(batch)
        for given, answer in zip(batch, answers, strict=True):
            if given.answered.done():
                continue  # whoever asked is gone
            if isinstance(answer, Exception):
                given.answered.set_exception(answer)
            else:
                given.answered.set_result(answer)
