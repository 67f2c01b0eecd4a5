"""Our scorer beside a plain loop over Detoxify: `python -m bench.scoring [FILE]`.

One process, one loaded model, the same texts, in turns: `Detoxify.predict` with one text after
the other; our scorer with one text after the other; our scorer with all of them offered at once.
Equal texts are scored once where they meet, which real chat is full of; how many there are is
printed. Both sides run under our thread settings (`bot.scoring.libraries`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

from bench.texts import REAL, texts
from bot.scoring.batching import BatchingScorer
from bot.scoring.checkpoints import load
from bot.scoring.reference import ReferenceEngine, open_reference

Figures = dict[str, float]


def plain(engine: ReferenceEngine, said: Sequence[str]) -> Figures:
    """`Detoxify.predict`, one text after the other."""
    times = []
    for text in said:
        since = time.perf_counter()
        engine.detoxify.predict(text)
        times.append(time.perf_counter() - since)
    return _figures(times, sum(times))


async def alone(scorer: BatchingScorer, said: Sequence[str]) -> Figures:
    """Our scorer, one text after the other."""
    times = []
    for text in said:
        since = time.perf_counter()
        await scorer.score([text])
        times.append(time.perf_counter() - since)
    return _figures(times, sum(times))


async def together(scorer: BatchingScorer, said: Sequence[str]) -> Figures:
    """Our scorer, all texts offered at once, each by a caller of its own."""
    since = time.perf_counter()
    await asyncio.gather(*(scorer.score([text]) for text in said))
    return {"messages_per_second": len(said) / (time.perf_counter() - since)}


def _figures(times: Sequence[float], took: float) -> Figures:
    return {
        "messages_per_second": len(times) / took,
        "p50_ms": 1000 * median(times),
        "p99_ms": 1000 * quantiles(times, n=100, method="inclusive")[98],
    }


async def rounds(engine: ReferenceEngine, said: Sequence[str], count: int) -> dict[str, Figures]:
    """Each way in turn, `count` times; the medians."""
    scorer = BatchingScorer("bench", lambda: engine)
    await scorer.start()
    seen: dict[str, list[Figures]] = {"Detoxify.predict": [], "alone": [], "together": []}
    plain(engine, said[:20])
    for _ in range(count):
        seen["Detoxify.predict"].append(plain(engine, said))
        seen["alone"].append(await alone(scorer, said))
        seen["together"].append(await together(scorer, said))
    await scorer.close()
    return {
        name: {key: median(each[key] for each in figures) for key in figures[0]}
        for name, figures in seen.items()
    }


def show(what: str, medians: dict[str, Figures]) -> None:
    """Print the table."""
    base = medians["Detoxify.predict"]["messages_per_second"]
    table = Table("", "messages/s", "ratio", "p50 ms", "p99 ms", title=what)
    for name, each in medians.items():
        rate = each["messages_per_second"]
        row = [f"{rate:.1f}", f"{rate / base:.2f}×"]
        row += [f"{each[key]:.1f}" if key in each else "" for key in ("p50_ms", "p99_ms")]
        table.add_row(name, *row)
    Console().print(table)


def main() -> None:
    """Measure and print; `--json` also writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, nargs="?", default=REAL, help="a .csv.gz with `text`")
    parser.add_argument("--model", default="mini", help="a name, or the path of a checkpoint")
    parser.add_argument("--config", type=Path, help="tokenizer and config folder of such a path")
    parser.add_argument("--count", type=int, default=1000, help="how many texts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    said, what = texts(options.count, options.source)
    what += f", {len(set(said)):,} different, model {options.model}, medians of {options.rounds}"
    with tempfile.TemporaryDirectory() as folder:
        since = time.perf_counter()
        engine = open_reference(load(options.model, Path(folder), options.config))
        engine.detoxify.predict("hello there")
        first = time.perf_counter() - since
    medians = asyncio.run(rounds(engine, said, options.rounds))
    show(what, medians)
    print(f"first score {first:.1f} s after asking for it, imports included")
    if options.json:
        written = {"what": what, "first_score_s": first, "medians": medians}
        options.json.write_text(json.dumps(written, indent=2) + "\n")


if __name__ == "__main__":
    main()
