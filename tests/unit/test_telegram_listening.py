"""Polling for updates: when the next poll leaves, and what it confirms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest

from bot.adapters.telegram.client import Client
from bot.adapters.telegram.listening import APART_S, AT_ONCE, CROWD, Polling
from bot.domain.errors import FlowUnavailable, PlatformError
from tests.fakes.redis_server import eventually


class Server:
    """Answers polls as it was told to, then with silence."""

    def __init__(self, *sizes: int) -> None:
        self._sizes = list(sizes)
        self._next_id = 1
        self.polls: list[tuple[float, int | None]] = []

    async def updates(
        self, wait_s: int, offset: int | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        self.polls.append((monotonic(), offset))
        if not self._sizes:
            await asyncio.Event().wait()
        first, size = self._next_id, self._sizes.pop(0)
        self._next_id += size
        return [{"update_id": first + n} for n in range(size)]

    async def end_webhook(self) -> None:
        return None


class Reception:
    """Takes updates once it is open, each at the try that it is told."""

    def __init__(self, tries: int = 1) -> None:
        self.open = asyncio.Event()
        self.tries = tries
        self.taken: list[tuple[int, float]] = []

    async def take(self, raw: dict[str, Any], until: float) -> None:
        await self.open.wait()
        self.tries -= 1
        if self.tries > 0:
            raise FlowUnavailable("not now")
        self.taken.append((raw["update_id"], until))


@asynccontextmanager
async def polling(server: Server, reception: Reception) -> AsyncIterator[None]:
    task = asyncio.create_task(Polling(server, reception).run())  # type: ignore[arg-type]
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def all_polls(*sizes: int) -> list[float]:
    """When each poll left, where they brought so many updates."""
    server, reception = Server(*sizes), Reception()
    reception.open.set()
    async with polling(server, reception):
        await eventually(lambda: len(server.polls) == len(sizes) + 1, 60.0)
    return [at for at, _ in server.polls]


async def test_after_a_crowd_the_next_poll_leaves_others_time_to_come() -> None:
    first, second = await all_polls(CROWD)
    assert second - first >= APART_S - 0.001  # an event loop's timers count milliseconds


@pytest.mark.parametrize("size", [CROWD - 1, AT_ONCE])
async def test_while_few_come_or_more_wait_already_no_poll_waits(size: int) -> None:
    polls = await all_polls(*[size] * 10)
    assert min(after - before for before, after in pairwise(polls)) < APART_S


async def test_nothing_is_confirmed_before_all_of_it_is_taken_in() -> None:
    server, reception = Server(3), Reception()
    async with polling(server, reception):
        await eventually(lambda: len(server.polls) == 1, 60.0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert [offset for _, offset in server.polls] == [None]
        reception.open.set()
        await eventually(lambda: len(server.polls) == 2, 60.0)
    assert [offset for _, offset in server.polls] == [None, 4]
    assert [id_ for id_, _ in reception.taken] == [1, 2, 3]


async def test_what_could_not_be_taken_is_offered_again_before_it_is_confirmed() -> None:
    server, reception = Server(1), Reception(tries=3)
    reception.open.set()
    async with polling(server, reception):
        await eventually(lambda: len(server.polls) == 2, 60.0)
    assert [id_ for id_, _ in reception.taken] == [1]
    assert [offset for _, offset in server.polls] == [None, 2]


async def test_what_people_ask_for_shares_the_patience_of_one_poll() -> None:
    server, reception = Server(3, 1), Reception()
    reception.open.set()
    async with polling(server, reception):
        await eventually(lambda: len(reception.taken) == 4, 60.0)
    together, later = {until for _, until in reception.taken[:3]}, reception.taken[3][1]
    assert len(together) == 1
    assert later > together.pop()


@pytest.mark.parametrize("answer", [True, {"ok": 1}, ["no update", {"message": {}}, 7]])
async def test_an_answer_that_holds_no_update_is_told_and_not_asked_for_again_at_once(
    monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    client = answered(monkeypatch, answer)
    with pytest.raises(PlatformError, match="something else than updates"):
        await client.updates(0)


async def test_what_is_no_update_keeps_no_update_from_being_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = answered(monkeypatch, ["no update", {"update_id": 7}, {"message": {}}])
    assert await client.updates(0) == [{"update_id": 7}]


def answered(monkeypatch: pytest.MonkeyPatch, answer: Any) -> Client:
    """A client whose every call is answered so."""

    async def post(*_: Any, **__: Any) -> Any:
        return answer

    client = Client("1:token", "http://localhost", None)
    monkeypatch.setattr(client.bot, "_post", post)
    return client
