"""Values for tests of the flow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from bot.domain.effects import Effect, EffectKind, Intent
from bot.streams.consumer import Consumer, DeadLetter, Delivery
from tests.factories import LOBBY, NOW

STREAM = "{aman}:test"
GROUP = "tests"


def an_intent(id: str = "i1", kind: EffectKind = EffectKind.HIDE, **changes: Any) -> Intent:  # noqa: A002
    """An intent to do something in the lobby."""
    values: dict[str, Any] = {"case_id": "case-1", "place": LOBBY, "message_id": "m1"}
    return Intent(id, "community-1", Effect(kind, **{**values, **changes}), NOW)


def _text(payload: bytes) -> str:
    return payload.decode()


@dataclass
class Recorder:
    """Handles deliveries by noting them; `poison` texts raise, `shy` ones stay unfinished."""

    seen: list[str] = field(default_factory=list)
    batches: list[list[str]] = field(default_factory=list)
    attempts: dict[str, int] = field(default_factory=dict)
    buried: list[DeadLetter] = field(default_factory=list)
    poison: set[str] = field(default_factory=set)
    shy: set[str] = field(default_factory=set)

    async def handle(self, deliveries: Sequence[Delivery[str]]) -> Collection[str]:
        """Note a batch."""
        self.batches.append([each.value for each in deliveries])
        for each in deliveries:
            self.attempts[each.value] = each.attempt
            if each.value in self.poison:
                raise ValueError(each.value)
        self.seen += [each.value for each in deliveries]
        return [each.id for each in deliveries if each.value not in self.shy]

    async def bury(self, letter: DeadLetter) -> None:
        """Note a dead letter."""
        self.buried.append(letter)


def a_consumer(redis: Redis, recorder: Recorder, **changes: Any) -> Consumer[str]:
    """A consumer of text entries that waits for nothing."""
    values: dict[str, Any] = {
        "stream": STREAM,
        "group": GROUP,
        "name": "worker-1",
        "read": _text,
        "handle": recorder.handle,
        "bury": recorder.bury,
        "pause_s": 0.01,
    }
    return Consumer(redis, **{**values, **changes})


async def put(redis: Redis, *texts: str) -> None:
    """Put entries in, in this order."""
    for text in texts:
        await redis.xadd(STREAM, {"payload": text})


@asynccontextmanager
async def running(*consumers: Consumer[Any]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Consumers at work; a consumer that crashes fails the test."""
    tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
