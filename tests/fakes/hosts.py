"""A host that runs an engine in this process, so that a test decides over its faults."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.domain.scores import Label
from bot.scoring.engines import Engine
from bot.scoring.host import EngineFault, attempt
from bot.scoring.windows import Reading, read


class LocalHost:
    """Fits `bot.scoring.host.Host`. Each call of the engine runs in a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self.tokens_a_call, self.pads = engine.tokens_a_call, engine.pads
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._engine = engine

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        engine = self._engine
        return attempt(lambda: [read(text, engine.spans, engine.window) for text in texts])

    async def score(self, windows: Sequence[str]) -> list[Mapping[Label, float]]:
        answer: queue.SimpleQueue[list[Mapping[Label, float]] | EngineFault] = queue.SimpleQueue()

        def work() -> None:
            try:
                answer.put(attempt(lambda: self._engine.score_batch(windows)))
            except EngineFault as fault:
                answer.put(fault)

        threading.Thread(target=work, daemon=True).start()
        while answer.empty() and not self.ended.done():
            await asyncio.sleep(0.001)
        if answer.empty():
            raise EngineFault(self.ended.result())
        scored = answer.get()
        if isinstance(scored, EngineFault):
            raise scored
        return scored

    async def close(self) -> None:
        if not self.ended.done():
            self.ended.set_result("closed")


def hosted(open_engine: Callable[[], Engine]) -> Callable[[], Awaitable[LocalHost]]:
    """What opens an engine, as `BatchingScorer` wants it. The opening blocks a thread only."""

    async def start() -> LocalHost:
        return LocalHost(await asyncio.to_thread(open_engine))

    return start
