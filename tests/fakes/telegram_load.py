"""Many groups at once, the bot perhaps killed meanwhile: server and bot in processes of their own.

    python -m tests.fakes.telegram_load --rate 500 --seconds 60 --groups 200 --kills 0

prints what the server counted, as JSON.
"""

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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from bot.app import utc_now
from bot.domain.messages import Place
from bot.storage import SqlStore, upgrade
from config.policies import preset
from handlers.community import bind_community, create_community
from tests.fakes.telegram.remote import RemoteServer, spawn

INSULT = "you are a fucking idiot"
RIGHTS = ("can_delete_messages", "can_restrict_members")


@dataclass(frozen=True)
class Plan:
    """What is offered. every: one text in so many is an insult. kills: spread over the time.
    scorer: "words", or "model" for the one that the settings name."""

    rate: float
    seconds: float
    groups: int
    every: int = 50
    kills: int = 0
    settle_s: float = 60.0
    scorer: str = "words"


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


async def run(plan: Plan, folder: Path) -> Seen:
    """Offer the plan's load to a bot with its data in `folder`, and see what became of it."""
    async with spawn() as server:
        owner = await server.do("user", "owner")
        bot = await server.do("bot", "aman_bot")
        review = await server.do("group", "Reviewers", owner=owner)
        await review.do("add", bot)
        groups = await server.load.do("prepare", bot, groups=plan.groups)
        store = await _bound(folder, groups, await review.do("id"))
        environment = _environment(folder, server, await bot.do("token"))
        try:
            return await _loaded(plan, server, bot, review, store, environment)
        finally:
            await store.close()


async def _loaded(
    plan: Plan, server: RemoteServer, bot: Any, review: Any, store: SqlStore, environment: Any
) -> Seen:
    process = await started_bot(environment, plan.scorer)
    try:
        while await bot.do("waiting"):  # that it was added here and there is long ago
            await asyncio.sleep(0.2)
        await server.do("journal.clear")
        texts = [INSULT, *(f"nothing to see here {n}" for n in range(plan.every - 1))]
        await server.load.do("start", texts, rate=plan.rate, seconds=plan.seconds)
        began = monotonic()
        for number in range(plan.kills):  # all of them while messages come
            due = plan.seconds / (plan.kills + 1) * (number + random.uniform(0.7, 1.2))
            await asyncio.sleep(began + due - monotonic())
            process.send_signal(signal.SIGKILL)
            await process.wait()
            process = await started_bot(environment, plan.scorer)
        offered = await server.load.do("finished")
        insults = -(-offered // plan.every)
        async with asyncio.timeout(plan.settle_s):
            while True:
                report = await server.load.do("report")
                if len(report["hidden"]) == insults and not report["unconfirmed"]:
                    break
                await asyncio.sleep(0.5)
    except TimeoutError:
        pass  # the report says what is missing
    finally:
        process.terminate()
        await process.wait()
    async with store.reading() as tx:
        cases = await tx.cases.listed(limit=1_000_000)
    living = [await each.do("text") for each in await review.do("living")]
    cards = [text.split(" ·")[0] for text in living if text.startswith("Case ")]
    report = await server.load.do("report")
    hidden = {n for n in report["hidden"] if n % plan.every == 0}
    return Seen(report, insults, len(cases), cards, insults - len(hidden), used_cpu_s())


def used_cpu_s() -> float:
    """Processor time of the processes that this one has started and seen end."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


async def _bound(folder: Path, groups: list[int], review: int) -> SqlStore:
    await upgrade(str(folder))
    store = await SqlStore.open(str(folder))
    async with store.transaction() as tx:
        community = await create_community(tx, "load", preset("balanced"), "test", utc_now)
        places = [Place("telegram", str(group)) for group in groups]
        reviews = [Place("telegram", str(review))]
        await bind_community(tx, community, "test", utc_now, groups=places, reviews=reviews)
    return store


def _environment(folder: Path, server: RemoteServer, token: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TELEGRAM")}
    return {
        **kept,
        "TELEGRAM_BOT_TOKEN": token,
        "TELEGRAM_API_BASE_URL": server.root,
        "AMAN_DATA_DIR": str(folder),
        "PORT": "0",
        "LOG_LEVEL": "WARNING",
    }


async def started_bot(
    environment: dict[str, str], scorer: str = "words"
) -> asyncio.subprocess.Process:
    """A bot at work in a process of its own, with these settings."""
    with (Path(environment["AMAN_DATA_DIR"]) / "stderr.log").open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.fakes.doomed_bot",
            "never",
            scorer,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    assert await process.stdout.readline(), "the bot did not start: see stderr.log"
    return process


def main() -> None:
    """Read the plan and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--groups", type=int, default=200)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--settle-s", type=float, default=60)
    parser.add_argument("--scorer", choices=["words", "model"], default="words")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seen = asyncio.run(run(Plan(**vars(given)), Path(folder)))
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


if __name__ == "__main__":
    main()
