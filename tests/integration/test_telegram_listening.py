"""How updates reach the bot, and what Telegram keeps from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.app import platform_problems
from tests.fakes.redis_server import eventually
from tests.fakes.telegram import TelegramServer
from tests.fakes.telegram_bot import Scene, bot_at_work, scene, settings_for

WANTED = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "my_chat_member",
    "chat_member",
]
"""Messages and posts, their edits, presses, the bot's own rights and who joins."""


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def test_polling_names_every_kind_of_update_that_it_wants(at_work: Scene) -> None:
    assert at_work.server.world.queues[at_work.bot.id].named == WANTED


async def test_a_webhook_is_named_every_kind_of_update_that_it_is_to_bring(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with scene(tmp_path, public_url=url, port=unused_tcp_port) as at_work:
        assert at_work.server.world.queues[at_work.bot.id].named == WANTED


async def test_a_webhook_that_was_left_behind_is_ended_before_updates_are_polled(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with TelegramServer() as server, aiohttp.ClientSession() as http:
        bot = server.bot("aman_bot")
        left_behind = {"url": f"http://127.0.0.1:{unused_tcp_port}/nobody"}
        async with http.post(f"{server.base_url}{bot.token}/setWebhook", json=left_behind) as set_:
            assert (await set_.json())["ok"]
        asha = server.user("asha")
        async with bot_at_work(settings_for(server, bot.token, tmp_path)):
            asha.starts(bot)
            await eventually(lambda: len(asha.inbox(bot)) > 1)
            assert bot.id not in server.world.webhooks


async def test_a_port_that_telegram_brings_nothing_to_is_told(tmp_path: Path) -> None:
    async with TelegramServer() as server:
        server.world.local_mode = False
        token = server.bot("aman_bot").token
        settings = settings_for(server, token, tmp_path, public_url="https://bot.example:9000")
        async with bot_at_work(settings) as url, aiohttp.ClientSession() as http:

            async def told() -> bool:
                async with http.get(f"{url}/readyz") as answer:
                    return answer.status == 503 and "80, 88, 443 or 8443" in await answer.text()

            await eventually(told)


async def test_a_bot_that_privacy_mode_keeps_blind_is_told_of_and_helped(
    at_work: Scene, tmp_path: Path
) -> None:
    at_work.lobby.demote(at_work.bot)
    await at_work.eventually(
        lambda: any("privacy mode off" in text for text in at_work.review.texts(at_work.noor))
    )
    settings = settings_for(at_work.server, at_work.bot.token, tmp_path)
    problems = await platform_problems(settings, at_work.store)
    assert any("privacy mode off" in problem for problem in problems)


async def test_a_message_that_its_author_deletes_first_is_gone_and_on_record(
    at_work: Scene,
) -> None:
    insult = at_work.lobby.says(at_work.asha, "you idiot")
    at_work.lobby.deletes(insult)  # of which Telegram tells no bot
    card = await at_work.card_says("Already gone from the group")
    assert card.spans("spoiler")[0] == "you idiot"
