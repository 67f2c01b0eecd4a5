"""Lines that are read by all and go again."""

from __future__ import annotations

import asyncio

import pytest

from bot.adapters import pausing, telling
from bot.adapters.telling import Fading
from bot.domain.errors import AmanError, PlatformBusy


class Chat:
    """Where one line stands, which the platform does not remove at first."""

    def __init__(self, *refusals: AmanError) -> None:
        self._refusals = list(refusals)
        self.asked = 0
        self.removed = asyncio.Event()

    async def remove(self, chat: int, message: int) -> None:
        self.asked += 1
        if self._refusals:
            raise self._refusals.pop(0)
        self.removed.set()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "FADES_AFTER_S", 0.0)
    monkeypatch.setattr(pausing, "_FIRST_PAUSE_S", 0.0)


async def test_a_line_goes_though_the_platform_was_busy_when_its_time_came() -> None:
    chat = Chat(PlatformBusy("discord", "is busy", 1.0), PlatformBusy("discord", "is busy", 1.0))
    Fading(chat.remove).add(1, 2)
    async with asyncio.timeout(10):
        await chat.removed.wait()


async def test_a_line_that_may_not_be_removed_is_left_after_one_try() -> None:
    chat = Chat(AmanError("no right"))
    Fading(chat.remove).add(1, 2)
    for _ in range(5):
        await asyncio.sleep(0)
    assert (chat.asked, chat.removed.is_set()) == (1, False)
