from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.scoring.windows import CHARACTERS_A_TOKEN, MAX_STRETCHES, STRETCH, Reading, read


def words(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\S+", text)]


def numbers(count: int) -> str:
    return " ".join(str(number) for number in range(count))


counts = st.integers(0, 3000)
windows = st.integers(4, 600)


@given(counts, windows)
def test_no_window_is_longer_than_the_model_reads(count: int, window: int) -> None:
    for each in read(numbers(count), words, window).windows:
        assert each.tokens <= window
        assert len(words(each.text)) == each.tokens


@given(counts, windows)
def test_every_token_is_in_a_window_unless_the_reading_says_so(count: int, window: int) -> None:
    text = numbers(count)
    reading = read(text, words, window)
    seen = {word for each in reading.windows for word in each.text.split()}
    assert (seen == set(text.split())) == reading.complete


@given(counts, windows)
def test_a_text_that_fits_is_read_whole_and_as_it_stands(count: int, window: int) -> None:
    text = f"  {numbers(min(count, window))}\t"
    reading = read(text, words, window)
    assert [each.text for each in reading.windows] == [text]
    assert reading.complete


@given(counts, windows)
def test_of_a_longer_text_the_first_window_is_what_detoxify_reads(count: int, window: int) -> None:
    text = numbers(window + 1 + count)
    first = read(text, words, window).windows[0]
    assert first.text.split() == text.split()[:window]


@given(counts, windows)
def test_neighbouring_stretches_overlap_and_are_short(count: int, window: int) -> None:
    reading = read(numbers(window + 1 + count), words, window)
    _, *stretches = [each.text.split() for each in reading.windows]
    assert all(len(each) <= STRETCH for each in stretches)
    if reading.complete:
        for left, right in itertools.pairwise(stretches):
            assert right[0] in left[1:]


def test_an_empty_text_is_one_empty_window() -> None:
    [only] = read("", words, 10).windows
    assert only.text == ""


def test_an_insult_after_ten_thousand_characters_of_padding_is_in_a_stretch() -> None:
    reading = read("so nice " * 1250 + "idiot", words, 510)
    assert any("idiot" in each.text and each.tokens <= STRETCH for each in reading.windows)
    assert reading.complete


def test_the_longest_telegram_post_is_read_whole_even_at_a_token_a_character() -> None:
    assert read("字" * 4096, Counted(), 510).complete


def test_beyond_the_bound_head_and_tail_are_read_and_the_reading_says_it_is_not_whole() -> None:
    text = "first " + "word " * (MAX_STRETCHES * 20) + "last"
    reading = read(text, words, 10)
    assert len(reading.windows) == MAX_STRETCHES + 1
    assert reading.windows[1].text.startswith("first")
    assert reading.windows[-1].text.endswith("last")
    assert not reading.complete


class Counted:
    """A character a token; counts the characters it is asked for."""

    def __init__(self) -> None:
        self.characters = 0

    def __call__(self, text: str) -> list[tuple[int, int]]:
        self.characters += len(text)
        return [(place, place + 1) for place in range(len(text))]


def a_megabyte(window: int) -> tuple[Reading, Counted]:
    counted = Counted()
    return read("<" + "x" * 1_000_000 + ">", counted, window), counted


def test_a_megabyte_is_cut_before_it_is_tokenized() -> None:
    reading, counted = a_megabyte(510)
    assert counted.characters == (MAX_STRETCHES * STRETCH + 510) * CHARACTERS_A_TOKEN
    assert len(reading.windows) == MAX_STRETCHES + 1
    assert not reading.complete


@pytest.mark.parametrize("window", [50, 510])
def test_of_a_megabyte_the_first_and_the_last_character_are_read(window: int) -> None:
    reading, _ = a_megabyte(window)
    assert reading.windows[0].text.startswith("<")
    assert reading.windows[-1].text.endswith(">")
    assert all(each.tokens <= window for each in reading.windows)


def test_a_megabyte_of_spaces_is_read_too() -> None:
    reading = read(" " * 1_000_000, words, 510)
    assert not reading.complete


def test_a_long_text_reads_the_same_twice() -> None:
    assert a_megabyte(50)[0] == a_megabyte(50)[0]
