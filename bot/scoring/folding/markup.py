"""The marks of spoilers, code, bold and struck-out text."""

from __future__ import annotations

import re

_MARKERS = ("```", "`", "||", "**", "~~", "__")
# A single star is also a masked letter or a sum; a pair of them inside a word is a slanted part.
_STARRED = re.compile(r"[A-Za-z*]+")
_SPELLED = re.compile(r"[A-Za-z](?:\*[A-Za-z])+")
_SLANTED = re.compile(r"(?<=[A-Za-z])\*([A-Za-z]+)\*|\*([A-Za-z]+)\*(?=[A-Za-z])")


def unmarked(text: str) -> str:
    """The text without paired marks. What stands between them stays: it is read, too."""
    for marker in _MARKERS:
        if marker in text:
            text = _without_pairs(text, marker)
    return _STARRED.sub(_unslanted, text) if "*" in text else text


def _unslanted(word: re.Match[str]) -> str:
    if _SPELLED.fullmatch(word[0]):  # "i*d*i*o*t", to be joined
        return word[0]
    return _SLANTED.sub(lambda part: part[1] or part[2], word[0])


def _without_pairs(text: str, marker: str) -> str:
    pieces = text.split(marker)
    if len(pieces) % 2 == 0:  # the last one has no partner
        pieces[-2:] = [marker.join(pieces[-2:])]
    return "".join(pieces)
