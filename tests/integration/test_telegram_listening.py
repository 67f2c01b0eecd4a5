"""How updates reach the bot, and what Telegram keeps from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.adapters.telegram import webhook
from bot.adapters.telegram.client import Client
from bot.app import platform_problems
from bot.clock import utc_now
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


@pytest.mark.parametrize("failures", [0, 2])
async def test_a_webhook_that_was_left_behind_is_ended_however_often_that_fails(
    tmp_path: Path, unused_tcp_port: int, failures: int
) -> None:
    async with TelegramServer() as server, aiohttp.ClientSession() as http:
        bot = server.bot("aman_bot")
        left_behind = {"url": f"http://127.0.0.1:{unused_tcp_port}/nobody"}
        async with http.post(f"{server.base_url}{bot.token}/setWebhook", json=left_behind) as set_:
            assert (await set_.json())["ok"]
        if failures:
            server.faults.refuse(502, "Bad Gateway", method="deleteWebhook", times=failures)
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


async def test_an_error_that_is_over_is_no_problem_though_something_waits(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setattr(webhook, "LOOK_EVERY_S", 0.05)
    since = timedelta()
    async with TelegramServer() as server:
        server.world.webhook_retry = 3600.0  # it is not tried again while this test lasts
        bot, asha = server.bot("aman_bot"), server.user("asha")
        client = Client(bot.token, server.root, None)
        await client.log_in()
        nobody = f"http://127.0.0.1:{unused_tcp_port}"
        brought = webhook.Webhook(client, bot.token, nobody, lambda: utc_now() + since)
        running = asyncio.create_task(brought.run(None))  # type: ignore[arg-type]
        await eventually(lambda: bot.id in server.world.webhooks)
        asha.starts(bot)
        await eventually(lambda: "Connection failed" in (brought.problem or ""))
        since = timedelta(minutes=10)
        await eventually(lambda: brought.problem is None)
        assert bot.waiting == 1
        running.cancel()
        await asyncio.wait({running})
        await client.close()


NOT_TO_BE_READ = {"forward_origin": {"type": "user", "date": 1}}
"""What no client of the published Bot API can read: it does not say of whom."""


async def test_what_can_be_read_of_a_message_is_judged_and_comes_back(at_work: Scene) -> None:
    insult = at_work.lobby.sends(
        at_work.asha, "photo", caption="you idiot", header=dict(NOT_TO_BE_READ)
    )
    await at_work.eventually(lambda: insult.is_deleted)
    card = await at_work.card_says("Hidden from the group")
    assert "Asha" in card.text
    await at_work.press("Restore")

    def back() -> list[str | None]:
        return [m.media for m in at_work.lobby.living() if "you idiot" in m.text]

    await at_work.eventually(lambda: back() == ["photo"])


async def test_what_can_be_read_of_an_edited_message_is_judged(at_work: Scene) -> None:
    photo = at_work.lobby.sends(
        at_work.asha, "photo", caption="good morning", header=dict(NOT_TO_BE_READ)
    )
    await at_work.drained()
    at_work.lobby.edits(photo, "you idiot")
    await at_work.eventually(lambda: photo.is_deleted)


async def test_what_only_its_translation_breaks_over_is_judged_by_the_rest(at_work: Scene) -> None:
    insult = at_work.lobby.sends(
        at_work.asha, "document", caption="you idiot", details={"file_name": 7}
    )
    await at_work.eventually(lambda: insult.is_deleted)


async def test_a_webhook_brings_nothing_that_is_lost_for_a_part_of_it(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with scene(tmp_path, public_url=url, port=unused_tcp_port) as at_work:
        insult = at_work.lobby.sends(
            at_work.asha, "photo", caption="you idiot", header=dict(NOT_TO_BE_READ)
        )
        await at_work.eventually(lambda: insult.is_deleted)


async def test_a_member_can_report_what_cannot_be_read_whole(at_work: Scene) -> None:
    joke = at_work.lobby.sends(
        at_work.asha, "photo", caption="a bad joke", header=dict(NOT_TO_BE_READ)
    )
    at_work.lobby.joins(at_work.noor)
    at_work.lobby.says(at_work.noor, "/report", reply_to=joke)
    card = await at_work.card()
    assert "a bad joke" in card.text


async def test_each_kind_of_fault_is_told_once_and_what_says_nothing_each_time(
    at_work: Scene,
) -> None:
    with capture_logs() as told:
        for n in range(2):
            insult = at_work.lobby.sends(
                at_work.asha, "photo", caption=f"you idiot {n}", header=dict(NOT_TO_BE_READ)
            )
            await at_work.eventually(lambda insult=insult: insult.is_deleted)
        for _ in range(2):
            at_work.lobby.world.service(at_work.lobby.chat, at_work.asha.account, {"venue": 7})
        await at_work.drained()
    [in_part] = [each for each in told if each["event"] == "message read in part"]
    assert (in_part["log_level"], in_part["lost"]) == ("warning", ["forward_origin"])
    lost = [each for each in told if each["event"] == "update not understood"]
    assert [each["log_level"] for each in lost] == ["error", "error"]
