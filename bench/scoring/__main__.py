"""Each engine on one checkpoint, the same texts and cores: `python -m bench.scoring [FILE]`.

Each contender has a process of its own, one after the other, round after round; medians. Beside a
loop over `Detoxify.predict` stands a torch that pads no more than it must: without it, padding
would flatter us. No text is answered from memory here, and equal texts are scored each time.

`--model`: one of Aman's, or bert-base, roberta-base, xlmr-base, albert-base, which have random
weights (speed does not depend on them). `--parity N` compares the scores of N texts instead.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec
from rich.console import Console
from rich.table import Table

from bench.scoring.architectures import ARCHITECTURES, Subject, subject
from bench.scoring.contender import CONTENDERS, LISTS, PLAIN, Figures, Job
from bench.scoring.parity import parity
from bench.texts import REAL, texts
from bot.observability import logs
from bot.scoring.conversion import converted

DATA = Path("data/bench")


def run(contender: str, chosen: Subject, said: Sequence[str]) -> Figures:
    """One contender's figures, from a process of its own."""
    job = Job(
        contender=contender,
        model=chosen.model,
        config=str(chosen.config) if chosen.config else None,
        data=str(DATA),
        texts=list(said),
        started=time.time(),
    )
    done = subprocess.run(
        [sys.executable, "-m", "bench.scoring.contender"],
        input=msgspec.json.encode(job),
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Figures)


def show(what: str, medians: Mapping[str, Figures]) -> None:
    """Print the table."""
    lists = [f"lists_{size}" for size in LISTS]
    heads = ["one/s", "p50 ms", "p99 ms", *(f"lists of {size}/s" for size in LISTS)]
    table = Table("", *heads, "first score s", "resident MB", title=what)
    plain = medians[PLAIN]
    for name, each in medians.items():
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
    what += f", medians of {options.rounds}"
    seen: dict[str, list[Figures]] = {name: [] for name in CONTENDERS}
    for _ in range(options.rounds):
        for name in CONTENDERS:
            seen[name].append(run(name, chosen, said))
    medians = {
        name: {key: median(each[key] for each in rounds) for key in rounds[0]}
        for name, rounds in seen.items()
    }
    show(what, medians)
    if options.json:
        options.json.write_text(json.dumps({"what": what, "medians": medians}, indent=2) + "\n")


if __name__ == "__main__":
    main()
