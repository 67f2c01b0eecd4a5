"""The server in a process of its own, for tests that kill and load the bot."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.fakes.telegram.remote import Remote, RemoteError

_ROOT = Path(__file__).parents[3]


class RemoteServer(Remote):
    """The DiscordServer of the other process. `root` is what DISCORD_API_BASE_URL names."""

    def __init__(self, session: aiohttp.ClientSession, control: str, root: str) -> None:
        super().__init__(session, control, 0)
        self.root = root
        self.load = Remote(session, control, 1)


@asynccontextmanager
async def spawn(*, strict: bool = True, limited: bool = False) -> AsyncIterator[RemoteServer]:
    """Run a server in a subprocess until the block ends; it also ends when this process does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fakes.discord",
        *([] if strict else ["--lax"]),
        *(["--limited"] if limited else []),
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
        if not line:
            raise RemoteError("the Discord server did not start; its own output says why")
        told = json.loads(line)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
            yield RemoteServer(session, told["control"], told["root"])
    finally:
        process.stdin.close()  # its end of the pipe is how it learns to stop
        await process.wait()
