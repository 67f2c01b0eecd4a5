"""One way to score, alone in its process: `python -m bench.scoring.contender`, used by the bench.

Reads a job and then lists of texts from standard input and writes to standard output how long
they took, all of it JSON, a line each.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec

from bot.observability import logs
from bot.scoring.engines import Engine
from bot.scoring.loading import ENGINES
from bot.scoring.reference import ReferenceEngine

PLAIN, BUCKETED, FAST = "Detoxify.predict", "torch, bucketed", "fast"
CONTENDERS = (PLAIN, BUCKETED, FAST)
SPECIAL = 2


class Job(msgspec.Struct):
    """What to measure. started: the Unix time at which the process was started."""

    contender: str
    model: str
    config: str | None
    data: str
    started: float


class Took(msgspec.Struct):
    """How many seconds each list took; of the first answer, the way to the first score."""

    seconds: list[float]
    resident_mb: float


def open_contender(job: Job) -> tuple[Engine, Callable[[Sequence[str]], Any]]:
    """The engine, and how this contender scores a list with it."""
    kind = "fast" if job.contender == FAST else "torch"
    engine = ENGINES[kind](job.model, Path(job.data), Path(job.config) if job.config else None)
    if job.contender == PLAIN:
        assert isinstance(engine, ReferenceEngine)
        return engine, engine.detoxify.predict
    return engine, lambda texts: [engine.score_batch(call) for call in calls(engine, texts)]


def calls(engine: Engine, texts: Sequence[str]) -> Iterator[list[str]]:
    """A list in calls of at most `tokens_a_call` tokens, by length, padding counted."""
    call: list[str] = []
    tokens = 0
    for length, text in sorted((len(engine.spans(text)) + SPECIAL, text) for text in texts):
        cost = length * (len(call) + 1) if engine.pads else tokens + length
        if call and cost > engine.tokens_a_call:
            yield call
            call, tokens = [], 0
        call.append(text)
        tokens += length
    if call:
        yield call


def serve(job: Job, asked: IO[bytes], said: IO[bytes]) -> None:
    """Score what is asked, a line of lists at a time, and say how long each list took."""
    _, score = open_contender(job)
    score(["hello there"])
    _say(said, [time.time() - job.started])
    for line in asked:
        seconds = []
        for texts in msgspec.json.decode(line, type=list[list[str]]):
            since = time.perf_counter()
            score(texts)
            seconds.append(time.perf_counter() - since)
        _say(said, seconds)


def _say(said: IO[bytes], seconds: list[float]) -> None:
    said.write(msgspec.json.encode(Took(seconds, _resident_mb())) + b"\n")
    said.flush()


def _resident_mb() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [each for each in status.read_text().splitlines() if each.startswith("VmRSS:")]
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    logs.set_up("WARNING")
    first = sys.stdin.buffer.readline()
    serve(msgspec.json.decode(first, type=Job), sys.stdin.buffer, sys.stdout.buffer)
