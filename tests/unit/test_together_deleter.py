"""Deletions that wait for one place, whatever the platform."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence

import pytest

from bot.adapters.together import TogetherDeleter
from bot.domain.effects import Result

PLACE = 7


class RefusedError(Exception):
    """The platform does not delete what must stay."""


class Platform(TogetherDeleter):
    """Notes its calls, each of which ends when `free` is set; what is in `stays` it refuses."""

    def __init__(self, stays: Sequence[int] = ()) -> None:
        super().__init__(RefusedError, at_once=3)
        self.free = asyncio.Event()
        self.calls: list[tuple[list[int], str]] = []
        self._stays = set(stays)

    async def _call(self, place: int, ids: Sequence[int], reason: str) -> Result:
        self.calls.append((list(ids), reason))
        await self.free.wait()
        if self._stays & {*ids}:
            raise RefusedError
        return Result.DONE


async def asked(platform: Platform, *deletions: tuple[list[int], str]) -> list[Result | Exception]:
    """Ask for deletions at one time, the platform answering only once all are asked for."""
    tasks = [asyncio.create_task(platform.delete(PLACE, ids, why)) for ids, why in deletions]
    await asyncio.sleep(0)
    platform.free.set()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, Result | Exception) for each in ended)
    return [each for each in ended if isinstance(each, Result | Exception)]


async def test_the_first_goes_at_once_and_the_others_go_together_as_many_as_fit() -> None:
    platform = Platform()
    wanted = [([1], "case 1"), ([2], "case 2"), ([3, 4], "case 2"), ([5], "case 3")]
    assert await asked(platform, *wanted) == [Result.DONE] * 4
    assert platform.calls == [([1], "case 1"), ([2, 3, 4], "case 2"), ([5], "case 3")]


async def test_one_that_must_stay_keeps_no_other() -> None:
    platform = Platform(stays=[3])
    ended = await asked(platform, ([1], ""), ([2], ""), ([3], ""), ([4], ""))
    assert [each for each in ended if each is Result.DONE] == [Result.DONE] * 3
    assert isinstance(ended[2], RefusedError)


async def test_who_leaves_before_the_answer_takes_no_other_along() -> None:
    platform = Platform()
    first = asyncio.create_task(platform.delete(PLACE, [1]))
    second = asyncio.create_task(platform.delete(PLACE, [2]))
    await asyncio.sleep(0)
    first.cancel()
    platform.free.set()
    assert await second is Result.DONE
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_when_all_leave_nothing_is_said_of_it() -> None:
    platform, said = Platform(), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    tasks = [asyncio.create_task(platform.delete(PLACE, [n], "")) for n in range(3)]
    await asyncio.sleep(0)
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    del tasks, each
    await asyncio.sleep(0)
    gc.collect()
    assert said == []
