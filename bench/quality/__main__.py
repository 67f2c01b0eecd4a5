"""How well a model judges: every figure of a model's card.

    python -m bench.quality [--model mini] [--most 3000] [--json FILE] [--markdown FILE] [--read 50]

On the public evaluation split, and on lines that one of us made up: ROC-AUC, average precision and
calibration of each label by suite and language, beside a bag of word and character n-grams with
logistic regression that learnt from the same training sources. On chats without labels, and on the
made-up lines by what they mean: how much of them each preset would stop. Texts that also stand in
a training source are left out. Scores are the model's own, without folding; only of Hindi in
Devanagari it is told how much is stopped with it. Texts are never written to a file; `--read`
prints some of what `balanced` stops, to be read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bench.quality.chats import Stopped, chats, stopped, to_read
from bench.quality.figures import Bias, Quality, Rating, biases, qualities
from bench.quality.suites import (
    FUZZED,
    HINDI,
    IN_LATIN,
    MADE_UP,
    SUITES,
    by_meaning,
    in_latin_letters,
    made_up,
    suite,
    training_texts,
)
from bench.quality.tables import markdown
from bot.domain.ports import Scorer
from bot.domain.scores import Label
from bot.scoring.evasion import FoldingScorer
from bot.scoring.opening import open_scorer
from config.settings import Settings
from models.data import DEFAULT_DATA, LABELS, read_all, split, subsample
from models.ngrams import train_ngrams

AT_ONCE = 256
SEED = 7
Score = Callable[[Sequence[str]], Awaitable[list[Rating]]]


@dataclass(slots=True)
class Report:
    """All figures of a model. baseline: those of the n-grams on the same texts."""

    model: str
    suites: list[Quality] = field(default_factory=list)
    bias: list[Bias] = field(default_factory=list)
    chats: list[Stopped] = field(default_factory=list)
    baseline: list[Quality] = field(default_factory=list)
    baseline_chats: list[Stopped] = field(default_factory=list)


def by_model(scorer: Scorer) -> Score:
    """Scores of the model; equal texts once."""
    known: dict[str, Rating] = {}

    async def score(texts: Sequence[str]) -> list[Rating]:
        new = sorted({text for text in texts if text not in known}, key=len)
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            scored = await scorer.score(some)
            known.update({text: each.by_label for text, each in zip(some, scored, strict=True)})
        return [known[text] for text in texts]

    return score


def by_ngrams(data: Path) -> Score:
    """Scores of the n-grams, trained on what `mini` is trained on."""
    ngrams = train_ngrams(subsample(split(read_all(data)).train, SEED), SEED)

    async def score(texts: Sequence[str]) -> list[Rating]:
        rows = ngrams.scores(texts)
        return [
            {Label(name): float(value) for name, value in zip(LABELS, row, strict=True)}
            for row in rows
        ]

    return score


async def measured(options: argparse.Namespace, console: Console) -> Report:
    """Everything, as it will be written."""
    report = Report(Path(options.model).name)
    seen = training_texts(options.data)
    texts = {name: suite(options.data, name, seen, options.most) for name in SUITES}
    texts |= {IN_LATIN: in_latin_letters(texts[HINDI])}
    texts |= {name: made_up(name) for name in MADE_UP}
    said = chats(options.data, options.most)
    with tempfile.TemporaryDirectory() as folder:
        scorer = await open_scorer(options.model, options.engine, Path(folder), options.config)
        score = by_model(scorer)
        try:
            for name, rows in texts.items():
                console.print(f"{name}: {len(rows):,} texts")
                report.suites += qualities(name, rows, await score([each.text for each in rows]))
            fuzzed = texts[FUZZED]
            report.bias = biases(fuzzed, await score([each.text for each in fuzzed]))
            for name in MADE_UP:
                for meant, lines in by_meaning(texts[name]):
                    report.chats += stopped(f"{name}, {meant}", await score(lines))
            folded = by_model(FoldingScorer(scorer))
            for meant, lines in by_meaning(texts[HINDI]):
                report.chats += stopped(f"{HINDI} with folding, {meant}", await folded(lines))
            for name, messages in said.items():
                console.print(f"{name}: {len(messages):,} messages")
                scores = await score(messages)
                report.chats += stopped(name, scores)
                for message in to_read(messages, scores, options.read):
                    console.print(f"  [dim]{name}[/] {escape(message)}")
        finally:
            await scorer.close()
    if not options.no_baseline:
        console.print("the n-grams")
        score = by_ngrams(options.data)
        for name, rows in texts.items():
            report.baseline += qualities(name, rows, await score([each.text for each in rows]))
        for name, messages in said.items():
            report.baseline_chats += stopped(name, await score(messages))
    return report


def main() -> None:
    """Measure, print the tables, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default="mini", help="a model's name or a checkpoint")
    parser.add_argument("--config", type=Path, help="tokenizer and config folder of a checkpoint")
    parser.add_argument("--engine", default=Settings.model_fields["scoring_engine"].default)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--most", type=int, default=3000, help="texts of a suite or chat")
    parser.add_argument("--no-baseline", action="store_true", help="leave the n-grams out")
    parser.add_argument("--read", type=int, default=0, help="print so many messages of each chat")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"{options.data}: not a folder; name the labelled data with --data")
    console = Console()
    report = asyncio.run(measured(options, console))
    tables = markdown(report.suites, report.baseline, report.bias, report.chats)
    console.print(tables, markup=False, soft_wrap=True)
    if options.json:
        options.json.write_text(json.dumps(asdict(report), indent=1) + "\n", "utf-8")
    if options.markdown:
        options.markdown.write_text(tables, "utf-8")


if __name__ == "__main__":
    main()
