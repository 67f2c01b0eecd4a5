"""What the quality benchmark makes of scores and truth."""

from __future__ import annotations

import pytest

from bench.quality.chats import stopped, to_read
from bench.quality.figures import ALL, FEWEST, biases, qualities
from bench.quality.suites import Rated
from bench.quality.tables import markdown
from bot.domain.scores import Label

TOXICITY, INSULT = Label.TOXICITY, Label.INSULT


def rated(toxic: bool, language: str = "en", variant: str = "") -> Rated:
    return Rated("text", language, {TOXICITY: toxic}, variant)


HALF = [rated(True)] * FEWEST + [rated(False)] * FEWEST
RIGHT = [{TOXICITY: 0.9}] * FEWEST + [{TOXICITY: 0.1}] * FEWEST


def test_a_model_that_tells_them_apart_ranks_without_a_fault() -> None:
    [found] = qualities("chat", HALF, RIGHT)
    assert (found.suite, found.language, found.label) == ("chat", ALL, TOXICITY)
    assert (found.positives, found.negatives, found.base_rate) == (FEWEST, FEWEST, 0.5)
    assert found.roc_auc == found.average_precision == 1.0
    assert found.ece == pytest.approx(0.1)
    assert found.brier == pytest.approx(0.01)


def test_a_model_that_says_the_same_of_all_ranks_by_chance() -> None:
    [found] = qualities("chat", HALF, [{TOXICITY: 0.5}] * len(HALF))
    assert found.roc_auc == 0.5
    assert found.average_precision == found.base_rate


def test_each_language_has_its_figures_beside_those_of_all() -> None:
    texts = HALF + [rated(toxic, "ru") for toxic in (True, False) for _ in range(FEWEST)]
    wrong = [{TOXICITY: 0.1}] * FEWEST + [{TOXICITY: 0.9}] * FEWEST
    found = {each.language: each.roc_auc for each in qualities("chat", texts, RIGHT + wrong)}
    assert found == {ALL: 0.5, "en": 1.0, "ru": 0.0}


def test_what_too_few_texts_or_no_score_would_say_is_not_said() -> None:
    assert qualities("chat", HALF[1:], RIGHT[1:]) == []
    assert qualities("chat", HALF, [{INSULT: 0.5}] * len(HALF)) == []


def test_a_label_of_which_the_source_says_nothing_is_no_negative() -> None:
    silent = [Rated("text", "en", {})] * FEWEST
    assert qualities("chat", HALF[:FEWEST] + silent, RIGHT) == []


def test_both_forms_of_the_same_comments_are_compared() -> None:
    texts = [rated(toxic, variant=v) for v in ("fuzzed", "plain") for toxic in (True, False)]
    scores = [{TOXICITY: each} for each in (0.4, 0.6, 0.9, 0.1)]
    fuzzed, plain = biases(texts, scores)
    assert (fuzzed.variant, fuzzed.roc_auc, fuzzed.false_alarms, fuzzed.missed) == (
        "fuzzed", 0.0, 1.0, 1.0,
    )  # fmt: skip
    assert (plain.roc_auc, plain.false_alarms, plain.missed) == (1.0, 0.0, 0.0)


def test_what_the_presets_would_stop_grows_with_their_strictness() -> None:
    scores = [{TOXICITY: each} for each in (0.1, 0.7, 0.9, 0.99)]
    shares = {each.preset: (each.reviewed, each.hidden) for each in stopped("chat", scores)}
    assert shares == {"lenient": (0.25, 0.25), "balanced": (0.5, 0.25), "strict": (0.75, 0.5)}
    assert to_read(["a", "b", "c", "d"], scores, 5) == ["c", "d"]


def test_the_tables_name_the_model_beside_the_n_grams() -> None:
    found = qualities("chat", HALF, RIGHT)
    tables = markdown(found, found, [], stopped("IRC", RIGHT))
    assert "| chat | toxicity | 20 / 20 | **1.000** | 1.000 | 1.000 | 0.100 | 0.010 |" in tables
    assert "| IRC | 40 | balanced | 50.00% | 0.00% |" in tables
