"""What is known of Telegram's groups: kept over a restart, never older than a change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.adapters.telegram.chats import REFRESHED_AT_ONCE, Chats
from bot.adapters.telegram.client import Client
from bot.clock import utc_now
from bot.domain.messages import Place
from bot.streams.facts import RedisFacts
from tests.fakes.redis_server import eventually, fresh_redis
from tests.fakes.telegram import BotHandle, Group, Person, TelegramServer
from tests.fakes.telegram_bot import RIGHTS

ASKED = "getChatAdministrators"


@dataclass
class Scene:
    """A group that a bot asks of, and where what it is told is kept."""

    server: TelegramServer
    bot: BotHandle
    client: Client
    redis: Redis
    owner: Person
    asha: Person
    lobby: Group

    def chats(self, later: timedelta = timedelta()) -> Chats:
        """As a bot starts with that comes so much later."""
        return Chats(self.client, RedisFacts(self.redis), lambda: utc_now() + later)

    def asked(self) -> int:
        return len(self.server.journal.of(ASKED))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with TelegramServer() as server, fresh_redis() as redis:
        bot, owner, asha = server.bot("aman_bot"), server.user("owner"), server.user("asha")
        lobby = server.group("Lobby", owner=owner).joins(asha)
        lobby.add(bot, rights=RIGHTS)
        client = Client(bot.token, server.root, None)
        await client.log_in()
        yield Scene(server, bot, client, redis, owner, asha, lobby)
        await client.close()


async def test_a_bot_that_starts_again_asks_for_nothing_that_it_knows(scene: Scene) -> None:
    told = await scene.chats().facts(scene.lobby.id)
    assert scene.owner.id in told.admins
    assert told.members == 3
    assert await scene.chats().facts(scene.lobby.id) == told
    assert scene.asked() == 1


async def test_what_is_old_serves_until_the_newer_is_there(scene: Scene) -> None:
    told = await scene.chats().facts(scene.lobby.id)
    scene.lobby.promote(scene.asha)
    scene.server.faults.slow(0.3, method=ASKED, times=1)
    chats = scene.chats(timedelta(hours=5))
    assert await chats.facts(scene.lobby.id) == told

    async def newer() -> bool:
        return scene.asha.id in (await chats.facts(scene.lobby.id)).admins

    await eventually(newer)
    assert scene.asked() == 2


async def test_what_changed_is_asked_anew_also_after_a_restart(scene: Scene) -> None:
    chats = scene.chats()
    await chats.facts(scene.lobby.id)
    scene.lobby.promote(scene.asha)
    await chats.forget(scene.lobby.id)
    assert scene.asha.id in (await scene.chats().facts(scene.lobby.id)).admins
    assert scene.asha.id in (await chats.facts(scene.lobby.id)).admins


async def test_what_is_told_over_a_change_is_not_believed(scene: Scene) -> None:
    chats = scene.chats()
    scene.server.faults.slow(0.3, method=ASKED, times=1)
    asking = asyncio.create_task(chats.facts(scene.lobby.id))
    await eventually(lambda: scene.asked() == 1)
    scene.lobby.promote(scene.asha)
    await chats.forget(scene.lobby.id)
    await asking
    assert scene.asha.id in (await chats.facts(scene.lobby.id)).admins
    assert scene.asha.id in (await scene.chats().facts(scene.lobby.id)).admins


async def test_what_cannot_be_read_is_asked_anew(scene: Scene) -> None:
    place = Place("telegram", str(scene.lobby.id))
    await RedisFacts(scene.redis).keep(place, b'{"facts": 7}', timedelta(hours=1))
    assert scene.owner.id in (await scene.chats().facts(scene.lobby.id)).admins


async def test_hundreds_of_groups_are_not_refreshed_at_once(scene: Scene) -> None:
    groups = [scene.server.group(f"Group {n}", owner=scene.owner) for n in range(20)]
    for group in groups:
        group.add(scene.bot, rights=RIGHTS)
        await scene.chats().facts(group.id)
    scene.server.journal.clear()
    scene.server.faults.slow(0.5, method=ASKED)
    chats = scene.chats(timedelta(hours=5))
    for group in groups:
        await chats.facts(group.id)
    await eventually(lambda: scene.asked() > 0)
    await asyncio.sleep(0.1)
    assert scene.asked() == REFRESHED_AT_ONCE
