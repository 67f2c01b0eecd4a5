"""A scorer that serves many at once from one model, and survives the model.

    score(texts) ──► windows ──► room ──► calls of like-sized windows ──► model's process
                                               │ fails                        │ hangs, ends
                                               ▼                              ▼
                              one by one; then the probe says          everybody is told, and
                              who is at fault, text or engine          the engine opened anew

Calls form from whatever waits when the model is free: a text that comes alone is scored at
once, and the busier it is the larger the calls.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import structlog
import tenacity

from bot.domain.errors import CannotStart, InvalidValue, ScorerUnavailable
from bot.domain.messages import readable
from bot.domain.ports import Lane
from bot.domain.scores import Label, Scores
from bot.scoring.host import EngineFault, EngineHung, Host
from bot.scoring.memory import RecentScores
from bot.scoring.waiting import Room, Waiting
from bot.scoring.windows import Reading, Window

log = structlog.get_logger(__name__)

T = TypeVar("T")

PROBE = "hello"
STOPPED = "the scorer has stopped"


class BatchingScorer:
    """A Scorer over an engine.

    model: the model's name, for the record.
    open_engine: loads the engine; called again whenever the engine is lost. Raises CannotStart,
        EngineFault.
    on_batch: told the number of windows of every call of the model.
    on_lookup: told how many texts of how many were scored lately and are not scored again.
    call_timeout_s: an engine that takes longer to answer counts as hung.
    retry_s: how long to wait before the second try to open a lost engine; doubles up to a minute.
    """

    def __init__(
        self,
        model: str,
        open_engine: Callable[[], Awaitable[Host]],
        on_batch: Callable[[int], None] | None = None,
        on_lookup: Callable[[int, int], None] | None = None,
        *,
        call_timeout_s: float = 30.0,
        retry_s: float = 1.0,
    ) -> None:
        self.model = model
        self.problem: str | None = "the model is not loaded yet"
        """Why no text can be scored now; None when all is well."""
        self._open_engine = open_engine
        self._on_batch = on_batch
        self._on_lookup = on_lookup
        self._recent = RecentScores()
        self._call_timeout_s = call_timeout_s
        self._retry_s = retry_s
        self._room = Room()
        self._work = asyncio.Event()
        self._engine: Host | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def ok(self) -> bool:
        """Whether texts are scored now."""
        return self.problem is None

    async def start(self) -> None:
        """Load the model, try it, and serve. Raises CannotStart with what to mend."""
        try:
            await self._open()
        except EngineFault as fault:
            raise CannotStart(f"model {self.model} cannot be used: {fault}") from fault
        self._serving = asyncio.create_task(self._serve(), name="scoring")

    async def close(self) -> None:
        """Stop. Whoever still waits gets ScorerUnavailable. A second call does nothing."""
        if self._serving is None:
            return
        serving, self._serving = self._serving, None
        self.problem = "the scorer is closed"
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await self._end_engine()

    async def score(self, texts: Sequence[str], *, lane: Lane = Lane.ORDINARY) -> list[Scores]:
        """Score texts; see `ports.Scorer`. What was scored lately is not scored again.

        Raises ScorerUnavailable when any of these texts got no judgement; texts of other calls
        are none the worse for it.
        """
        if not self.ok:
            raise self._unavailable()
        known = [self._recent.get(text) for text in texts]
        unknown = [text for text, scores in zip(texts, known, strict=True) if scores is None]
        if self._on_lookup is not None:
            self._on_lookup(len(texts) - len(unknown), len(texts))
        fresh = iter(await self._scored(unknown, lane) if unknown else [])
        return [next(fresh) if scores is None else scores for scores in known]

    async def _scored(self, texts: Sequence[str], lane: Lane) -> list[Scores]:
        readings = await self._read(texts)
        if not self.ok:
            raise self._unavailable()
        waits = [asyncio.gather(*self._enter(each.windows, lane)) for each in readings]
        windows = await asyncio.gather(*waits, return_exceptions=True)
        if error := next((each for each in windows if isinstance(each, BaseException)), None):
            raise error
        scored = [
            functools.reduce(Scores.merged, scores, Scores(complete=reading.complete))
            for reading, scores in zip(readings, windows, strict=True)
            if not isinstance(scores, BaseException)
        ]
        for text, scores in zip(texts, scored, strict=True):
            self._recent.put(text, scores)
        return scored

    def _enter(self, windows: Sequence[Window], lane: Lane) -> list[asyncio.Future[Scores]]:
        futures = self._room.enter(windows, asyncio.get_running_loop().time(), lane)
        self._work.set()
        return futures

    async def _read(self, texts: Sequence[str]) -> list[Reading]:
        engine = self._engine
        if engine is None:
            raise self._unavailable()
        try:
            return await self._in_time(engine.read([readable(text) for text in texts]))
        except EngineFault as fault:
            if isinstance(fault, EngineHung) or engine.ended.done():
                await self._lose_engine(fault)
                raise self._unavailable() from fault
            raise ScorerUnavailable(f"a text cannot be tokenized: {fault}") from fault

    async def _in_time(self, answer: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._call_timeout_s):
                return await answer
        except TimeoutError as exc:
            raise EngineHung(f"no answer within {self._call_timeout_s:g} s") from exc

    def _unavailable(self) -> ScorerUnavailable:
        return ScorerUnavailable(f"model {self.model}: {self.problem or STOPPED}")

    # ------------------------------------------------------------ serving

    async def _serve(self) -> None:
        try:
            while True:
                await self._work.wait()
                await self._serve_next()
                if not self.ok:
                    await self._recover()
        except Exception:
            log.exception("scorer.stopped", model=self.model)
            raise
        finally:
            self.problem = self.problem or STOPPED
            self._room.empty(self._unavailable())

    async def _serve_next(self) -> None:
        engine = self._engine
        if engine is not None and engine.ended.done():
            await self._lose_engine(EngineFault(engine.ended.result()))
            return
        call = self._room.next_call(engine.tokens_a_call, pads=engine.pads) if engine else []
        if not call:
            self._work.clear()
            return
        try:
            await self._serve_call(call)
        except EngineFault as fault:
            await self._lose_engine(fault)
        finally:
            for each in call:  # those that got no answer
                each.settle(self._unavailable())

    async def _serve_call(self, call: Sequence[Waiting]) -> None:
        """Score one call. Raises EngineFault when the engine, not a text, is at fault."""
        try:
            scores = await self._ask([each.window.text for each in call])
        except EngineHung:
            raise
        except EngineFault as fault:
            if len(call) == 1:
                await self._ask([PROBE])
                log.warning("scorer.text_failed", model=self.model, why=str(fault))
                call[0].settle(ScorerUnavailable(f"model {self.model} fails on a text: {fault}"))
                return
            for each in call:
                await self._serve_call([each])
            return
        for each, score in zip(call, scores, strict=True):
            each.settle(score)

    async def _ask(self, texts: Sequence[str]) -> list[Scores]:
        engine = self._engine
        if engine is None:
            raise EngineFault("not loaded")
        scored = await self._in_time(engine.score(texts))
        if self._on_batch is not None:
            self._on_batch(len(texts))
        return _sound(scored, len(texts))

    # ------------------------------------------------------------ the engine's life

    async def _open(self) -> None:
        self._engine = await self._open_engine()
        try:
            await self._ask([PROBE])
        except BaseException:
            await self._end_engine()
            raise
        self._engine.ended.add_done_callback(lambda _: self._work.set())
        self.problem = None

    async def _end_engine(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    async def _lose_engine(self, fault: EngineFault) -> None:
        if self._engine is None:
            return
        self.problem = f"the model failed ({fault}) and is being loaded anew"
        log.error("scorer.lost", model=self.model, why=str(fault))
        self._room.empty(self._unavailable())
        await self._end_engine()  # two large models at a time may not fit
        self._work.set()

    async def _recover(self) -> None:
        async for attempted in tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type((EngineFault, CannotStart)),
            wait=tenacity.wait_exponential(multiplier=self._retry_s, max=60),
            before_sleep=self._note_failure,
        ):
            with attempted:
                await self._open()
        log.info("scorer.recovered", model=self.model)

    def _note_failure(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        self.problem = f"the model cannot be loaded anew: {error}"
        log.warning("scorer.still_lost", model=self.model, why=str(error))


def _sound(scored: Sequence[Mapping[Label, float]], expected: int) -> list[Scores]:
    if len(scored) != expected:
        raise EngineFault(f"{len(scored)} results for {expected} texts")
    try:
        return [Scores(each) for each in scored]
    except InvalidValue as exc:
        raise EngineFault(str(exc)) from exc
