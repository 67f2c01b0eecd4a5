"""Which words of a text drove a score, for the reviewers who are to judge it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from time import monotonic

from bot.domain.explanations import WordWeight
from bot.domain.ports import Lane, Scorer
from bot.domain.scores import Label, Scores
from bot.scoring.folding import Folding, all_readings, folding_stages

MOST_WORDS = 40
"""Words that are weighed; of a longer text, those of the part that scores highest."""
MOST_PARTS = 64
MOST_TOLD = 6
AT_ONCE = 8
"""Texts that wait for the scorer at a time, so that messages come between."""
REST = 4.0
"""How many times as long as some texts took the next ones wait: the busier the model, the more it
is left to messages, and never is more than a fifth of it taken."""

TELLING = 0.05
"""Words that weigh less tell nobody anything."""
LONGEST_TOLD = 60
"""Characters told of one word."""


async def explain(text: str, scorer: Scorer, label: Label) -> tuple[WordWeight, ...]:
    """The words that drove the label's score, the weightiest first, each once; fits `Explain`.

    Costs the scores of twice MOST_WORDS short texts, and more for a long text: for messages under
    review, not for every message. Nothing where the text has no words or the model lacks the label.
    Raises ScorerUnavailable.
    """
    read = await _highest(all_readings(text), scorer, label)
    words = await _narrowed(read.split(), scorer, label)
    if not words:
        return ()
    whole, *others = await _scores([" ".join(words), *_without_each(words), *words], scorer, label)
    weights: dict[str, float] = {}
    for word, without, alone in zip(words, others, others[len(words) :], strict=False):
        own = alone if 2 * alone >= whole else 0.0
        # Two insults excuse each other's absence: what each is by itself counts as well.
        weights[word] = max(weights.get(word, 0.0), whole - without, own)
    driving = [
        WordWeight(word[:LONGEST_TOLD], weight, _hidden_by(word, text, read))
        for word, weight in weights.items()
        if weight >= TELLING
    ]
    return tuple(sorted(driving, key=lambda each: -each.weight)[:MOST_TOLD])


def _without_each(words: Sequence[str]) -> list[str]:
    return [" ".join([*words[:place], *words[place + 1 :]]) for place in range(len(words))]


async def _narrowed(words: Sequence[str], scorer: Scorer, label: Label) -> Sequence[str]:
    while len(words) > MOST_WORDS:
        step = max(MOST_WORDS // 2, -(-len(words) // MOST_PARTS))
        starts = itertools.chain(range(0, len(words) - 2 * step, step), [len(words) - 2 * step])
        parts = [" ".join(words[start : start + 2 * step]) for start in starts]
        words = (await _highest(parts, scorer, label)).split()
    return words


async def _highest(texts: Sequence[str], scorer: Scorer, label: Label) -> str:
    if len(texts) == 1:
        return texts[0]
    scored = await _scores(texts, scorer, label)
    return texts[max(range(len(texts)), key=scored.__getitem__)]


async def _scores(texts: Sequence[str], scorer: Scorer, label: Label) -> list[float]:
    scored: list[Scores] = []
    for few in (texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)):
        since = monotonic()
        scored += await scorer.score(few, lane=Lane.LATER)
        await asyncio.sleep(REST * (monotonic() - since))
    return [each.by_label.get(label, 0.0) for each in scored]


def _hidden_by(word: str, text: str, read: str) -> Folding | None:
    if read == text or word in text.split():
        return None
    stages = folding_stages(text)
    shown = [stage.folding for stage in stages if word in stage.text.split()]
    # In the other of two readings a word may be in none of the stages of the first.
    return shown[0] if shown else stages[-1].folding
