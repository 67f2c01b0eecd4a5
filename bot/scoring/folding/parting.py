"""English words, and parting what is written together: "youareanidiot"."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

TOTAL = 1_024_908_267_229
"""Words that were counted for the dictionary: those of its source, Google's n-grams of books."""

_DICTIONARY = "frequency_dictionary_en_82_765.txt"
_LETTERS_ABBREVIATED = 2
"""Letters of words that the dictionary has most of for being abbreviations."""

_START = 4
"""Letters by which words are known that cannot be: most that are drawn by chance begin none."""

_UNKNOWN = 11.0
"""What no word of one letter costs. One that is longer costs as much more for each letter as ten
times rarer a word, as in Norvig's "Natural Language Corpus Data" (2009)."""

_LETTERS = re.compile("[A-Za-z]{4,}")
_SHORTENED = re.compile(r"(?<=[a-z]['’])(s|t|re|ve|ll|d|m)(?=[a-z]{4})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parts:
    """Letters as words. cost: how unlikely those are that are known, the decimal logarithm a
    letter; about 0.8 is usual for a sentence. unknown: the share of letters in no known word."""

    words: tuple[str, ...]
    cost: float
    unknown: float


def parted(text: str) -> str:
    """The text with each run of letters parted to the likeliest English words."""
    return _LETTERS.sub(lambda run: " ".join(likeliest(run[0]).words), ended(text))


def ended(text: str) -> str:
    """The text with a gap behind what an apostrophe shortens: "he's abitch"."""
    return _SHORTENED.sub(r"\1 ", text)


@lru_cache(maxsize=1024)
def likeliest(letters: str) -> Parts:
    """The words that letters are most likely made of, each as common by itself as in English and
    in chats. Takes time in proportion to the letters."""
    small, size = letters.lower(), len(letters)
    # Of all ways to part the letters up to each place: the least cost, and its last word.
    costs, starts = [0.0] + [math.inf] * size, [0] * (size + 1)
    odd, odd_start = math.inf, 0
    for start in range(size):
        longest = _longest_from(small[start : start + _START])
        for end in range(start + 1, min(start + longest, size) + 1):
            cost = costs[start] + _cost(small[start:end])
            if cost < costs[end]:
                costs[end], starts[end] = cost, start
        odd, odd_start = min((odd, odd_start), (costs[start] + _UNKNOWN, start))
        odd += 1
        if odd < costs[start + 1]:
            costs[start + 1], starts[start + 1] = odd, odd_start
    words: list[str] = []
    end = size
    while end:
        words.append(letters[starts[end] : end])
        end = starts[end]
    return _summed(words[::-1])


def _summed(words: Sequence[str]) -> Parts:
    costs = [(_cost(word.lower()), len(word)) for word in words]
    known = sum(length for cost, length in costs if cost < math.inf)
    whole = sum(length for _, length in costs)
    cost = sum(cost for cost, _ in costs if cost < math.inf) / max(1, known)
    return Parts(tuple(words), cost, (whole - known) / max(1, whole))


def is_word(letters: str) -> bool:
    """Whether letters are an English word as they stand."""
    return letters.lower() in dictionary()


def commonest(candidates: Iterable[str]) -> list[str]:
    """The English words among candidates in small letters, the commonest first."""
    words = dictionary()
    return sorted(
        (each for each in candidates if each in words), key=words.__getitem__, reverse=True
    )


def read_words() -> None:
    """Read the words now, rather than when a text first needs them and others wait."""
    _longest_by_start()


@lru_cache(maxsize=1)
def dictionary() -> Mapping[str, int]:
    """English words in small letters, and how often books have them. Read when first asked for: a
    program that only looks needs none of it."""
    return _read("symspellpy", _DICTIONARY)


@lru_cache(maxsize=1)
def _of_chats() -> Mapping[str, int]:
    return _read(__package__, "chat_words.txt")


def _read(package: str, name: str) -> Mapping[str, int]:
    with resources.files(package).joinpath(name).open(encoding="utf-8-sig") as lines:
        pairs = (line.split() for line in lines if not line.startswith("#"))
        return {word: int(count) for word, count in pairs}


@lru_cache(maxsize=1)
def _longest_by_start() -> Mapping[str, int]:
    longest: dict[str, int] = {}
    for word in (*dictionary(), *_of_chats()):
        start = word[:_START]
        longest[start] = max(longest.get(start, 0), len(word))
    return longest


def _longest_from(start: str) -> int:
    """How many letters the longest word has that may begin so: no longer one is sought."""
    return _longest_by_start().get(start, _START - 1)


def _cost(word: str) -> float:
    count = _of_chats().get(word)
    if count is None and len(word) > _LETTERS_ABBREVIATED:
        count = dictionary().get(word)
    return math.log10(TOTAL / count) if count else math.inf
