"""How the loopback Bot API server hands out updates, fails on purpose, and counts."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import telegram
from aiohttp import web
from telegram.error import (
    BadRequest,
    Conflict,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from tests.fakes.loopback.remote import RemoteError
from tests.fakes.telegram import Limits
from tests.fakes.telegram.remote import spawn
from tests.fakes.telegram.stage import Stage, connected, staged

NEWEST = 2**31 - 1


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as scene:
        yield scene


@pytest.fixture(autouse=True)
def _waits_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client deprecates the seconds of RetryAfter unless it is asked for a timedelta."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


def texts(updates: tuple[telegram.Update, ...]) -> list[str | None]:
    return [update.effective_message.text for update in updates if update.effective_message]


class TestPolling:
    async def test_repeats_until_a_higher_offset_confirms(self, stage: Stage) -> None:
        for text in ("one", "two", "three"):
            stage.lobby.says(stage.asha, text)
        first = await stage.client.get_updates()
        assert texts(await stage.client.get_updates()) == ["one", "two", "three"]
        assert texts(await stage.client.get_updates(offset=first[0].update_id)) == [
            "one",
            "two",
            "three",
        ]
        assert texts(await stage.client.get_updates(offset=first[0].update_id + 1)) == [
            "two",
            "three",
        ]
        assert [u.update_id - first[0].update_id for u in first] == [0, 1, 2]
        assert stage.bot.waiting == 2

    async def test_from_the_end_forgets_the_older(self, stage: Stage) -> None:
        for text in ("one", "two", "three"):
            stage.lobby.says(stage.asha, text)
        assert texts(await stage.client.get_updates(offset=-1)) == ["three"]
        assert stage.bot.waiting == 1

    async def test_takes_at_most_a_hundred(self, stage: Stage) -> None:
        for number in range(120):
            stage.lobby.says(stage.asha, str(number))
        assert len(await stage.client.get_updates()) == 100
        assert len(await stage.client.get_updates(limit=7)) == 7

    async def test_waits_for_the_first_update(self, stage: Stage) -> None:
        waiting = asyncio.create_task(stage.client.get_updates(timeout=10))
        while not stage.server.world.pollers:
            await asyncio.sleep(0.01)
        stage.lobby.says(stage.asha, "at last")
        assert texts(await asyncio.wait_for(waiting, 5)) == ["at last"]

    async def test_gives_up_when_the_time_is_over(self, stage: Stage) -> None:
        began = time.monotonic()
        assert await stage.client.get_updates(timeout=1) == ()
        assert time.monotonic() - began >= 0.9

    async def test_is_for_one_reader(self, stage: Stage) -> None:
        first = asyncio.create_task(stage.client.get_updates(timeout=10))
        while not stage.server.world.pollers:
            await asyncio.sleep(0.01)
        await stage.client.get_updates(timeout=0)
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first

    async def test_leaves_out_what_is_not_asked_for_for_good(self, stage: Stage) -> None:
        await stage.client.get_updates(allowed_updates=["message"])
        said = stage.lobby.says(stage.asha, "one")
        stage.lobby.edits(said, "changed")
        assert texts(await stage.client.get_updates()) == ["one"]  # the setting is remembered
        await stage.client.get_updates(offset=NEWEST, allowed_updates=[])
        assert stage.bot.waiting == 0
        stage.lobby.edits(said, "changed again")
        assert texts(await stage.client.get_updates()) == ["changed again"]

    async def test_by_default_omits_members_and_reactions(self, stage: Stage) -> None:
        said = stage.lobby.says(stage.asha, "one")
        stage.om.reacts(said, "👍")
        stage.lobby.promote(stage.om)
        assert [u.message is not None for u in await stage.client.get_updates()] == [True]

    async def test_finds_nothing_older_than_24_hours(self, stage: Stage) -> None:
        stage.lobby.says(stage.asha, "yesterday")
        stage.server.clock.advance(24 * 3600 + 1)
        stage.lobby.says(stage.asha, "today")
        assert texts(await stage.client.get_updates()) == ["today"]


class Receiver:
    """A bot's own HTTP server; `answers` are the statuses it gives, then 200."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.bodies: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.url = ""

    async def _receive(self, request: web.Request) -> web.Response:
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        status = self.answers.pop(0) if self.answers else 200
        body = await request.json()
        if status == 200:
            self.bodies.append(body)
        return web.Response(status=status)

    async def __aenter__(self) -> Receiver:
        app = web.Application()
        app.router.add_post("/hook", self._receive)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def got(self, count: int) -> list[str]:
        async with asyncio.timeout(60):
            while len(self.bodies) < count:
                await asyncio.sleep(0.01)
        return [body["message"]["text"] for body in self.bodies]


class TestWebhooks:
    async def test_deliver_with_the_secret_and_try_again(self, stage: Stage) -> None:
        async with Receiver(500, 302) as receiver:
            await stage.client.set_webhook(receiver.url, secret_token="s3cret")
            for text in ("one", "two"):
                stage.lobby.says(stage.asha, text)
            assert await receiver.got(2) == ["one", "two"]  # one chat's updates keep their order
            assert set(receiver.secrets) == {"s3cret"}
            info = await stage.client.get_webhook_info()
            assert "302" in str(info.last_error_message)
            assert info.pending_update_count == stage.bot.waiting
            await stage.client.delete_webhook()

    async def test_let_other_chats_pass_a_refused_update(self, stage: Stage) -> None:
        stage.server.world.webhook_retry = 30
        other = stage.server.group("Other", owner=stage.owner)
        other.add(stage.bot, rights=("can_delete_messages",))
        await stage.client.get_updates(offset=NEWEST)
        async with Receiver(503) as receiver:
            await stage.client.set_webhook(receiver.url)
            stage.lobby.says(stage.asha, "stuck")
            while receiver.answers:
                await asyncio.sleep(0.01)
            other.says(stage.owner, "passes")
            assert await receiver.got(1) == ["passes"]
            await stage.client.delete_webhook()
        assert texts(await stage.client.get_updates()) == ["stuck"]

    async def test_exclude_polling(self, stage: Stage) -> None:
        async with Receiver() as receiver:
            polling = asyncio.create_task(stage.client.get_updates(timeout=10))
            while not stage.server.world.pollers:
                await asyncio.sleep(0.01)
            await stage.client.set_webhook(receiver.url)
            with pytest.raises(Conflict, match="terminated by setWebhook request"):
                await polling
            with pytest.raises(Conflict, match="can't use getUpdates method while webhook"):
                await stage.client.get_updates()
            await stage.client.set_webhook("")
            await stage.client.get_updates()

    async def test_drop_what_waits_when_told(self, stage: Stage) -> None:
        stage.lobby.says(stage.asha, "old")
        await stage.client.delete_webhook(drop_pending_updates=True)
        assert stage.bot.waiting == 0

    async def test_in_the_cloud_want_tls_and_four_ports(self, stage: Stage) -> None:
        stage.server.world.local_mode = False
        for url, reason in [
            ("http://bot.example/hook", "HTTPS URL must be provided"),
            ("https://bot.example:9000/hook", "only on ports 80, 88, 443 or 8443"),
            ("nonsense", "invalid webhook URL"),
        ]:
            with pytest.raises(BadRequest, match="(?i)" + re.escape(reason)):
                await stage.client.set_webhook(url)

    @pytest.mark.parametrize("secret", ["a b", "é", "a" * 257])
    async def test_want_a_plain_secret(self, stage: Stage, secret: str) -> None:
        with pytest.raises(BadRequest, match=r"(?i)secret token"):
            await stage.client.set_webhook("http://127.0.0.1:9/hook", secret_token=secret)


class TestFaults:
    async def test_flood_one_chat_and_not_the_others(self, stage: Stage) -> None:
        other = stage.server.group("Other", owner=stage.owner).add(stage.bot)
        stage.server.faults.flood(7, chat=stage.lobby.id, times=2)
        for _ in range(2):
            with pytest.raises(RetryAfter) as refused:
                await stage.client.send_message(stage.lobby.id, "hi")
        assert refused.value.retry_after == timedelta(seconds=7)
        await stage.client.send_message(other.id, "hi")
        await stage.client.send_message(stage.lobby.id, "hi")
        asked = stage.server.journal.of("sendMessage", chat=stage.lobby.id)
        assert [request.code for request in asked] == [429, 429, 200]
        assert len(stage.server.journal.impatient()) == 2

    async def test_storms_say_how_long_they_last(self, stage: Stage) -> None:
        storm = stage.server.faults.storm(40)
        async with httpx.AsyncClient() as http:
            answer = await http.post(
                f"{stage.server.base_url}{stage.bot.token}/sendMessage",
                json={"chat_id": stage.lobby.id, "text": "hi"},
            )
        assert answer.headers["Retry-After"] == "40"
        assert answer.json() == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 40",
            "parameters": {"retry_after": 40},
        }
        await stage.client.get_updates()  # reading goes on
        stage.server.clock.advance(40)
        await stage.client.send_message(stage.lobby.id, "hi")
        assert storm.met == 1
        assert stage.server.journal.impatient() == []

    async def test_refuse_with_any_error(self, stage: Stage) -> None:
        stage.server.faults.refuse(502, "Bad Gateway", times=None)
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await stage.client.get_me()
        with pytest.raises(NetworkError):
            await stage.client.get_updates()
        stage.server.faults.clear()
        await stage.client.get_me()

    async def test_are_slow_after_the_deed(self, stage: Stage) -> None:
        stage.server.faults.slow(2, method="sendMessage", times=1)
        with pytest.raises(TimedOut):
            await stage.client.send_message(stage.lobby.id, "hi", read_timeout=0.2)
        assert stage.lobby.texts(stage.om) == ["hi"]

    @pytest.mark.parametrize(("when", "left"), [("before", ["hi"]), ("after", [])])
    async def test_cut_the_connection(self, stage: Stage, when: Any, left: list[str]) -> None:
        said = stage.lobby.says(stage.asha, "hi")
        stage.server.faults.cut(when, method="deleteMessage")
        with pytest.raises(NetworkError):
            await stage.client.delete_message(stage.lobby.id, said.id)
        assert stage.lobby.texts(stage.om) == left
        [request] = stage.server.journal.of("deleteMessage")
        assert request.code == 0

    async def test_take_the_token(self, stage: Stage) -> None:
        stage.bot.revokes_token()
        with pytest.raises(InvalidToken):
            await stage.client.send_message(stage.lobby.id, "hi")
        assert [request.code for request in stage.server.journal.requests] == [401]


class TestRates:
    async def test_are_counted_overall_by_chat_and_by_messages(self, stage: Stage) -> None:
        other = stage.server.group("Other", owner=stage.owner).add(stage.bot)
        for _ in range(3):
            await stage.client.send_message(stage.lobby.id, "hi")
        photo = telegram.InputMediaPhoto(b"x")
        await stage.client.send_media_group(other.id, [photo, photo])
        stage.server.clock.advance(30)
        await stage.client.get_chat(stage.lobby.id)
        await stage.client.get_updates()
        stage.server.clock.advance(40)
        await stage.client.send_message(stage.lobby.id, "hi")
        journal = stage.server.journal
        assert journal.peak_messages_a_minute(stage.lobby.id) == 3
        assert journal.peak_messages_a_minute(other.id) == 2
        assert journal.peak(100, chat=stage.lobby.id) == 5
        assert journal.peak(100) == 7
        assert 1 <= journal.peak_a_second(stage.lobby.id) <= 3

    async def test_above_the_limits_are_refused(self) -> None:
        limits = Limits(overall_a_second=1000, chat_a_second=1000, group_a_minute=2)
        async with staged(limits=limits) as stage:
            stage.asha.starts(stage.bot)
            for _ in range(2):
                await stage.client.send_message(stage.lobby.id, "hi")
            with pytest.raises(RetryAfter) as refused:
                await stage.client.send_message(stage.lobby.id, "hi")
            assert timedelta(seconds=50) <= refused.value.retry_after <= timedelta(seconds=60)
            for _ in range(4):
                await stage.client.send_message(stage.asha.id, "private chats have no such limit")
            stage.server.clock.advance(61)
            await stage.client.send_message(stage.lobby.id, "hi")

    async def test_a_second_hold_for_a_chat_and_overall(self) -> None:
        async with staged(limits=Limits(overall_a_second=2, chat_a_second=1)) as stage:
            people = [stage.asha, stage.om, stage.owner]
            for person in people:
                person.starts(stage.bot)
            # all within one second of the server's clock, which stands still here
            now = stage.server.clock.now()
            stage.server.clock.now = lambda: now  # type: ignore[method-assign]
            await stage.client.send_message(stage.asha.id, "hi")
            with pytest.raises(RetryAfter):
                await stage.client.send_message(stage.asha.id, "hi")
            await stage.client.send_message(stage.om.id, "hi")
            with pytest.raises(RetryAfter):
                await stage.client.send_message(stage.owner.id, "hi")


class TestOwnProcess:
    async def test_plays_the_same_scene(self) -> None:
        async with spawn() as server:
            owner, bot = await server.do("user", "owner"), await server.do("bot", "aman_bot")
            lobby = await server.do("group", "Lobby", owner=owner)
            await lobby.do("add", bot, rights=["can_delete_messages"])
            insult = await lobby.do("says", owner, "you fool")
            token = await bot.do("token")
            async with httpx.AsyncClient() as http:
                answer = await http.post(
                    f"{server.base_url}{token}/deleteMessage",
                    json={"chat_id": await lobby.do("id"), "message_id": await insult.do("id")},
                )
            assert answer.json() == {"ok": True, "result": True}
            assert await insult.do("is_deleted")
            assert await server.do("journal.peak_a_second") == 1
            with pytest.raises(RemoteError, match="CannotHappen: nobody can send an empty text"):
                await lobby.do("says", owner, " ")
            with pytest.raises(RemoteError, match="_people is private"):
                await server.do("_people")

    async def test_offers_load_and_counts_what_became_of_it(self) -> None:
        async with spawn() as server:
            bot = await server.do("bot", "aman_bot")
            await server.load.do("prepare", bot, groups=20)
            url = f"{server.base_url}{await bot.do('token')}/"
            async with httpx.AsyncClient() as http:
                await http.post(url + "getUpdates", json={"offset": NEWEST})
                await server.load.do("start", ["hello", "you fool"], rate=200, seconds=1)
                hidden = await _hide_fools(http, url, 200)
            assert await server.load.do("finished") == 200
            report = await server.load.do("report")
        assert report["offered"] == 200
        assert report["hidden"] == list(range(1, 200, 2))
        assert len(hidden) == 100
        assert report["unconfirmed"] == report["refused_deletes"] == 0
        assert 0 < report["p50"] <= report["p99"] <= report["slowest"]
        assert report["hidden_out_of_order"] == 0
        assert report["peak_a_second"] >= 1

    async def test_hands_out_500_updates_a_second_over_200_chats(self) -> None:
        async with spawn() as server:
            bot = await server.do("bot", "aman_bot")
            await server.load.do("prepare", bot, groups=200)
            url = f"{server.base_url}{await bot.do('token')}/getUpdates"
            async with httpx.AsyncClient() as http:
                await http.post(url, json={"offset": NEWEST})
                await server.load.do("start", ["hello"], rate=500, seconds=2)
                seen, offset = [], 0
                while len(seen) < 1000:
                    answer = await http.post(url, json={"offset": offset, "timeout": 5})
                    seen += [u["message"] for u in answer.json()["result"]]
                    offset = answer.json()["result"][-1]["update_id"] + 1
                await http.post(url, json={"offset": offset})
            report = await server.load.do("report")
        assert (report["offered"], report["unconfirmed"]) == (1000, 0)
        assert len({message["chat"]["id"] for message in seen}) == 200


async def _hide_fools(http: httpx.AsyncClient, url: str, count: int) -> list[int]:
    seen, hidden, offset = 0, [], 0
    while seen < count:
        answer = await http.post(url + "getUpdates", json={"offset": offset, "timeout": 5})
        for update in answer.json()["result"]:
            seen, offset = seen + 1, update["update_id"] + 1
            message = update["message"]
            if message["text"].startswith("you fool"):
                place = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
                await http.post(url + "deleteMessage", json=place)
                hidden.append(message["message_id"])
    await http.post(url + "getUpdates", json={"offset": offset})
    return hidden


async def test_a_restart_of_the_server_keeps_what_it_knew(stage: Stage) -> None:
    stage.lobby.says(stage.asha, "before")
    await stage.server.stop()
    with pytest.raises(NetworkError):
        await stage.client.get_updates()
    await stage.server.start()
    async with connected(stage.server, stage.bot) as client:
        assert texts(await client.get_updates()) == ["before"]
