"""A ready scene: a server, a guild with people in it, and discord.py logged in as its bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from .limits import Limits
from .membership import GuildHandle
from .people import BotHandle, Person
from .permissions import MODERATES
from .places import ChannelHandle
from .server import DiscordServer


class Client(discord.AutoShardedClient):
    """discord.py as it is, but for the five seconds that it waits before it identifies again.

    `heard` are its events, by the client's own names, each with the first thing that came along.
    """

    def __init__(self, **options: Any) -> None:
        self.heard: list[tuple[str, Any]] = []
        super().__init__(**options)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Note an event, and handle it as usual."""
        self.heard.append((event, args[0] if args else None))
        super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once: the server here does not ask for a pause."""


@dataclass
class Stage:
    """`general` is a channel of `owner`'s guild `lobby` with `asha` and `om`, moderated by `bot`.

    `client` is discord.py, connected as the bot.
    """

    server: DiscordServer
    owner: Person
    asha: Person
    om: Person
    bot: BotHandle
    lobby: GuildHandle
    general: ChannelHandle
    client: Client


@asynccontextmanager
async def staged(
    *,
    strict: bool = True,
    limits: Limits | None = None,
    intents: discord.Intents | None = None,
) -> AsyncIterator[Stage]:
    """Set the scene, and clear it away."""
    async with DiscordServer(strict=strict, limits=limits) as server:
        owner, asha, om = server.user("owner"), server.user("asha"), server.user("om")
        bot = server.bot("Aman")
        lobby = server.guild("Lobby", owner=owner)
        general = lobby.channel("general")
        lobby.joins(asha, om).add(bot, rights=MODERATES)
        async with connected(server, bot, intents=intents) as client:
            server.journal.clear()
            yield Stage(server, owner, asha, om, bot, lobby, general, client)


@contextmanager
def pointed_at(server: DiscordServer) -> Iterator[None]:
    """Make discord.py ask this server. It keeps its addresses in classes.

    The gateway comes from /gateway/bot, but whoever must identify again goes to a default one.
    """
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = server.root, yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@asynccontextmanager
async def connected(
    server: DiscordServer, bot: BotHandle, *, intents: discord.Intents | None = None
) -> AsyncIterator[Client]:
    """Log discord.py in as a bot and wait until it is ready."""
    with pointed_at(server):
        client = Client(
            intents=intents or discord.Intents.all(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.001,
        )
        running = asyncio.create_task(client.start(bot.token), name="discord.py")
        ready = asyncio.create_task(_ready(client))
        try:
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            yield client
        finally:
            ready.cancel()
            await client.close()
            await asyncio.gather(running, return_exceptions=True)


async def _ready(client: Client) -> None:
    """Wait until it has logged in and heard of all its guilds."""
    while not client.is_ready() or any(guild.unavailable for guild in client.guilds):
        await asyncio.sleep(0.005)
