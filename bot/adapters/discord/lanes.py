"""What is taken in, each channel's in its order and different channels' side by side."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from bot.adapters.discord.insisting import Job, insist

log = structlog.get_logger(__name__)

MOST_WAITING = 20_000
"""Jobs that may wait, for the sake of memory, while Redis or the database is away."""


class Lanes:
    """Runs jobs. One that cannot be done now is tried until it can, and its lane waits; one that
    breaks is said and left."""

    def __init__(self, relieved: Callable[[], None]) -> None:
        """relieved: called after each job while no more than half of what may wait does."""
        self._relieved = relieved
        self._waiting: dict[int, deque[Job]] = {}
        self._at_work: set[asyncio.Task[None]] = set()
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether so many jobs wait that no more should be added."""
        return self._count >= MOST_WAITING

    def add(self, lane: int, job: Job) -> None:
        """Do this after all that was added to the lane before."""
        self._count += 1
        if lane in self._waiting:
            self._waiting[lane].append(job)
            return
        self._waiting[lane] = deque([job])
        task = asyncio.create_task(self._work(lane), name=f"lane {lane}")
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    def stop(self) -> None:
        """Leave what waits."""
        for task in self._at_work:
            task.cancel()

    async def _work(self, lane: int) -> None:
        jobs = self._waiting[lane]
        while jobs:
            try:
                await insist(jobs[0])
            except Exception:  # one event that breaks must not stop all that follow
                log.exception("event set aside")
            jobs.popleft()
            self._count -= 1
            if self._count <= MOST_WAITING // 2:
                self._relieved()
        del self._waiting[lane]
