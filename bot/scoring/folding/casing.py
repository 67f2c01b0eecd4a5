"""Capitals strewn over a word: "iDiOt"."""

from __future__ import annotations

import re

_RISE = re.compile("[a-z][A-Z]")
_WORD = re.compile("[A-Za-z]{4,}")
_NAME = re.compile("[a-z]*(?:[A-Z][a-z]+)*[A-Z]*")


def evenly_cased(text: str) -> str:
    """The text with the words whose capitals follow no custom in small letters.

    Customary are "iPhone" and "AintNoWay": parts that start with a capital, of three letters or
    more on average.
    """
    return _WORD.sub(_even, text) if _RISE.search(text) else text


def _even(match: re.Match[str]) -> str:
    word = match[0]
    rises = len(_RISE.findall(word))
    if not rises or (_NAME.fullmatch(word) and (rises == 1 or len(word) > 3 * rises + 1)):
        return word
    return word.lower()
