"""Many groups at once, the bot perhaps killed meanwhile: server and bot in processes of their own.

    python -m tests.fakes.telegram_load --rate 500 --seconds 60 --groups 200 --kills 0

prints what the server counted, as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.domain.messages import Place
from tests.fakes.loopback.bot_under_load import (
    Plan,
    Seen,
    Stage,
    bound,
    environment,
    main,
    put_under_load,
)
from tests.fakes.telegram.remote import spawn


async def run(plan: Plan, folder: Path) -> Seen:
    """Offer the plan's load to a bot with its data in `folder`, and see what became of it."""
    async with spawn() as server:
        owner = await server.do("user", "owner")
        bot = await server.do("bot", "aman_bot")
        review = await server.do("group", "Reviewers", owner=owner)
        await review.do("add", bot)
        groups = await server.load.do("prepare", bot, groups=plan.places)

        async def ready() -> bool:
            """Whether it knows that it was added here and there, which is long ago."""
            return not await bot.do("waiting")

        async def shown() -> Sequence[str]:
            return [await each.do("text") for each in await review.do("living")]

        place = Place("telegram", str(await review.do("id")))
        store = await bound(folder, [Place("telegram", str(each)) for each in groups], place)
        keys = environment(
            folder,
            TELEGRAM_BOT_TOKEN=await bot.do("token"),
            TELEGRAM_API_BASE_URL=server.root,
        )
        try:
            return await put_under_load(plan, Stage(server, store, keys, ready, _settled, shown))
        finally:
            await store.close()


def _settled(report: Mapping[str, Any], insults: int) -> bool:
    return len(report["hidden"]) == insults and not report["unconfirmed"]


if __name__ == "__main__":
    main(run, __doc__, "groups")
