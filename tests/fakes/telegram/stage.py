"""A ready scene: a server, a supergroup with people in it, a bot that moderates it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import telegram
from telegram.request import HTTPXRequest

from .groups import Group
from .limits import Limits
from .people import BotHandle, Person
from .server import TelegramServer

MODERATES = ("can_delete_messages", "can_restrict_members")


@dataclass
class Stage:
    """`lobby` is a supergroup of `owner`'s with `asha` and `om`, moderated by `bot`.

    `client` is python-telegram-bot logged in as the bot. Updates made up to here are confirmed.
    """

    server: TelegramServer
    owner: Person
    asha: Person
    om: Person
    bot: BotHandle
    lobby: Group
    client: telegram.Bot


@asynccontextmanager
async def staged(
    *, strict: bool = True, forgetful: bool = False, limits: Limits | None = None
) -> AsyncIterator[Stage]:
    """Set the scene, and clear it away."""
    async with TelegramServer(strict=strict, forgetful=forgetful, limits=limits) as server:
        owner, asha, om = server.user("owner"), server.user("asha"), server.user("om")
        bot = server.bot("aman_bot")
        lobby = server.group("Lobby", owner=owner).add(bot, rights=MODERATES).joins(asha, om)
        async with connected(server, bot) as client:
            await client.get_updates(offset=2**31 - 1)
            server.journal.clear()
            yield Stage(server, owner, asha, om, bot, lobby, client)


@asynccontextmanager
async def connected(server: TelegramServer, bot: BotHandle) -> AsyncIterator[telegram.Bot]:
    """Log python-telegram-bot in as a bot."""
    client = telegram.Bot(
        bot.token,
        server.base_url,
        server.base_file_url,
        request=_plain_http(),
        get_updates_request=_plain_http(),
    )
    async with client:
        yield client


def _plain_http() -> HTTPXRequest:
    """Loopback has no TLS, and loading certificates is most of a client's start."""
    return HTTPXRequest(
        connection_pool_size=32, read_timeout=20, httpx_kwargs={"verify": False, "trust_env": False}
    )
