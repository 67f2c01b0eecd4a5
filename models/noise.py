"""Spelling as people in chat write it, so that `mini` does not depend on clean prose.

Every rule is drawn alike for toxic and for civil text, else the noise itself would become a sign.
Case does not matter here: the tokenizer lower-cases.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from .data import Row, normalised

# Common chat spellings, written down from general knowledge; no labelled text was looked at.
ABBREVIATIONS: dict[str, str] = {
    "you": "u", "your": "ur", "you're": "ur", "are": "r", "people": "ppl", "please": "pls",
    "because": "cuz", "though": "tho", "with": "w", "what": "wut", "to": "2", "for": "4",
    "okay": "k", "thanks": "thx", "really": "rly", "right": "rite", "the": "da", "that": "dat",
    "this": "dis", "them": "em", "going": "gonna", "have": "hav", "don't": "dont", "know": "kno",
    "everyone": "every1", "someone": "some1", "why": "y", "see": "c", "be": "b", "and": "n",
    "before": "b4", "great": "gr8", "love": "luv", "stop": "stahp", "guys": "guyz",
}  # fmt: skip
LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
EVERYWHERE = 0.12
"""How often all words of a changed text are misspelt alike, as by somebody who evades."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_SOURCE_MARKS = re.compile(r"(?:\brt\s+)?@\w+:?|\[URL\]|\[USER\]|https?://\S+", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[.,!?;:\"'()*_-]+")


def word_weights(rows: Iterable[Row]) -> dict[str, float]:
    """How much oftener a word stands in toxic than in civil rows, as a logarithm (base e)."""
    from math import log

    toxic: Counter[str] = Counter()
    civil: Counter[str] = Counter()
    for row in rows:
        if row.labels[0] in (0.0, 1.0):
            (toxic if row.labels[0] else civil).update(set(normalised(row.text).split()))
    total = (sum(toxic.values()) + 1, sum(civil.values()) + 1)
    words = {word for word, n in (toxic + civil).items() if n >= 5}
    return {w: log((toxic[w] + 1) / total[0]) - log((civil[w] + 1) / total[1]) for w in words}


class Noise:
    """Changes a text at random. strength: chance that a text is changed at all, 0.0 to 1.0."""

    def __init__(
        self, seed: int | str, weights: Mapping[str, float], strength: float = 0.5
    ) -> None:
        self._rng = random.Random(f"noise {seed}")
        self._weights = weights
        self._strength = strength

    def __call__(self, text: str) -> str:
        """Give the text as somebody in a hurry might have typed it."""
        rng = self._rng
        if rng.random() < 0.5:
            text = _SOURCE_MARKS.sub(" ", text).strip() or text
        if rng.random() >= self._strength:
            return text
        if rng.random() < EVERYWHERE:
            rule = rng.choice((self._swap, self._drop, self._leet, self._mask))
            return _WORD.sub(lambda word: rule(word[0]), text)
        if rng.random() < 0.4:
            text = _PUNCTUATION.sub(lambda m: "" if m[0] in "'-" else " ", text)
        if rng.random() < 0.35:
            text = self._abbreviate(text)
        changes = rng.choice((0, 1, 1, 1, 2)) if len(text) < 200 else rng.choice((1, 2, 3))
        for _ in range(changes):
            text = self._change_a_word(text)
        return text

    def _abbreviate(self, text: str) -> str:
        words = text.split(" ")
        short = [ABBREVIATIONS.get(w.lower(), w) if self._rng.random() < 0.6 else w for w in words]
        return " ".join(short)

    def _change_a_word(self, text: str) -> str:
        matches = list(_WORD.finditer(text))
        if not matches:
            return text
        match = self._pick(matches)
        rule = self._rng.choice(
            (
                self._typo,
                self._typo,
                self._stretch,
                self._leet,
                self._mask,
                self._vowels,
                self._ending,
            )
        )
        return text[: match.start()] + rule(match[0]) + text[match.end() :]

    def _pick(self, matches: list[re.Match[str]]) -> re.Match[str]:
        """The most telling word half the time (toxic or civil alike), any word otherwise."""
        if self._rng.random() < 0.5:
            return max(matches, key=lambda m: abs(self._weights.get(m[0].lower(), 0.0)))
        return self._rng.choice(matches)

    def _typo(self, word: str) -> str:
        rng = self._rng
        kind = rng.randrange(4)
        if kind == 0:
            return self._drop(word)
        if kind == 1:
            return self._swap(word)
        at = rng.randrange(1, len(word))
        if kind == 2:
            return word[:at] + word[at] + word[at:]
        return word[:at] + rng.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :]

    def _drop(self, word: str) -> str:
        at = self._rng.randrange(1, len(word))
        return word[:at] + word[at + 1 :]

    def _swap(self, word: str) -> str:
        at = self._rng.randrange(len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    def _stretch(self, word: str) -> str:
        at = self._rng.choice((len(word) - 1, self._rng.randrange(len(word))))
        return word[:at] + word[at] * self._rng.randint(2, 6) + word[at + 1 :]

    def _leet(self, word: str) -> str:
        places = [i for i, letter in enumerate(word) if letter.lower() in LEET]
        chosen = self._rng.sample(places, min(len(places), self._rng.randint(1, 2)))
        return "".join(
            self._rng.choice(LEET[c.lower()]) if i in chosen else c for i, c in enumerate(word)
        )

    def _mask(self, word: str) -> str:
        at = self._rng.randrange(1, len(word))
        width = self._rng.randint(1, max(1, min(2, len(word) - at)))
        return word[:at] + self._rng.choice("***-#.") * width + word[at + width :]

    def _vowels(self, word: str) -> str:
        return word[0] + re.sub(r"[aeiou]", "", word[1:], count=self._rng.randint(1, 2))

    def _ending(self, word: str) -> str:
        if word.endswith("ing"):
            return word[:-1]
        if word.endswith("er"):
            return word[:-2] + "a"
        return word + self._rng.choice(("s", "z", "", "x"))
