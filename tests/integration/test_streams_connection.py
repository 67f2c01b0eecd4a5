"""What Aman asks of a Redis server, and what its errors mean."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog
from redis import exceptions as errors
from redis.asyncio import Redis

from bot.domain.errors import CannotStart, FlowUnavailable
from bot.streams.connection import GroupMissing, assert_durable, connect, redis_errors
from tests.fakes.redis_server import connected, fresh_redis, redis_server


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"maxmemory-policy": "allkeys-lru"}, "allkeys-lru.*set maxmemory-policy noeviction"),
        ({"maxmemory-policy": "volatile-ttl"}, "volatile-ttl.*set maxmemory-policy noeviction"),
        ({"appendonly": "no"}, "set appendonly yes"),
        ({"appendonly": "no", "maxmemory-policy": "allkeys-lru"}, "noeviction; .*appendonly yes"),
    ],
)
async def test_a_server_that_would_lose_messages_is_refused_with_what_to_set(
    settings: dict[str, str], said: str
):
    async with fresh_redis() as redis:
        for key, value in settings.items():
            await redis.config_set(key, value)
        with pytest.raises(CannotStart, match=said):
            await assert_durable(redis)


async def test_a_server_that_hides_its_settings_is_judged_by_what_it_tells():
    async with redis_server() as (url, _), connected(url) as admin:
        await admin.acl_setuser("default", enabled=True, commands=["+@all", "-config"])
        async with connected(url) as redis:
            await assert_durable(redis)


async def test_a_server_that_tells_nothing_is_taken_on_trust_and_that_is_logged():
    async with redis_server() as (url, _), connected(url) as admin:
        await admin.acl_setuser("default", enabled=True, commands=["+@all", "-info"])
        async with connected(url) as redis:
            with structlog.testing.capture_logs() as logs:
                await assert_durable(redis)
    assert [entry["event"] for entry in logs] == ["redis_durability_unknown"]


async def test_a_server_that_syncs_once_a_second_is_used_with_a_warning():
    async with fresh_redis() as redis:
        await redis.config_set("appendfsync", "everysec")
        with structlog.testing.capture_logs() as logs:
            await assert_durable(redis)
    assert [(entry["event"], entry["appendfsync"]) for entry in logs] == [
        ("redis_fsync_not_always", "everysec")
    ]


async def test_an_old_server_is_refused():
    async with fresh_redis() as redis:
        told = await redis.info()

        async def old() -> dict[str, object]:
            return {**told, "redis_version": "6.2.14"}

        redis.info = old  # type: ignore[method-assign,assignment]
        with pytest.raises(CannotStart, match=r"6\.2\.14 is too old"):
            await assert_durable(redis)


async def test_a_server_that_is_not_there_is_explained(tmp_path: Path):
    async with connect(f"unix://{tmp_path}/nobody.sock") as redis:
        with pytest.raises(CannotStart, match=r"cannot use Redis: .*REDIS_URL"):
            await assert_durable(redis)


async def test_a_wrong_password_is_explained_and_not_repeated_to_anyone():
    async with redis_server() as (url, _), connected(url) as admin:
        await admin.config_set("requirepass", "right")
        async with connect(url + "?password=wr0ng-s3cret") as redis:
            with pytest.raises(CannotStart, match=r"WRONGPASS|invalid username-password") as caught:
                await assert_durable(redis)
    assert "wr0ng-s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "http://localhost:6379",
        "redis://localhost:port/0",
        "redis://localhost:6379/0?no_such=option",
    ],
)
async def test_an_address_that_cannot_be_is_explained(url: str):
    with pytest.raises(CannotStart, match="REDIS_URL is no address"):
        connect(url)


async def test_a_bad_address_does_not_give_its_password_away():
    with pytest.raises(CannotStart) as caught:
        connect("http://:s3cret@localhost:6379")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("redis://redis.example.org:6379/0", True),
        ("rediss://redis.example.org:6379/0", True),
        ("redis://:secret@redis.example.org:6379/0", False),
        ("redis://127.0.0.1:6379/0", False),
        ("redis://localhost/0", False),
        ("redis://[::1]:6379", False),
        ("unix:///run/redis.sock", False),
    ],
)
async def test_a_server_elsewhere_without_a_password_is_warned_about(url: str, warned: bool):
    with structlog.testing.capture_logs() as logs:
        await connect(url).aclose()
    assert [entry["event"] for entry in logs] == ["redis_without_password"] * warned
    assert "secret" not in str(logs)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.OutOfMemoryError("command not allowed"), "out of memory"),
        (errors.ReadOnlyError("You can't write"), "read-only replica"),
        (errors.BusyLoadingError("loading"), "still loading"),
        (errors.ResponseError("MISCONF Errors writing to the AOF file"), "free some space"),
        (errors.ResponseError("OOM command not allowed, script: x"), "out of memory"),
        (errors.ConnectionError("reset by peer"), "reset by peer"),
        (errors.TimeoutError("Timeout reading"), "did not answer in time"),
        (errors.NoPermissionError("no permissions to run 'xadd'"), "xadd"),
        (ConnectionResetError("gone"), "gone"),
    ],
)
async def test_every_failure_of_redis_is_flow_unavailable_with_its_meaning(
    error: Exception, said: str
):
    with pytest.raises(FlowUnavailable, match=said), redis_errors():
        raise error


async def test_a_missing_group_can_be_told_from_other_failures():
    with pytest.raises(GroupMissing), redis_errors():
        raise errors.ResponseError("NOGROUP No such key")


async def test_an_argument_that_cannot_be_sent_is_no_outage():
    with pytest.raises(errors.DataError), redis_errors():
        raise errors.DataError("Invalid input of type NoneType")


async def test_a_silent_server_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.streams.connection.TIMEOUT_S", 0.2)
    held: list[asyncio.StreamWriter] = []

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    redis: Redis
    async with connect(f"redis://127.0.0.1:{port}") as redis, silent:
        with pytest.raises(FlowUnavailable, match="did not answer in time"), redis_errors():
            await redis.ping()
        for writer in held:
            writer.close()


async def test_a_cancellation_is_never_lost_however_it_falls():
    async with fresh_redis() as redis:

        async def ask_once() -> None:
            with redis_errors():
                await redis.get("x")

        for step in range(600):
            asking = asyncio.create_task(ask_once())
            await asyncio.sleep(step * 1e-6)
            was_running = asking.cancel()
            await asyncio.wait({asking})
            assert asking.cancelled() == was_running


async def test_a_task_that_was_cancelled_may_still_use_redis_to_finish_what_it_holds():
    async with fresh_redis() as redis:

        async def finish() -> bytes | None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                with redis_errors():
                    await redis.set("held", "kept")
                    return await redis.get("held")
            return None

        finishing = asyncio.create_task(finish())
        await asyncio.sleep(0)
        finishing.cancel()
        assert await finishing == b"kept"
