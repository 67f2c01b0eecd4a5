"""The server in a process of its own, for tests that kill and load the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.fakes.loopback.remote import RemoteServer, spawned


@asynccontextmanager
async def spawn(*, strict: bool = True, limited: bool = False) -> AsyncIterator[RemoteServer]:
    """Run a DiscordServer in a subprocess until the block ends."""
    options = [*([] if strict else ["--lax"]), *(["--limited"] if limited else [])]
    async with spawned("tests.fakes.discord", *options, kind=RemoteServer) as server:
        yield server
