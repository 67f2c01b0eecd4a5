"""Each engine on one checkpoint, the same texts and cores: `python -m bench.scoring [FILE]`.

Each contender has a process of its own. They score in turns, some texts each, so that what else the
machine does meets all of them alike, and of each text counts the round in which it did so least.
Beside a loop over `Detoxify.predict` stands a torch that pads no more than it must: without it,
padding would flatter us. No text is answered from memory here, equal texts are scored each time.

`--model`: one of Aman's, or bert-base, roberta-base, xlmr-base, albert-base, which have random
weights (speed does not depend on them). `--parity N` compares the scores of N texts instead.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import IO, cast

import msgspec
from rich.console import Console
from rich.table import Table

from bench.scoring.architectures import ARCHITECTURES, Subject, subject
from bench.scoring.contender import CONTENDERS, PLAIN, Job, Took
from bench.scoring.parity import parity
from bench.texts import REAL, texts
from bot.observability import logs
from bot.scoring.conversion import converted

DATA = Path("data/bench")
LISTS = (32, 256)
SIZES = (1, *LISTS)
A_TURN = 32
"""Texts that a contender scores before it is the next one's turn, where a list is no larger."""

Figures = dict[str, float]


class Contender:
    """A contender in its process, at work for as long as the block lasts."""

    def __init__(self, name: str, chosen: Subject) -> None:
        job = Job(
            contender=name,
            model=chosen.model,
            config=str(chosen.config) if chosen.config else None,
            data=str(DATA),
            started=time.time(),
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.scoring.contender"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.resident_mb = 0.0
        self._seconds: dict[tuple[int, int], list[float]] = defaultdict(list)
        [self.first_score_s] = self._answer(job)

    def __enter__(self) -> Contender:
        return self

    def __exit__(self, *_: object) -> None:
        cast(IO[bytes], self._process.stdin).close()
        self._process.wait()

    def warm_up(self, texts: Sequence[str]) -> None:
        """Meet texts for the first time, uncounted."""
        self._answer([[text] for text in texts])

    def score(self, texts: Sequence[str], size: int, place: int) -> None:
        """Score texts in lists of this size, and note how long each list took.

        place: of the first of them among all texts, by which a list is known in every round.
        """
        starts = range(0, len(texts), size)
        took = self._answer([texts[start : start + size] for start in starts])
        for start, seconds in zip(starts, took, strict=True):
            self._seconds[size, place + start].append(seconds)

    def figures(self, count: int) -> Figures:
        """What was noted of so many texts."""
        alone = self._best(1)
        return {
            "one": count / sum(alone),
            "p50_ms": 1000 * median(alone),
            "p99_ms": 1000 * quantiles(alone, n=100, method="inclusive")[98],
            **{f"lists_{size}": count / sum(self._best(size)) for size in LISTS},
            "first_score_s": self.first_score_s,
            "resident_mb": self.resident_mb,
        }

    def _best(self, size: int) -> list[float]:
        return [min(took) for (each, _), took in self._seconds.items() if each == size]

    def _answer(self, asked: object) -> list[float]:
        line = cast(IO[bytes], self._process.stdin)
        line.write(msgspec.json.encode(asked) + b"\n")
        line.flush()
        said = cast(IO[bytes], self._process.stdout).readline()
        took = msgspec.json.decode(said, type=Took)
        self.resident_mb = took.resident_mb
        return took.seconds


def measured(chosen: Subject, said: Sequence[str], rounds: int) -> dict[str, Figures]:
    """The contenders start one after the other, and then take turns."""
    with ExitStack() as stack:
        contenders = {name: stack.enter_context(Contender(name, chosen)) for name in CONTENDERS}
        for each in contenders.values():
            each.warm_up(said[:20])
        for _, size in itertools.product(range(rounds), SIZES):
            turn = max(size, A_TURN)
            for place in range(0, len(said), turn):
                for each in contenders.values():
                    each.score(said[place : place + turn], size, place)
        return {name: each.figures(len(said)) for name, each in contenders.items()}


def show(what: str, figures: Mapping[str, Figures]) -> None:
    """Print the table."""
    lists = [f"lists_{size}" for size in LISTS]
    heads = ["one/s", "p50 ms", "p99 ms", *(f"lists of {size}/s" for size in LISTS)]
    table = Table("", *heads, "first score s", "resident MB", title=what)
    plain = figures[PLAIN]
    for name, each in figures.items():
        table.add_row(
            name,
            f"{each['one']:.1f} ({each['one'] / plain['one']:.2f}×)",
            f"{each['p50_ms']:.1f}",
            f"{each['p99_ms']:.1f}",
            *(f"{each[key]:.1f} ({each[key] / plain[key]:.2f}×)" for key in lists),
            f"{each['first_score_s']:.2f}",
            f"{each['resident_mb']:.0f}",
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def main() -> None:
    """Measure and print; `--json` also writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, nargs="?", default=REAL, help="a .csv.gz with `text`")
    parser.add_argument("--model", default="mini", help=f"Aman's, or {', '.join(ARCHITECTURES)}")
    parser.add_argument("--count", type=int, default=1024, help="how many texts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parity", type=int, metavar="N")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logs.set_up("WARNING")
    DATA.mkdir(parents=True, exist_ok=True)
    chosen = subject(options.model, DATA)
    _, manifest = converted(chosen.model, DATA, chosen.config)
    if options.parity:
        parity(chosen, DATA, *texts(options.parity, options.source))
        return
    said, what = texts(options.count, options.source)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    what += f", {options.model} served as {manifest.chosen}, {cores} cores"
    what += f", the best of {options.rounds} rounds"
    figures = measured(chosen, said, options.rounds)
    show(what, figures)
    if options.json:
        options.json.write_text(json.dumps({"what": what, "figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
