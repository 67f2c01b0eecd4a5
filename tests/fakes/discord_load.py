"""Many channels at once, the bot perhaps killed meanwhile: server and bot each in a process.

    python -m tests.fakes.discord_load --rate 500 --seconds 60 --channels 200 --kills 0

prints what the server counted, as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from bot.app import utc_now
from bot.domain.messages import Place
from bot.storage import SqlStore, upgrade
from config.policies import preset
from handlers.community import bind_community, create_community
from tests.fakes.discord.remote import spawn
from tests.fakes.loopback.remote import RemoteServer
from tests.fakes.telegram_load import INSULT, Seen, started_bot, used_cpu_s


@dataclass(frozen=True)
class Plan:
    """What is offered. every: one text in so many is an insult. kills: spread over the time."""

    rate: float
    seconds: float
    channels: int
    every: int = 50
    kills: int = 0
    settle_s: float = 60.0


async def run(plan: Plan, folder: Path) -> Seen:
    """Offer the plan's load to a bot with its data in `folder`, and see what became of it."""
    async with spawn(limited=True) as server:
        bot = await server.do("bot", "Aman")
        await server.load.do("prepare", bot, channels=plan.channels)
        owner = await server.do("user", "reviewer")
        guild = await server.do("guild", "Reviewers", owner=owner)
        rights = ["view_channel", "send_messages", "embed_links", "attach_files"]
        await guild.do("add", bot, rights=rights)
        review = await guild.do("channel", "reviewers", only=[bot])
        place = Place("discord", str(await guild.do("id")), str(await review.do("id")))
        store = await _bound(folder, await server.load.do("guild_id"), place)
        environment = _environment(folder, server, await bot.do("token"))
        try:
            return await _loaded(plan, server, bot, review, store, environment)
        finally:
            await store.close()


async def _loaded(
    plan: Plan, server: RemoteServer, bot: Any, review: Any, store: SqlStore, environment: Any
) -> Seen:
    process = await started_bot(environment)
    try:
        while not await bot.do("is_ready"):
            await asyncio.sleep(0.2)
        await asyncio.sleep(2.0)  # it settles in each server first
        await server.do("journal.clear")
        texts = [INSULT, *(f"nothing to see here {n}" for n in range(plan.every - 1))]
        await server.load.do("start", texts, rate=plan.rate, seconds=plan.seconds)
        began = monotonic()
        for number in range(plan.kills):  # all of them while messages come
            due = plan.seconds / (plan.kills + 1) * (number + random.uniform(0.7, 1.2))
            await asyncio.sleep(began + due - monotonic())
            process.send_signal(signal.SIGKILL)
            await process.wait()
            process = await started_bot(environment)
        offered = await server.load.do("finished")
        insults = -(-offered // plan.every)
        async with asyncio.timeout(plan.settle_s):
            while len((await server.load.do("report"))["hidden"]) < insults:
                await asyncio.sleep(0.5)
    except TimeoutError:
        pass  # the report says what is missing
    finally:
        process.terminate()
        await process.wait()
    async with store.reading() as tx:
        cases = await tx.cases.listed(limit=1_000_000)
    living = [await each.do("shown") for each in await review.do("living")]
    cards = [text.split(" ·")[0] for text in living if text.startswith("Case ")]
    report = await server.load.do("report")
    hidden = {n for n in report["hidden"] if n % plan.every == 0}
    return Seen(report, insults, len(cases), cards, insults - len(hidden), used_cpu_s())


async def _bound(folder: Path, guild: int, review: Place) -> SqlStore:
    await upgrade(str(folder))
    store = await SqlStore.open(str(folder))
    async with store.transaction() as tx:
        community = await create_community(tx, "load", preset("balanced"), "test", utc_now)
        groups = [Place("discord", str(guild))]
        await bind_community(tx, community, "test", utc_now, groups=groups, reviews=[review])
    return store


def _environment(folder: Path, server: RemoteServer, token: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISCORD")}
    return {
        **kept,
        "DISCORD_BOT_TOKEN": token,
        "DISCORD_API_BASE_URL": server.root,
        "AMAN_DATA_DIR": str(folder),
        "PORT": "0",
        "LOG_LEVEL": "WARNING",
    }


def main() -> None:
    """Read the plan and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--channels", type=int, default=200)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--kills", type=int, default=0)
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
