"""Errands that nobody asks for again, and that are to be done all the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.adapters.pausing import Pause
from bot.adapters.telegram.errors import InDoubt
from bot.domain.errors import FlowUnavailable, PlatformBusy, PlatformError

MOST_TRIES = 20
"""Over some minutes; by then `/readyz` is what tells."""


async def persist(call: Callable[[], Awaitable[object]], *, once: bool) -> None:
    """Do something, however often Telegram fails or Redis is away meanwhile.

    once: not again where it may have got through.
    Raises PlatformError, FlowUnavailable after MOST_TRIES; Refused at once.
    """
    pause = Pause()
    for tries_left in reversed(range(MOST_TRIES)):
        try:
            await call()
        except (PlatformError, FlowUnavailable) as exc:
            if not tries_left or (once and isinstance(exc, InDoubt)):
                raise
            await pause.wait(exc.retry_after if isinstance(exc, PlatformBusy) else 0.0)
        else:
            return
