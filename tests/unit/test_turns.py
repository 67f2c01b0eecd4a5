"""Work that goes on side by side takes turns where it concerns the same thing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from handlers.turns import Key, Turns

LOBBY, GARDEN = ("playground", "lobby"), ("playground", "garden")


class Work:
    """Two errands: the first ends when it may; the second notes when its turn has come."""

    def __init__(self, first: Sequence[Key], second: Sequence[Key]) -> None:
        self.may_end, self.came = asyncio.Event(), list[Key]()
        self._keys = first, second

    async def go(self) -> None:
        turns = Turns()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._first(turns))
            tasks.create_task(self._second(turns))

    async def _first(self, turns: Turns) -> None:
        with turns.queued(self._keys[0]):
            await self.may_end.wait()

    async def _second(self, turns: Turns) -> None:
        with turns.queued(self._keys[1]) as turn:
            for key in self._keys[1]:
                await turn.come(key)
                self.came.append(key)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_came_first_for_a_thing_ends_first() -> None:
    work = Work([LOBBY], [LOBBY])
    going = asyncio.create_task(work.go())
    await settled()
    assert work.came == []
    work.may_end.set()
    await going
    assert work.came == [LOBBY]


async def test_other_things_wait_for_nobody() -> None:
    work = Work([LOBBY], [GARDEN])
    going = asyncio.create_task(work.go())
    await settled()
    assert work.came == [GARDEN]
    work.may_end.set()
    await going


async def test_who_fails_leaves_nobody_waiting_and_nothing_behind() -> None:
    turns = Turns()
    try:
        with turns.queued([LOBBY]):
            raise ValueError
    except ValueError:
        pass
    with turns.queued([LOBBY]) as turn:
        await asyncio.wait_for(turn.come(LOBBY), 1.0)
    assert turns.idle
