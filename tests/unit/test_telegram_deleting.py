"""Deleting what waits together: a hundred at most, as Telegram takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.adapters.telegram.deleting import AT_ONCE, Deleter
from bot.adapters.telegram.errors import Refused
from bot.domain.effects import Result

CHAT = -100


class Telegram:
    """A client whose first call is on its way until it is let through."""

    def __init__(self) -> None:
        self.bot = self
        self.calls: list[list[int]] = []
        self.through = asyncio.Event()
        self.gone: set[int] = set()

    def knows(self, name: str) -> bool:
        return True

    async def act(self, chat: int, spend: object, call: Callable[[], Awaitable[Any]]) -> Any:
        return await call()

    async def delete_message(self, chat: int, message: int) -> None:
        if message in self.gone:
            raise Refused("Bad Request: message to delete not found")
        self.calls.append([message])
        await self.through.wait()

    async def delete_messages(self, chat: int, messages: list[int]) -> None:
        self.calls.append(list(messages))
        await self.through.wait()


@pytest.mark.parametrize("waiting", [1, 99, 100, 101, 250])
async def test_what_waits_goes_together_and_a_hundred_at_most(waiting: int) -> None:
    telegram = Telegram()
    deleter = Deleter(telegram)  # type: ignore[arg-type]
    deleting = [asyncio.create_task(deleter.delete(CHAT, [n])) for n in range(waiting + 1)]
    await asyncio.sleep(0)
    telegram.through.set()
    assert await asyncio.gather(*deleting) == [Result.DONE] * (waiting + 1)
    assert telegram.calls[0] == [0]  # the first waits for nobody
    assert [n for call in telegram.calls for n in call] == list(range(waiting + 1))
    assert max(map(len, telegram.calls)) <= AT_ONCE
    assert len(telegram.calls) == 1 + -(-waiting // AT_ONCE)


async def test_what_nobody_sees_any_more_is_gone_and_no_failure() -> None:
    telegram = Telegram()
    telegram.gone.add(7)
    assert await Deleter(telegram).delete(CHAT, [7]) is Result.GONE  # type: ignore[arg-type]
