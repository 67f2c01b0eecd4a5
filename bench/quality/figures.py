"""What can be said of scores beside the truth: ranking, precision, calibration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from bench.quality.suites import Rated
from bot.domain.scores import Label
from models.calibration import expected_error

FEWEST = 20
"""Positives and negatives without which a figure would be noise."""
ALL = "all"

Rating = Mapping[Label, float]


@dataclass(frozen=True, slots=True)
class Quality:
    """How scores of one label agree with people.

    base_rate: the share of positives, which is what average precision is without any skill.
    ece: expected calibration error over fifteen bins of equal width; brier: mean squared error.
    """

    suite: str
    language: str
    label: Label
    positives: int
    negatives: int
    roc_auc: float
    average_precision: float
    base_rate: float
    ece: float
    brier: float


def qualities(suite: str, texts: Sequence[Rated], scores: Sequence[Rating]) -> list[Quality]:
    """A figure for each label and language of a suite, where there are enough texts for one."""
    found = []
    for language, places in _by_language(texts).items():
        for label in Label:
            rated = [
                (texts[place].labels[label], scores[place][label])
                for place in places
                if label in texts[place].labels and label in scores[place]
            ]
            quality = _quality(suite, language, label, rated)
            found += [quality] if quality is not None else []
    return found


def _by_language(texts: Sequence[Rated]) -> Mapping[str, Sequence[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        places[ALL].append(place)
        places[text.language].append(place)
    return {ALL: places[ALL]} if len(places) == 2 else places


def _quality(
    suite: str, language: str, label: Label, rated: Iterable[tuple[bool, float]]
) -> Quality | None:
    pairs = list(rated)
    truth = np.array([true for true, _ in pairs], dtype=bool)
    score = np.array([score for _, score in pairs], dtype=np.float32)
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if positives < FEWEST or negatives < FEWEST:
        return None
    return Quality(
        suite,
        language,
        label,
        positives,
        negatives,
        roc_auc=float(roc_auc_score(truth, score)),
        average_precision=float(average_precision_score(truth, score)),
        base_rate=float(truth.mean()),
        ece=expected_error(score, truth),
        brier=float(brier_score_loss(truth, score)),
    )


@dataclass(frozen=True, slots=True)
class Bias:
    """One form of the same comments, names and identity terms swapped in the other.

    Equal figures of both forms mean that identity terms do not move the score.
    """

    variant: str
    count: int
    roc_auc: float
    false_alarms: float
    missed: float


def biases(texts: Sequence[Rated], scores: Sequence[Rating]) -> list[Bias]:
    """Ranking and errors at 0.5, for each form by itself."""
    found = []
    for variant in sorted({text.variant for text in texts}):
        pairs = [
            (text.labels[Label.TOXICITY], score[Label.TOXICITY])
            for text, score in zip(texts, scores, strict=True)
            if text.variant == variant
        ]
        truth = np.array([true for true, _ in pairs], dtype=bool)
        score = np.array([score for _, score in pairs])
        found.append(
            Bias(
                variant,
                len(pairs),
                float(roc_auc_score(truth, score)),
                float((score[~truth] >= 0.5).mean()),
                float((score[truth] < 0.5).mean()),
            )
        )
    return found
