"""What a model learns from, and in which order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.average import averaged
from models.carry import carried
from models.checkpoint import TOKENIZER, save
from models.data import LABELS, UNKNOWN, Row
from models.inference import batches
from models.learning import Desk, Plan, Targets, course
from models.lessons import Lessons, in_words, spelled
from models.train_mini import LABEL_SHARE, OPINION_WEIGHT, drawn, targets_of

NONE = (UNKNOWN,) * len(LABELS)
CIVIL = (0.0,) * len(LABELS)


def lessons() -> Lessons:
    return Lessons.of([[1, 7, 2], [1, 8, 9, 2]], [[0], [1, 0]])


def test_texts_lie_end_to_end() -> None:
    both = Lessons.joined([lessons(), lessons()])
    assert both.tokens.tolist() == 2 * [1, 7, 2, 1, 8, 9, 2]
    assert both.starts.tolist() == [0, 3, 7, 10, 14]
    assert both.rows[:, :2].tolist() == 2 * [[0, -1], [1, 0]]


def test_lessons_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    lessons().save(tmp_path / "lessons.npz")
    found = Lessons.load(tmp_path / "lessons.npz")
    for name in ("tokens", "starts", "rows"):
        assert np.array_equal(getattr(found, name), getattr(lessons(), name))


def test_every_row_is_spelled_as_often_as_asked() -> None:
    rows = [Row(f"some words {number}", NONE, "source", "") for number in range(60)]
    found = spelled(rows, TOKENIZER, spellings=3, seed=1)
    alone = found.rows[found.rows[:, 1] < 0][:, 0]
    assert len(found.rows) == 180
    assert set(found.rows[found.rows >= 0]) == set(range(60))
    assert 150 < len(alone) < 180, "some are joined to others, most are not"


def test_emoji_become_words_for_a_vocabulary_that_has_none() -> None:
    assert in_words("you 🐷") == "you  pig face"


@given(st.lists(st.integers(1, 60), min_size=1, max_size=80).map(np.array), st.integers(40, 300))
def test_batches_hold_every_text_once_and_no_more_tokens_than_told(
    lengths: NDArray[np.int64], tokens: int
) -> None:
    groups = list(batches(lengths, tokens))
    assert sorted(np.concatenate(groups).tolist()) == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or len(group) * lengths[group].max() <= tokens


def test_a_batch_is_filled_up_behind_its_texts() -> None:
    ids, mask = desk(lessons()).texts(np.array([0, 1]))
    assert ids.tolist() == [[1, 7, 2, 5], [1, 8, 9, 2]]
    assert mask.tolist() == [[1, 1, 1, 0], [1, 1, 1, 1]]


def test_joined_texts_bear_the_highest_rate_and_count_as_the_least() -> None:
    rates, weights = desk(lessons()).targets(np.array([0, 1]))
    assert rates[:, 0].tolist() == pytest.approx([0.9, 0.9])
    assert weights[:, 0].tolist() == pytest.approx([1.0, 0.5])


@pytest.mark.parametrize("epochs", [0.3, 1.0, 2.4])
def test_a_plan_reads_as_many_texts_as_it_says_and_all_alike(epochs: float) -> None:
    lengths = np.arange(5, 205) % 40 + 1
    read = list(course(np.arange(200), lengths, Plan(epochs, 1e-4, seed=1, tokens=120)))
    counts = np.bincount(np.concatenate([group for _, group in read]), minlength=200)
    assert counts.sum() == round(epochs * 200)
    assert counts.max() - counts.min() <= 1
    progress = [done for done, _ in read]
    assert progress == sorted(progress)
    assert 0.0 == progress[0] <= progress[-1] < 1.0


def test_mini_learns_labels_and_opinions_together() -> None:
    rows = [
        Row("labelled", (1.0, *CIVIL[1:]), "source", ""),
        Row("by n-grams", (0.9, *NONE[1:]), "source", ""),
        Row("in doubt", (0.9, *NONE[1:]), "chat line", "", 0.5),
    ]
    even = np.zeros((3, len(LABELS)), dtype=np.float16)  # logits: both teachers are undecided
    targets = targets_of(rows, [even, even])
    mixed = (1 - LABEL_SHARE) / 2
    assert targets.rates[:, 0].tolist() == pytest.approx(
        [LABEL_SHARE + mixed, 0.5, LABEL_SHARE * 0.9 + mixed]
    )
    assert targets.weights[:, 0].tolist() == pytest.approx([1.0, OPINION_WEIGHT, 0.5])


def test_the_mean_of_checkpoints_counts_each_as_told(tmp_path: Path) -> None:
    paths = [tmp_path / f"{value}.ckpt" for value in (1, 6)]
    for path in paths:
        save({"weight": torch.full((2,), float(path.stem))}, path, {})
    assert averaged(paths, [0.4, 0.6])["weight"].tolist() == pytest.approx([4.0, 4.0])
    for wrong in ([1.0], [0.5, 0.6]):
        with pytest.raises(ValueError):
            averaged(paths, wrong)


def desk(some: Lessons) -> Desk:
    rates = np.full((2, len(LABELS)), 0.9, np.float32)
    rates[1] = 0.2
    weights = np.full((2, len(LABELS)), 1.0, np.float32)
    weights[1] = 0.5
    return Desk(some, Targets(rates, weights), padding=5, device=torch.device("cpu"))


def test_an_opinion_goes_with_its_text_and_a_text_that_is_new_has_none() -> None:
    before = [Row(text, NONE, "source", "") for text in ("first", "second")]
    after = [Row(text, NONE, "source", "") for text in ("second", "new", "first")]
    opinions = np.array([[1.0] * len(LABELS), [2.0] * len(LABELS)], dtype=np.float16)
    found = carried(before, opinions, after)
    assert found[:, 0].tolist()[::2] == [2.0, 1.0]
    assert np.isnan(found[1]).all()


def test_a_label_stands_by_itself_where_the_teachers_have_no_opinion() -> None:
    rows = [Row("new", (1.0, UNKNOWN, *CIVIL[2:]), "source", "", 0.7)]
    targets = targets_of(rows, [np.full((1, len(LABELS)), np.nan, dtype=np.float16)] * 2)
    assert targets.rates[0].tolist() == [1.0, *CIVIL[1:]]
    assert targets.weights[0] == pytest.approx([0.7, 0.0, *[0.7] * (len(LABELS) - 2)])


def test_texts_without_an_opinion_make_up_the_share_that_is_asked_for() -> None:
    some = Lessons.of([[1, 2]] * 50, [[number] for number in range(50)])
    unread = np.arange(50) < 8
    found = drawn(some, unread, 0.5, seed=1)
    assert sorted(found[found < 8]) == [*range(8)]
    assert len(set(found)) == len(found) == 16
    assert drawn(some, unread, None, seed=1).tolist() == [*range(50)]
