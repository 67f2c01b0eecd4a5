"""Reproduce every figure of the model card, for any checkpoint in Detoxify's BERT format.

    python -m models.evaluate --json figures.json --markdown figures.md

`data/eval` is read here and nowhere else in this folder. Texts are never written out, only rates.
Rows of `data/eval` whose text (letters and digits, lower-cased) also stands in `data/train` are
left out of the suites' figures.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import sys
import tarfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from . import checkpoint
from .calibration import expected_error
from .data import (
    DEFAULT_DATA,
    LABELS,
    UNKNOWN,
    Row,
    normalised,
    read_all,
    read_irc,
    read_source,
    split,
    subsample,
)
from .inference import Floats, TextEncoder, logits, sigmoid
from .teacher import train_teacher

SUITES = (
    "conda",
    "gametox",
    "tweeteval_offensive",
    "tweeteval_hate",
    "unhealthy_nc",
    "stormfront_sa",
    "wiki_fuzzed_eval",
    "macd_hi",
)
MIN_POSITIVES = 20
"""A label with fewer positives in a suite gets no figure: it would be noise."""
CLEAN_THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95)
SUITE_LIMIT = 5_000
"""Texts scored of one suite; the first in the order of a hash, so always the same."""

Scorer = Any


class ModelScorer:
    """Scores texts with a checkpoint. limit: tokens read of a text, as Detoxify does (512)."""

    def __init__(self, path: Path, tokenizer: Path) -> None:
        self._model = checkpoint.load_model(path, tokenizer)
        self._encoder = TextEncoder(tokenizer)
        self._known: dict[str, Floats] = {}

    def scores(self, texts: Sequence[str]) -> Floats:
        """Rate texts; one column a label, 0.0..1.0. Equal texts are scored once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            rated = sigmoid(logits(self._model, self._encoder(new)))
            self._known.update(zip(new, rated, strict=True))
        return np.stack([self._known[text] for text in texts])


def label_figures(truth: NDArray[np.float32], score: Floats) -> dict[str, float] | None:
    """Give the figures of one label, or None where positives or negatives are too few."""
    known = truth != UNKNOWN
    positive = truth[known] > 0.5
    if positive.sum() < MIN_POSITIVES or (~positive).sum() < MIN_POSITIVES:
        return None
    return {
        "positives": int(positive.sum()),
        "negatives": int((~positive).sum()),
        "roc_auc": float(roc_auc_score(positive, score[known])),
        "average_precision": float(average_precision_score(positive, score[known])),
        "ece": expected_error(score[known], positive),
    }


def suite_rows(data: Path, name: str, seen: set[str], limit: int) -> list[Row]:
    """Read a suite without what training saw, every language that it holds."""
    from .data import hash_share

    rows = [r for r in read_source(data / "eval" / f"{name}.csv.gz") if r.group not in seen]
    return sorted(rows, key=lambda row: hash_share(row.text))[:limit]


def labels_of(rows: Sequence[Row]) -> NDArray[np.float32]:
    """Give the labels as an array, one row a text."""
    return np.array([row.labels for row in rows], dtype=np.float32)


def evaluate_suites(
    scorer: Scorer, data: Path, names: Iterable[str], seen: set[str], limit: int
) -> dict[str, dict[str, Any]]:
    """Give figures by suite and label."""
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        rows = suite_rows(data, name, seen, limit)
        scores = scorer.scores([row.text for row in rows])
        truth = labels_of(rows)
        found[name] = {
            label: figures
            for column, label in enumerate(LABELS)
            if (figures := label_figures(truth[:, column], scores[:, column])) is not None
        }
        note(f"{name}: {found[name]}")
    return found


def note(message: str) -> None:
    """Say on standard error how far we are."""
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


# --- clean chat -----------------------------------------------------------------------------------


def irc_texts(data: Path, count: int) -> list[str]:
    """Give Ubuntu IRC messages from logs that training kept back, exactly as they were typed."""
    from .data import hash_share

    kept_back = split(read_irc(data)).dev
    chosen = sorted({row.text for row in kept_back}, key=hash_share)
    return chosen[:count]


def discord_texts(data: Path, count: int) -> list[str]:
    """Give messages of the public Discord exports (for trial: rates only, never the texts)."""
    from .data import hash_share

    texts: set[str] = set()
    for path in sorted((data / "chats").glob("discord_komodo_csv__*.tar.gz")):
        texts.update(_discord_contents(path))
    return sorted(texts, key=hash_share)[:count]


def _discord_contents(path: Path) -> Iterator[str]:
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".csv") else None
            if file is None:
                continue
            lines = io.StringIO(file.read().decode("utf-8-sig", "replace"), newline="")
            for record in csv.DictReader(lines, delimiter=";"):
                content = (record.get("Content") or "").strip()
                if content:
                    yield content


def twitch_texts(data: Path, count: int) -> list[str]:
    """Give messages of one Twitch stream: rough but mostly allowed chat."""
    from .data import hash_share

    [path] = (data / "chats").glob("twitch_*.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    column = next(
        name for name in ("text", "message", "body", "content", "comment") if name in records[0]
    )
    texts = {record[column].strip() for record in records if record[column].strip()}
    return sorted(texts, key=hash_share)[:count]


def shares_above(scores: Floats, thresholds: Sequence[float]) -> dict[str, dict[str, float]]:
    """Give the share of texts at or above each threshold, by label."""
    return {
        label: {f"{t:g}": float((scores[:, column] >= t).mean()) for t in thresholds}
        for column, label in enumerate(LABELS)
    }


def preset_shares(
    scores: Floats, presets: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> dict[str, dict[str, float]]:
    """Give the share of texts that a preset would review (or hide), and hide."""
    return {
        name: {
            step: float(_any_reached(scores, {k: v[step] for k, v in limits.items()}).mean())
            for step in ("review", "hide")
        }
        for name, limits in presets.items()
    }


def _any_reached(scores: Floats, limits: Mapping[str, float]) -> NDArray[np.bool_]:
    limit = np.array([limits.get(label, 2.0) for label in LABELS])
    return np.asarray((scores >= limit).any(axis=1))


# --- bias -----------------------------------------------------------------------------------------


def identity_bias(scorer: Scorer, data: Path) -> dict[str, float]:
    """Compare both forms of the same Wikipedia comments (names and identity terms swapped).

    Forms are told apart by `meta.variant`; within each the ranking and the share of false alarms at
    0.5 are given. Equal figures mean that identity terms do not move the score.
    """
    by_variant: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    path = data / "eval" / "wiki_fuzzed_eval.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            variant = json.loads(record["meta"])["variant"]
            by_variant[variant].append((record["text"], record["toxicity"] == "1"))
    found: dict[str, float] = {}
    for variant, pairs in sorted(by_variant.items()):
        score = scorer.scores([text for text, _ in pairs])[:, 0]
        truth = np.array([toxic for _, toxic in pairs])
        found[f"{variant} rows"] = len(pairs)
        found[f"{variant} roc_auc"] = float(roc_auc_score(truth, score))
        found[f"{variant} false alarms at 0.5"] = float((score[~truth] >= 0.5).mean())
        found[f"{variant} missed at 0.5"] = float((score[truth] < 0.5).mean())
    return found


# --- kept-back rows, thresholds -------------------------------------------------------------------


def dev_figures(scorer: Scorer, dev: Sequence[Row]) -> dict[str, Any]:
    """Give figures on the kept-back rows of the training sources."""
    scores = scorer.scores([row.text for row in dev])
    truth = labels_of(dev)
    return {
        label: label_figures(truth[:, column], scores[:, column])
        for column, label in enumerate(LABELS)
    }


def threshold_table(scorer: Scorer, dev: Sequence[Row], chat: Sequence[str]) -> dict[str, Any]:
    """Give, by label, thresholds with the share of clean chat reached and of positives found.

    chat: IRC that training kept back. Nothing of `data/eval` is used, so that choosing thresholds
    stays honest.
    """
    clean = scorer.scores(chat)
    scores = scorer.scores([row.text for row in dev])
    truth = labels_of(dev)
    table: dict[str, Any] = {}
    for column, label in enumerate(LABELS):
        positive = truth[:, column] == 1
        negative = truth[:, column] == 0
        table[label] = {
            f"{t:g}": {
                "clean_chat": float((clean[:, column] >= t).mean()),
                "recall": float((scores[positive, column] >= t).mean()),
                "false_alarms": float((scores[negative, column] >= t).mean()),
            }
            for t in (0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98)
        }
    return table


# --- agreement with Detoxify ----------------------------------------------------------------------


def difference_from_detoxify(path: Path, tokenizer: Path, texts: Sequence[str]) -> float:
    """Give the largest difference between our scores and `Detoxify(...).predict`, text by text."""
    from detoxify import Detoxify

    model = Detoxify(
        checkpoint=checkpoint.for_detoxify(path, tokenizer), huggingface_config_path=str(tokenizer)
    )
    ours = ModelScorer(path, tokenizer).scores(texts)
    worst = 0.0
    for text, row in zip(texts, ours, strict=True):
        theirs = model.predict(text)
        worst = max(worst, *(abs(theirs[k] - float(v)) for k, v in zip(LABELS, row, strict=True)))
    return worst


# --- command --------------------------------------------------------------------------------------


def markdown(figures: Mapping[str, Any]) -> str:
    """Show the suites' figures beside the n-gram baseline's."""
    base = figures.get("baseline", {})
    lines = [
        "| suite | label | positives / negatives | ROC-AUC | n-grams | average precision | ECE |",
        "|---|---|---|---|---|---|---|",
    ]
    for suite, labels in figures["suites"].items():
        for label, f in labels.items():
            other = base.get(suite, {}).get(label)
            shown = f"{other['roc_auc']:.3f}" if other else "–"
            lines.append(
                f"| {suite} | {label} | {f['positives']:,} / {f['negatives']:,} "
                f"| **{f['roc_auc']:.3f}** | {shown} | {f['average_precision']:.3f} "
                f"| {f['ece']:.3f} |"
            )
    return "\n".join(lines) + "\n"


def figures_of(
    path: Path, tokenizer: Path, data: Path, limit: int, baseline: bool, presets: Mapping[str, Any]
) -> dict[str, Any]:
    """Compute everything."""
    scorer = ModelScorer(path, tokenizer)
    rows = read_all(data)
    seen = {normalised(row.text) for row in rows}
    dev = subsample(split(rows).dev, seed=7)
    irc, discord = irc_texts(data, 4_000), discord_texts(data, 6_000)
    twitch = twitch_texts(data, 3_000)
    chats = {"ubuntu irc, kept back": irc, "discord": discord, "twitch": twitch}
    rated = {name: scorer.scores(texts) for name, texts in chats.items()}
    note("chats scored")
    found: dict[str, Any] = {
        "checkpoint_sha256": checkpoint.sha256(path),
        "chat_messages": {name: len(texts) for name, texts in chats.items()},
        "chat_shares": {n: shares_above(s, CLEAN_THRESHOLDS) for n, s in rated.items()},
        "chat_presets": {n: preset_shares(s, presets) for n, s in rated.items()},
        "difference_from_detoxify": difference_from_detoxify(path, tokenizer, irc[:25]),
        "dev": dev_figures(scorer, dev),
        "thresholds": threshold_table(scorer, dev, irc),
        "suites": evaluate_suites(scorer, data, SUITES, seen, limit),
        "bias": identity_bias(scorer, data),
    }
    if baseline:
        teacher = train_teacher(subsample(split(rows).train, seed=7), seed=7)
        found["baseline"] = evaluate_suites(teacher, data, SUITES, seen, limit)
    return found


def main() -> None:
    """Evaluate a checkpoint and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--checkpoint", type=Path, default=checkpoint.CHECKPOINT)
    parser.add_argument("--tokenizer", type=Path, default=checkpoint.TOKENIZER)
    parser.add_argument("--limit", type=int, default=SUITE_LIMIT, help="texts of a suite")
    parser.add_argument("--baseline", action="store_true", help="train and rate the n-grams too")
    parser.add_argument("--thresholds", type=Path, default=checkpoint.MINI / "thresholds.json")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    presets = {}
    if arguments.thresholds.exists():
        presets = json.loads(arguments.thresholds.read_text(encoding="utf-8"))
    found = figures_of(arguments.checkpoint, arguments.tokenizer, arguments.data,
                       arguments.limit, arguments.baseline, presets)  # fmt: skip
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if arguments.markdown:
        arguments.markdown.write_text(markdown(found), encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
