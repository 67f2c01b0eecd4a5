"""A quick judge by n-grams, and the rows that it helps to derive.

It says which short clauses of a toxic text are toxic by themselves, what the toxicity of a row may
be whose source is silent, and which IRC lines are not clean. It is also the baseline of the card.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import FeatureUnion

from .data import LABELS, UNKNOWN, Row, normalised
from .inference import Floats

CERTAIN = 0.9
"""The n-grams' score from which a clause of a positive text counts as positive itself."""
CLEAN = 0.3
"""The n-grams' score up to which IRC and clauses of civil text count as clean."""
CIVIL = 0.15
"""The n-grams' toxicity up to which a sentence of a toxic post counts as civil."""
SENTENCE_WEIGHT = 0.85
CLAUSE_WORDS = 7
ONE_SIDED = frozenset({"toxic_spans"})
"""Sources all of whose rows are toxic: their style must not be learnt as the sign of it."""
_SHOWN = 400  # characters that the n-grams are of
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_BREAK = re.compile(r"[.!?;,:\n\"()]+|\b(?:and|but|because|so|then)\b", re.IGNORECASE)


@dataclass(slots=True)
class Ngrams:
    """One logistic regression a label over hashed word and character n-grams."""

    vectorizer: Any
    heads: dict[str, SGDClassifier]

    def scores(self, texts: Sequence[str]) -> Floats:
        """Rate texts; one column a label, 0.0..1.0."""
        features = self.vectorizer.transform([t[:_SHOWN] for t in texts])
        columns = [self.heads[label].predict_proba(features)[:, 1] for label in LABELS]
        return np.stack(columns, axis=1).astype(np.float32)


def train_ngrams(rows: Sequence[Row], seed: int) -> Ngrams:
    """Fit n-grams to the labels that are known."""
    vectorizer = FeatureUnion(
        [
            ("words", HashingVectorizer(ngram_range=(1, 2), n_features=2**19, lowercase=True,
                                        token_pattern=r"(?u)\b\w+\b|[^\w\s]")),
            ("letters", HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5),
                                          n_features=2**20)),
        ]
    )  # fmt: skip
    features = vectorizer.transform([row.text[:_SHOWN] for row in rows])
    labels = np.array([row.labels for row in rows])
    heads = {}
    for column, label in enumerate(LABELS):
        known = labels[:, column] != UNKNOWN
        model = SGDClassifier(loss="log_loss", alpha=2e-6, max_iter=6, tol=None, average=True,
                              random_state=seed)  # fmt: skip
        heads[label] = model.fit(features[known], labels[known, column] > 0.5)
    return Ngrams(vectorizer, heads)


def fill_silent(rows: Sequence[Row], ngrams: Ngrams) -> list[Row]:
    """Put the n-grams' opinion, strictly between 0 and 1, where a toxicity is unknown.

    Without it, sources that only ever say "toxic" would teach their style as toxic. The loss counts
    such an opinion less than a label.
    """
    silent = [row for row in rows if row.labels[0] == UNKNOWN]
    scores = ngrams.scores([row.text for row in silent])[:, 0].clip(0.001, 0.999)
    opinions = iter(scores)
    return [
        replace(row, labels=(float(next(opinions)), *row.labels[1:]))
        if row.labels[0] == UNKNOWN
        else row
        for row in rows
    ]


def clean_chat(rows: Sequence[Row], ngrams: Ngrams, count: int, seed: int) -> list[Row]:
    """Choose IRC lines, none twice, that the n-grams find clean on every label: all labels 0."""
    unique = list({normalised(row.text): row for row in rows}.values())
    random.Random(f"irc {seed}").shuffle(unique)
    chosen = unique[: 2 * count]
    scores = ngrams.scores([_without_nick(row.text) for row in chosen]).max(axis=1)
    none = (0.0,) * len(LABELS)
    clean = [replace(row, labels=none) for row, s in zip(chosen, scores, strict=True) if s < CLEAN]
    return clean[:count]


def _without_nick(text: str) -> str:
    return re.sub(r"^[\w|\[\]`^-]+[:,] ", "", text)


def without_one_sided(rows: Sequence[Row]) -> list[Row]:
    """The rows, and where a source only ever says "toxic" its toxicity as unknown."""
    return [
        replace(row, labels=(UNKNOWN, *row.labels[1:])) if row.source in ONE_SIDED else row
        for row in rows
    ]


def civil_sentences(rows: Sequence[Row], ngrams: Ngrams, seed: int) -> list[Row]:
    """Cut sentences that the n-grams find civil from toxic posts of one-sided sources.

    There are about as many as posts, so that the source's style says nothing. Only the n-grams'
    toxicity counts: its other heads know hardly anything but these posts, and find insults in most.

    ngrams: such as did not learn the toxicity of these sources, see `without_one_sided`.
    """
    rng = random.Random(f"sentences {seed}")
    posts = [row for row in rows if row.source in ONE_SIDED]
    twice = [(row, text) for row in 2 * posts for text in _some_sentences(row.text, rng)]
    cuts = list({normalised(text): (row, text) for row, text in twice if normalised(text)}.values())
    scores = ngrams.scores([text for _, text in cuts])[:, 0]
    none = (0.0,) * len(LABELS)
    return [
        Row(text, none, f"{row.source} sentence", row.group, SENTENCE_WEIGHT)
        for (row, text), score in zip(cuts, scores, strict=True)
        if score < CIVIL
    ]


def _some_sentences(text: str, rng: random.Random) -> list[str]:
    """One, two or three neighbouring sentences of a text that has more."""
    sentences = _SENTENCE_END.split(text)
    width = rng.randint(1, 3)
    if len(sentences) <= width:
        return []
    starts = range(0, len(sentences) - width + 1, width)
    return [" ".join(sentences[start : start + width]) for start in starts]


def clauses(rows: Sequence[Row], ngrams: Ngrams, count: int, seed: int) -> list[Row]:
    """Cut short, chat-like pieces: about `count` toxic ones and as many civil ones.

    A piece of a text that lacks a label lacks it as well. A piece of one that bears a label bears
    it only if the n-grams are certain; a toxic text's piece that is not surely toxic is not used.
    """
    rng = random.Random(f"clauses {seed}")
    toxic = [row for row in rows if row.labels[0] == 1]
    civil = [row for row in rows if row.labels[0] == 0]
    tries = [(row, _piece(row.text, rng)) for row in toxic for _ in range(2)]
    tries += [(row, _piece(row.text, rng)) for row in rng.sample(civil, min(count, len(civil)))]
    tries = list(
        {normalised(piece): (row, piece) for row, piece in tries if normalised(piece)}.values()
    )
    scores = ngrams.scores([piece for _, piece in tries])
    found = [_clause(row, piece, s) for (row, piece), s in zip(tries, scores, strict=True)]
    pieces = [row for row in found if row is not None]
    rng.shuffle(pieces)
    return [p for p in pieces if p.labels[0] == 1][:count] + [
        p for p in pieces if p.labels[0] == 0
    ][:count]


def pieces(rows: Sequence[Row], each: int, seed: int) -> list[Row]:
    """Cut short pieces of every row, none twice; what a piece means by itself nobody has said."""
    rng = random.Random(f"pieces {seed}")
    cuts = [_piece(row.text, rng) for row in rows for _ in range(each)]
    unknown = (UNKNOWN,) * len(LABELS)
    unique = {normalised(piece): piece for piece in cuts if normalised(piece)}
    return [Row(piece, unknown, "piece", key) for key, piece in unique.items()]


def _piece(text: str, rng: random.Random) -> str:
    parts = [part.split() for part in _BREAK.split(text)]
    long_enough = [words for words in parts if words]
    if not long_enough:
        return ""
    words = rng.choice(long_enough)
    width = min(len(words), rng.choice((1, 2, 2, 3, 3, 4, 5, CLAUSE_WORDS)))
    start = rng.randrange(len(words) - width + 1)
    return " ".join(words[start : start + width])


def _clause(row: Row, piece: str, scores: Floats) -> Row | None:
    toxic = row.labels[0] == 1
    if (toxic and scores[0] < CERTAIN) or (not toxic and scores[0] > 0.5):
        return None
    labels = tuple(
        _label_of_piece(known, float(score))
        for known, score in zip(row.labels, scores, strict=True)
    )
    return Row(piece, labels, f"{row.source} clause", row.group, 0.7)


def _label_of_piece(known: float, score: float) -> float:
    if known == 1:
        return 1.0 if score >= CERTAIN else UNKNOWN
    return known
