"""Files kept with their case: those that no review channel of their own platform holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import structlog

from bot.domain.files import WITH_CASE, KeptFile
from bot.domain.messages import Attachment
from bot.domain.ports import Order
from bot.domain.repositories import Store

log = structlog.get_logger(__name__)

MOST_BYTES = 10 * 1024 * 1024
"""Of each file: what any platform lets a bot upload again."""

MOST_TOGETHER = 25 * 1024 * 1024
"""Of a message's files: the hide waits for them."""

MOST_FILES = 10

AT_ONCE = 4
"""Files that are held in memory on their way into the database."""

Fetch = Callable[[int, Attachment], Awaitable[KeptFile | None]]
"""Gets a file by its number and itself; None where it cannot be had."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Which of a message's files are kept.

    numbers: theirs, from 0. full: others are not for want of room.
    """

    numbers: frozenset[int]
    full: bool = False


class _End(Enum):
    """What became of one file."""

    KEPT = auto()
    LOST = auto()
    NO_ROOM = auto()


class CaseFiles:
    """Fetches files into the database, and gives them out again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._is_full = False

    async def keep(
        self,
        order: Order,
        files: Sequence[Attachment],
        wanted: Sequence[int],
        fetch: Fetch,
        within_s: float,
    ) -> Stored:
        """Keep those of a message's files that are wanted, by their numbers from 0; all that are
        kept, be it by an earlier attempt.

        within_s: the longest wait for each file, its turn included.
        Raises StorageUnavailable, InvalidValue where what was said is erased.
        """
        case = order.effect.case_id
        known, room = await self._looked_up(order)
        new = [number for number in wanted if number not in known]
        tried = [number for number in new if (files[number].size or 1) <= room]
        ended = await asyncio.gather(
            *(self._keep(case, n, files[n], fetch, within_s) for n in tried), return_exceptions=True
        )
        for each in ended:
            if isinstance(each, BaseException):
                raise each
        full = len(tried) < len(new) or _End.NO_ROOM in ended
        self._warn(full=full, room=room)
        kept = {n for n, end in zip(tried, ended, strict=True) if end is _End.KEPT}
        return Stored(known | kept, full)

    async def of(self, order: Order) -> list[KeptFile]:
        """The files of an order's case. Raises StorageUnavailable."""
        async with self._store.reading() as tx:
            return await tx.files.of(order.effect.case_id)

    async def _looked_up(self, order: Order) -> tuple[frozenset[int], int]:
        """What an earlier hide had kept, or one that was cut off: what it is of may be gone; and
        the room that there is for more, in bytes."""
        async with self._store.reading() as tx:
            return await tx.files.numbers(order.effect.case_id), await tx.files.room()

    def _warn(self, *, full: bool, room: int) -> None:
        """Say that there is no room, once until there is some for any message's files again."""
        if full and not self._is_full:
            log.warning("files of hidden messages are not kept: AMAN_KEPT_FILES_MB is reached")
        self._is_full = full or (self._is_full and room < MOST_TOGETHER)

    async def _keep(
        self, case: str, number: int, file: Attachment, fetch: Fetch, within_s: float
    ) -> _End:
        until = asyncio.get_running_loop().time() + within_s
        try:
            async with asyncio.timeout_at(until):
                await self._turns.acquire()
        except TimeoutError:
            log.warning("file not fetched: others take too long", case=case, number=number)
            return _End.LOST
        try:
            async with asyncio.timeout_at(until):
                found = await fetch(number, file)
            if found is None or len(found.content) > MOST_BYTES:
                return _End.LOST
            async with self._store.transaction() as tx:
                has_room = await tx.files.put(case, found)
        except TimeoutError:
            log.warning("file not fetched in time", case=case, number=number)
            return _End.LOST
        finally:
            self._turns.release()
        return _End.KEPT if has_room else _End.NO_ROOM


def are_due(order: Order) -> bool:
    """Whether the files kept with a case are still to be shown in answer to its card."""
    card = order.card
    if card is None or card.ref is None or card.message is None:
        return False
    return order.kept == WITH_CASE and card.shown is None


def within_limits(files: Sequence[Attachment]) -> list[int]:
    """The numbers, from 0, of the files that are small enough, the first ones of too many."""
    wanted: list[int] = []
    room = MOST_TOGETHER
    for number, file in enumerate(files):
        size = file.size or 0
        if size <= min(MOST_BYTES, room) and len(wanted) < MOST_FILES:
            wanted.append(number)
            room -= size
    return wanted


def named(files: Sequence[Attachment], but: Container[int], say: Callable[..., str]) -> str:
    """The files whose numbers, from 0, are not among these, for the record: which they are and how
    large, but not their names, which are the author's words. "" for none."""
    return ", ".join(
        say("card.file", number=str(number + 1), count=str(len(files)), size=_size(file))
        for number, file in enumerate(files)
        if number not in but
    )


def _size(file: Attachment) -> str:
    return f"{file.size / 1024 / 1024:.1f} MB" if file.size is not None else "?"
