"""Hindi in Devanagari, read as people write it in Latin letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.scoring.folding import Folding, all_readings, folding_stages
from bot.scoring.folding.devanagari import harsh_in_latin, in_latin


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("कमल सरकार समझना समझदार", "kamal sarkar samajhna samajhdar"),
        ("प्रधानमंत्री उसका औरत आइए", "pradhanmantri uska aurat aie"),
        ("संबंध मुंबई हिंदू चाँद नहीं", "sambandh mumbai hindu chand nahin"),
        ("ज़रूर फ़िल्म लड़का बड़ा क़लम", "zarur film ladka bada qalam"),
        ("ज\u093cरूर \u095eिल्म", "zarur film"),
        ("अच्छा बच्चा ज्ञान दुःख", "accha baccha gyan duhkh"),
        ("में यह वह वाला न व", "mein yeh woh wala na va"),
        ("राम्\u200dया १२ बजे।", "ramya 12 baje."),
        ("ok भाई, see you", "ok bhai, see you"),
        ("ा ् ं ़ ऽ", "  n  "),
    ],
)
def test_words_are_written_as_they_are_spoken(written: str, spoken: str) -> None:
    assert in_latin(written) == spoken


def test_a_harsh_word_makes_the_whole_text_be_read_in_latin_letters() -> None:
    assert harsh_in_latin("तू हरामी है") == "tu harami hai"
    assert harsh_in_latin("तू अच्छा है") == "तू अच्छा है"


def test_a_harsh_word_is_known_in_every_way_of_writing_its_dots() -> None:
    assert harsh_in_latin("हरामज\u093cादा") == harsh_in_latin("हराम\u095bादा") == "haramzada"
    assert harsh_in_latin("हरामजादा") == "haramjada"
    assert harsh_in_latin("गाँड") == harsh_in_latin("गांड") == "gand"


@pytest.mark.parametrize("text", ["झट से गंदा पानी", "छक्का मारा कुत्ते ने", "साला गधा काट रहा है"])
def test_an_ordinary_word_that_sounds_or_may_be_meant_harshly_changes_nothing(text: str) -> None:
    assert harsh_in_latin(text) == text


def test_the_text_as_it_stands_counts_as_well() -> None:
    assert all_readings("तू हरामी है") == ("tu harami hai", "तू हरामी है")


def test_reviewers_are_told_that_the_word_stood_in_devanagari() -> None:
    assert [stage.folding for stage in folding_stages("तू हरामी है")] == [Folding.DEVANAGARI]


@pytest.mark.parametrize("unseen", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"])
def test_a_harsh_word_is_known_with_unseen_characters_in_it(unseen: str) -> None:
    assert harsh_in_latin(f"ह{unseen}राम{unseen}ी है") == "harami hai"


@given(st.text(st.characters(min_codepoint=0x900, max_codepoint=0x97F), max_size=40))
def test_no_consonant_is_left_in_devanagari(text: str) -> None:
    assert not {*in_latin(text)} & {chr(code) for code in range(0x915, 0x93A)}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_text_without_devanagari_stays(text: str) -> None:
    assert in_latin(text) == text or any("\u0900" <= letter <= "\u097f" for letter in text)
