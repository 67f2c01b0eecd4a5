"""A scorer's engine without a model: what is rude is known by its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.domain.scores import Label
from bot.scoring.batching import BatchingScorer
from bot.scoring.engines import Span
from tests.fakes.hosts import hosted

RUDE = {"idiot": 0.99, "silly": 0.88}


class WordsEngine:
    """Fits `bot.scoring.engines.Engine`: "idiot" is hidden by every preset, "silly" reviewed."""

    window = 256
    tokens_a_call = 512
    pads = True

    def spans(self, text: str) -> Sequence[Span]:
        """A word a token."""
        return [match.span() for match in re.finditer(r"\w+|\S", text)]

    def score_batch(self, texts: Sequence[str]) -> list[Mapping[Label, float]]:
        """The worst word's score, for toxicity and insult."""
        scores = [
            max((RUDE.get(word, 0.01) for word in text.lower().split()), default=0.0)
            for text in texts
        ]
        return [{Label.TOXICITY: score, Label.INSULT: score} for score in scores]


async def open_words_scorer(*_: object) -> BatchingScorer:
    """A scorer on this engine, whatever the settings say."""
    scorer = BatchingScorer("words", hosted(WordsEngine))
    await scorer.start()
    return scorer
