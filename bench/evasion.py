"""What evasion costs: recall kept under attack, false positives added.

    python -m bench.evasion [--model mini] [--positives 300] [--json FILE] [--skip-eval]

Positives are labelled toxic and reach the `balanced` policy's review threshold as they stand; the
recall under an attack is the share of them that still does. Beside ours stands plain Detoxify:
the same checkpoint on the same messages, cut at the model's window as `Detoxify.predict` cuts
them. A text sent as several messages counts as found when one of them is; ours also reads them
joined, as parts of one sentence sent within seconds are to be judged.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.attacks import ATTACKS, UNDOABLE, attacked
from bench.evasion_texts import dev, evaluation, ordinary
from bot.domain.policy import Action
from bot.domain.ports import Scorer
from bot.domain.scores import Scores
from bot.domain.signals import Scored
from bot.scoring.checkpoints import load
from bot.scoring.engines import Engine
from bot.scoring.evasion import FoldingScorer
from bot.scoring.folding import readings
from bot.scoring.opening import open_scorer
from bot.scoring.reference import open_reference
from config.policies import preset
from config.settings import Settings
from models.data import DEFAULT_DATA

MOST_PADDED = 20
"""Positives that are padded: to score one then takes a hundred times as long."""
AT_ONCE = 32
POLICY = preset("balanced")


@dataclass(frozen=True, slots=True)
class Kept:
    """How an attack went: shares of texts that the policy would have reviewed, 0.0 to 1.0.

    plain, ours: of toxic texts found as they stand. A model that takes any odd spelling for toxic
    keeps all of those, so the same attack is made on civil texts that pass as they stand, too.
    """

    attack: str
    undoable: bool
    positives: int
    plain: float
    ours: float
    civil_plain: float
    civil_ours: float


@dataclass(frozen=True, slots=True)
class Added:
    """What folding adds on text to leave alone.

    changed: texts with another reading; nothing changes for the rest. plain, ours: how many of
        them the policy would have reviewed.
    """

    texts: str
    count: int
    changed: int
    plain: int
    ours: int

    @property
    def points(self) -> float:
        """Percentage points of false positives added."""
        return 100 * (self.ours - self.plain) / max(1, self.count)


class Bench:
    """Plain Detoxify and ours, from one checkpoint."""

    def __init__(self, reference: Engine, scorer: Scorer) -> None:
        self._reference = reference
        self._raw = scorer
        self._ours = FoldingScorer(scorer)

    def found(self, texts: Sequence[str], count: int, *, toxic: bool) -> list[str]:
        """The first `count` texts that are reviewed as they stand, or that pass."""
        found: list[str] = []
        for start in range(0, len(texts), AT_ONCE):
            some = texts[start : start + AT_ONCE]
            flags = self._plain(some)
            found += [text for text, flag in zip(some, flags, strict=True) if flag is toxic]
            if len(found) >= count:
                break
        return found[:count]

    async def kept(self, attack: str, positives: Sequence[str], civil: Sequence[str]) -> Kept:
        """Attack the positives, and the civil texts."""
        if attack.startswith("padding"):
            positives, civil = positives[:MOST_PADDED], civil[:MOST_PADDED]
        shares = [*await self._attacked(attack, positives), *await self._attacked(attack, civil)]
        return Kept(attack, attack in UNDOABLE, len(positives), *shares)

    async def _attacked(self, attack: str, texts: Sequence[str]) -> tuple[float, float]:
        sent = [list(attacked(attack, text)) for text in texts]
        plain = [any(self._plain(messages)) for messages in sent]
        joined = [[*each, " ".join(each)] if len(each) > 1 else each for each in sent]
        flags = iter(await _flags(self._ours, [message for each in joined for message in each]))
        ours = [any(list(itertools.islice(flags, len(messages)))) for messages in joined]
        count = max(1, len(texts))
        return sum(plain) / count, sum(ours) / count

    async def added(self, name: str, texts: Sequence[str]) -> Added:
        """Score clean text, as far as it has another reading."""
        changed = [text for text in texts if readings(text)]
        return Added(
            name,
            len(texts),
            len(changed),
            sum(await _flags(self._raw, changed)),
            sum(await _flags(self._ours, changed)),
        )

    def _plain(self, texts: Sequence[str]) -> list[bool]:
        return [_flagged(Scores(each)) for each in self._reference.score_batch(list(texts))]


async def _flags(scorer: Scorer, texts: Sequence[str]) -> list[bool]:
    flags: list[bool] = []
    for start in range(0, len(texts), 256):
        flags += map(_flagged, await scorer.score(texts[start : start + 256]))
    return flags


def _flagged(scores: Scores) -> bool:
    return POLICY.judge([Scored(scores, "")]).action is not Action.ALLOW


def _kept_table(name: str, rows: Sequence[Kept]) -> Table:
    table = Table(title=f"Recall kept, {name}")
    for column in ("attack", "positives", "plain", "ours", "civil, plain", "civil, ours"):
        table.add_column(column, justify="left" if column == "attack" else "right")
    for row in rows:
        note = "" if row.undoable else " (to guess)"
        shares = (row.plain, row.ours, row.civil_plain, row.civil_ours)
        table.add_row(row.attack + note, str(row.positives), *(f"{share:.1%}" for share in shares))
    return table


def _added_table(rows: Sequence[Added]) -> Table:
    table = Table(title="False positives added")
    for column in ("texts", "count", "read anew", "of these plain", "ours", "points added"):
        table.add_column(column, justify="left" if column == "texts" else "right")
    for row in rows:
        figures = (row.count, row.changed, row.plain, row.ours)
        table.add_row(row.texts, *map(str, figures), f"{row.points:.2f}")
    return table


async def measured(options: argparse.Namespace, data_dir: Path) -> dict[str, object]:
    """Everything, as it will be written."""
    console = Console()
    civil: dict[str, Sequence[str]] = {}
    recall: dict[str, list[Kept]] = {}
    scorer = await open_scorer(options.model, options.engine, data_dir)
    try:
        bench = Bench(open_reference(load(options.model, data_dir, None)), scorer)
        sources = {"dev": dev} if options.skip_eval else {"dev": dev, "eval": evaluation}
        for name, read in sources.items():
            toxic, civil[f"civil, {name}"] = read(options.data)
            positives = bench.found(toxic, options.positives, toxic=True)
            passing = bench.found(civil[f"civil, {name}"], options.positives, toxic=False)
            recall[name] = [
                await bench.kept(attack, positives, passing)
                for attack in track(ATTACKS, name, console=console)
            ]
            console.print(_kept_table(name, recall[name]))
        clean = {**civil, **ordinary(options.data)}
        added = [
            await bench.added(*each) for each in track(clean.items(), "clean", console=console)
        ]
        console.print(_added_table(added))
    finally:
        await scorer.close()
    return {
        "model": options.model,
        "policy": POLICY.name,
        "recall_kept": {name: [asdict(row) for row in rows] for name, rows in recall.items()},
        "false_positives": [{**asdict(row), "points": row.points} for row in added],
    }


def main() -> None:
    """Run, print the tables, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default="mini", help="a model's name or a checkpoint")
    parser.add_argument("--engine", default=Settings.model_fields["scoring_engine"].default)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--positives", type=int, default=300, help="texts to attack")
    parser.add_argument("--json", type=Path, default=Path("bench-evasion.json"))
    parser.add_argument("--skip-eval", action="store_true", help="for tuning: dev only")
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"{options.data}: not a folder; name the labelled data with --data")
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measured(options, Path(folder)))
    options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
