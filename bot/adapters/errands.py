"""What nobody waits for: answers and notices on their way, while updates go on being taken in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from bot.domain.errors import AmanError

log = structlog.get_logger(__name__)

T = TypeVar("T")

GRACE_S = 5.0


class Errands:
    """Runs errands at once and side by side; one that fails is logged, and not tried again."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def send(self, name: str, errand: Coroutine[Any, Any, T]) -> asyncio.Task[T | None]:
        """Begin an errand. name: what it is, for the log. The task never fails: it ends with what
        the errand returned, or with None."""
        task = asyncio.create_task(self._run(name, errand), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def close(self) -> None:
        """Give what is on its way GRACE_S to end."""
        if self._running:
            await asyncio.wait(self._running, timeout=GRACE_S)
        for task in self._running:
            task.cancel()

    async def _run(self, name: str, errand: Coroutine[Any, Any, T]) -> T | None:
        try:
            return await errand
        except AmanError as exc:
            log.info("errand failed", errand=name, error=str(exc))
        except Exception:  # a fault of ours: nobody waits for this task, so it is said here
            log.exception("errand broke", errand=name)
        return None
