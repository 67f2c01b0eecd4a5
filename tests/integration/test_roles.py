"""One bot as several processes, each with a role, which share Redis and a database."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.adapters.playground.guard import PAGE_HEADER
from bot.app import running
from bot.clock import utc_now
from bot.domain.errors import CannotStart
from bot.domain.messages import Place
from bot.observability import room
from bot.storage import SqlStore, upgrade
from config.policies import preset
from config.roles import Role
from config.settings import Settings
from handlers.community import bind_community, create_community
from tests.factories.languages import with_languages
from tests.fakes.redis_server import eventually, redis_server
from tests.fakes.telegram import TelegramServer
from tests.fakes.words_engine import open_words_scorer


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncIterator[dict[str, object]]:
    async with redis_server() as (url, _):
        yield {"_env_file": None, "AMAN_DATA_DIR": with_languages(tmp_path), "redis_url": url}


async def figures(url: str | None) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as answer:
        return await answer.text()


async def test_the_roles_share_the_work_and_each_tells_its_own_part(
    shared: dict[str, object],
) -> None:
    settings = Settings(**shared, port=0)
    opened = {"scorer": open_words_scorer}
    async with (
        running(settings, Role.WEB, lambda _: None) as web,
        running(settings, Role.WORKER, lambda _: None, **opened) as worker,
        aiohttp.ClientSession(headers={PAGE_HEADER: "1"}) as http,
    ):
        assert (web.page, worker.page) == (True, False)
        said = {"member": "ben", "text": "you idiot"}
        async with http.post(f"{web.url}/playground/messages", json=said) as answer:
            assert answer.status == 201

        async def judged() -> bool:
            return 'platform="playground",verdict="hide"} 1.0' in await figures(worker.url)

        async def waits_for_a_decision() -> bool:
            return "aman_cases_open 1.0" in await figures(web.url)

        async def carried_out() -> bool:
            done = 'aman_effects_total{effect="hide",outcome="done",platform="playground"} 1.0'
            return done in await figures(web.url)

        for condition in (judged, waits_for_a_decision, carried_out):
            await eventually(condition)

        async def all_done() -> bool:
            return 'aman_queue_depth{queue="outbox:playground"} 0.0' in await figures(web.url)

        await eventually(all_done)


async def test_the_web_role_takes_in_what_a_platform_brings(
    shared: dict[str, object], unused_tcp_port: int
) -> None:
    async with TelegramServer() as server:
        bot, owner = server.bot("aman_bot"), server.user("owner")
        rights = ("can_delete_messages", "can_restrict_members")
        lobby = server.group("Lobby", owner=owner).add(bot, rights=rights)
        review = server.group("Reviewers", owner=owner).add(bot)
        asha = server.user("asha")
        lobby.joins(asha)
        settings = Settings(
            **shared,
            telegram_bot_token=bot.token,
            telegram_api_base_url=server.root,
            public_url=f"http://127.0.0.1:{unused_tcp_port}",
            port=unused_tcp_port,
        )
        await upgrade(settings.database)
        store = await SqlStore.open(settings.database)
        places = [Place("telegram", str(each.id)) for each in (lobby, review)]
        async with store.transaction() as tx:
            community = await create_community(tx, "friends", preset("balanced"), "test", utc_now)
            await bind_community(
                tx, community, "test", utc_now, groups=places[:1], reviews=places[1:]
            )
        await store.close()
        async with (
            running(settings, Role.WEB, lambda _: None) as web,
            running(settings, Role.WORKER, lambda _: None, scorer=open_words_scorer),
        ):
            assert web.url == settings.public_url
            await eventually(lambda: server.journal.of("setWebhook", ok=True) != [])
            insult = lobby.says(asha, "you idiot")

            async def judged() -> bool:
                return "aman_cases_open 1.0" in await figures(web.url)

            await eventually(judged)
            assert not insult.is_deleted  # nobody here has the role that acts
            async with running(settings, Role.TELEGRAM, lambda _: None) as acting:
                assert acting.url is None
                await eventually(lambda: insult.is_deleted)


async def test_with_a_platforms_token_the_root_is_a_page_to_read(shared: dict[str, object]) -> None:
    settings = Settings(**shared, telegram_bot_token="123:abc", port=0)
    async with (
        running(settings, Role.WEB, lambda _: None) as web,
        aiohttp.ClientSession(web.url) as http,
        http.get("/") as answer,
    ):
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert "Aman is at work" in page
    assert 'href="/readyz"' in page
    assert 'href="/metrics"' in page
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


async def test_a_disk_without_room_is_told_before_anything_is_refused(
    shared: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ready() -> tuple[int, str]:
        async with aiohttp.ClientSession() as http, http.get(f"{web.url}/readyz") as answer:
            return answer.status, await answer.text()

    settings = Settings(**shared, port=0)
    async with running(settings, Role.WEB, lambda _: None) as web:
        assert (await ready())[0] == 200
        with monkeypatch.context() as full:
            full.setattr(room, "ENOUGH", 1 << 62)
            status, why = await ready()
        assert status == 503
        assert f"{settings.data_dir} is full" in why and "make room" in why
        assert (await ready())[0] == 200
        settings.data_dir.rename(settings.data_dir.with_name("elsewhere"))
        status, why = await ready()
        assert status == 503 and "put it back" in why
        settings.data_dir.with_name("elsewhere").rename(settings.data_dir)


async def test_a_worker_serves_its_figures_only_where_it_is_told_to(
    shared: dict[str, object],
) -> None:
    opened = {"scorer": open_words_scorer}
    async with running(Settings(**shared), Role.WORKER, lambda _: None, **opened) as worker:
        assert worker.url is None


async def test_a_port_that_is_taken_stops_only_who_cannot_do_without(
    shared: dict[str, object],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(**shared, port=taken.getsockname()[1])
        opened = {"scorer": open_words_scorer}
        async with running(settings, Role.WORKER, lambda _: None, **opened) as worker:
            assert worker.url is None
        with pytest.raises(CannotStart, match="set PORT to a free one"):
            async with running(settings, Role.WEB, lambda _: None):
                await asyncio.Event().wait()


async def test_a_port_that_is_taken_is_told_before_anything_is_loaded(
    shared: dict[str, object],
) -> None:
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(**shared, port=taken.getsockname()[1])
        with pytest.raises(CannotStart, match="set PORT to a free one"):
            async with running(settings, Role.ALL, said.append, scorer=open_words_scorer):
                pass
    assert said == []


async def test_a_host_that_is_not_this_machines_is_told_as_such(shared: dict[str, object]) -> None:
    with pytest.raises(CannotStart, match=r"cannot listen on nowhere\.invalid:0.* HOST"):
        async with running(
            Settings(**shared, host="nowhere.invalid", port=0), Role.WEB, lambda _: None
        ):
            pass
