"""Many channels at once, the bot perhaps killed meanwhile: server and bot each in a process.

    python -m tests.fakes.discord_load --rate 500 --seconds 60 --channels 200 --kills 0

prints what the server counted, as JSON.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.domain.messages import Place
from tests.fakes.discord.remote import spawn
from tests.fakes.loopback.bot_under_load import (
    Plan,
    Seen,
    Stage,
    bound,
    environment,
    main,
    put_under_load,
)

_SETTLES_S = 2.0
"""It settles in each server before it is put under load."""


async def run(plan: Plan, folder: Path) -> Seen:
    """Offer the plan's load to a bot with its data in `folder`, and see what became of it."""
    async with spawn(limited=True) as server:
        bot = await server.do("bot", "Aman")
        await server.load.do("prepare", bot, channels=plan.places)
        owner = await server.do("user", "reviewer")
        guild = await server.do("guild", "Reviewers", owner=owner)
        rights = ["view_channel", "send_messages", "embed_links", "attach_files"]
        await guild.do("add", bot, rights=rights)
        review = await guild.do("channel", "reviewers", only=[bot])

        async def ready() -> bool:
            if await bot.do("is_ready"):
                await asyncio.sleep(_SETTLES_S)
                return True
            return False

        async def shown() -> Sequence[str]:
            return [await each.do("shown") for each in await review.do("living")]

        place = Place("discord", str(await guild.do("id")), str(await review.do("id")))
        group = Place("discord", str(await server.load.do("guild_id")))
        store = await bound(folder, [group], place)
        keys = environment(
            folder,
            DISCORD_BOT_TOKEN=await bot.do("token"),
            DISCORD_API_BASE_URL=server.root,
        )
        try:
            return await put_under_load(plan, Stage(server, store, keys, ready, _settled, shown))
        finally:
            await store.close()


def _settled(report: Mapping[str, Any], insults: int) -> bool:
    return len(report["hidden"]) >= insults


if __name__ == "__main__":
    main(run, __doc__, "channels")
