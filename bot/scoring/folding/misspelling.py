"""Harsh words with a letter out of place, left out or masked: "idoit", "btch", "f*ck".

Which words those are, and which of their misspellings are words or names of their own, stands in
`harsh_words.txt`; `models/harsh_words.py` makes it. A text that holds none of them, and hardly a
masked word, stays as it is, whatever else is misspelt in it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from string import ascii_lowercase

from bot.scoring.folding.harsh import HARSH
from bot.scoring.folding.parting import commonest, is_word

MASKS = "*#"
SHORTEST, LONGEST = 4, 30
"""Letters of a misspelling: what is shorter is too often something else."""

FEWEST_SEEN = 2
"""Letters of a masked word that have to be seen, its first one among them."""

PLAINLY = 3
"""Masked words of a text that is plainly so written, harsh or not."""

_WORD = re.compile(rf"[a-z]{{{SHORTEST},}}")
_WORD_OR_MASKED = re.compile(rf"(?<![A-Za-z{MASKS}])[A-Za-z][A-Za-z{MASKS}]{{2,}}")


def respelled(text: str) -> str:
    """The text as it is spelled: its harsh words and, where there are such, all others too, since
    what a harsh word means depends on them."""
    return _WORD_OR_MASKED.sub(_spelled, text) if misspelt(text) else text


def respelled_otherwise(text: str) -> str:
    """As `respelled`, and a masked word is the second commonest that it can be: "wh*te" is "write"
    and "white". Text without masked words stays as it is."""
    if not (_is_masked(text) and misspelt(text)):
        return text
    return _WORD_OR_MASKED.sub(partial(_spelled, rank=1), text)


def misspelt(text: str) -> bool:
    """Whether there is a harsh word to spell, or several masked ones."""
    small = text.lower()
    if not _MEANT.keys().isdisjoint(_WORD.findall(small)):
        return True
    masked = [*filter(_is_masked, _WORD_OR_MASKED.findall(small))] if _is_masked(small) else []
    return len(masked) >= PLAINLY or any(
        _unmasked(each) is not None or _corrected(each) is not None for each in masked
    )


def variants(word: str) -> Iterator[str]:
    """A word with two neighbouring letters swapped, or an inner one left out; its first letter
    stays, since people would not know it again."""
    yield from _swapped(word)
    if len(word) > SHORTEST:
        yield from (word[:at] + word[at + 1 :] for at in range(1, len(word) - 1))


def _spelled(found: re.Match[str], rank: int = 0) -> str:
    written = found[0]
    small = written.lower()
    meant = _MEANT.get(small) or _unmasked(small) or _corrected(small, rank)
    if meant is None:
        return written
    if written.isupper():
        return meant.upper()
    return meant.capitalize() if written[0].isupper() else meant


def _is_masked(text: str) -> bool:
    return any(sign in text for sign in MASKS)


def _unmasked(word: str) -> str | None:
    """The commonest harsh word that a masked one can be."""
    seen = [(at, letter) for at, letter in enumerate(word) if letter not in MASKS]
    if len(seen) in (len(word), *range(FEWEST_SEEN)):
        return None
    alike = _BY_SHAPE.get((word[0], len(word)), ())
    return next((each for each in alike if all(each[at] == letter for at, letter in seen)), None)


def _corrected(word: str, rank: int = 0) -> str | None:
    """The commonest word that one letter away makes this one, which is none. rank: of those that a
    masked word can be, 0 for the commonest, where there are so many."""
    if not SHORTEST <= len(word) <= LONGEST or is_word(word):
        return None
    masked = [at for at, letter in enumerate(word) if letter in MASKS]
    if masked:
        only, more = masked[0], masked[1:]
        found = [] if more else commonest(_with(word[:only], word[only + 1 :]))
        return found[min(rank, len(found) - 1)] if found else None
    added = (each for at in range(1, len(word)) for each in _with(word[:at], word[at:]))
    return next(iter(commonest([*_swapped(word), *added])), None)


def _with(before: str, after: str) -> Iterator[str]:
    return (f"{before}{letter}{after}" for letter in ascii_lowercase)


def _swapped(word: str) -> Iterator[str]:
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _misspellings(words: Mapping[str, frozenset[str]]) -> dict[str, str]:
    meant: dict[str, str] = {}
    for word, others in words.items():
        for each in variants(word):
            if each not in others and each not in words:
                meant.setdefault(each, word)
    return meant


def _by_shape(words: Mapping[str, frozenset[str]]) -> dict[tuple[str, int], list[str]]:
    shapes: dict[tuple[str, int], list[str]] = defaultdict(list)
    for word in words:
        shapes[word[0], len(word)].append(word)
    return dict(shapes)


_MEANT = _misspellings(HARSH)
_BY_SHAPE = _by_shape(HARSH)
