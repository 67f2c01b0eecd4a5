"""Doing what must be done, as often as it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from bot.adapters.pausing import Pause
from bot.domain.errors import (
    FlowUnavailable,
    PlatformBusy,
    PlatformError,
    StorageUnavailable,
)

log = structlog.get_logger(__name__)

Job = Callable[[], Awaitable[None]]


async def insist(job: Job) -> None:
    """Do it, trying again until Redis, the database and Discord are there for it."""
    pause = Pause()
    while True:
        try:
            await job()
        except (FlowUnavailable, StorageUnavailable, PlatformError) as exc:
            log.warning("waits, and is tried again", error=str(exc))
            await pause.wait(exc.retry_after if isinstance(exc, PlatformBusy) else 0.0)
        else:
            return
