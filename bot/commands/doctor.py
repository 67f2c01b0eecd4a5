"""`aman doctor`: what is wrong with the set-up, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.text import Text

from bot.app import platform_problems
from bot.commands.console import out, settings_and_logs, sync, table, write_json
from bot.domain.errors import AmanError
from bot.observability.health import unread_policies
from bot.scoring import checkpoints
from bot.storage import SqlStore, upgrade
from bot.streams.connection import assert_durable, connect
from bot.streams.embedded import EmbeddedServer
from bot.streams.intake import Intake
from config.settings import Settings

Check = Callable[[Settings], Awaitable[str]]


@sync
async def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check every part; exit status 1 when one of them does not work."""
    settings = settings_and_logs("CRITICAL")  # its table says it all
    settings.make_data_dir()
    results = {name: await _tried(check, settings) for name, check in _CHECKS.items()}
    well = all(ok for ok, _ in results.values())
    if as_json:
        parts = {name: {"ok": ok, "says": says} for name, (ok, says) in results.items()}
        write_json({"ok": well, "parts": parts})
    else:
        rows = table("PART", "", "")
        for name, (ok, says) in results.items():
            rows.add_row(name, Text("well", "green") if ok else Text("mend", "red"), says)
        out.print(rows)
    if not well:
        raise typer.Exit(1)


async def _tried(check: Check, settings: Settings) -> tuple[bool, str]:
    try:
        return True, await check(settings)
    except (AmanError, OSError) as exc:
        return False, str(exc)


async def _redis(settings: Settings) -> str:
    if settings.redis_url:
        redis = connect(settings.redis_url)
        try:
            await assert_durable(redis)
            await Intake(redis).check()
        finally:
            await redis.aclose()
        return "answers, keeps what it takes in"
    server = EmbeddedServer(settings.data_dir / "redis")
    if server.in_use:
        return "embedded, at work for a bot that is running"
    await server.start()
    await server.stop()
    return "embedded, starts and stops"


async def _database(settings: Settings) -> str:
    await upgrade(settings.database)
    store = await SqlStore.open(settings.database)
    try:
        if problems := await store.problems():
            raise AmanError("; ".join(problems))
        async with store.reading() as tx:
            communities = await tx.communities.all()
            problems = await unread_policies(tx)
    finally:
        await store.close()
    unwatched = [each.name for each in communities if each.groups and not each.review_channels]
    if unwatched:
        problems.append(
            f"{', '.join(unwatched)}: no review channel, so nobody sees the cases; bind one with "
            "`aman community bind NAME --review PLATFORM:ID`"
        )
    if problems:
        raise AmanError("; ".join(problems))
    return "1 community" if len(communities) == 1 else f"{len(communities)} communities"


async def _model(settings: Settings) -> str:
    verified = await asyncio.to_thread(
        checkpoints.verify,
        settings.detoxify_model,
        settings.data_dir,
        settings.detoxify_config_path,
    )
    return f"{verified.model}, SHA-256 {verified.sha256[:12]}…"


async def _platforms(settings: Settings) -> str:
    await upgrade(settings.database)
    store = await SqlStore.open(settings.database)
    try:
        problems = await _without_token(settings, store)
        problems += await platform_problems(settings, store)
        if problems:
            raise AmanError("; ".join(problems))
    finally:
        await store.close()
    return " and ".join(map(str.capitalize, settings.accounts)) or "the playground"


async def _without_token(settings: Settings, store: SqlStore) -> list[str]:
    async with store.reading() as tx:
        communities = await tx.communities.all()
    places = {place for each in communities for place in (*each.groups, *each.review_channels)}
    bound = {place.platform for place in places} - {"playground"}
    return [
        f"{platform}: communities are bound to it, and {platform.upper()}_BOT_TOKEN is not set"
        for platform in sorted(bound - {*settings.accounts})
    ]


_CHECKS: dict[str, Check] = {
    "redis": _redis,
    "database": _database,
    "model": _model,
    "platforms": _platforms,
}
