"""Texts that are written again: marked up as they were, and pinging nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import MessageEntity

from bot.adapters.telegram import marks
from bot.adapters.telegram.writing import Writing, Written, length, parted, unpinging

JOINER = "\u2060"
TEXTS = st.text(st.sampled_from("ab @.:/👑\n"), min_size=1, max_size=40)


@st.composite
def marked_up(draw: st.DrawFn) -> Written:
    """A text and an entity of one or more whole characters of it."""
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    before, covered = length(text[:start]), length(text[start:end])
    return Written(text, (MessageEntity(MessageEntity.BOLD, before, covered),))


def covered(written: Written) -> list[str]:
    """What a text's entities cover."""
    raw = written.text.encode("utf-16-le")
    spans = ((each.offset * 2, (each.offset + each.length) * 2) for each in written.entities)
    return [raw[start:end].decode("utf-16-le") for start, end in spans]


@given(marked_up())
def test_a_text_that_pings_nobody_is_marked_up_where_it_was(written: Written) -> None:
    after = unpinging(written)
    assert after.text.replace(JOINER, "") == written.text
    assert [each.replace(JOINER, "") for each in covered(after)] == covered(written)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ask @ravi", "ask @\u2060ravi"),
        ("(@ravi)", "(@\u2060ravi)"),
        ("ravi@example.org", "ravi@example.org"),
        ("https://example.org/@ravi", "https://example.org/@ravi"),
        ("https://@ravi", "https://@\u2060ravi"),
        ("https://example.org,@ravi", "https://example.org,@\u2060ravi"),
        ("at 5 @ noon", "at 5 @ noon"),
    ],
)
def test_a_name_is_no_ping_and_an_address_stays_whole(text: str, kept: str) -> None:
    assert unpinging(Written(text)).text == kept


@given(marked_up(), st.integers(2, 20))
def test_what_is_parted_is_all_there_with_its_marks(written: Written, most: int) -> None:
    first, rest = parted(written, most)
    assert length(first.text) <= most
    assert first.text + rest.text == written.text
    assert "".join(covered(first) + covered(rest)) == "".join(covered(written))


def test_a_text_that_is_put_behind_another_keeps_its_marks() -> None:
    bold = Written("👑 king", (MessageEntity(MessageEntity.BOLD, 3, 4),))
    written = Writing().line("👑", MessageEntity.ITALIC).put(bold).written()
    assert covered(written) == ["👑", "king"]


def test_no_mark_ends_behind_the_text() -> None:
    written = Writing().line("king\n", MessageEntity.BOLD).written()
    assert (written.text, covered(written)) == ("king", ["king"])


def test_marks_are_read_as_they_were_written_down() -> None:
    kept = (
        MessageEntity(MessageEntity.PRE, 0, 4, language="python"),
        MessageEntity(MessageEntity.TEXT_LINK, 5, 4, url="https://example.org/"),
    )
    assert marks.read(marks.written(kept)) == kept


def test_what_pings_or_no_bot_may_write_is_not_kept() -> None:
    kinds = (MessageEntity.CUSTOM_EMOJI, MessageEntity.TEXT_MENTION, MessageEntity.MENTION)
    assert marks.written([MessageEntity(kind, 0, 2) for kind in kinds]) == ""
