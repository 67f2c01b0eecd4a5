"""English words, and parting what is written together: "youareanidiot"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symspellpy import SymSpell

_DICTIONARY = "frequency_dictionary_en_82_765.txt"
_LETTERS = re.compile("[A-Za-z]{4,}")
_SHORTENED = re.compile(r"(?<=[a-z]['’])(s|t|re|ve|ll|d|m)(?=[a-z])", re.IGNORECASE)


def parted(text: str) -> str:
    """The text with each run of letters parted to the likeliest English words."""
    ended = _SHORTENED.sub(r"\1 ", text)  # "he'sabitch"
    return _LETTERS.sub(lambda run: _likeliest(run[0]), ended)


def is_word(letters: str) -> bool:
    """Whether letters are an English word as they stand."""
    return letters.lower() in _words().words


def commonest(candidates: Iterable[str]) -> list[str]:
    """The English words among candidates in small letters, the commonest first."""
    words = _words().words
    return sorted((each for each in candidates if each in words), key=words.get, reverse=True)


def read_words() -> None:
    """Read the words now, in a third of a second, rather than when a text first needs them."""
    _words()


@lru_cache(maxsize=1024)
def _likeliest(letters: str) -> str:
    parts = _words().word_segmentation(letters, max_edit_distance=0)
    return str(parts.segmented_string)


@lru_cache(maxsize=1)
def _words() -> SymSpell:
    # 16 MB, which a program that only looks never asks for.
    from symspellpy import SymSpell

    words = SymSpell(max_dictionary_edit_distance=0, prefix_length=1)
    with resources.as_file(resources.files("symspellpy") / _DICTIONARY) as path:
        words.load_dictionary(path, term_index=0, count_index=1, encoding="utf-8-sig")
    return words
