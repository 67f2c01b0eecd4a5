"""At-least-once delivery of a stream's entries to whoever handles them.

An entry is acknowledged after it is handled, never before, so whatever handles it must be safe to
repeat. What happens to an entry:

    waiting ──► pending with a consumer ──► finished: acknowledged and deleted
                  ▲     │ not finished, or its consumer died
                  └─────┘ delivered again: once with the others, from then on alone
                        │ delivered too often, or unreadable
                        └──► dead letter, then acknowledged

A living consumer renews its lease on what it holds three times per `idle_s`; another consumer
claims only what was not renewed for `idle_s`, so being slow costs nobody their entries.
"""

from __future__ import annotations

import asyncio
import math
import traceback
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Generic, ParamSpec, TypeVar

import structlog
from redis.asyncio import Redis

from bot.domain.errors import FlowUnavailable, UnreadablePayload
from bot.streams.group import Entry, Membership
from bot.streams.outages import outlasting

READ_S = 2.0
"""How long one read waits for entries: well within connection.TIMEOUT_S."""

TAKE_OVER_S = 5.0
"""The longest time between two looks for entries whose lease has run out."""

GRACE_S = 10.0
"""How long a cancelled consumer may take to finish what it holds."""

TOGETHER = 2
"""How often an entry is delivered in company, which may be what fails."""

LONGEST_PAUSE_S = 30.0
"""The longest wait before unfinished entries are delivered again."""

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery(Generic[T]):
    """An entry to handle. attempt: 1 at first; above 1 it may have been handled before."""

    id: str
    value: T
    attempt: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An entry that is set aside for a human.

    payload: as it was put in; empty where there was none.
    fields: all else that the entry says, for finding out what it was about.
    attempts: how often it was delivered in vain.
    """

    id: str
    payload: bytes
    fields: Mapping[str, str]
    attempts: int
    why: str


class Consumer(Generic[T]):
    """One consumer of one stream.

    name: the same at every start, so that it finds what it left pending.
    read: makes a value of a payload; raises UnreadablePayload.
    handle: gives back the ids of what is finished. What it leaves out, or all when it raises, is
        delivered again later: the second time together, then an entry at a time. FlowUnavailable
        and StorageUnavailable are nobody's fault: the same entries are then tried until the outage
        is over.
    bury: makes a dead letter somebody's concern; the entry goes only once this has returned.
    batch: the most entries handled together.
    idle_s: seconds without a renewed lease after which an entry is claimed from its consumer.
    attempts: how often an entry is delivered before it is buried.
    pause_s: seconds before unfinished entries are delivered again; grows while any remain.
    """

    def __init__(
        self,
        redis: Redis,
        stream: str,
        group: str,
        name: str,
        read: Callable[[bytes], T],
        handle: Callable[[Sequence[Delivery[T]]], Awaitable[Collection[str]]],
        bury: Callable[[DeadLetter], Awaitable[None]],
        *,
        batch: int = 32,
        idle_s: float = 30.0,
        attempts: int = 5,
        pause_s: float = 0.25,
    ) -> None:
        self._group = Membership(redis, stream, group, name)
        self._stream = stream
        self._read = read
        self._handle = handle
        self._bury = bury
        self._batch = batch
        self._idle_s = idle_s
        self._attempts = attempts
        self._first_pause_s = self._pause_s = pause_s
        self._own_due = -math.inf
        self._take_over_due = -math.inf

    async def run(self) -> None:
        """Deliver until cancelled; what is being handled then gets GRACE_S to be finished."""
        while True:
            if monotonic() >= self._take_over_due:
                await self._take_over()
            if monotonic() >= self._own_due:
                await self._deliver_own()
            wait_s = min(READ_S, min(self._own_due, self._take_over_due) - monotonic())
            fresh = await self._outlasting(self._group.fresh, self._batch, wait_s)
            if fresh and not await _finishing(self._deliver(fresh)):
                self._own_due = min(self._own_due, monotonic() + self._first_pause_s)

    async def _take_over(self) -> None:
        taken = await self._outlasting(self._group.take_over, self._idle_s)
        await self._outlasting(self._group.forget_dead, self._idle_s)
        if taken:
            _log.info("entries_claimed", stream=self._stream, count=taken)
            self._own_due = -math.inf
        self._take_over_due = monotonic() + min(self._idle_s / 2, TAKE_OVER_S)

    async def _deliver_own(self) -> None:
        """Deliver again what this consumer has pending: together what was delivered only once, for
        most of it was merely under way when the bot was killed; one by one what failed again."""
        if self._attempts > TOGETHER:
            while entries := await self._outlasting(self._group.own_once_delivered, self._batch):
                await _finishing(self._deliver(entries))
        after, all_done = "0-0", True
        while entry := await self._outlasting(self._group.next_own, after):
            after = entry.id
            all_done &= await _finishing(self._deliver([entry]))
        if all_done:
            self._pause_s, self._own_due = self._first_pause_s, math.inf
        else:
            self._pause_s = min(self._pause_s * 4, LONGEST_PAUSE_S)
            self._own_due = monotonic() + self._pause_s

    async def _deliver(self, entries: Sequence[Entry]) -> bool:
        """Handle, bury and acknowledge entries; True when none remains pending."""
        deliveries: list[Delivery[T]] = []
        dead: list[DeadLetter] = []
        for entry in entries:
            outcome = self._opened(entry)
            if isinstance(outcome, Delivery):
                deliveries.append(outcome)
            else:
                dead.append(outcome)
        async with self._leased([entry.id for entry in entries]):
            finished = set(await self._handled(deliveries))
            finished |= {letter.id for letter in dead if await self._buried(letter)}
            await self._outlasting(self._group.finish, finished)
        return finished.issuperset(entry.id for entry in entries)

    def _opened(self, entry: Entry) -> Delivery[T] | DeadLetter:
        if entry.attempt > self._attempts:
            delivered = entry.attempt - 1
            return _dead(entry, delivered, f"delivered {delivered} times and never finished")
        try:
            payload = entry.fields.get(b"payload")
            if payload is None:
                raise UnreadablePayload("the entry has no payload")
            return Delivery(entry.id, self._read(payload), entry.attempt)
        except UnreadablePayload as exc:
            return _dead(entry, entry.attempt, str(exc))

    async def _handled(self, deliveries: Sequence[Delivery[T]]) -> Collection[str]:
        if not deliveries:
            return ()
        try:
            return await self._outlasting(self._handle, deliveries)
        except Exception as exc:  # whatever it was, the entries stay pending and come again
            ids = [delivery.id for delivery in deliveries]
            _log.error("handling_failed", stream=self._stream, entries=ids, **_trace(exc))
            return ()

    async def _buried(self, letter: DeadLetter) -> bool:
        try:
            await self._outlasting(self._bury, letter)
        except Exception as exc:  # it stays pending: better to meet it again than to lose it
            _log.error("burying_failed", stream=self._stream, entry=letter.id, **_trace(exc))
            return False
        _log.warning("dead_letter", stream=self._stream, entry=letter.id, attempts=letter.attempts)
        return True

    @asynccontextmanager
    async def _leased(self, ids: Collection[str]) -> AsyncIterator[None]:
        async def renew() -> None:
            while True:
                await asyncio.sleep(self._idle_s / 3)
                with suppress(FlowUnavailable):  # the next renewal may still be in time
                    await self._group.renew(ids)

        renewing = asyncio.create_task(renew(), name=f"lease on {self._stream}")
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})

    async def _outlasting(
        self, work: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        return await outlasting(self._stream, work, *args, **kwargs)


def _dead(entry: Entry, attempts: int, why: str) -> DeadLetter:
    fields = {
        name.decode(errors="replace"): value.decode(errors="replace")
        for name, value in entry.fields.items()
        if name != b"payload"
    }
    return DeadLetter(entry.id, entry.fields.get(b"payload", b""), fields, attempts, why)


def _trace(error: Exception) -> dict[str, Any]:
    """What of an error may be logged: its text may hold what people wrote."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return {"error": type(error).__name__, "at": f"{last.name}:{last.lineno}"}


async def _finishing(work: Coroutine[Any, Any, R]) -> R:
    """Await work which a cancellation lets go on for GRACE_S before it is passed on."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await task
        raise
