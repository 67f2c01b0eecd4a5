"""One way to score, alone in its process: `python -m bench.scoring.contender`, used by the bench.

Reads a job from standard input and writes its figures to standard output, both JSON.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import msgspec

from bot.observability import logs
from bot.scoring.engines import Engine
from bot.scoring.opening import ENGINES
from bot.scoring.reference import ReferenceEngine

PLAIN, BUCKETED, FAST = "Detoxify.predict", "torch, bucketed", "fast"
CONTENDERS = (PLAIN, BUCKETED, FAST)
LISTS = (32, 256)
SPECIAL = 2


class Job(msgspec.Struct):
    """What to measure. started: the Unix time at which the process was started."""

    contender: str
    model: str
    config: str | None
    data: str
    texts: list[str]
    started: float


Figures = dict[str, float]


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


def measure(job: Job) -> Figures:
    """Everything that there is to measure of one contender."""
    _, score = open_contender(job)
    score(["hello there"])
    figures = {"first_score_s": time.time() - job.started}
    for text in job.texts[:20]:
        score([text])
    times = []
    for text in job.texts:
        since = time.perf_counter()
        score([text])
        times.append(time.perf_counter() - since)
    figures |= {
        "one": len(times) / sum(times),
        "p50_ms": 1000 * median(times),
        "p99_ms": 1000 * quantiles(times, n=100, method="inclusive")[98],
    }
    for size in LISTS:
        since = time.perf_counter()
        for start in range(0, len(job.texts), size):
            score(job.texts[start : start + size])
        figures[f"lists_{size}"] = len(job.texts) / (time.perf_counter() - since)
    return figures | {"resident_mb": _resident_mb()}


def _resident_mb() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [each for each in status.read_text().splitlines() if each.startswith("VmRSS:")]
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    logs.set_up("WARNING")
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.json.encode(measure(asked)))
