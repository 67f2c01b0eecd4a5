"""Delivery of updates to a bot's URL."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

import aiohttp

from .clock import Clock
from .updates import Update, UpdateQueue

_LONGEST_DELAY = 60.0
_TIMEOUT = aiohttp.ClientTimeout(total=60)


@dataclass
class Webhook:
    """Posts updates until each is answered with 2xx.

    Updates of one chat go one after another, in order; those of different chats at once, up to
    `max_connections`. What is not accepted is tried again, ever more slowly.
    """

    url: str
    secret: str
    max_connections: int
    queue: UpdateQueue
    clock: Clock
    last_error: str | None = None
    last_error_date: int = 0
    attempts: int = 0
    answers_to_lose: int = 0
    """How many of the next answers are lost on their way, after the bot took what was brought."""
    _busy: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None

    def start(self, retry_after: float) -> None:
        """Begin to deliver; a failed delivery waits `retry_after` seconds, then twice that ..."""
        self._task = asyncio.create_task(self._run(retry_after), name=f"webhook {self.url}")

    async def stop(self) -> None:
        """End deliveries; what is not accepted yet stays in the queue."""
        tasks = [task for task in (self._task, *self._busy.values()) if task is not None]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._busy.clear()

    async def _run(self, retry_after: float) -> None:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            while True:
                self.queue.arrived.clear()
                for update in self.queue.waiting():
                    if len(self._busy) >= self.max_connections:
                        break
                    if update.lane not in self._busy:
                        delivery = self._deliver(session, update, retry_after)
                        self._busy[update.lane] = asyncio.create_task(delivery)
                await self.queue.arrived.wait()

    async def _deliver(self, session: aiohttp.ClientSession, update: Update, delay: float) -> None:
        try:
            while not await self._accepted(session, update):
                await asyncio.sleep(delay)
                delay = min(delay * 2, _LONGEST_DELAY)
            self.queue.remove(update)
        finally:
            self._busy.pop(update.lane, None)
            self.queue.arrived.set()

    async def _accepted(self, session: aiohttp.ClientSession, update: Update) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        self.attempts += 1
        try:
            async with session.post(self.url, json=update.json(), headers=headers) as answer:
                if 200 <= answer.status < 300:
                    if not self.answers_to_lose:
                        return True
                    self.answers_to_lose -= 1
                    raise aiohttp.ServerDisconnectedError
                self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
        except (aiohttp.ClientError, TimeoutError) as error:
            self._failed(f"Connection failed: {type(error).__name__}")
        return False

    def _failed(self, why: str) -> None:
        self.last_error, self.last_error_date = why, self.clock.date()
