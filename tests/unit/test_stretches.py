"""Long text in stretches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.scoring.stretches import FROM, MOST, STRETCH, stretches


def test_a_chat_message_has_none() -> None:
    assert stretches("word " * (FROM // 5 - 1)) == ()


@given(st.integers(0, 3 * FROM), st.integers(FROM, 30_000))
def test_what_is_no_longer_than_half_a_stretch_stands_whole_in_one(at: int, length: int) -> None:
    insult = "you utter waste of everybody's time"
    words = ["padding"] * (length // 8)
    words.insert(at % len(words), insult)
    assert any(insult in stretch for stretch in stretches(" ".join(words)))


@given(st.integers(FROM, 50_000), st.text("ab \n", min_size=1, max_size=9))
def test_stretches_are_bounded_in_number_and_lose_no_word(length: int, unit: str) -> None:
    text = (unit * length)[:length]
    found = stretches(text)
    assert len(found) <= 2 * MOST + 1
    if not text.isspace():
        seen = {word for stretch in found for word in stretch.split() if len(word) < STRETCH // 2}
        assert {word for word in text.split() if len(word) < STRETCH // 2} <= seen


def test_a_short_line_stands_alone() -> None:
    prose = "a long line of prose " * 30
    assert "you idiot" in stretches(f"{prose}\nyou idiot\n{prose}")


def test_text_without_spaces_is_cut_anyway() -> None:
    assert "".join(stretches("字" * FROM)[::2])[:FROM] == "字" * (STRETCH // 2 * 2)
