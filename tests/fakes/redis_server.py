"""A real Redis for tests: the embedded server on a folder of its own, up in about 0.1 s.

async with redis_server() as (url, server): ...
async with connected(url) as redis: ...
async with fresh_redis() as redis: ...            # both at once
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from bot.streams.connection import connect
from bot.streams.embedded import EmbeddedServer


@asynccontextmanager
async def redis_server(folder: Path | None = None) -> AsyncIterator[tuple[str, EmbeddedServer]]:
    """A running server and its URL; on a temporary folder unless one is given."""
    with tempfile.TemporaryDirectory(prefix="aman-redis-") as temporary:
        server = EmbeddedServer(folder or Path(temporary) / "redis")
        url = await server.start()
        try:
            yield url, server
        finally:
            await server.stop()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Redis]:
    """A client as the bot makes it."""
    async with connect(url) as redis:
        yield redis


@asynccontextmanager
async def fresh_redis() -> AsyncIterator[Redis]:
    """A client on an empty server of its own."""
    async with redis_server() as (url, _), connected(url) as redis:
        yield redis


async def eventually(
    condition: Callable[[], Awaitable[bool] | bool], within_s: float = 60.0
) -> None:
    """Wait until something holds; fails when it does not within a time that no machine needs."""
    async with asyncio.timeout(within_s):
        while True:
            holds = condition()
            if isinstance(holds, Awaitable):
                holds = await holds
            if holds:
                return
            await asyncio.sleep(0.01)
