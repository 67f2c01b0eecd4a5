"""The server in a process of its own, for tests that kill and load the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.fakes.loopback.remote import RemoteServer as LoopbackServer
from tests.fakes.loopback.remote import spawned


class RemoteServer(LoopbackServer):
    """The TelegramServer of the other process."""

    @property
    def base_url(self) -> str:
        """`base_url` of telegram.Bot."""
        return f"{self.root}/bot"

    @property
    def base_file_url(self) -> str:
        """`base_file_url` of telegram.Bot."""
        return f"{self.root}/file/bot"


@asynccontextmanager
async def spawn(*, strict: bool = True) -> AsyncIterator[RemoteServer]:
    """Run a server in a subprocess until the block ends."""
    options = [] if strict else ["--lax"]
    async with spawned("tests.fakes.telegram", *options, kind=RemoteServer) as server:
        yield server
