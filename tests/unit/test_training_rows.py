"""The rows that `mini` learns from beside those that people labelled."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.chat_lines import SOURCE, chat_lines
from models.data import LABELS, UNKNOWN, Row, Split, with_implied
from models.emoji import SKIN_TONES, clean_emoji_rows
from models.gather import read, unlabelled, write
from models.ngrams import civil_sentences, pieces, without_one_sided

CIVIL = (0.0,) * len(LABELS)
TOXIC = (1.0, UNKNOWN, UNKNOWN, 1.0, UNKNOWN)


class Fixed:
    """N-grams that find whatever says "idiot" toxic."""

    def scores(self, texts):
        return np.array([[0.9 if "idiot" in text else 0.1] * len(LABELS) for text in texts])


def test_made_up_lines_are_the_same_for_a_seed_and_no_two_are_alike() -> None:
    lines = chat_lines(2_000, seed=1)
    assert lines == chat_lines(2_000, seed=1)
    assert lines != chat_lines(2_000, seed=2)
    assert len({line.text for line in lines}) == len(lines) > 1_000


def test_every_slot_of_a_made_up_line_is_filled() -> None:
    assert not any("{" in line.text or "}" in line.text for line in chat_lines(3_000, seed=1))


def test_half_of_the_made_up_lines_spell_words_of_hindi_otherwise() -> None:
    spellings = tomllib.loads(SOURCE.read_text("utf-8"))["spellings"]
    assert all(word not in others for word, others in spellings.items())
    lines = {line.text for line in chat_lines(3_000, seed=1)}
    assert any("nhi" in text.split() for text in lines)
    assert any("nahi" in text.split() for text in lines)


def test_made_up_lines_are_rude_and_civil_and_say_so_of_labels_that_exist() -> None:
    sets = tomllib.loads(SOURCE.read_text("utf-8"))["sets"]
    assert all(set(each["labels"]) <= set(LABELS) for each in sets)
    toxic = [line.labels[0] for line in chat_lines(3_000, seed=1)]
    assert 0.3 < np.mean([label >= 0.5 for label in toxic]) < 0.7


@pytest.mark.parametrize("source", ["toxic_spans", "paradetox"])
def test_only_a_source_that_knows_no_civil_text_loses_its_say(source: str) -> None:
    [row] = without_one_sided([Row("you idiot", TOXIC, source, "g")])
    assert row.labels[0] == (UNKNOWN if source == "toxic_spans" else 1.0)
    assert row.labels[1:] == TOXIC[1:]


def test_civil_sentences_of_a_toxic_post_are_learnt_as_civil() -> None:
    text = "I read the article twice. You are an idiot. The tax is due in May. It was raining."
    post = Row(text, TOXIC, "toxic_spans", "g")
    found = civil_sentences([post] * 8 + [replace(post, source="paradetox")], Fixed(), seed=1)  # type: ignore[arg-type]
    assert found
    for row in found:
        assert row.labels == CIVIL
        assert "idiot" not in row.text
        assert row.text in text
        assert row.group == "g"


def test_a_text_that_is_not_toxic_is_not_insulting_either() -> None:
    blank = (UNKNOWN,) * (len(LABELS) - 1)
    civil, rude, silent = with_implied(
        Row("a text", (toxicity, *blank), "source", "g") for toxicity in (0.0, 1.0, UNKNOWN)
    )
    assert civil.labels == CIVIL
    assert rude.labels[1:] == silent.labels[1:] == blank


def test_pieces_of_a_text_bear_no_label() -> None:
    rows = [Row("You are an idiot, said the judge.", TOXIC, "source", "g")] * 5
    found = pieces(rows, each=3, seed=1)
    assert 1 < len(found) == len({row.text for row in found})
    for row in found:
        assert row.labels == (UNKNOWN,) * len(LABELS)
        assert row.text in rows[0].text


def test_rows_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    learnt = [
        Row("naïve \n 🙂", TOXIC, "source", "", 0.7),
        Row("b", (0.33, *CIVIL[1:]), "piece", ""),
    ]
    kept_back = [Row("c", (UNKNOWN,) * len(LABELS), "irc", "")]
    write(Split(learnt, kept_back), tmp_path / "rows.jsonl.gz")
    assert read(tmp_path / "rows.jsonl.gz") == Split(learnt, kept_back)


def test_chat_that_is_not_shown_as_clean_is_left_for_the_teachers() -> None:
    unknown = (UNKNOWN,) * len(LABELS)
    chat = [Row(text, unknown, "irc", "log") for text in ("Hello!", "hello", "bye")]
    assert [row.text for row in unlabelled(chat, [chat[0]])] == ["bye"]


def test_clean_chat_is_shown_with_emoji_in_every_colour_of_skin() -> None:
    chat = [Row(f"hello {number}", CIVIL, "irc", "log") for number in range(600)]
    rows = clean_emoji_rows(chat, ["😀", "🙂"], 600, seed=1)
    toned = {tone for tone in SKIN_TONES if any(tone in row.text for row in rows)}
    assert toned == set(SKIN_TONES)
    assert all(row.labels == CIVIL for row in rows)
