"""What is killed, flushed or cut off while messages flow: nothing taken in is lost."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
import structlog
from redis import Redis as BlockingRedis
from redis.exceptions import RedisError

from bot.codec import read_message
from bot.domain.errors import CannotStart, FlowUnavailable
from bot.streams.consumer import Delivery
from bot.streams.embedded import EmbeddedServer
from bot.streams.intake import STREAM as INTAKE
from bot.streams.intake import Intake
from tests.factories import a_message
from tests.factories.streams import GROUP, STREAM, Recorder, a_consumer, put, running
from tests.fakes.redis_server import connected, eventually, redis_server

_BOT = """
import asyncio, sys
from pathlib import Path
from bot.streams.embedded import EmbeddedServer

async def main():
    server = EmbeddedServer(Path(sys.argv[1]))
    print(await server.start(), server.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def _a_bot(folder: Path) -> tuple[subprocess.Popen[str], str, int]:
    """Another process that runs the embedded server; its URL and the server's process id."""
    bot = subprocess.Popen(
        [sys.executable, "-c", _BOT, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert bot.stdout is not None
    while not (line := bot.stdout.readline()).startswith("unix://"):
        assert line, "the other bot did not start"  # else it is one of its log lines
    url, pid = line.split()
    return bot, url, int(pid)


def _kill(bot: subprocess.Popen[str]) -> None:
    bot.kill()
    bot.wait()
    assert bot.stdout is not None
    bot.stdout.close()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("frozen", [False, True])
async def test_a_server_orphaned_by_kill_9_is_cleared_away_and_its_data_taken_on(
    tmp_path: Path, frozen: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.streams.embedded.STOP_S", 1.0)
    bot, url, orphan = await asyncio.to_thread(_a_bot, tmp_path)
    with BlockingRedis.from_url(url) as redis:
        redis.set("kept", "yes")
    await asyncio.to_thread(_kill, bot)
    assert _alive(orphan)  # else there is nothing to see here
    if frozen:
        os.kill(orphan, signal.SIGSTOP)
    async with redis_server(tmp_path) as (url, server), connected(url) as again:
        assert await again.get("kept") == b"yes"
        assert server.pid != orphan
        assert not _alive(orphan)


async def test_a_bot_in_another_process_keeps_a_second_one_out_until_it_is_gone(tmp_path: Path):
    bot, _, _ = await asyncio.to_thread(_a_bot, tmp_path)
    try:
        with pytest.raises(CannotStart, match=f"another Aman .*process {bot.pid}"):
            await EmbeddedServer(tmp_path).start()
    finally:
        await asyncio.to_thread(_kill, bot)
    async with redis_server(tmp_path) as (url, _), connected(url) as redis:
        assert await redis.ping()


async def test_kill_9_of_the_server_loses_nothing_that_was_taken_in(tmp_path: Path):
    taken: list[str] = []
    async with redis_server(tmp_path) as (url, server), connected(url) as redis:
        intake = Intake(redis)

        async def post(author: int) -> None:
            for each in range(150):
                message = a_message(id=f"{author}-{each}")
                while message.id not in taken:
                    try:
                        await intake.put(message)
                        taken.append(message.id)
                    except FlowUnavailable:  # as an adapter does: it keeps the message
                        await asyncio.sleep(0.01)

        async def kill() -> None:
            for count in (100, 300, 500):
                await eventually(lambda: len(taken) >= count)  # noqa: B023
                assert server.pid is not None
                os.kill(server.pid, signal.SIGKILL)

        await asyncio.gather(kill(), *[post(author) for author in range(5)])
        entries = await redis.xrange(INTAKE)
    found = [read_message(fields[b"payload"]).id for _, fields in entries]
    assert sorted(found) == sorted(taken)  # each of them, and each once
    assert len(found) == 750


async def test_redis_away_and_back_everything_goes_on(tmp_path: Path):
    recorder = Recorder()
    async with redis_server(tmp_path) as (url, _), connected(url) as redis:
        await put(redis, "before")
    async with connected(url) as redis:
        with structlog.testing.capture_logs() as logs:
            async with running(a_consumer(redis, recorder)):
                await eventually(lambda: any(each["event"] == "flow_interrupted" for each in logs))
                with pytest.raises(FlowUnavailable):
                    await Intake(redis).put(a_message())
                async with redis_server(tmp_path):
                    await eventually(lambda: recorder.seen == ["before"])
                    await Intake(redis).put(a_message())
                    await put(redis, "after")
                    await eventually(lambda: recorder.seen == ["before", "after"])
                    while await redis.xlen(STREAM):
                        await asyncio.sleep(0.01)
    events = [each["event"] for each in logs]
    assert events.count("flow_interrupted") == 1
    assert events.count("flow_restored") == 1


async def test_redis_gone_while_entries_are_handled_they_are_acknowledged_once_it_is_back(
    tmp_path: Path,
):
    recorder, begun = Recorder(), asyncio.Event()
    async with redis_server(tmp_path) as (url, server), connected(url) as redis:

        async def handle(deliveries: Sequence[Delivery[str]]) -> Collection[str]:
            begun.set()
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            return await recorder.handle(deliveries)

        await put(redis, "a", "b")
        async with running(a_consumer(redis, recorder, handle=handle)):
            await begun.wait()

            async def done() -> bool:
                try:
                    return not await redis.xlen(STREAM)
                except RedisError:
                    return False

            await eventually(done)
    assert recorder.seen == ["a", "b"]  # and neither a second time


async def test_a_flushed_server_heals_by_itself():
    recorder = Recorder()
    async with (
        redis_server() as (url, _),
        connected(url) as redis,
        running(a_consumer(redis, recorder)),
    ):
        await put(redis, "before")
        await eventually(lambda: recorder.seen == ["before"])
        await redis.flushall()
        await put(redis, "after")
        await eventually(lambda: recorder.seen == ["before", "after"])
        await redis.xgroup_destroy(STREAM, GROUP)
        await put(redis, "again")
        await eventually(lambda: recorder.seen == ["before", "after", "again"])


async def test_a_full_disk_holds_messages_back_until_there_is_room(tmp_path: Path):
    async with redis_server(tmp_path) as (url, server), connected(url) as redis:
        intake = Intake(redis)
        await intake.put(a_message(id="before"))
        assert server.pid is not None
        # What the kernel refuses to let a file grow beyond, a disk has no room for.
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        with pytest.raises(FlowUnavailable):
            await intake.put(a_message("x" * 50_000, id="during"))
        full = server.pid
        await eventually(lambda: server.pid != full)  # started again, without the limit
        await intake.put(a_message("x" * 50_000, id="during"))
        found = [read_message(fields[b"payload"]).id for _, fields in await redis.xrange(INTAKE)]
    assert found == ["before", "during"]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_whoever_is_killed_whenever_each_entry_is_handled_and_acknowledged(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.streams.consumer.GRACE_S", 0)  # ended where it stands, as by kill -9
    chance = random.Random(seed)
    texts = [f"entry {each}" for each in range(120)]
    recorder = Recorder()

    async def handle(deliveries: Sequence[Delivery[str]]) -> Collection[str]:
        await asyncio.sleep(chance.random() * 0.02)
        if chance.random() < 0.1:
            raise RuntimeError("a passing fault")
        done = set(await recorder.handle(deliveries))
        return [each for each in sorted(done) if chance.random() < 0.9]

    async with redis_server(tmp_path) as (url, server), connected(url) as redis:

        def worker(name: str) -> asyncio.Task[None]:
            consumer = a_consumer(
                redis, recorder, name=name, handle=handle, batch=8, idle_s=0.3, attempts=1000
            )
            return asyncio.create_task(consumer.run())

        async def all_done() -> bool:
            try:
                if await redis.xlen(STREAM):
                    return False
                [group] = await redis.xinfo_groups(STREAM)
            except RedisError:
                return False
            return group["pending"] == 0

        await put(redis, *texts)
        workers = {name: worker(name) for name in ("a", "b", "c")}
        killed = []
        for crash in range(12):
            await asyncio.sleep(chance.random() * 0.1)
            name = chance.choice(sorted(workers))
            killed.append(workers.pop(name))
            killed[-1].cancel()
            workers[chance.choice([name, f"{name}{crash}"])] = worker(name)
            if crash in (4, 9):
                await eventually(lambda: server.pid is not None and _alive(server.pid))
                assert server.pid is not None
                os.kill(server.pid, signal.SIGKILL)
        await eventually(all_done)
        for task in workers.values():
            task.cancel()
        ended = await asyncio.gather(*killed, *workers.values(), return_exceptions=True)
    assert {type(each) for each in ended} == {asyncio.CancelledError}
    assert set(recorder.seen) == set(texts)
    assert recorder.buried == []
