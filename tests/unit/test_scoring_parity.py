from __future__ import annotations

import math

import pytest

from bot.domain.scores import Label
from bot.scoring.check_texts import check_texts
from bot.scoring.parity import THRESHOLDS, Parity, compare
from config.policies import PRESETS, preset

TEXTS = 200


def scored(*scores: float) -> list[dict[Label, float]]:
    return [{Label.INSULT: score} for score in scores]


def parity_of(wrong: dict[int, float]) -> Parity:
    """Of an engine that scores 0.5 like the reference, but for a few texts."""
    ours = [0.5 + wrong.get(number, 0.0) for number in range(TEXTS)]
    return compare(scored(*[0.5] * TEXTS), scored(*ours), scored(*ours))


def test_equal_scores_are_within_every_gate() -> None:
    assert parity_of({}) == Parity(0.0, 0.0, 0.0, 0.0, 0.0)
    assert parity_of({}).faults() == []


def test_a_score_that_crosses_a_threshold_is_counted_wherever_a_preset_draws_one() -> None:
    drawn = {
        value
        for name in PRESETS
        for line in preset(name).thresholds.values()
        for value in (line.review, line.hide)
    }
    assert drawn <= set(THRESHOLDS)
    pair = compare(scored(0.499, 0.1), scored(0.501, 0.1), scored(0.501, 0.1))
    assert pair.flips == pytest.approx(1 / (2 * len(THRESHOLDS)))


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (dict.fromkeys(range(TEXTS), 0.0011), "mean difference"),
        (dict.fromkeys(range(4), 0.021), "99th percentile"),
        (dict.fromkeys(range(40), -0.004), "another threshold"),
    ],
)
def test_scores_that_differ_are_refused_by_the_gate_that_they_miss(
    wrong: dict[int, float], fault: str
) -> None:
    assert any(fault in each for each in parity_of(wrong).faults())


def test_a_score_that_depends_on_its_neighbours_is_refused() -> None:
    alone, together = scored(0.50, 0.2), scored(0.53, 0.2)
    [fault] = compare(alone, alone, together).faults()
    assert "neighbours" in fault


def test_what_is_not_a_number_is_within_no_gate() -> None:
    nonsense = scored(math.nan)
    assert len(compare(scored(0.5), nonsense, nonsense).faults()) == 4


def test_the_check_texts_are_the_same_every_time_and_of_every_length() -> None:
    texts = check_texts()
    assert texts == check_texts()
    words = sorted(len(text.split()) for text in texts)
    assert words[0] == 1
    assert words[len(words) // 2] <= 12
    assert words[-1] > 512
