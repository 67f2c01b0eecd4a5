"""Tells whoever waits, in any thread or loop, that something has happened."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Bell:
    """Rung from any thread; heard by coroutines."""

    def __init__(self) -> None:
        self._ears: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def ring(self) -> None:
        """Wake everyone who listens."""
        for ear, loop in list(self._ears.items()):
            with suppress(RuntimeError):  # a loop that has closed has nobody left to wake
                loop.call_soon_threadsafe(ear.set)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that every ring sets; the listener clears it before it looks."""
        ear = asyncio.Event()
        self._ears[ear] = asyncio.get_running_loop()
        try:
            yield ear
        finally:
            del self._ears[ear]


async def heard(ear: asyncio.Event, within_s: float) -> None:
    """Wait for a ring, or for `within_s` seconds: another process rings no bell here."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await ear.wait()
