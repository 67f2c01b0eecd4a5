"""A consumer against a real server: what is delivered, to whom, how often."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

import pytest
import structlog

from bot.domain.errors import StorageUnavailable, UnreadablePayload
from bot.streams.consumer import Consumer, DeadLetter, Delivery
from tests.factories.streams import GROUP, STREAM, Recorder, a_consumer, put, running
from tests.fakes.redis_server import eventually, fresh_redis


async def _empty(redis) -> bool:
    """Whether nothing waits and nothing is pending."""
    if await redis.xlen(STREAM):
        return False
    [group] = await redis.xinfo_groups(STREAM)
    return group["pending"] == 0


async def test_entries_put_in_before_the_first_consumer_came_are_delivered_in_order():
    texts = [str(each) for each in range(100)]
    async with fresh_redis() as redis:
        await put(redis, *texts)
        recorder = Recorder()
        async with running(a_consumer(redis, recorder, batch=7)):
            await eventually(lambda: _empty(redis))
    assert recorder.seen == texts
    assert max(map(len, recorder.batches)) == 7
    assert set(recorder.attempts.values()) == {1}


async def test_two_consumers_share_the_work_and_none_is_done_twice():
    texts = [str(each) for each in range(200)]
    async with fresh_redis() as redis:
        first, second = Recorder(), Recorder()
        async with running(
            a_consumer(redis, first, batch=2), a_consumer(redis, second, name="worker-2", batch=2)
        ):
            await put(redis, *texts)
            await eventually(lambda: _empty(redis))
    assert sorted(first.seen + second.seen) == sorted(texts)
    assert first.seen
    assert second.seen


async def test_a_consumer_that_comes_back_starts_with_what_it_left():
    async with fresh_redis() as redis:
        await put(redis, "left", "new")
        await redis.xgroup_create(STREAM, GROUP, "0")
        await redis.xreadgroup(GROUP, "worker-1", {STREAM: ">"}, count=1)  # and dies
        recorder = Recorder()
        async with running(a_consumer(redis, recorder)):
            await eventually(lambda: _empty(redis))
    assert recorder.seen == ["left", "new"]
    assert recorder.attempts == {"left": 2, "new": 1}


async def test_what_was_under_way_at_a_kill_comes_again_together():
    async with fresh_redis() as redis:
        recorder = Recorder()

        async def killed(_: Sequence[Delivery[str]]) -> Collection[str]:
            raise asyncio.CancelledError  # as if the process had gone: nothing is tidied up

        await put(redis, "a", "b", "c")
        with pytest.raises(asyncio.CancelledError):
            await a_consumer(redis, recorder, handle=killed).run()
        async with running(a_consumer(redis, recorder)):
            await eventually(lambda: _empty(redis))
    assert recorder.batches == [["a", "b", "c"]]
    assert set(recorder.attempts.values()) == {2}


async def test_what_a_dead_consumer_held_reaches_another_and_the_dead_one_is_removed():
    async with fresh_redis() as redis:
        await put(redis, *"abc")
        await redis.xgroup_create(STREAM, GROUP, "0")
        await redis.xreadgroup(GROUP, "dead", {STREAM: ">"}, count=3)
        recorder = Recorder()

        async def alone() -> bool:
            told = await redis.xinfo_consumers(STREAM, GROUP)
            return [each["name"] for each in told] == [b"worker-1"]

        async with running(a_consumer(redis, recorder, idle_s=0.2)):
            await eventually(lambda: _empty(redis))
            await eventually(alone)
    assert recorder.seen == ["a", "b", "c"]
    assert set(recorder.attempts.values()) == {2}


async def test_a_slow_consumer_that_lives_is_not_robbed():
    async with fresh_redis() as redis:
        slow, other, begun = Recorder(), Recorder(), asyncio.Event()

        async def slowly(deliveries: Sequence[Delivery[str]]) -> Collection[str]:
            begun.set()
            await asyncio.sleep(4.0)
            return await slow.handle(deliveries)

        await put(redis, "a", "b")
        async with running(
            a_consumer(redis, slow, handle=slowly, idle_s=1.5, batch=2),
        ):
            await begun.wait()
            async with running(a_consumer(redis, other, name="worker-2", idle_s=1.5)):
                await eventually(lambda: _empty(redis))
    assert slow.seen == ["a", "b"]
    assert other.seen == []


async def test_an_unfinished_entry_comes_again_and_its_finished_neighbours_do_not():
    async with fresh_redis() as redis:
        recorder = Recorder(shy={"shy"})
        await put(redis, "a", "shy", "b")
        async with running(a_consumer(redis, recorder)):
            await eventually(lambda: recorder.attempts.get("shy") == 3)
            recorder.shy.clear()
            await eventually(lambda: _empty(redis))
    assert sorted(set(recorder.seen)) == ["a", "b", "shy"]
    assert recorder.seen.count("a") == recorder.seen.count("b") == 1
    assert recorder.buried == []


async def test_a_poison_message_is_buried_and_its_neighbours_are_handled():
    texts = ["a", "b", "poison", "c", "d"]
    async with fresh_redis() as redis:
        recorder = Recorder(poison={"poison"})
        await put(redis, *texts)
        async with running(a_consumer(redis, recorder, attempts=3)):
            await eventually(lambda: _empty(redis))
    assert sorted(recorder.seen) == ["a", "b", "c", "d"]
    [letter] = recorder.buried
    assert (letter.payload, letter.attempts) == (b"poison", 3)
    assert letter.why == "delivered 3 times and never finished"
    assert recorder.attempts["poison"] == 3
    assert [batch for batch in recorder.batches if len(batch) > 1] == [texts, texts]


async def test_a_poison_message_holds_nobody_up():
    async with fresh_redis() as redis:
        recorder = Recorder(poison={"poison"})
        await put(redis, "poison")
        async with running(a_consumer(redis, recorder, pause_s=20.0)):
            await eventually(lambda: recorder.attempts.get("poison") == 1)
            await put(redis, "later")
            await eventually(lambda: recorder.seen == ["later"])


async def test_a_message_that_kills_its_consumer_spends_its_own_attempts_only():
    async with fresh_redis() as redis:
        survivors = Recorder()
        crashes = 0

        async def fatal(deliveries: Sequence[Delivery[str]]) -> Collection[str]:
            if any(each.value == "fatal" for each in deliveries):
                raise asyncio.CancelledError  # as if the process had gone: nothing is tidied up
            return await survivors.handle(deliveries)

        await put(redis, "a", "fatal", "b")
        while crashes < 3:
            with pytest.raises(asyncio.CancelledError):
                await a_consumer(redis, survivors, handle=fatal, attempts=3).run()
            crashes += 1
        async with running(a_consumer(redis, survivors, handle=fatal, attempts=3)):
            await eventually(lambda: _empty(redis))
    assert sorted(survivors.seen) == ["a", "b"]
    assert [(each.payload, each.attempts) for each in survivors.buried] == [(b"fatal", 3)]


async def test_an_unreadable_payload_is_buried_at_once_with_all_that_is_known_of_it():
    async with fresh_redis() as redis:
        await redis.xadd(STREAM, {"payload": b"\xff", "platform": "playground", "message": "m7"})
        await redis.xadd(STREAM, {"platform": "playground"})
        await put(redis, "fine")
        recorder = Recorder()

        def picky(payload: bytes) -> str:
            try:
                return payload.decode()
            except UnicodeDecodeError as exc:
                raise UnreadablePayload("not text") from exc

        async with running(a_consumer(redis, recorder, read=picky)):
            await eventually(lambda: _empty(redis))
    assert recorder.seen == ["fine"]
    assert [(each.payload, each.fields, each.attempts, each.why) for each in recorder.buried] == [
        (b"\xff", {"platform": "playground", "message": "m7"}, 1, "not text"),
        (b"", {"platform": "playground"}, 1, "the entry has no payload"),
    ]


async def test_a_dead_letter_is_kept_until_its_burial_has_succeeded():
    async with fresh_redis() as redis:
        recorder = Recorder(poison={"poison"})
        refusals = 3

        async def bury(letter: DeadLetter) -> None:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                assert await redis.xlen(STREAM) == 1
                raise RuntimeError("no grave")
            await recorder.bury(letter)

        await put(redis, "poison")
        async with running(a_consumer(redis, recorder, bury=bury, attempts=1)):
            await eventually(lambda: _empty(redis))
    assert [letter.payload for letter in recorder.buried] == [b"poison"]


async def test_an_outage_of_storage_is_waited_out_and_costs_no_entry_its_attempts():
    async with fresh_redis() as redis:
        recorder = Recorder()
        refusals = 6

        async def handle(deliveries: Sequence[Delivery[str]]) -> Collection[str]:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                raise StorageUnavailable("disk full")
            return await recorder.handle(deliveries)

        await put(redis, "a", "b")
        with structlog.testing.capture_logs() as logs:
            async with running(a_consumer(redis, recorder, handle=handle, attempts=2)):
                await eventually(lambda: _empty(redis))
    assert recorder.batches == [["a", "b"]]
    assert recorder.buried == []
    events = [entry["event"] for entry in logs]
    assert events.count("flow_interrupted") == events.count("flow_restored") == 1


async def test_a_failing_handler_is_logged_without_what_people_wrote():
    async with fresh_redis() as redis:
        recorder = Recorder(poison={"secret words"})
        await put(redis, "secret words")
        with structlog.testing.capture_logs() as logs:
            async with running(a_consumer(redis, recorder, attempts=1)):
                await eventually(lambda: _empty(redis))
    [failure] = [entry for entry in logs if entry["event"] == "handling_failed"]
    assert failure["error"] == "ValueError"
    assert failure["at"].startswith("handle:")
    assert "secret words" not in str(logs)


async def test_a_cancelled_consumer_finishes_what_it_holds_and_takes_nothing_new():
    async with fresh_redis() as redis:
        recorder, begun, go_on = Recorder(), asyncio.Event(), asyncio.Event()

        async def handle(deliveries: Sequence[Delivery[str]]) -> Collection[str]:
            begun.set()
            await go_on.wait()
            return await recorder.handle(deliveries)

        await put(redis, "held", "next")
        task = asyncio.create_task(a_consumer(redis, recorder, handle=handle, batch=1).run())
        await begun.wait()
        task.cancel()
        await asyncio.sleep(0.05)
        assert not task.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert recorder.seen == ["held"]
        assert [fields[b"payload"] for _, fields in await redis.xrange(STREAM)] == [b"next"]
        assert (await redis.xpending(STREAM, GROUP))["pending"] == 0


async def test_a_cancelled_consumer_that_cannot_finish_gives_up_and_keeps_its_entry(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("bot.streams.consumer.GRACE_S", 0.1)
    async with fresh_redis() as redis:
        begun = asyncio.Event()

        async def handle(_: Sequence[Delivery[str]]) -> Collection[str]:
            begun.set()
            await asyncio.Event().wait()
            return ()

        await put(redis, "held")
        task = asyncio.create_task(a_consumer(redis, Recorder(), handle=handle).run())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await redis.xpending(STREAM, GROUP))["pending"] == 1
        recorder = Recorder()
        async with running(a_consumer(redis, recorder)):
            await eventually(lambda: _empty(redis))
        assert recorder.seen == ["held"]


async def test_an_entry_deleted_by_somebody_else_while_pending_is_let_go():
    async with fresh_redis() as redis:
        await put(redis, "gone", "there")
        await redis.xgroup_create(STREAM, GROUP, "0")
        [[_, [(gone, _), _]]] = await redis.xreadgroup(GROUP, "worker-1", {STREAM: ">"})
        await redis.xdel(STREAM, gone)
        recorder = Recorder()
        async with running(a_consumer(redis, recorder)):
            await eventually(lambda: _empty(redis))
    assert recorder.seen == ["there"]


async def test_a_group_that_exists_is_joined_and_other_faults_of_a_stream_are_not_hidden():
    async with fresh_redis() as redis:
        await redis.set(STREAM, "not a stream")
        consumer: Consumer[str] = a_consumer(redis, Recorder())
        with structlog.testing.capture_logs() as logs:
            async with running(consumer):
                await eventually(lambda: bool(logs))
    assert logs[0]["event"] == "flow_interrupted"
    assert "WRONGTYPE" in logs[0]["reason"]
