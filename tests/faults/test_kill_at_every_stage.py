"""kill -9 at every stage of the flow: no message lost, nothing done twice, the audit whole.

A real bot in a process of its own, on a real embedded server and a real database. It is killed,
started again, and then has to reach the very state that it would have reached unharmed.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.adapters.playground.world import World
from bot.clock import utc_now
from bot.domain.audit import first_break
from bot.domain.cases import DecisionKind, Status
from bot.storage import SqlStore
from tests.factories.languages import with_languages
from tests.fakes.doomed_bot import STAGES

pytestmark = pytest.mark.timeout(400)
PATIENCE_S = 120
"""A time that no machine needs, however many tests run beside this one."""

HEADERS = {"X-Aman-Playground": "1"}
DECISION_STAGES = [stage for stage in STAGES if "decision" in stage or "restore" in stage]
MESSAGES = {"asha": "you idiot", "ben": "silly question", "mei": "good morning all"}


class Bot:
    """A running bot, seen from outside."""

    def __init__(self, process: asyncio.subprocess.Process, http: aiohttp.ClientSession) -> None:
        self.process = process
        self._http = http

    async def state(self) -> dict[str, Any]:
        async with self._http.get("/playground/state") as answer:
            state: dict[str, Any] = await answer.json()
            return state

    async def post(self, member: str, text: str) -> None:
        await self._send("/playground/messages", {"member": member, "text": text})

    async def press(self, button: str, person: str = "noor") -> None:
        await self._send("/playground/presses", {"button": button, "person": person})

    async def _send(self, path: str, said: dict[str, str]) -> None:
        try:
            async with self._http.post(path, json=said, headers=HEADERS) as answer:
                assert answer.status < 500, await answer.text()
        except aiohttp.ClientError:
            pass  # it died of what it was sent, which is what these tests are about

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while not condition(state := await self.state()):
                await asyncio.sleep(0.05)
            return state

    async def dies(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            assert await self.process.wait() == -signal.SIGKILL


@asynccontextmanager
async def a_bot(folder: Path, stage: str = "never") -> AsyncIterator[Bot]:
    environment = {
        **os.environ,
        "AMAN_DATA_DIR": str(with_languages(folder)),
        "PORT": "0",
        "HOST": "127.0.0.1",
    }
    with (folder / "stderr.log").open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.fakes.doomed_bot",
            stage,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            env=environment,
        )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            url = (await process.stdout.readline()).decode().strip()
        # A stage of starting up may be the doomed one: then there is no address to talk to.
        async with aiohttp.ClientSession(base_url=url or "http://127.0.0.1:9") as http:
            yield Bot(process, http)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                await process.wait()


def settled(state: dict[str, Any]) -> bool:
    """Both rude messages have their case's card, the worst is hidden and the card says so."""
    cards = cards_of(state)
    return (
        len(cards) == 2
        and states_of(state).get("asha") == "hidden"
        and any("hid" in line["text"].lower() for card in cards for line in card["done"])
    )


def states_of(state: dict[str, Any]) -> dict[str, str]:
    """How each member's message stands; a hidden one no longer tells its text."""
    return {post["member"]: post["state"] for post in state["world"]["posts"]}


def cards_of(state: dict[str, Any]) -> list[dict[str, Any]]:
    return [card["view"] for card in state["world"]["cards"]]


def button(state: dict[str, Any], text: str, press: str) -> str | None:
    for card in cards_of(state):
        for each in card["buttons"]:
            if card["text"] == text and each["press"] == press:
                found: str = each["id"]
                return found
    return None


async def assert_nothing_lost_and_nothing_twice(folder: Path, decided: bool) -> None:
    world = World(folder / "playground", utc_now)
    applied = world.bot.applied()
    world.close()
    effects = Counter((each.kind, each.target) for each in applied if each.done)
    posted = sum(each.kind == "card" and each.target == "review" for each in applied)
    assert posted == 2, "each case has one card"
    hides = [count for (kind, _), count in effects.items() if kind == "hide"]
    restores = [count for (kind, _), count in effects.items() if kind == "restore"]
    assert hides == [1]
    assert restores == ([1] if decided else [])

    store = await SqlStore.open(str(folder))
    async with store.reading() as tx:
        [community] = await tx.communities.all()
        cases = await tx.cases.listed(community.id)
        facts = [entry async for entry in tx.audit.entries(community.id)]
        head = await tx.audit.head(community.id)
        depth = await tx.outbox.depth()
    await store.close()
    actions = Counter(entry.fact.action for entry in facts)
    assert sorted(case.verdict.action for case in cases) == ["hide", "review"]
    assert actions["case.opened"] == 2
    assert actions["case.decided"] == (1 if decided else 0)
    assert [case.status for case in cases].count(Status.DECIDED) == (1 if decided else 0)
    assert first_break(facts, head) is None
    assert not any(depth.values()), "an intent was left open"
    if decided:
        [decision] = [case.decision for case in cases if case.decision]
        assert decision.kind is DecisionKind.RESTORE


async def _post_all(bot: Bot) -> None:
    for member, text in MESSAGES.items():
        await bot.post(member, text)


async def _decide(folder: Path) -> None:
    """Press Restore until it has taken effect, as a reviewer does who got no answer."""
    async with a_bot(folder) as bot:
        state = await bot.until(settled_or_restored)
        if restore := button(state, "you idiot", "restore"):
            await bot.press(restore)
        await bot.until(restored)
        await quiet(bot)


def settled_or_restored(state: dict[str, Any]) -> bool:
    return settled(state) or restored(state)


def restored(state: dict[str, Any]) -> bool:
    return (
        states_of(state).get("asha") == "visible" and button(state, "you idiot", "undo") is not None
    )


async def quiet(bot: Bot) -> None:
    """Wait until nothing more happens: no change of the world for a while."""
    last, still = -1, 0
    async with asyncio.timeout(PATIENCE_S):
        while still < 10:
            change = (await bot.state())["world"]["change"]
            still = still + 1 if change == last else 0
            last = change
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("stage", [each for each in STAGES if each not in DECISION_STAGES])
async def test_killed_on_a_messages_way_it_ends_as_if_unharmed(tmp_path: Path, stage: str) -> None:
    async with a_bot(tmp_path, stage) as bot:
        await _post_all(bot)
        await bot.dies()
    async with a_bot(tmp_path) as bot:
        said = states_of(await bot.state())
        for member, text in MESSAGES.items():  # what the platform itself did not take yet
            if member not in said:
                await bot.post(member, text)
        await bot.until(settled)
        await quiet(bot)
    await assert_nothing_lost_and_nothing_twice(tmp_path, decided=False)


@pytest.mark.parametrize("stage", DECISION_STAGES)
async def test_killed_on_a_decisions_way_it_is_decided_once(tmp_path: Path, stage: str) -> None:
    async with a_bot(tmp_path, stage) as bot:
        await _post_all(bot)
        state = await bot.until(settled)
        await bot.press(button(state, "you idiot", "restore") or "")
        await bot.dies()
    await _decide(tmp_path)
    await assert_nothing_lost_and_nothing_twice(tmp_path, decided=True)


async def test_killed_again_and_again_at_any_moment_nothing_is_lost(tmp_path: Path) -> None:
    chance = random.Random(4)
    count = 0
    for _ in range(6):
        async with a_bot(tmp_path) as bot:
            for _ in range(10):
                await bot.post("ben", f"you idiot number {count}")
                count += 1
            await asyncio.sleep(chance.uniform(0, 0.4))
            bot.process.kill()
            await bot.process.wait()
    async with a_bot(tmp_path) as bot:
        await bot.until(lambda state: all_hidden(state, count))
        await quiet(bot)
    world = World(tmp_path / "playground", utc_now)
    hides = Counter(
        each.target for each in world.bot.applied() if each.kind == "hide" and each.done
    )
    world.close()
    assert len(hides) == count
    assert set(hides.values()) == {1}


def all_hidden(state: dict[str, Any], count: int) -> bool:
    posts = state["world"]["posts"]
    return len(posts) == count and all(post["state"] == "hidden" for post in posts)
