from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.domain.errors import CannotStart, ScorerUnavailable
from bot.domain.ports import Lane
from bot.domain.scores import Label, Scores
from bot.scoring.batching import BatchingScorer
from bot.scoring.memory import RecentScores
from tests.fakes.engines import FATAL, HANGS, NOT_A_NUMBER, FaultyEngine
from tests.fakes.hosts import hosted


@contextlib.asynccontextmanager
async def serving(
    engine: FaultyEngine, open_engine: Callable[[], FaultyEngine] | None = None, **changes: Any
) -> AsyncIterator[BatchingScorer]:
    values: dict[str, Any] = {"call_timeout_s": 10.0, "retry_s": 0.01, **changes}
    scorer = BatchingScorer("faulty", hosted(open_engine or (lambda: engine)), **values)
    await scorer.start()
    engine.calls.clear()  # the probe's
    engine.waits.clear()
    try:
        yield scorer
    finally:
        engine.gate.set()
        engine.free.set()
        await scorer.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_text_that_comes_alone_is_scored_at_once_and_alone() -> None:
    engine = FaultyEngine()
    async with serving(engine) as scorer:
        [scores] = await scorer.score(["rude!"])
        assert scores.by_label == {Label.INSULT: 0.9}
        assert engine.calls == [["rude!"]]


async def test_what_waits_while_the_model_is_busy_goes_into_one_call() -> None:
    engine, sizes = FaultyEngine(), []
    async with serving(engine, on_batch=sizes.append) as scorer:
        engine.gate.clear()
        asks = [asyncio.create_task(scorer.score(["first"]))]
        await until(engine.waits.is_set)
        asks += [asyncio.create_task(scorer.score([f"text {each}"])) for each in range(8)]
        await until(lambda: len(scorer._room._waiting) == 8)
        # Had the model kept the event loop waiting, this line would never be reached.
        engine.gate.set()
        await asyncio.gather(*asks)
        assert [len(call) for call in engine.calls] == [1, 8]
        assert sizes == [1, 1, 8]  # the probe, then the calls


async def test_scores_come_in_the_order_of_the_texts() -> None:
    async with serving(FaultyEngine()) as scorer:
        scores = await scorer.score(["a" * 30, "b!", "c" * 16, "d!", ""])
        assert [each.by_label[Label.INSULT] for each in scores] == [0.1, 0.9, 0.1, 0.9, 0.1]


async def test_no_texts_have_no_scores() -> None:
    async with serving(FaultyEngine()) as scorer:
        assert await scorer.score([]) == []


async def test_the_same_text_is_scored_once_for_all() -> None:
    engine = FaultyEngine()
    async with serving(engine) as scorer:
        engine.gate.clear()
        asks = [asyncio.create_task(scorer.score(["other"]))]
        await until(engine.waits.is_set)
        asks += [asyncio.create_task(scorer.score(["same!", "same!"])) for _ in range(5)]
        await until(lambda: sum(len(w.waiters) for w in scorer._room._waiting.values()) == 10)
        engine.gate.set()
        answers = await asyncio.gather(*asks)
        assert engine.calls == [["other"], ["same!"]]
        assert {each.by_label[Label.INSULT] for answer in answers[1:] for each in answer} == {0.9}


async def test_a_text_that_was_scored_lately_is_not_scored_again() -> None:
    engine, lookups = FaultyEngine(), []
    async with serving(engine, on_lookup=lambda *counts: lookups.append(counts)) as scorer:
        [first] = await scorer.score(["rude!"])
        assert await scorer.score(["new", "rude!", "\ud800"]) == [
            Scores({Label.INSULT: 0.1}),
            first,
            Scores({Label.INSULT: 0.1}),
        ]
        assert [sorted(call) for call in engine.calls] == [["rude!"], ["new", "\ufffd"]]
        assert lookups == [(0, 1), (1, 3)]


async def test_a_failure_is_not_remembered() -> None:
    engine = FaultyEngine()
    async with serving(engine) as scorer:
        for _ in range(2):
            with pytest.raises(ScorerUnavailable):
                await scorer.score([FATAL])
        assert engine.calls.count([FATAL]) == 2


async def test_as_many_texts_are_remembered_as_there_is_room_for() -> None:
    recent = RecentScores(most=2)
    for text in ("a", "b", "a", "c"):
        recent.get(text) or recent.put(text, Scores())
    assert [recent.get(text) is not None for text in "abc"] == [True, False, True]


async def test_an_urgent_text_overtakes_those_that_came_shortly_before() -> None:
    engine = FaultyEngine()
    async with serving(engine) as scorer:
        engine.gate.clear()
        asks = [asyncio.create_task(scorer.score(["first"]))]
        await until(engine.waits.is_set)
        long_ones = [f"{number:02}".ljust(40, "x") for number in range(40)]
        asks.append(asyncio.create_task(scorer.score(long_ones)))
        await until(lambda: len(scorer._room._waiting) == 40)
        asks.append(asyncio.create_task(scorer.score(["at once!"], lane=Lane.URGENT)))
        await until(lambda: len(scorer._room._waiting) == 41)
        engine.gate.set()
        await asyncio.gather(*asks)
        assert engine.calls[1] == ["at once!"]
        assert len(engine.calls) > 3


async def test_a_long_text_has_the_highest_score_of_its_windows() -> None:
    async with serving(FaultyEngine()) as scorer:
        [scores] = await scorer.score(["nice " * 100 + "!"])
        assert scores.by_label == {Label.INSULT: 0.9}
        assert scores.complete


async def test_a_text_that_was_not_read_whole_says_so() -> None:
    async with serving(FaultyEngine()) as scorer:
        [whole, cut] = await scorer.score(["nice", "nice " * 5000])
        assert whole.complete
        assert not cut.complete


@pytest.mark.parametrize(
    "text", ["\ud800", "a\x00b", "\udfff" * 99, "\u202e\u200b", "e" + "\u0301" * 500]
)
async def test_broken_unicode_is_scored(text: str) -> None:
    async with serving(FaultyEngine()) as scorer:
        assert len(await scorer.score([text])) == 1


@pytest.mark.parametrize("fault", [FATAL, NOT_A_NUMBER])
async def test_one_failing_text_does_not_fail_its_neighbours(fault: str) -> None:
    engine = FaultyEngine()
    async with serving(engine) as scorer:
        engine.gate.clear()
        first = asyncio.create_task(scorer.score(["first"]))
        await until(engine.waits.is_set)
        bad = asyncio.create_task(scorer.score(["good", fault]))
        good = asyncio.create_task(scorer.score(["fine!"]))
        await until(lambda: len(scorer._room._waiting) == 3)
        engine.gate.set()
        await first
        assert (await good)[0].by_label == {Label.INSULT: 0.9}
        with pytest.raises(ScorerUnavailable, match="fails on a text"):
            await bad
        assert scorer.ok, "the probe passed, so the text was at fault"


async def test_an_engine_that_fails_on_the_probe_too_is_opened_anew() -> None:
    opened: list[FaultyEngine] = []

    def open_engine() -> FaultyEngine:
        opened.append(FaultyEngine())
        return opened[-1]

    async with serving(FaultyEngine(), open_engine) as scorer:
        opened[0].broken = True
        with pytest.raises(ScorerUnavailable):
            await scorer.score(["rude!"])
        await until(lambda: scorer.ok)
        assert len(opened) == 2
        [scores] = await scorer.score(["rude!"])
        assert scores.by_label == {Label.INSULT: 0.9}


async def test_while_the_engine_cannot_be_opened_nothing_is_called_clean() -> None:
    engines = [FaultyEngine()]
    refused = []

    def open_engine() -> FaultyEngine:
        if len(refused) >= 3 or not engines[0].broken:
            return FaultyEngine() if engines[0].broken else engines[0]
        refused.append(1)
        raise CannotStart("the file is gone; put it back")

    async with serving(engines[0], open_engine, retry_s=0.2) as scorer:
        engines[0].broken = True
        with pytest.raises(ScorerUnavailable):
            await scorer.score(["rude!"])
        assert not scorer.ok
        await until(lambda: "put it back" in (scorer.problem or ""))
        with pytest.raises(ScorerUnavailable, match="put it back"):
            await scorer.score(["rude!"])
        await until(lambda: scorer.ok)
        assert len(refused) == 3


async def test_a_model_that_hangs_is_left_behind_and_opened_anew() -> None:
    engine = FaultyEngine()
    async with serving(engine, call_timeout_s=0.3) as scorer:
        asks = [asyncio.create_task(scorer.score([text])) for text in (HANGS, HANGS + " too")]
        for ask in asks:
            with pytest.raises(ScorerUnavailable):
                await ask
        await until(lambda: scorer.ok)
        [scores] = await scorer.score(["rude!"])
        assert scores.by_label == {Label.INSULT: 0.9}


async def test_those_who_wait_when_the_model_is_lost_are_told_at_once() -> None:
    engine, may_open = FaultyEngine(), threading.Event()
    may_open.set()

    def open_engine() -> FaultyEngine:
        may_open.wait(30)
        return engine

    async with serving(engine, open_engine, call_timeout_s=0.5) as scorer:
        may_open.clear()
        hangs = asyncio.create_task(scorer.score([HANGS]))
        await until(engine.waits.is_set)
        waits = asyncio.create_task(scorer.score(["longer than any that shares its call"]))
        for ask in (hangs, waits):
            with pytest.raises(ScorerUnavailable):
                await ask
        assert not scorer.ok, "answered before the model was back"
        may_open.set()


async def test_a_model_that_hangs_again_and_again_is_loaded_again_and_again() -> None:
    engine, opened = FaultyEngine(), []

    def open_engine() -> FaultyEngine:
        opened.append(1)
        return engine

    async with serving(engine, open_engine, call_timeout_s=0.2) as scorer:
        for count in range(1, 5):
            assert len(opened) == count
            with pytest.raises(ScorerUnavailable):
                await scorer.score([HANGS])
            await until(lambda: scorer.ok)
        [scores] = await scorer.score(["rude!"])
        assert scores.by_label == {Label.INSULT: 0.9}


async def test_an_engine_that_ends_while_nobody_asks_is_opened_anew_at_once() -> None:
    opened: list[FaultyEngine] = []

    def open_engine() -> FaultyEngine:
        opened.append(FaultyEngine())
        return opened[-1]

    async with serving(FaultyEngine(), open_engine) as scorer:
        assert scorer._engine is not None
        scorer._engine.ended.set_result("out of memory")
        await until(lambda: len(opened) == 2)
        await until(lambda: scorer.ok)
        [scores] = await scorer.score(["rude!"])
        assert scores.by_label == {Label.INSULT: 0.9}


async def test_a_tokenizer_that_hangs_is_a_fault_of_the_engine() -> None:
    async with serving(FaultyEngine(), call_timeout_s=0.2) as scorer:
        assert scorer._engine is not None
        hangs = asyncio.Event()
        scorer._engine.read = lambda texts: hangs.wait()  # type: ignore[assignment]
        with pytest.raises(ScorerUnavailable):
            await scorer.score(["hello"])
        await until(lambda: scorer.ok)
        [scores] = await scorer.score(["rude!"])
        assert scores.by_label == {Label.INSULT: 0.9}


async def test_whoever_stops_waiting_takes_nobody_along() -> None:
    engine = FaultyEngine()
    async with serving(engine) as scorer:
        engine.gate.clear()
        running = asyncio.create_task(scorer.score(["running"]))
        await until(engine.waits.is_set)
        gone = asyncio.create_task(scorer.score(["gone", "shared!"]))
        stays = asyncio.create_task(scorer.score(["shared!"]))
        await until(lambda: len(scorer._room._waiting) == 2)
        gone.cancel()
        running.cancel()
        await asyncio.gather(gone, running, return_exceptions=True)
        engine.gate.set()
        assert (await stays)[0].by_label == {Label.INSULT: 0.9}
        assert engine.calls == [["running"], ["shared!"]]


async def test_closing_answers_those_who_wait() -> None:
    engine = FaultyEngine()
    async with serving(engine) as scorer:
        engine.gate.clear()
        asks = [asyncio.create_task(scorer.score(["running"]))]
        await until(engine.waits.is_set)
        asks.append(asyncio.create_task(scorer.score(["waiting"])))
        await until(lambda: len(scorer._room._waiting) == 1)
        closing = asyncio.create_task(scorer.close())
        for ask in asks:
            with pytest.raises(ScorerUnavailable, match="closed"):
                await ask
        engine.gate.set()
        await closing
        with pytest.raises(ScorerUnavailable, match="closed"):
            await scorer.score(["late"])
        await scorer.close()


async def test_a_model_that_cannot_be_loaded_stops_the_start_with_its_reason() -> None:
    def open_engine() -> FaultyEngine:
        raise CannotStart("no such file; fetch it")

    with pytest.raises(CannotStart, match=r"^no such file; fetch it$"):
        await BatchingScorer("m", hosted(open_engine)).start()


async def test_a_model_that_scores_nonsense_stops_the_start() -> None:
    engine = FaultyEngine()
    engine.broken = True
    with pytest.raises(CannotStart, match="cannot be used: RuntimeError"):
        await BatchingScorer("m", hosted(lambda: engine)).start()


async def test_an_observer_that_fails_leaves_nobody_waiting() -> None:
    def on_batch(size: int) -> None:
        if size > 1:
            raise ValueError

    scorer = BatchingScorer("faulty", hosted(FaultyEngine), on_batch)
    await scorer.start()
    with pytest.raises(ScorerUnavailable):
        await scorer.score(["one", "two"])
    assert not scorer.ok
    await scorer.close()
