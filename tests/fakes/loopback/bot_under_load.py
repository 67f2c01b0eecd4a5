"""A bot in a process of its own under a steady load, perhaps killed meanwhile."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from bot.clock import utc_now
from bot.domain.messages import Place
from bot.storage import SqlStore, upgrade
from config.policies import preset
from handlers.community import bind_community, create_community
from tests.factories.languages import with_languages
from tests.fakes.loopback.remote import RemoteServer

INSULT = "you are a fucking idiot"
_OTHERS = ("TELEGRAM", "DISCORD")


@dataclass(frozen=True)
class Plan:
    """What is offered. places: how many groups or channels; every: one text in so many is an
    insult; kills: spread over the time; scorer: "words", or "model" for the one that the settings
    name."""

    rate: float
    seconds: float
    places: int
    every: int = 50
    kills: int = 0
    settle_s: float = 60.0
    scorer: str = "words"


@dataclass(frozen=True)
class Stage:
    """Where it happens. ready: whether the bot is at work; settled: whether of so many insults
    nothing is left to do, by the server's report; shown: what stands in the review channel."""

    server: RemoteServer
    store: SqlStore
    environment: Mapping[str, str]
    ready: Callable[[], Awaitable[bool]]
    settled: Callable[[Mapping[str, Any], int], bool]
    shown: Callable[[], Awaitable[Sequence[str]]]


@dataclass(frozen=True)
class Seen:
    """What became of it. report: as the server counted; cases: how many the bot has on record;
    cards: how many cards stand in the review channel, by their title. cpu_s: what the bot and its
    Redis took of processors, their start included."""

    report: Mapping[str, Any]
    insults: int
    cases: int
    cards: list[str]
    left_visible: int
    cpu_s: float


async def put_under_load(plan: Plan, stage: Stage) -> Seen:
    """Offer the plan's load to a bot on a stage, and see what became of it."""
    load = stage.server.load
    process = await _started(stage, plan)
    try:
        while not await stage.ready():
            await asyncio.sleep(0.2)
        await stage.server.do("journal.clear")
        texts = [INSULT, *(f"nothing to see here {n}" for n in range(plan.every - 1))]
        await load.do("start", texts, rate=plan.rate, seconds=plan.seconds)
        began = monotonic()
        for number in range(plan.kills):  # all of them while messages come
            due = plan.seconds / (plan.kills + 1) * (number + random.uniform(0.7, 1.2))
            await asyncio.sleep(began + due - monotonic())
            process.send_signal(signal.SIGKILL)
            await process.wait()
            process = await _started(stage, plan)
        insults = -(-await load.do("finished") // plan.every)
        async with asyncio.timeout(plan.settle_s):
            while not stage.settled(await load.do("report"), insults):
                await asyncio.sleep(0.5)
    except TimeoutError:
        pass  # the report says what is missing
    finally:
        process.terminate()
        await process.wait()
    async with stage.store.reading() as tx:
        cases = await tx.cases.listed(limit=1_000_000)
    cards = [text.split(" ·")[0] for text in await stage.shown() if text.startswith("Case ")]
    report = await load.do("report")
    hidden = {n for n in report["hidden"] if n % plan.every == 0}
    return Seen(report, insults, len(cases), cards, insults - len(hidden), _used_cpu_s())


async def bound(folder: Path, groups: Sequence[Place], review: Place) -> SqlStore:
    """A database in which a community moderates these groups."""
    await upgrade(str(folder))
    store = await SqlStore.open(str(folder))
    async with store.transaction() as tx:
        community = await create_community(tx, "load", preset("balanced"), "test", utc_now)
        await bind_community(tx, community, "test", utc_now, groups=groups, reviews=[review])
    return store


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a bot with its data in `folder`, and no platform but those named."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    own = {"AMAN_DATA_DIR": str(with_languages(folder)), "PORT": "0", "LOG_LEVEL": "WARNING"}
    return {**kept, **own, **settings}


async def _started(stage: Stage, plan: Plan) -> asyncio.subprocess.Process:
    with (Path(stage.environment["AMAN_DATA_DIR"]) / "stderr.log").open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.fakes.doomed_bot",
            "never",
            plan.scorer,
            env=stage.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    assert await process.stdout.readline(), "the bot did not start: see stderr.log"
    return process


def _used_cpu_s() -> float:
    """Processor time of the processes that this one has started and seen end."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def main(run: Callable[[Plan, Path], Awaitable[Seen]], description: str, places: str) -> None:
    """Read the plan and print what was seen. places: what groups or channels are called."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument(f"--{places}", dest="places", type=int, default=200)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--settle-s", type=float, default=60)
    parser.add_argument("--scorer", choices=["words", "model"], default="words")
    plan = Plan(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory() as folder:

        async def running() -> Seen:
            return await run(plan, Path(folder))

        seen = asyncio.run(running())
        errors = (Path(folder) / "stderr.log").read_text()
    report = {name: value for name, value in seen.report.items() if name != "hidden"}
    json.dump(
        {
            **report,
            "insults": seen.insults,
            "left_visible": seen.left_visible,
            "cases": seen.cases,
            "cards": len(seen.cards),
            "cards_twice": len(seen.cards) - len(set(seen.cards)),
            "bot_cpu_s": round(seen.cpu_s, 1),
        },
        sys.stdout,
        indent=1,
    )
    sys.stderr.write(errors[-3000:])
