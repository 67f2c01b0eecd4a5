"""The bot ends when it is told to, whatever happens in that moment."""

from __future__ import annotations

import asyncio

import pytest

from bot import app
from bot.adapters.playground.bell import Bell, heard


@pytest.mark.parametrize("turns", range(6))
async def test_a_ring_in_the_moment_of_the_end_keeps_nobody_listening(turns: int) -> None:
    bell = Bell()

    async def listen() -> None:
        with bell.listening() as ear:
            while True:
                await heard(ear, 0.2)
                ear.clear()

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0.01)
    bell.ring()
    for _ in range(turns):
        await asyncio.sleep(0)
    listening.cancel()
    _, left = await asyncio.wait({listening}, timeout=1.0)
    listening.cancel()
    assert not left


async def test_a_part_that_misses_its_end_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "CANCEL_AGAIN_S", 0.05)

    async def deaf_at_first() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(3600)

    part = asyncio.create_task(deaf_at_first())
    await asyncio.sleep(0)
    async with asyncio.timeout(5.0):
        await app._end([part])
    assert part.cancelled()
