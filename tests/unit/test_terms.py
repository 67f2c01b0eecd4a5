"""Deny and allow lists: whole words, every script, and no pattern that stalls the bot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidPolicy
from bot.domain.policy import Action
from bot.domain.terms import Term, found, without
from tests.factories import a_message, a_policy


@pytest.mark.parametrize(
    ("term", "text", "there"),
    [
        ("ass", "what an ASS!", True),
        ("ass", "a classic passage", False),
        ("niger", "greetings from Nigeria", False),
        ("lia", "liability", False),
        ("बुरा", "यह बुरा है", True),
        ("बुरा", "बुराई", False),
        ("дурак", "ты Дурак", True),
        ("caf\u00e9", "the cafe\u0301 closed", True),
        ("a.b", "a.b", True),
        ("a.b", "axb", False),
        ("🖕", "so 🖕 you", True),
    ],
)
def test_a_term_is_found_as_a_whole_word_in_any_script(term: str, text: str, there: bool) -> None:
    assert bool(found([Term(term)], text)) is there


def test_a_term_may_ask_for_any_place_in_a_word() -> None:
    assert found([Term("bot", whole_word=False)], "robotic")


def test_an_allowed_term_excuses_itself_and_nothing_beside_it() -> None:
    policy = a_policy(allow=(Term("Scunthorpe United"),), deny=(Term("idiot", hide=True),))
    text = policy.text_to_judge(a_message("Scunthorpe United fan, you idiot"))
    assert "Scunthorpe" not in text
    assert policy.judge([*policy.listed(text)]).action is Action.HIDE


@pytest.mark.parametrize(
    "term",
    [
        {"text": "(", "pattern": True},
        {"text": " "},
        {"text": "x" * 261},
        {"text": "x*", "pattern": True, "whole_word": False},
    ],
)
def test_a_term_that_cannot_be_is_refused_with_its_reason(term: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy):
        Term(**term)  # type: ignore[arg-type]


def test_a_bad_pattern_is_told_of_as_it_was_written() -> None:
    with pytest.raises(InvalidPolicy) as refused:
        Term("(free", pattern=True)
    assert str(refused.value) == "term '(free': missing ): (free"
    with pytest.raises(InvalidPolicy, match="unexpected"):
        Term("a)(b", pattern=True)


def test_a_pattern_that_would_stall_other_engines_is_answered_at_once() -> None:
    """A backtracking engine needs exponential time here: it would run into the test's limit."""
    assert not found([Term("(a+)+b", pattern=True)], "a" * 100_000)


@given(st.text(max_size=80), st.text(max_size=80))
def test_blanking_leaves_no_allowed_term_and_finishes(before: str, after: str) -> None:
    term = Term("okay", whole_word=False)
    assert not found([term], without([term], f"{before}okay{after}"))


def test_a_pattern_that_finds_only_a_spot_blanks_nothing() -> None:
    assert without([Term(r"\b", pattern=True, whole_word=False)], "two words") == "two words"
