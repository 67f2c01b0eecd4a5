"""Deletes messages, those that wait for the same place together."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.effects import Result


@dataclass(frozen=True, slots=True)
class _Wanted:
    ids: Sequence[int]
    reason: str
    ended: asyncio.Future[Result]


class TogetherDeleter(ABC):
    """The first deletion in a place goes out at once; those that come while it is on its way go
    together in the next call.

    refused: what a platform that does not delete raises. at_once: the most messages of a call.
    """

    def __init__(self, refused: type[Exception], at_once: int) -> None:
        self._refused = refused
        self._at_once = at_once
        self._waiting: dict[int, list[_Wanted]] = defaultdict(list)
        self._turns: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def delete(self, place: int, ids: Sequence[int], reason: str = "") -> Result:
        """Delete messages of one place: DONE, or GONE where none was there any more.

        Platforms say of several only that they are gone now, so GONE is known of one alone.
        reason: for the platform's own log. Raises PlatformError, and what a refusal is there.
        """
        wanted = _Wanted(ids, reason, asyncio.get_running_loop().create_future())
        self._waiting[place].append(wanted)
        async with self._turns[place]:
            if not wanted.ended.done():
                await self._delete_waiting(place)
        return await wanted.ended

    @abstractmethod
    async def _call(self, place: int, ids: Sequence[int], reason: str) -> Result:
        """Ask the platform, once. Raises as `delete` does."""

    async def _delete_waiting(self, place: int) -> None:
        together = self._next(place)
        try:
            result = await self._ask(place, together)
        except self._refused as refused:
            if len(together) > 1:  # one that must stay keeps all others: ask for each alone
                await asyncio.gather(*(self._alone(place, one) for one in together))
            else:
                _fail(together, refused)
        except BaseException as exc:
            _fail(together, exc if isinstance(exc, Exception) else RuntimeError("cancelled"))
            if not isinstance(exc, Exception):
                raise
        else:
            for one in together:
                one.ended.set_result(result)

    def _next(self, place: int) -> list[_Wanted]:
        waiting, size = self._waiting[place], 0
        together: list[_Wanted] = []
        while waiting and (not together or size + len(waiting[0].ids) <= self._at_once):
            together.append(waiting.pop(0))
            size += len(together[-1].ids)
        return together

    async def _alone(self, place: int, one: _Wanted) -> None:
        try:
            one.ended.set_result(await self._ask(place, [one]))
        except Exception as exc:
            one.ended.set_exception(exc)

    async def _ask(self, place: int, together: Sequence[_Wanted]) -> Result:
        ids = dict.fromkeys(each for one in together for each in one.ids)
        reasons = dict.fromkeys(one.reason for one in together)
        return await self._call(place, list(ids), " · ".join(reasons))


def _fail(together: Sequence[_Wanted], why: Exception) -> None:
    for one in together:
        one.ended.set_exception(why)
        one.ended.exception()  # looked at here: at the bot's end those who asked are gone
