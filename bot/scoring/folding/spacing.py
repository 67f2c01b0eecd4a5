"""Letters set apart: "i d i o t", "i.d.i.o.t", "i, d, i, o, t", one to a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from bot.scoring.folding.parting import parted

_APART = re.compile(r"(?<![^\s\"'(])\S(?:[ \t]{1,8}\S){2,}(?=[.,;:!?)\"'…]*(?:\s|$))")
_DOWN = re.compile(r"(?<![^\s\"'(])\S(?:\n{1,3}\S){2,}(?=[.,;:!?)\"'…]*(?:\s|$))")
_SEPARATED = re.compile(r"(?<![^\W_])[^\W_]([^\w\s]{1,3} ?|_{1,2})[^\W_](?:\1[^\W_])+(?![^\W_])")
_GAP = re.compile(r"[ \t]{2,}|\n{2,}")
_LETTERS_NEEDED = 3
_LONGEST_PARTED = 10_000
"""Characters of the longest text whose runs are parted: what takes longer would hold up others."""


def joined(text: str) -> str:
    """The text with letters that stand apart joined to words; a wider gap parts words."""
    return _joined(text, str)


def joined_and_parted(text: str) -> str:
    """As `joined`, and a run without a gap is parted where its words are likely to end."""
    return _joined(text, parted if len(text) <= _LONGEST_PARTED else str)


def _joined(text: str, part: Callable[[str], str]) -> str:
    def apart(run: re.Match[str]) -> str:
        if not _spells(run[0].split()):
            return run[0]
        words = ["".join(word.split()) for word in _GAP.split(run[0])]
        return " ".join(words) if len(words) > 1 else part(words[0])

    def separated(run: re.Match[str]) -> str:
        if any(unicodedata.category(sign)[0] == "M" for sign in run[1]):
            return run[0]  # the same vowel sign again and again, as in Hindi
        letters = run[0].split(run[1])
        return part("".join(letters)) if _spells(letters) else run[0]

    return _SEPARATED.sub(separated, _DOWN.sub(apart, _APART.sub(apart, text)))


def _spells(characters: Sequence[str]) -> bool:
    letters = sum(map(str.isalpha, characters))
    return letters >= _LETTERS_NEEDED and 2 * letters >= len(characters)
