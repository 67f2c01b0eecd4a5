"""Work that goes on side by side, but in turns where it concerns the same thing."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager

Key = tuple[str, str]


class Turns:
    """Knows who came first. Not for use by several threads."""

    def __init__(self) -> None:
        self._last: dict[Key, asyncio.Event] = {}

    @property
    def idle(self) -> bool:
        """Whether nobody is at work."""
        return not self._last

    @contextmanager
    def queued(self, keys: Collection[Key]) -> Iterator[Turn]:
        """Queue up for some keys, now; whoever queues up for one later waits for the end of this.

        No deadlock: everybody waits only for those that queued up before.
        """
        ended = asyncio.Event()
        before = {key: self._last[key] for key in keys if key in self._last}
        self._last.update(dict.fromkeys(keys, ended))
        try:
            yield Turn(before)
        finally:
            ended.set()
            for key in keys:
                if self._last.get(key) is ended:
                    del self._last[key]


class Turn:
    """A place in the queues of some keys."""

    def __init__(self, before: dict[Key, asyncio.Event]) -> None:
        self._before = before

    async def come(self, key: Key) -> None:
        """Wait until all who queued up for the key before have ended."""
        if key in self._before:
            await self._before[key].wait()
