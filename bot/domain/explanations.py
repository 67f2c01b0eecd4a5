"""Why a score is as high as it is, in the message's own words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.domain.scores import Label


@dataclass(frozen=True, slots=True)
class WordWeight:
    """One word's share in a label's score.

    word: as it was read, which is not how it was written where `folding` is set.
    weight: how much lower the score is without the word; for a word that by itself reaches half of
        the whole score, at least its own. Above 0.0, at most 1.0.
    folding: the way of writing that hid the word, by its key among the phrases; None for one that
        stood there in plain letters.
    """

    word: str
    weight: float
    folding: str | None = None


Explain = Callable[[str, Label], Awaitable[tuple[WordWeight, ...]]]
"""Says which words of a text drove its score for a label, the weightiest first, a few of them.
Raises ScorerUnavailable."""
